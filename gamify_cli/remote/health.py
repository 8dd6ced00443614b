"""Whether a server answers, what it says of a key, and how its clock stands to ours."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError
from urllib3.util.timeout import Timeout

from gamify_cli import __version__, wire
from gamify_cli.domain.findings import Finding, failed, passed, warned
from gamify_cli.errors import GamifyError, Unauthorized
from gamify_cli.remote.faults import fault
from gamify_cli.remote.pool import open_pool
from gamify_cli.remote.replies import Reply, Request, body_of

_PATH = "/rewards"
"""A short answer that any key may have."""

_MAX_REPLY = 4 * 1024 * 1024
_SKEW = 5.0
_RESOLUTION = 1.0
"""Seconds: a Date header tells no parts of them."""


def examine(
    url: str, key: str | None, environ: Mapping[str, str], *, timeout: float, is_local: bool
) -> Iterator[Finding]:
    """What is found of the server at a URL, and of its clock; `timeout` is in seconds.

    Without a key a refusal for want of one is the answer that is hoped for.
    """
    began = time.monotonic()
    try:
        reply = _ask(url, key, environ, timeout, is_local=is_local)
    except HTTPError as error:
        hint = "is it running, and is the url right?"
        yield failed("server", f"no answer from {url}: {fault(error).reason}", hint)
        return
    except GamifyError as error:
        yield failed("server", error.message, error.hint)
        return
    seconds = time.monotonic() - began
    yield _server(url, key, reply, seconds)
    yield _clock(reply, seconds)


def _ask(
    url: str, key: str | None, environ: Mapping[str, str], timeout: float, *, is_local: bool
) -> Reply:
    headers = {"Accept": "application/json", "User-Agent": f"gamify/{__version__}"}
    pool = open_pool(url, 1, environ, is_local=is_local)
    try:
        response = pool.urlopen(
            "GET",
            urlsplit(url).path + _PATH,
            headers=headers if key is None else {**headers, wire.API_KEY: key},
            retries=False,
            redirect=False,
            timeout=Timeout(total=timeout),
            preload_content=False,
        )
        return Reply(response.status, response.headers, response.read(_MAX_REPLY))
    finally:
        pool.close()


def _server(url: str, key: str | None, reply: Reply, seconds: float) -> Finding:
    told = f"{url} answered in {seconds * 1_000:.0f} ms"
    try:
        body_of(Request(url, "GET", _PATH), reply)
    except Unauthorized as error:
        if key is None:
            return passed("server", told)
        return failed("server", f"it refuses the key: {error.message}", error.hint)
    except GamifyError as error:
        return failed("server", error.message, error.hint)
    return passed("server", told)


def _clock(reply: Reply, seconds: float) -> Finding:
    try:
        theirs = parsedate_to_datetime(reply.headers.get("Date", "")).timestamp()
    except ValueError:
        return warned("clock", "the server does not tell its time", None)
    # The answer was made at some time in between, in a second of which we know the begin alone.
    latest = time.time()
    if theirs > latest:
        skew = theirs - latest
    else:
        skew = min(0.0, theirs + _RESOLUTION - (latest - seconds))
    if abs(skew) > _SKEW:
        way = "ahead of" if skew > 0 else "behind"
        return warned(
            "clock",
            f"the server's is {abs(skew):,.0f} s {way} the one here",
            "set the one that is wrong by NTP; times without a date are read by the clock here",
        )
    return passed("clock", f"within {_SKEW:g} s of the server's")
