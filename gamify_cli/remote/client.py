"""Calls of an API: the key, the deadline, the tries, the rate limit and the log of each.

The key goes to the origin of the URL alone, for no redirect is followed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import uniform
from time import monotonic, sleep
from typing import NamedTuple
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError, ResponseError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry
from urllib3.util.timeout import Timeout

from gamify_cli import __version__, wire
from gamify_cli.backend import Body
from gamify_cli.domain import jsontext
from gamify_cli.errors import GamifyError, RateLimited, Unavailable, UsageError
from gamify_cli.remote.faults import Fault, fault
from gamify_cli.remote.pool import open_pool
from gamify_cli.remote.replies import Reply, Request, body_of, json_of, wait_hint

MAX_REPLY = 16 * 1024 * 1024
"""Bytes of an answer after decompression; of a longer one the rest is not read."""

TRIES = 4
_FIRST_PAUSE = 0.2
"""Seconds before the second try at most; doubled for each further one."""

_JSON = {"Content-Type": "application/json"}
_WORTH_A_TRY = (429, 502, 503, 504)
_ONE_TRY = Retry(False, redirect=False)


class Server(NamedTuple):
    """How to reach a server.

    `key` gets the key when it is first needed; `timeout` is seconds for a call with all its
    tries; `jobs` is how many calls may run at a time; `is_local` if it is on this machine;
    `finishing` says how to finish a write of which nothing is known; `log` takes a
    line for each answer.
    """

    url: str
    key: Callable[[], str]
    timeout: float
    jobs: int
    is_local: bool
    environ: Mapping[str, str]
    finishing: Callable[[], str]
    log: Callable[[str], None] | None = None


class Sent(NamedTuple):
    """What a write was answered."""

    body: Body
    headers: Mapping[str, str]


class Client:
    """Calls one server; may be shared by threads."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._base = urlsplit(server.url).path
        self._pool = open_pool(server.url, server.jobs, server.environ, is_local=server.is_local)
        self._headers: dict[str, str] = {}
        self._opens_at = 0.0

    def get(self, path: str) -> Body:
        """What is answered to a GET; raises the error that it was."""
        request = Request(self.server.url, "GET", path)
        return self._body(request, _Call(self, request).reply())

    def ask(self, path: str, body: Body) -> Body:
        """What is answered to a question that takes a body; raises the error that it was."""
        request = Request(self.server.url, "POST", path)
        return self._body(request, _Call(self, request, _content(body), _JSON).reply())

    def send(self, method: str, path: str, body: Body, headers: Mapping[str, str]) -> Sent:
        """What is answered to a write, whose idempotency key is among the `headers`."""
        request = Request(self.server.url, method, path)
        call = _Call(self, request, _content(body), {**_JSON, **headers}, is_write=True)
        reply = call.reply()
        try:
            return Sent(self._body(request, reply), reply.headers)
        except Unavailable as error:
            raise call.explained(error) from None

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._pool.close()

    def once(
        self, request: Request, content: bytes | None, headers: Mapping[str, str], left: float
    ) -> Reply:
        """One try, in at most `left` seconds; raises HTTPError, and Unavailable if it is long."""
        began = monotonic()
        response = self._pool.urlopen(
            request.method,
            self._base + request.path,
            body=content,
            headers={**self._common_headers(), **headers},
            retries=_ONE_TRY,
            redirect=False,
            timeout=Timeout(total=left),
            preload_content=False,
        )
        reply = Reply(response.status, response.headers, _read(request, response))
        if limited_for := reply.limited_for:
            self._opens_at = monotonic() + limited_for
        if self.server.log:
            self._log(self.server.log, request, reply, monotonic() - began)
        return reply

    def wait_for_limit(self, end: float) -> None:
        """Sleep until the key may be used again; raises RateLimited if that is after `end`."""
        pause = self._opens_at - monotonic()
        if pause > 0 and self._opens_at > end:
            seconds = round(pause) or 1
            raise RateLimited(
                "no request of this API key is left in this minute",
                hint=wait_hint(seconds),
                retry_after=seconds,
            )
        if pause > 0:
            sleep(pause)

    def _body(self, request: Request, reply: Reply) -> Body:
        """What was answered; an error says nothing of the key, even if the answer repeats it."""
        try:
            return body_of(request, reply)
        except GamifyError as error:
            told = (error.message, error.hint, error.request_id)
            message, error.hint, error.request_id = (text and self._hidden(text) for text in told)
            error.message = message or ""
            error.args = (message,)
            raise

    def _hidden(self, text: str) -> str:
        return text.replace(self._headers[wire.API_KEY], "***")

    def _common_headers(self) -> dict[str, str]:
        """What every request carries; the key is asked for once."""
        if not self._headers:
            key = self.server.key()
            if not (key.isascii() and key.isprintable()) or not key or " " in key:
                raise UsageError("the API key has other than visible ASCII characters")
            self._headers = {
                wire.API_KEY: key,
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": f"gamify/{__version__}",
            }
        return self._headers

    def _log(
        self, log: Callable[[str], None], request: Request, reply: Reply, seconds: float
    ) -> None:
        ids = [reply.headers.get(name, "") for name in (wire.REQUEST_ID, wire.OPERATION_ID)]
        words = [request.method, request.path, str(reply.status), f"{seconds * 1000:.0f} ms", *ids]
        log(self._hidden(" ".join(filter(None, words))))


