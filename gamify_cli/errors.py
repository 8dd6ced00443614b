"""Every way gamify can fail, and what each failure is called on every surface.

GamifyError
├── InternalError      1  500  internal      a bug of ours
├── UsageError         2  400  usage         a bad option, argument, body or field value
│   └── FaultyFile     2  400  usage         a file with faults, each told with its line
├── NotFound           3  404  not_found     nothing by that name
│   └── UnknownProfile 3  404  not_found     no such connection profile
├── Conflict           5  409  conflict      key reused, already there, another version
├── Rejected           6  400  rejected      a rule said no: insufficient points
├── Unavailable        7  503  unavailable   busy, locked, full: try again
├── StoreError         8  500  store         damaged, newer, older, or not a store
├── Partial            9  207  partial       several asked, some failed
├── Declined          10  400  declined      a confirmation refused, or nobody to give it
└── Interrupted      130  499  interrupted   Ctrl-C

The numbers are the exit code and the HTTP status; the word is the stable wire code. They
occur nowhere else: a caller raises the class, and the edge reads the attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar


class GamifyError(Exception):
    """A failure that a user can understand; `hint` says what to do about it."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InternalError(GamifyError):
    """A bug: nothing the user did should lead here."""


class UsageError(GamifyError):
    """A bad option, argument, body or field value; nothing was done."""

    exit_code, http_status, code = 2, 400, "usage"


class FaultyFile(UsageError):
    """A file with faults: `faults` tells each in a line that names its place."""

    def __init__(self, message: str, *, faults: Sequence[str]) -> None:
        super().__init__(message)
        self.faults = faults


class NotFound(GamifyError):
    """Nothing by that name behind the connection profile in use."""

    exit_code, http_status, code = 3, 404, "not_found"


class UnknownProfile(NotFound):
    """No connection profile by that name in the configuration."""


class Conflict(GamifyError):
    """What is there contradicts the request; nothing was done."""

    exit_code, http_status, code = 5, 409, "conflict"


class Rejected(GamifyError):
    """A rule of the program said no; nothing was done."""

    exit_code, http_status, code = 6, 400, "rejected"


class Unavailable(GamifyError):
    """The store cannot answer now; the same command may succeed later."""

    exit_code, http_status, code = 7, 503, "unavailable"
    retryable = True


class StoreError(GamifyError):
    """The store is damaged, of another schema, or no store at all."""

    exit_code, http_status, code = 8, 500, "store"


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


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The hint "did you mean …?" for a misspelt word, or None where nothing is near."""
    from difflib import get_close_matches

    matches = get_close_matches(word, list(known), n=1)
    return f"did you mean {matches[0]}?" if matches else None
