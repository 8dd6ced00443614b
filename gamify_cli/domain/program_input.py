"""The program file as it comes from outside in TOML or JSON.

The models say which keys there are and of what values; what one definition says of another is
checked in `program_checks`. Dumped, they are the document that a store keeps: every default
filled in, every key present, times as RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    Tag,
    field_serializer,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gamify_cli.domain import program_where
from gamify_cli.domain.program_values import (
    NUMBER,
    TABLE,
    TEXT,
    Amount,
    BoardPeriod,
    Code,
    Color,
    Count,
    Days,
    Description,
    Event,
    Factor,
    Icon,
    Metric,
    Moment,
    Name,
    Periods,
    Property,
    Rarity,
    RewardType,
    StreakPeriod,
    StreakZone,
    TierBasis,
    Weekday,
    Whole,
    Zone,
    kind,
    stock_kind,
)

_NULL = {"type": "null"}


class Entry(BaseModel):
    """A table that takes its documented keys and no others, and converts nothing."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_serialization_defaults_required=True
    )


def _without_serializer(schema: Any) -> Any:
    """The schema of a model, below what checks it, as if pydantic dumped it by itself."""
    if schema["type"] != "model":
        return {**schema, "schema": _without_serializer(schema["schema"])}
    return {name: value for name, value in schema.items() if name != "serialization"}


class Either(Entry):
    """A table of alternatives: those that were not chosen are no keys of the document."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Its keys, in a document none of them null."""
        found = handler(_without_serializer(schema))
        if handler.mode == "serialization":
            members = handler.resolve_ref_schema(found)["properties"]
            for name, either in members.items():
                (members[name],) = (one for one in either["anyOf"] if one != _NULL)
        return found

    @model_serializer(mode="wrap")
    def chosen(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The keys that were given."""
        return {name: value for name, value in dump(self).items() if value is not None}


class Expires(Entry):
    """How long points last."""

    days: Days


class Tier(Entry):
    """A level that points reach."""

    code: Code
    name: Name
    level: Count
    points_required: Whole
    color: Color | None = None


class Criterion(Either):
    """What earns a badge: one of event, total_earned, balance, streak and tier."""

    event: Event | None = None
    total_earned: Whole | None = None
    balance: Whole | None = None
    streak: str | None = None
    tier: str | None = None
    at_least: Count | None = None

    @model_validator(mode="after")
    def once(self) -> Criterion:
        """Without a number, the first time is enough."""
        if self.at_least is None and (self.event is not None or self.streak is not None):
            self.at_least = 1
        return self


class Badge(Entry):
    """A mark that is earned once."""

    code: Code
    name: Name
    rarity: Rarity = "common"
    description: Description | None = None
    icon: Icon | None = None
    criterion: Criterion | None = None


class Freezes(Entry):
    """Missed periods that do not break a streak, at a price."""

    stock: Periods
    earn_every: Count | None = None


class Streak(Entry):
    """Periods in a row."""

    code: Code
    name: Name
    period: StreakPeriod
    timezone: StreakZone | None = None
    week_starts: Weekday = "monday"
    grace: Periods = 0
    freezes: Freezes | None = None


class Window(Either):
    """When events count for a challenge: days from enrolment, or between two times."""

    days: Days | None = None
    from_: Annotated[Moment | None, Field(alias="from")] = None
    to: Moment | None = None


class Objective(Entry):
    """So many events of one name, once those named by `after` are reached."""

    id: Code
    event: Event
    target: Count = 1
    after: list[str] = []


class ChallengeReward(Entry):
    """What completing a challenge pays."""

    points: Amount | None = None
    badge: str | None = None


class Challenge(Entry):
    """Objectives to reach together."""

    code: Code
    name: Name
    window: Window | None = None
    objectives: Annotated[list[Objective], Field(min_length=1)]
    reward: ChallengeReward | None = None


class Reward(Entry):
    """What points buy."""

    id: Code
    name: Name
    description: Description | None = None
    expires_at: Moment | None = None
    type: RewardType
    points_cost: Whole = 0
    max_claims_per_user: Count | None = None
    stock: Annotated[
        Annotated[Literal["codes", "unlimited"], Tag(TEXT)] | Annotated[Whole, Tag(NUMBER)],
        Discriminator(stock_kind),
    ] = "unlimited"


class Leaderboard(Entry):
    """A ranking over a window of time."""

    code: Code
    name: Name
    metric: Metric
    period: BoardPeriod


class PointsOf(Entry):
    """Points that a property of the event gives."""

    property: Property
    times: Factor = 1
    rounding: Literal["down", "up", "half_up", "half_even"] = "down"


class Limit(Entry):
    """How often a rule acts in a calendar window."""

    times: Count = 1
    per: Literal["hour", "day", "week", "month"]


class Rule(Entry):
    """What an event earns."""

    code: Code
    event: Event
    where: dict[str, Any] | None = None
    points: (
        Annotated[
            Annotated[Amount, Tag(NUMBER)] | Annotated[PointsOf, Tag(TABLE)], Discriminator(kind)
        ]
        | None
    ) = None
    expires: Expires | None = None
    streak: str | None = None
    badge: str | None = None
    limit: Limit | None = None

    @field_serializer("where")
    def conditions(self, where: dict[str, Any] | None) -> dict[str, Any] | None:
        """One test under one path, whichever way it was written."""
        return program_where.normal(where or {}) or None


class ProgramFile(Entry):
    """The whole file."""

    name: Name
    timezone: Zone = "UTC"
    tier_basis: TierBasis = "balance"
    tier_downgrade: bool = False
    expires: Expires | None = None
    tiers: list[Tier] = []
    badges: list[Badge] = []
    streaks: list[Streak] = []
    challenges: list[Challenge] = []
    rewards: list[Reward] = []
    leaderboards: list[Leaderboard] = []
    rules: list[Rule] = []
