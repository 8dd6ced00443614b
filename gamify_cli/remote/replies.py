"""Answers of a server: their bodies as JSON, their refusals as errors of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple, NoReturn

from gamify_cli import wire
from gamify_cli.backend import Body
from gamify_cli.domain import jsontext
from gamify_cli.errors import (
    GamifyError,
    NoRoute,
    RateLimited,
    Unauthorized,
    Unavailable,
    WrongMethod,
)

_WINDOW = 60
"""Seconds for which a server counts the requests of a key."""


class Request(NamedTuple):
    """What is asked for: `server` is the URL that `path` goes on from."""

    server: str
    method: str
    path: str


class Reply(NamedTuple):
    """A status, headers by their names in any case, and the bytes of a body."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait before another try, by the server's own clock; None if it tells none."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        moment = _date(text)
        return None if moment is None else max(0.0, moment.timestamp() - self._sent_at)

    @property
    def limited_for(self) -> float:
        """Seconds for which no request of the key is left, by the server's own clock."""
        left, reset = (self.headers.get(name) for name in (wire.RATE_REMAINING, wire.RATE_RESET))
        if left != "0" or reset is None or not (reset.isascii() and reset.isdigit()):
            return 0.0
        return max(0.0, int(reset[:12]) - self._sent_at)

    @property
    def _sent_at(self) -> float:
        return (_date(self.headers.get("Date", "")) or datetime.now().astimezone()).timestamp()


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def body_of(request: Request, reply: Reply) -> Body:
    """The object that was answered; raises the error that the answer stands for."""
    error: GamifyError
    if reply.is_success:
        body = json_of(reply)
        if isinstance(body, dict):
            return body
        error = Unavailable(f"{_answered(request, reply)}, which is no JSON object")
    else:
        error = _refusal(request, reply)
    error.request_id = reply.headers.get(wire.REQUEST_ID)
    raise error


def json_of(reply: Reply) -> Any:
    """The body, or None if it is not JSON."""
    media = reply.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        return None
    try:
        return _DECODER.decode(reply.content.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _integer(digits: str) -> int:
    """An integer; one that no API like this has would take longer than any deadline."""
    if len(digits) > jsontext.MAX_DIGITS + 1:
        raise ValueError("the integer is too long")
    return int(digits)


_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_int=_integer)


def _refusal(request: Request, reply: Reply) -> GamifyError:
    if reply.status < 400:
        return NoRoute(
            f"the server at {request.server} redirects {request.path}"
            f" to {reply.headers.get('Location', 'nowhere')}, which was not followed",
            hint="give the profile the URL that the server really has",
        )
    error = wire.error_of(reply.status, json_of(reply))
    kind = type(error) if error else wire.kind_of(reply.status)
    if kind in (NoRoute, WrongMethod):
        return kind(
            f"the server at {request.server} has no {request.method} {request.path}",
            hint=f"its URL ends in {wire.BASE}, as a rule; or it lacks what this command needs",
        )
    if error is None:
        error = kind(f"{_answered(request, reply)}, which is no error of this API")
    elif type(error) is Unauthorized:
        error.hint = "to see where the key comes from, run: gamify profiles show NAME"
    if isinstance(error, RateLimited):
        error.retry_after = round(reply.retry_after or 1)
        error.hint = wait_hint(error.retry_after)
    return error


def wait_hint(seconds: int) -> str:
    """What to do about a rate limit that leaves nothing for so long."""
    return f"try again in {seconds} s, or let it wait with --timeout {seconds + _WINDOW}"


def _answered(request: Request, reply: Reply) -> str:
    try:
        phrase = f" {HTTPStatus(reply.status).phrase}"
    except ValueError:
        phrase = ""
    media = reply.headers.get("Content-Type", "no content type")
    return f"the server at {request.server} answered {reply.status}{phrase} ({media[:100]})"
