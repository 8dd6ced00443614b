"""Every way gamify can fail, and what each failure is called on every surface.

GamifyError
├── InternalError      1  500  internal      a bug of ours
├── UsageError         2  400  usage         a bad option, argument, body or field value
│   ├── FaultyFile     2  400  usage         a file with faults, each told with its line
│   ├── NoRoute        2  404  no_route      the server has no such path
│   ├── WrongMethod    2  405  usage         the path is not for this method
│   ├── TooLarge       2  413  usage         a body over the limit
│   └── NotJson        2  415  usage         a body that is not JSON
├── NotFound           3  404  not_found     nothing by that name
│   └── UnknownProfile 3  404  not_found     no such connection profile
├── Unauthorized       4  401  unauthorized  no key, or one that is unknown, expired, revoked
│   └── Forbidden      4  403  forbidden     the key may not do this
├── Conflict           5  409  conflict      key reused, already there, another version
│   └── Erased         5  410  erased        a participant whose personal data were erased
├── Rejected           6  400  rejected      a rule said no: insufficient points
├── Unavailable        7  503  unavailable   busy, locked, full, unreachable: try again
│   └── RateLimited    7  429  rate_limited  too many requests of one key
├── StoreError         8  500  store         damaged, newer, older, or not a store
│   └── Drifted        8  500  drifted       what is stored is not what the journal says
├── Partial            9  207  partial       several asked, some failed
├── Declined          10  400  declined      a confirmation refused, or nobody to give it
└── Interrupted      130  499  interrupted   Ctrl-C

The numbers are the exit code and the HTTP status; the word is the stable wire code. They
occur nowhere else: a caller raises the class, and the edge reads the attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

CLOSED_PIPE = 141
"""The exit code where the reader of the output went away, which is no error."""


class GamifyError(Exception):
    """A failure that a user can understand; `hint` says what to do about it.

    `request_id` is how the server calls the request that failed, where one was asked.
    """

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.request_id: str | None = None


class InternalError(GamifyError):
    """A bug: nothing the user did should lead here."""


class UsageError(GamifyError):
    """A bad option, argument, body or field value; nothing was done."""

    exit_code, http_status, code = 2, 400, "usage"


class FaultyFile(UsageError):
    """A file with faults, each told in a line of its own.

    `faults` are those lines, each with its place.
    """

    def __init__(self, message: str, *, faults: Sequence[str]) -> None:
        super().__init__(message)
        self.faults = faults


class NoRoute(UsageError):
    """The server has no such path."""

    http_status, code = 404, "no_route"


class WrongMethod(UsageError):
    """The path is there, but not for this method.

    `allowed` names those that it is for.
    """

    http_status = 405

    def __init__(self, message: str, *, hint: str | None = None, allowed: str = "") -> None:
        super().__init__(message, hint=hint)
        self.allowed = allowed


class TooLarge(UsageError):
    """The body is longer than one may be."""

    http_status = 413


class NotJson(UsageError):
    """The body is said to be something else than JSON."""

    http_status = 415


class NotFound(GamifyError):
    """Nothing by that name behind the connection profile in use."""

    exit_code, http_status, code = 3, 404, "not_found"


class UnknownProfile(NotFound):
    """No connection profile by that name in the configuration."""


class Unauthorized(GamifyError):
    """No key was given, or one that is unknown, expired or revoked."""

    exit_code, http_status, code = 4, 401, "unauthorized"


class Forbidden(Unauthorized):
    """The key is good, but not for this."""

    http_status, code = 403, "forbidden"


class Conflict(GamifyError):
    """What is there contradicts the request; nothing was done."""

    exit_code, http_status, code = 5, 409, "conflict"


class Erased(Conflict):
    """The participant was erased, and what was told of it with it."""

    http_status, code = 410, "erased"


class Rejected(GamifyError):
    """A rule of the program said no; nothing was done."""

    exit_code, http_status, code = 6, 400, "rejected"


class Unavailable(GamifyError):
    """The store or the server cannot answer now; the same command may succeed later."""

    exit_code, http_status, code = 7, 503, "unavailable"
    retryable = True


class RateLimited(Unavailable):
    """Too many requests of one key.

    `retry_after` is how many seconds to wait.
    """

    http_status, code = 429, "rate_limited"

    def __init__(self, message: str, *, hint: str | None = None, retry_after: int = 1) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class StoreError(GamifyError):
    """The store is damaged, of another schema, or no store at all."""

    exit_code, http_status, code = 8, 500, "store"


class Drifted(StoreError):
    """What is stored is not what the journal says; each drift was told."""

    code = "drifted"


class Partial(GamifyError):
    """Several were asked for and some failed; each failure was reported on its own."""

    exit_code, http_status, code = 9, 207, "partial"


class Declined(GamifyError):
    """A confirmation was refused, or was needed and nobody could give it."""

    exit_code, http_status, code = 10, 400, "declined"


class Interrupted(GamifyError):
    """The user pressed Ctrl-C."""

    exit_code, http_status, code = 130, 499, "interrupted"
    retryable = True


def kinds(root: type[GamifyError] = GamifyError) -> Iterator[type[GamifyError]]:
    """Every class of the tree below GamifyError, in its order; what an adapter adds is its own."""
    for kind in root.__subclasses__():
        if kind.__module__ == __name__:
            yield kind
            yield from kinds(kind)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The hint "did you mean …?" for a misspelt word, or None where nothing is near.

    Case, dashes and underscores do not count; a beginning that fits one word alone is near.
    """
    from difflib import get_close_matches

    by_core = {_core(one): one for one in reversed([*known])}
    core = _core(word)
    matches = [core] if core in by_core else get_close_matches(core, by_core, n=1)
    if not matches:
        longer = [one for one in by_core if len(core) > 1 and one.startswith(core)]
        matches = longer if len(longer) == 1 else []
    return f"did you mean {by_core[matches[0]]}?" if matches else None


def _core(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
