"""Parameters of queries: how each is read and what the OpenAPI document says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from pydantic import TypeAdapter

from gamify_cli import wire
from gamify_cli.domain import answers, facts, instants, jsontext, listing, vocabulary
from gamify_cli.domain.explain import asked
from gamify_cli.domain.input_values import ParticipantId
from gamify_cli.domain.instants import SECOND, Instant
from gamify_cli.errors import UsageError, nearest
from gamify_cli.server import patterns

Json = dict[str, Any]

MAX_PARAMETERS = 200
_MOST = 2**53


class Query(NamedTuple):
    """A parameter: `read` takes its text, raises UsageError; `schema` is JSON Schema.

    One that may come several times, `most` at the most, is read as a tuple; one that did not
    come is `default`.
    """

    name: str
    read: Callable[[str], Any]
    schema: Json
    about: str
    most: int = 1
    default: Any = None
    is_needed: bool = False


def read(queries: Sequence[Query], text: bytes) -> dict[str, Any]:
    """The values of a query string; raises UsageError for a parameter that is not known."""
    values = {query.name: () if query.most > 1 else query.default for query in queries}
    known, seen = {query.name: query for query in queries}, set()
    for name, value in _pairs(text) if text else ():
        query = known.get(name)
        if query is None:
            hint = nearest(name, known) or f"known are {', '.join(known) or 'none'}"
            raise UsageError(f'unknown parameter "{name}"', hint=hint)
        if query.most > 1:
            if len(values[name]) == query.most:
                raise UsageError(f'the parameter "{name}" came over {query.most} times')
            values[name] += (query.read(value),)
        elif name in seen:
            raise UsageError(f'the parameter "{name}" came twice')
        else:
            values[name] = query.read(value)
        seen.add(name)
    for query in queries:
        if query.is_needed and query.name not in seen:
            raise UsageError(f'the parameter "{query.name}" is missing')
    return values


def _pairs(text: bytes) -> list[tuple[str, str]]:
    if b"%" in text:
        wire.require_escapes(text.decode("latin-1"), "the query")
    try:
        return parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise UsageError(f"the query is no good: {error}") from None


def integer(name: str, low: int, high: int) -> Callable[[str], int]:
    """Reads an integer within limits."""

    def read_(text: str) -> int:
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) < 19 and low <= int(text) <= high:
            return int(text)
        raise UsageError(f'{name} must be an integer from {low:,} to {high:,}, not "{text}"')

    return read_


def choice(name: str, known: Sequence[str]) -> Callable[[str], str]:
    """Reads one of some words."""

    def read_(text: str) -> str:
        if text not in known:
            raise UsageError(
                f'{name} must be one of {", ".join(known)}, not "{text}"',
                hint=nearest(text, known),
            )
        return text

    return read_


def boolean(name: str) -> Callable[[str], bool]:
    """Reads true or false."""
    word = choice(name, ("true", "false"))
    return lambda text: word(text) == "true"


def bound(text: str) -> Instant:
    """The end of a range: seconds without a fraction mean the end of that second."""
    instant = instants.parse_stamp(text)
    return instant if "." in text else min(instant + SECOND - 1, instants.LAST + SECOND - 1)


def plain(name: str, most: int) -> Callable[[str], str]:
    """Reads text of at most so many characters."""
    return lambda text: vocabulary.plain_text(text, name, most)


def attribute(text: str) -> tuple[str, Any]:
    """`NAME:=JSON`, an attribute and its value."""
    name, sign, value = text.partition(":=")
    if not sign or not name:
        raise UsageError(f'attr must be NAME:=JSON, not "{text}"')
    return name, jsontext.loads(value, f"attr {name}")


def whole(name: str, low: int, high: int, about: str, default: int | None = None) -> Query:
    """A parameter that is an integer."""
    schema: Json = {"type": "integer", "minimum": low, "maximum": high}
    if default is not None:
        schema["default"] = default
    return Query(name, integer(name, low, high), schema, about, default=default)


def flag(name: str, about: str) -> Query:
    """A parameter that is true or false; None if it did not come."""
    return Query(name, boolean(name), {"type": "boolean"}, about)


def word(name: str, known: Sequence[str], about: str, *, most: int = 1) -> Query:
    """A parameter that is one of some words."""
    return Query(name, choice(name, known), {"type": "string", "enum": [*known]}, about, most)


def moment(name: str, about: str, *, end: bool = False) -> Query:
    """A parameter that is a time; the `end` of a range means all of its second."""
    read_ = bound if end else instants.parse_stamp
    return Query(name, read_, {"type": "string", "format": "date-time"}, about)


def text(name: str, most: int, about: str) -> Query:
    """A parameter that is any text."""
    return Query(name, plain(name, most), {"type": "string", "maxLength": most}, about)


def _version(text: str) -> int:
    """A version, also one that never was: whoever looks for it says so."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 1_000):
        raise UsageError(f'version must be an integer, not "{text}"')
    return int(text)


