"""Facts: what happened to one participant, in the words of the journal.

A fact is never changed or removed. Its number is its place in the participant's own
journal, from 1 without gaps; the number of the latest is the participant's version.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from gamify_cli.domain.instants import Instant

REGISTERED = "registered"
"""data: any of display_name, avatar_url, attributes, as they were given"""

PROFILE_CHANGED = "profile_changed"
"""data: display_name and avatar_url, new value or null; attributes, the whole new object;
attributes_patch, a merge patch (RFC 7396) on the object that was there"""

DEACTIVATED = "deactivated"
ACTIVATED = "activated"

KINDS = (REGISTERED, PROFILE_CHANGED, DEACTIVATED, ACTIVATED)


class Fact(NamedTuple):
    """One line of a participant's journal; `cause` is the number of the fact that led to it."""

    number: int
    kind: str
    data: dict[str, Any]
    occurred_at: Instant
    cause: int | None = None