class _Call:
    """One call with its tries."""

    def __init__(
        self,
        client: Client,
        request: Request,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        is_write: bool = False,
    ) -> None:
        self._client = client
        self._request = request
        self._content = content
        self._headers = headers or {}
        self._is_write = is_write
        self._end = monotonic() + client.server.timeout
        self._maybe_done = False

    def reply(self) -> Reply:
        """The last answer that came; raises Unavailable if none did."""
        for number in range(TRIES):
            outcome = self._try()
            pause = self._pause(outcome, number)
            if pause is None:
                break
            sleep(pause)
        if isinstance(outcome, Reply):
            return outcome
        raise self.explained(self._unavailable(outcome))

    def explained(self, error: Unavailable) -> Unavailable:
        """The error, with the command that finishes a write which may have been done."""
        if self._maybe_done and self._is_write:
            error.message += "; it may be done, or not"
            error.hint = self._client.server.finishing()
        return error

    def _try(self) -> Reply | Fault:
        try:
            self._client.wait_for_limit(self._end)
        except RateLimited as error:
            raise self.explained(error) from None
        left = self._end - monotonic()
        if left <= 0:
            return Fault("no time is left", sent=False, passing=False)
        try:
            reply = self._client.once(self._request, self._content, self._headers, left)
        except HTTPError as error:
            found = fault(error)
            self._maybe_done |= found.sent
            return found
        except Unavailable as error:
            self._maybe_done = True
            raise self.explained(error) from None
        # What a proxy says tells nothing of the server; a refusal of the API tells all.
        if self._is_write and (reply.is_success or reply.status >= 500):
            body = json_of(reply)
            is_ours = isinstance(body, dict) and (reply.is_success or "code" in body)
            self._maybe_done |= not is_ours
        return reply

    def _pause(self, outcome: Reply | Fault, number: int) -> float | None:
        """Seconds before the next try, with full jitter or as the server asks; None for none."""
        pause = uniform(0, _FIRST_PAUSE * 2**number)  # noqa: S311 (no secret)
        if isinstance(outcome, Fault):
            is_worth_it = outcome.passing
        else:
            is_worth_it = outcome.status in _WORTH_A_TRY
            asked = outcome.retry_after
            pause = pause if asked is None else asked
        if not is_worth_it or number == TRIES - 1 or monotonic() + pause >= self._end:
            return None
        return pause

    def _unavailable(self, found: Fault) -> Unavailable:
        server = self._client.server
        if monotonic() >= self._end:
            return Unavailable(
                f"the server at {server.url} did not answer within {server.timeout:g} s",
                hint="try again, or wait longer with --timeout",
            )
        return Unavailable(
            f"no answer from the server at {server.url}: {found.reason}", hint="try again"
        )


def _content(body: Body) -> bytes:
    try:
        return jsontext.exact(body).encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError("the request holds text that is not valid Unicode") from None


def _read(request: Request, response: BaseHTTPResponse) -> bytes:
    """The body, decompressed; raises HTTPError, and Unavailable if it is too long."""
    try:
        content = response.read(MAX_REPLY + 1)
    except ValueError as error:
        # So it says of a chunk whose length is below zero.
        raise ResponseError(str(error)) from error
    if len(content) > MAX_REPLY:
        response.close()
        raise Unavailable(
            f"the server at {request.server} answers {request.path}"
            f" with more than {MAX_REPLY:,} bytes",
            hint="ask for less at a time",
        )
    return content
