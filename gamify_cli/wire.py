"""How the API looks on the wire, written once for those who call it and those who answer it.

Paths are relative to a base that ends in `BASE`. Times are RFC 3339 in UTC. Sources: the
paths, `X-API-Key` and the error's `detail` are the vendor's; the rest is ours.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

from gamify_cli.backend import MAX_COMMAND, Answer, Body, SimulatedPart, When
from gamify_cli.domain import instants, vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import (
    Conflict,
    Erased,
    Forbidden,
    GamifyError,
    InternalError,
    NoRoute,
    NotFound,
    NotJson,
    RateLimited,
    Rejected,
    StoreError,
    TooLarge,
    Unauthorized,
    Unavailable,
    UsageError,
    WrongMethod,
)

BASE = "/api/v1/gamify"
DRY_RUN = "/dry-run"
AS_OF = "/as-of"
KNOWN_AT = "/known-at"
PASTS = {
    "as_of": f"{AS_OF}/{{at}}",
    "known_at": f"{KNOWN_AT}/{{known_at}}",
    "known_at_as_of": f"{KNOWN_AT}/{{known_at}}{AS_OF}/{{at}}",
}
"""What the path of a read as of other times begins with, by what its name begins with."""

API_KEY = "X-API-Key"
IDEMPOTENCY_KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
REQUEST_ID = "X-Request-Id"
OPERATION_ID = "X-Operation-Id"
RATE_LIMIT = "X-RateLimit-Limit"
RATE_REMAINING = "X-RateLimit-Remaining"
RATE_RESET = "X-RateLimit-Reset"
OUTCOME = "Gamify-Outcome"
"""What came of a write, in the word of `backend.Outcome`."""
COMMAND = "Gamify-Command"
"""The command line behind a write, for the journal; its text is percent-encoded."""
OPERATION = "Gamify-Operation"
"""An id by which a caller tells that changes belong to one operation."""
AN_OPERATION = "op_[0-9a-f]{24}"

MAX_BATCH = vocabulary.MAX_BATCH
MAX_PAGE = 1_000
MAX_TOGETHER = 50
"""Participants that one request may ask for."""

_ERRORS: tuple[type[GamifyError], ...] = (
    InternalError,
    UsageError,
    NoRoute,
    WrongMethod,
    TooLarge,
    NotJson,
    NotFound,
    Unauthorized,
    Forbidden,
    Conflict,
    Erased,
    Rejected,
    Unavailable,
    RateLimited,
    StoreError,
)
_BY_CODE = {(error.http_status, error.code): error for error in _ERRORS}
_BY_WORD = {error.code: error for error in reversed(_ERRORS)}
"""Of several errors with one code, the one that the others are kinds of."""
_BY_STATUS: dict[int, type[GamifyError]] = {
    400: UsageError,
    401: Unauthorized,
    403: Forbidden,
    404: NoRoute,
    405: WrongMethod,
    409: Conflict,
    410: Erased,
    413: TooLarge,
    415: NotJson,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
_SHORT_OF_POINTS = "Insufficient points"


def path(template: str, **values: str) -> str:
    """A path of the API: `path("/participants/{pid}", pid="a/b")`.

    Raises UsageError for a value that no path can hold as one segment.
    """
    return template.format_map({name: segment(value) for name, value in values.items()})


def segment(value: str) -> str:
    """A value as one segment of a path, percent-encoded; raises UsageError."""
    if value in ("", ".", ".."):
        raise UsageError(f'"{value}" cannot stand in a path')
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise UsageError(f'"{value}" is not valid Unicode text') from None


def value_of(raw: str) -> str:
    """The value in a segment; raises UsageError if it is not UTF-8, percent-encoded."""
    if "%" not in raw:
        return raw
    require_escapes(raw, "the path")
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise UsageError("the path is not UTF-8") from None


def require_escapes(text: str, what: str) -> None:
    """Raise UsageError for a % that begins no escape; `what` names the text."""
    if stray := re.search("%(?![0-9A-Fa-f]{2}).{0,2}", text):
        raise UsageError(f'{what} has "{stray[0]}", which is no escape', hint="write % as %25")


def time(instant: Instant) -> str:
    """An instant to the microsecond, as requests carry it."""
    whole, rest = instants.text(instant), instant % instants.SECOND
    return f"{whole[:-1]}.{rest:06}Z" if rest else whole


def bound(instant: Instant) -> str:
    """The end of a range to the microsecond; without a fraction it would mean all of a second."""
    return f"{instants.text(instant)[:-1]}.{instant % instants.SECOND:06}Z"


def error_body(error: GamifyError) -> Body:
    """What an error looks like as an answer."""
    body = {"detail": error.message, "code": error.code}
    return body | {"hint": error.hint} if error.hint else body


def error_of(status: int, body: Any) -> GamifyError | None:
    """The error that an answer stands for; None if its body is not one of an API like this."""
    if not isinstance(body, dict) or not isinstance(body.get("detail"), str):
        return None
    detail, hint = body["detail"], body.get("hint")
    kind = _BY_CODE.get((status, str(body.get("code")))) or kind_of(status)
    if kind is UsageError and detail.startswith(_SHORT_OF_POINTS):
        kind = Rejected
    return kind(detail, hint=hint if isinstance(hint, str) else None)


def item_error(item: Body) -> GamifyError:
    """The error in an item of a batch that failed."""
    kind = _BY_WORD.get(str(item.get("code")), UsageError)
    hint = item.get("hint")
    return kind(str(item.get("detail")), hint=hint if isinstance(hint, str) else None)


def kind_of(status: int) -> type[GamifyError]:
    """What a status means where the body does not tell."""
    return _BY_STATUS.get(status, Unavailable if status >= 500 else UsageError)


def as_of(when: When) -> str:
    """What a path begins with that is read as of these times; nothing for now."""
    steps = ((KNOWN_AT, when.known_at), (AS_OF, when.at))
    return "".join(
        path(f"{step}/{{time}}", time=bound(given)) for step, given in steps if given is not None
    )


def rehearsal(answer: Answer) -> Body:
    """What a dry run answers."""
    return {
        "outcome": answer.outcome,
        "answer": answer.body,
        "before": answer.before,
        "after": answer.after,
    }


def rehearsed(body: Body) -> Answer:
    """The answer in what a dry run answered; raises KeyError if it is none."""
    return Answer(body["answer"], body["outcome"], body["before"], body["after"])


def simulation(part: SimulatedPart) -> Body:
    """What a part of a simulation answers."""
    body = part._asdict()
    del body["share"]
    return body | {"stored": dict(part.stored), "next": body.pop("following")}


def simulated(body: Body) -> SimulatedPart:
    """The part of a simulation in what was answered; raises KeyError if it is none."""
    names = ("participants", "facts", "erased", "stored", "changed", "next")
    return SimulatedPart(*(body[name] for name in names))


def command_text(command: str) -> str:
    """A command line as a header can carry it."""
    return quote(command[:MAX_COMMAND], safe=" !#$&'()*+,-./:;<=>?@[]^_`{|}~")


def command_of(text: str) -> str:
    """The command line in a header."""
    return unquote(text, errors="replace")[:MAX_COMMAND]