_TYPES: Mapping[str, str] = {type_: kind for kind, type_ in answers.TRANSACTIONS.items()}

_SECTION = "|".join(vocabulary.SECTIONS)

PAGE = whole("page", 1, 10**9, "The page, from 1.")
PAGE_SIZE = whole("page_size", 1, wire.MAX_BATCH, "Rows a page, 20 unless given.")
LIMIT = whole("limit", 1, wire.MAX_PAGE, "At most so many rows; asks for a cursor, not a page.")
SINCE = moment("since", "Not before.")
UNTIL = moment("until", "Not after.", end=True)
FROM = moment("from", "The earlier time.", end=True)._replace(is_needed=True)
TO = moment("to", "The later one; now unless given.", end=True)
BEFORE = whole("before", 0, _MOST, "The cursor that an answer gave as next.")
FIRST = Query(
    "after",
    vocabulary.participant_id,
    TypeAdapter(ParticipantId).json_schema(),
    "The cursor that an answer gave as next.",
    default="",
)
HISTORY = (SINCE, UNTIL, BEFORE, LIMIT)
KIND = word("type", facts.KINDS, "Facts of this kind alone.", most=listing.MAX_TESTS)
TRANSACTION_TYPE = Query(
    "type",
    lambda given: _TYPES[choice("type", tuple(_TYPES))(given)],
    {"type": "string", "enum": [*_TYPES]},
    "Transactions of this type alone.",
)
EVENT_NAME = Query(
    "event_name",
    vocabulary.event_name,
    {"type": "string", "minLength": 1, "maxLength": vocabulary.MAX_EVENT},
    "Events of this name alone.",
)
INCLUDE = Query(
    "include",
    vocabulary.sections,
    {"type": "string", "pattern": f"^ *({_SECTION}) *(, *({_SECTION}) *)*$"},
    "Sections, separated by commas; all of them unless given.",
    default=vocabulary.SECTIONS,
)
TOGETHER = (
    Query(
        "id",
        vocabulary.participant_id,
        TypeAdapter(ParticipantId).json_schema(),
        "A participant; their states if include is given, too, else their profiles.",
        most=wire.MAX_TOGETHER,
        is_needed=True,
    ),
    INCLUDE._replace(default=None, about="Sections of states, separated by commas."),
)
EARNED_ONLY = flag("earned_only", "Earned badges alone.")
BADGE_CODES = text("badge_codes", 5_100, "These badges alone, separated by commas.")
BY = moment("by", "In 30 days unless given.", end=True)
REWARD_TYPE = word("reward_type", vocabulary.REWARD_TYPES, "Rewards of this type alone.")
EXPLAINED = (
    Query(
        "of",
        lambda given: asked.asked_by(given, None).text,
        patterns.VALUE,
        "What to explain, with the code or id of one of several: points, badge:power_user.",
        default=asked.ALL,
    ),
    whole("limit", 1, asked.MOST, "At most so many facts of a kind, the newest.", asked.FEW),
)
PERIOD = word("period", vocabulary.PERIODS, "The window; the leaderboard's own unless given.")
RANKING = word("ranking", vocabulary.RANKINGS, "How ranks go on after ties.")
TOP = whole("limit", 1, 100, "At most so many.", default=20)
VERSION = Query(
    "version",
    _version,
    {"type": "integer", "minimum": 1},
    "This version, not the one in force.",
)
AFTER = Query("after", str, {"type": "string"}, "The cursor that an answer gave as next.")
MOST = whole("limit", 1, wire.MAX_PAGE, "At most so many rows.", default=100)
LIST = (
    text("q", vocabulary.MAX_ID + vocabulary.MAX_NAME, "Part of the id or name, in any case."),
    Query("attr", attribute, patterns.ATTRIBUTE, "NAME:=JSON, an attribute.", listing.MAX_TESTS),
    text("tier", vocabulary.MAX_ID + vocabulary.MAX_NAME, "Stands in this tier."),
    Query("where", listing.condition, patterns.TEST, "A test: balance>=1000.", listing.MAX_TESTS),
    moment("seen_before", "Last seen before."),
    flag("active", "Active ones alone, or the others."),
    Query(
        "sort",
        listing.sort_key,
        {"type": "string", "enum": [s + k for k in listing.SORT_KEYS for s in ("", "-")]},
        "Field to sort by, with - for descending.",
        default=("participant_id", False),
    ),
    AFTER,
    MOST,
    flag("count", "Answer how many there are instead."),
)
OPERATIONS = (
    Query(
        "participant_id",
        vocabulary.participant_id,
        TypeAdapter(ParticipantId).json_schema(),
        "On this participant alone.",
    ),
    AFTER,
    MOST,
)
