"""The program file as it comes from outside in TOML or JSON.

The models say which keys there are, of what type and within what limits; what one definition
says of another is checked in `program_checks`. `dump` is the document that a store keeps: every
default filled in, every key present, times as RFC 3339 in UTC.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    field_serializer,
    model_serializer,
    model_validator,
)

from gamify_cli.domain import instants, program_where, vocabulary
from gamify_cli.errors import UsageError, nearest

MAX_DAYS = 36_500
MAX_PERIODS = 1_000
MAX_DIGITS = 15
"""A decimal of so many digits comes back from a double as it was written."""

_LARGEST = 2**53 - 1
"""The largest integer that every reader of JSON takes."""

TAGS = NUMBER, TABLE, TEXT = "<number>", "<table>", "<text>"
"""Which of several types a value was read as; stands in pydantic's paths, in no file."""


def _checked(check: Callable[[Any], Any]) -> Any:
    """A check of `vocabulary` as one of pydantic."""

    def validate(value: Any) -> Any:
        try:
            return check(value)
        except UsageError as error:
            message = error.message if error.hint is None else f"{error.message}; {error.hint}"
            raise ValueError(message) from None

    return AfterValidator(validate)


def _text(what: str, limit: int) -> Any:
    return _checked(lambda value: vocabulary.plain_text(value, what, limit))


def _filled(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _color(value: str) -> str:
    if len(value) != 7 or value[0] != "#" or not set(value[1:]) <= set("0123456789abcdefABCDEF"):
        raise ValueError(f'"{value}" is no color; write #RRGGBB')
    return value


def _zone(value: str) -> str:
    known = zoneinfo.available_timezones()
    if value not in known:
        raise UsageError(f'"{value}" is no IANA time zone', hint=nearest(value, known))
    return value


def moment(value: Any) -> str:
    """A time of TOML, or text in RFC 3339; without an offset it is UTC."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if isinstance(value, datetime):
        value = value.isoformat()
    if not isinstance(value, str) or value[4:5] != "-":
        raise ValueError("must be a time such as 2027-12-31T23:59:59Z")
    try:
        instant = instants.parse(value, 0)
        if instant % instants.SECOND:
            raise ValueError("must be a time in whole seconds")
        return instants.text(instant)
    except (UsageError, OverflowError):
        raise ValueError(f'"{value}" is not a time') from None


def _factor(value: Any) -> Any:
    """A number of at most 15 digits, so that it is exact in JSON, too."""
    if type(value) not in (int, float) or not 0 < value <= vocabulary.MAX_AMOUNT:
        raise ValueError(f"must be a number above 0, at most {vocabulary.MAX_AMOUNT:,}")
    if len(Decimal(repr(value)).as_tuple().digits) > MAX_DIGITS:
        raise ValueError(f"has more than {MAX_DIGITS} digits")
    return value


def _kind(value: Any) -> str:
    return TABLE if isinstance(value, dict | BaseModel) else NUMBER


def _stock_kind(value: Any) -> str:
    return TEXT if isinstance(value, str) else NUMBER


Code = Annotated[str, _checked(vocabulary.code)]
Name = Annotated[str, AfterValidator(_filled), _text("a name", vocabulary.MAX_NAME)]
Event = Annotated[str, _checked(vocabulary.event_name)]
Color = Annotated[str, AfterValidator(_color)]
Zone = Annotated[str, _checked(_zone)]
StreakZone = Annotated[
    str, _checked(lambda value: value if value == "participant" else _zone(value))
]
Moment = Annotated[str, BeforeValidator(moment)]
Whole = Annotated[int, Field(ge=0, le=_LARGEST)]
Count = Annotated[int, Field(ge=1, le=_LARGEST)]
Amount = Annotated[int, Field(ge=1, le=vocabulary.MAX_AMOUNT)]
Days = Annotated[int, Field(ge=1, le=MAX_DAYS)]
Property = Annotated[str, AfterValidator(_filled), _text("a property", vocabulary.MAX_NAME)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Entry(BaseModel):
    """A table that takes its documented keys and no others, and converts nothing."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Either(Entry):
    """A table of alternatives: those that were not chosen are no keys of the document."""

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
    rarity: Literal["common", "uncommon", "rare", "epic", "legendary"] = "common"
    description: Annotated[str, _text("a description", vocabulary.MAX_DESCRIPTION)] | None = None
    icon: Annotated[str, _text("an icon", vocabulary.MAX_URL)] | None = None
    criterion: Criterion | None = None


class Freezes(Entry):
    """Missed periods that do not break a streak, at a price."""

    stock: Annotated[int, Field(ge=0, le=MAX_PERIODS)]
    earn_every: Count | None = None


class Streak(Entry):
    """Periods in a row."""

    code: Code
    name: Name
    period: Literal["daily", "weekly", "monthly"]
    timezone: StreakZone | None = None
    week_starts: Weekday = "monday"
    grace: Annotated[int, Field(ge=0, le=MAX_PERIODS)] = 0
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
    description: Annotated[str, _text("a description", vocabulary.MAX_DESCRIPTION)] | None = None
    expires_at: Moment | None = None
    type: Literal["coupon", "voucher", "physical", "digital", "points_multiplier"]
    points_cost: Whole = 0
    max_claims_per_user: Count | None = None
    stock: Annotated[
        Annotated[Literal["codes", "unlimited"], Tag(TEXT)] | Annotated[Whole, Tag(NUMBER)],
        Discriminator(_stock_kind),
    ] = "unlimited"


class Leaderboard(Entry):
    """A ranking over a window of time."""

    code: Code
    name: Name
    metric: Literal["balance", "total_earned", "events"]
    period: Literal["all_time", "yearly", "monthly", "weekly", "daily"]


class PointsOf(Entry):
    """Points that a property of the event gives."""

    property: Property
    times: Annotated[Any, AfterValidator(_factor)] = 1
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
            Annotated[Amount, Tag(NUMBER)] | Annotated[PointsOf, Tag(TABLE)], Discriminator(_kind)
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
    tier_basis: Literal["balance", "total_earned"] = "balance"
    tier_downgrade: bool = False
    expires: Expires | None = None
    tiers: list[Tier] = []
    badges: list[Badge] = []
    streaks: list[Streak] = []
    challenges: list[Challenge] = []
    rewards: list[Reward] = []
    leaderboards: list[Leaderboard] = []
    rules: list[Rule] = []
