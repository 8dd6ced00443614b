"""What a check of this installation found."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """A check with its outcome, what it saw, and what to do about it.

    `status` is pass, warn for what works but may hurt later, or fail.
    """

    check: str
    status: str
    detail: str
    hint: str | None = None


def passed(check: str, detail: str) -> Finding:
    """Nothing to do."""
    return Finding(check, "pass", detail)


def warned(check: str, detail: str, hint: str | None) -> Finding:
    """It works, but may hurt later."""
    return Finding(check, "warn", detail, hint)


def failed(check: str, detail: str, hint: str | None) -> Finding:
    """It does not work."""
    return Finding(check, "fail", detail, hint)
