"""Request bodies of what participants and operators do with points, badges, streaks and the rest.

In all of them null means that a member was not given. Codes are any text: one that no
definition has is unknown, well formed or not. Times stay text. Sources: vendor; codes of
rewards and restored streaks: ours.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gamify_cli.domain.input_values import (
    Amount,
    EventName,
    Flag,
    Key,
    Metadata,
    ParticipantId,
    Properties,
    Reason,
    RewardCodes,
    Time,
)
from gamify_cli.domain.inputs import Body, Members
from gamify_cli.domain.vocabulary import MAX_BATCH
from gamify_cli.errors import UsageError


class Interaction(Body):
    """A body in which null is as good as nothing."""

    def members(self) -> Members:
        """The members given, and the defaults of others."""
        return {name: value for name, value in self if value is not None}


class AwardPoints(Interaction):
    """POST /points/award."""

    participant_id: ParticipantId
    amount: Amount
    reason: Reason | None = None
    metadata: Metadata | None = None
    expires_at: Time | None = None
    occurred_at: Time | None = None
    idempotency_key: Key | None = None


class DeductPoints(Interaction):
    """POST /points/deduct."""

    participant_id: ParticipantId
    amount: Amount
    reason: Reason | None = None
    metadata: Metadata | None = None
    occurred_at: Time | None = None
    idempotency_key: Key | None = None


class AwardBadge(Interaction):
    """POST /badges/award."""

    participant_id: ParticipantId
    badge_code: str
    metadata: Metadata | None = None


class AssignTier(Interaction):
    """POST /tiers/assign."""

    participant_id: ParticipantId
    tier_code: str
    reason: Reason | None = None


class RecordStreak(Interaction):
    """POST /streaks/record."""

    participant_id: ParticipantId
    streak_code: str
    timestamp: Time | None = None


class RestoreStreak(Interaction):
    """POST /admin/participants/{pid}/streaks/{code}/restore."""

    reason: Reason


class RecordEvent(Interaction):
    """POST /events."""

    written: ClassVar[bool] = True

    participant_id: ParticipantId
    event_name: EventName
    properties: Properties | None = None
    timestamp: Time | None = None
    idempotency_key: Key | None = None


class EnrollChallenge(Interaction):
    """POST /challenges/{code}/enroll."""

    participant_id: ParticipantId


class ClaimReward(Interaction):
    """POST /rewards/{id}/claim."""

    participant_id: ParticipantId
    points_deduction: Flag = False


class LoadCodes(Interaction):
    """POST /admin/rewards/{id}/codes."""

    codes: RewardCodes


class _Of:
    """What a schema says of a batch: its length, and the body that each item should be."""

    def __init__(self, item: type[Body]) -> None:
        self._item = item

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Any item is taken: one that is no such body has its fault as its result."""
        items = {"anyOf": [handler(self._item.__pydantic_core_schema__), {}]}
        return {**handler(schema), "minItems": 1, "maxItems": MAX_BATCH, "items": items}


def _batch(items: list[Any]) -> list[Any]:
    if not 1 <= len(items) <= MAX_BATCH:
        raise UsageError(f"a batch has 1 to {MAX_BATCH} items, not {len(items):,}")
    return items


class AwardBatch(Interaction):
    """POST /points/award-batch; each item is read on its own, as AwardPoints."""

    awards: Annotated[list[Any], AfterValidator(_batch), _Of(AwardPoints)]


class RecordEvents(Interaction):
    """POST /events/batch; each item is read on its own, as RecordEvent."""

    written: ClassVar[bool] = True

    events: Annotated[list[Any], AfterValidator(_batch), _Of(RecordEvent)]
