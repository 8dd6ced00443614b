"""Single values of a program file, as pydantic checks them; limits are those of `vocabulary`."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from gamify_cli.domain import instants, vocabulary
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


def _schema(**limits: Any) -> Any:
    """What a JSON Schema says of a text."""
    return WithJsonSchema({"type": "string", "pattern": vocabulary.NO_NUL, **limits})


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


def kind(value: Any) -> str:
    """Which of a number and a table."""
    return TABLE if isinstance(value, dict | BaseModel) else NUMBER


def stock_kind(value: Any) -> str:
    """Which of a word and a number."""
    return TEXT if isinstance(value, str) else NUMBER


Code = Annotated[str, _checked(vocabulary.code), _schema(pattern=f"^{vocabulary.CODE}$")]
Name = Annotated[
    str,
    AfterValidator(_filled),
    _text("a name", vocabulary.MAX_NAME),
    _schema(minLength=1, maxLength=vocabulary.MAX_NAME),
]
Event = Annotated[
    str,
    _checked(vocabulary.event_name),
    _schema(minLength=1, maxLength=vocabulary.MAX_EVENT),
]
Description = Annotated[
    str,
    _text("a description", vocabulary.MAX_DESCRIPTION),
    _schema(maxLength=vocabulary.MAX_DESCRIPTION),
]
Icon = Annotated[str, _text("an icon", vocabulary.MAX_URL), _schema(maxLength=vocabulary.MAX_URL)]
Color = Annotated[str, AfterValidator(_color), _schema(pattern="^#[0-9A-Fa-f]{6}$")]
Zone = Annotated[str, _checked(_zone)]
StreakZone = Annotated[
    str, _checked(lambda value: value if value == "participant" else _zone(value))
]
Moment = Annotated[
    str, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Whole = Annotated[int, Field(ge=0, le=_LARGEST)]
Count = Annotated[int, Field(ge=1, le=_LARGEST)]
Amount = Annotated[int, Field(ge=1, le=vocabulary.MAX_AMOUNT)]
Days = Annotated[int, Field(ge=1, le=MAX_DAYS)]
Periods = Annotated[int, Field(ge=0, le=MAX_PERIODS)]
Factor = Annotated[
    Any,
    AfterValidator(_factor),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": vocabulary.MAX_AMOUNT}),
]
Property = Annotated[
    str,
    AfterValidator(_filled),
    _text("a property", vocabulary.MAX_NAME),
    _schema(minLength=1, maxLength=vocabulary.MAX_NAME),
]
Rarity = Literal["common", "uncommon", "rare", "epic", "legendary"]
StreakPeriod = Literal["daily", "weekly", "monthly"]
RewardType = Literal["coupon", "voucher", "physical", "digital", "points_multiplier"]
Metric = Literal["balance", "total_earned", "events"]
BoardPeriod = Literal["all_time", "yearly", "monthly", "weekly", "daily"]
TierBasis = Literal["balance", "total_earned"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
