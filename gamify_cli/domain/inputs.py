"""Request bodies as they come from outside in JSON.

The models say which members there are; limits are those of `vocabulary`, so that a body and
a set of options fail alike. Codes are any text: one that no definition has is unknown, well
formed or not. Times stay text. Sources: participants: seed; codes of rewards, restored
streaks: ours; the rest: vendor.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gamify_cli.domain import jsontext
from gamify_cli.domain.input_values import (
    Amount,
    Attributes,
    AvatarUrl,
    DisplayName,
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
from gamify_cli.domain.vocabulary import MAX_BATCH
from gamify_cli.errors import UsageError, nearest

Members = dict[str, Any]

_TYPES = {
    "string_type": "text",
    "dict_type": "a JSON object",
    "list_type": "a list",
    "bool_type": "true or false",
}
"""What a member must be, by the name of pydantic's fault."""


class Body(BaseModel):
    """A body takes its documented members and no others, and converts nothing.

    `written`: numbers keep the text that they were written as (see `jsontext.loads`).
    """

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)
    written: ClassVar[bool] = False

    def members(self) -> Members:
        """The members given."""
        return {name: value for name, value in self if name in self.model_fields_set}


class UpdateParticipant(Body):
    """PATCH /participants/{pid} (source: seed); null clears a member."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    display_name: DisplayName | None = None
    avatar_url: AvatarUrl | None = None
    attributes: Attributes | None = None


class CreateParticipant(Body):
    """POST /participants (source: seed); null clears a member."""

    participant_id: ParticipantId
    display_name: DisplayName | None = None
    avatar_url: AvatarUrl | None = None
    attributes: Attributes | None = None


class Interaction(Body):
    """A body in which null means that a member was not given."""

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


class Erase(Interaction):
    """POST /admin/participants/{pid}/erase."""

    new_id: Flag = False


class UndoOperation(Interaction):
    """POST /admin/operations/{id}/undo; where points are spent already, refuse or clamp."""

    on_short: Literal["refuse", "clamp"] = "refuse"


class Nothing(Interaction):
    """A body without members."""


class _Of:
    """What a schema says of a batch: its length, and the body that each item should be."""

    def __init__(self, item: type[Body]) -> None:
        self._item = item

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Any item is taken: one that is no such body has its fault as its result."""
        self._item.model_rebuild()
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


def read(model: type[Body], text: bytes) -> Members:
    """The members given in a JSON body; raises UsageError that names the first bad one."""
    return read_value(model, jsontext.loads(text, "the body", written=model.written))


def read_value(model: type[Body], value: Any, what: str = "the body") -> Members:
    """The members given in JSON that was read already; `what` names it in the UsageError."""
    if not isinstance(value, dict):
        raise UsageError(f"{what} must be a JSON object")
    try:
        return model.model_validate(value).members()
    except ValidationError as error:
        raise _refusal(model, error, what) from None


def _refusal(model: type[Body], error: ValidationError, what: str) -> UsageError:
    fault = error.errors(include_url=False, include_input=False)[0]
    member = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        known = list(model.model_fields)
        return UsageError(
            f'unknown field "{member}" in {what}',
            hint=nearest(member, known) or f"the fields are {', '.join(known)}",
        )
    if fault["type"] == "missing":
        return UsageError(f'{what} lacks "{member}"')
    if fault["type"] in _TYPES:
        return UsageError(f"{member} must be {_TYPES[fault['type']]}")
    return UsageError(f"{member}: {fault['msg'][0].lower()}{fault['msg'][1:]}")
