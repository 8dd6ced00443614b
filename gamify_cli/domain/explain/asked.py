"""What of a participant is to be explained, as words that every surface takes."""

from __future__ import annotations

from typing import NamedTuple

from gamify_cli.domain import listing, vocabulary
from gamify_cli.errors import UsageError

ALL = "overview"
"""What stands for all of it, at a glance."""

PLAIN = ("points", "tier")
"""Values that a participant has one of."""

NAMED = {"badge": "CODE", "streak": "CODE", "reward": "CLAIM", "event": "ID"}
"""Values of which one is named, and by what."""

WORDS = (*PLAIN, *NAMED)


FEW = 50
"""So many facts of a kind are told unless more are asked for."""

MOST = 2**31
"""No limit is higher, but for that of all."""


class Asked(NamedTuple):
    """What is asked for: one of `WORDS` or `ALL`, by which name, and at most how many facts."""

    of: str
    code: str | None
    limit: int | None

    @property
    def text(self) -> str:
        """What is asked for in one text: `points`, `badge:power_user`."""
        return self.of if self.code is None else f"{self.of}:{self.code}"


_WHERE = {
    "badge": "see: gamify badges list ID",
    "streak": "see: gamify streaks list ID",
    "reward": "see: gamify rewards history ID --json",
    "event": "see: gamify events list ID --json",
}
"""What tells by which name each is asked for."""


def asked(of: str | None, code: str | None, limit: int | None) -> Asked:
    """The same from words as they were given; raises UsageError for what does not go together."""
    of = ALL if of is None else listing.known("what to explain", of, (ALL, *WORDS))
    if of not in NAMED:
        if code is not None:
            raise UsageError(f'{of} takes no name, not "{code}"')
    elif not code:
        name = NAMED[of]
        raise UsageError(f"{of} needs its {name}", hint=_WHERE[of])
    else:
        vocabulary.plain_text(code, NAMED[of], vocabulary.MAX_ID)
    return Asked(of, code, limit)


def asked_by(text: str, limit: int | None) -> Asked:
    """The same from its one text; raises UsageError."""
    of, colon, code = text.partition(":")
    return asked(of, code if colon else None, limit)
