"""Answers about programs, stores and keys, and what every call may answer (source: ours).

Of two bases the second has the first members: pydantic takes them from the last base on.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gamify_cli.domain import program_input as definitions
from gamify_cli.domain.output_values import ABSENT, Free, Number, Output, Place, Time
from gamify_cli.domain.program_values import TierBasis


class Definitions(Output):
    """The lists of a program."""

    tiers: list[definitions.Tier]
    badges: list[definitions.Badge]
    streaks: list[definitions.Streak]
    challenges: list[definitions.Challenge]
    rewards: list[definitions.Reward]
    leaderboards: list[definitions.Leaderboard]
    rules: list[definitions.Rule]


class _Settings(Output):
    version: Place
    applied_at: Time
    operation: str
    name: str
    timezone: str
    tier_basis: TierBasis
    tier_downgrade: bool
    expires: definitions.Expires | None


class Program(Definitions, _Settings):
    """A version of the program with every default filled in, and what it dropped."""

    inactive: Definitions


class Programs(Output):
    """Versions, newest first; `next` is the cursor that goes on."""

    programs: list[Program]
    next: str | None


class _Counts(Output):
    tiers: Number
    badges: Number
    streaks: Number
    challenges: Number
    rewards: Number
    leaderboards: Number
    rules: Number


class _Version(Output):
    version: Place
    applied_at: Time
    name: str


class Applied(_Counts, _Version):
    """The version in force, and how many definitions it has."""


class _File(Output):
    file: str
    name: str


class Checked(_Counts, _File):
    """A program file that is good, and how many definitions it has."""


class Change(Output):
    """One difference between two programs."""

    change: Literal["added", "dropped", "changed", "reordered"]
    kind: Literal[
        "settings",
        "tiers",
        "badges",
        "streaks",
        "challenges",
        "rewards",
        "leaderboards",
        "rules",
    ]
    code: str | None
    member: str | None
    before: Any
    after: Any
    definition: Free | None


class LastBackup(Output):
    """The newest backup that a store has noted; whether the file is still there is not looked."""

    path: str
    made_at: Time


class Store(Output):
    """Where a local store is and what it holds; `bytes` is its size on disk."""

    path: str
    exists: bool
    identity: str | None
    created_at: Time | None
    schema_: str = Field(alias="schema")
    test_clock: bool
    participants: Number
    facts: Number
    bytes: Number
    last_backup: LastBackup | None


class Import(Output):
    """What came of a file; `lines` are the rows of this run, failed ones among them.

    The operation is null where none is kept, the hash for what is no file, `resumed_at` unless
    it went on after that line; it is `complete` if every row was reached.
    """

    operation: str | None
    file_hash: str | None
    lines: Number
    created: Number
    updated: Number
    unchanged: Number
    failed: Number
    resumed_at: Number | None
    complete: bool


class Restored(Output):
    """What an empty store was made of, or would be; the store is the one that was exported."""

    store: str | None
    exported_at: Time
    participants: Number
    facts: Number
    operations: Number
    programs: Number
    codes: Number
    requests: Number


class ImportResult(Output):
    """What came of one row, in the file of --results; an event that is recorded has its id.

    The outcome is null of what was read alone, or was done before and not told.
    """

    line: Place
    id: str | None
    outcome: Literal["created", "updated", "unchanged", "failed"] | None
    event_id: str | None = ABSENT
    error: str | None


class Sweep(Output):
    """How many participants had points that ran out, and how many facts say so."""

    participants: Number
    facts: Number


class Upgrade(Output):
    """From which schema to which a store was brought; null where there was nothing to do."""

    path: str
    from_: str | None = Field(alias="from")
    to: str
    backup: str | None


class Version(Output):
    """What runs."""

    gamify: str
    python: str
    sqlite: str


class _KeyRecord(Output):
    name: str | None
    scope: Literal["participant", "admin"]
    rate_limit: Place | None
    status: Literal["active", "expired", "revoked"]
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None


class _KeyId(Output):
    key_id: str


class Key(_KeyRecord, _KeyId):
    """An API key, without the key itself; `rate_limit` is in requests a minute."""


class _KeyShown(Output):
    key_id: str | None
    key: str | None


class NewKey(_KeyRecord, _KeyShown):
    """A key that was made; `key` is null wherever it is not shown."""


class Rehearsal(Output):
    """What a dry run answers; the profiles before and after are null if unknown."""

    outcome: str
    answer: Free
    before: Free | None
    after: Free | None


class Error(Output):
    """Why a call was refused; `code` is stable, `hint` says what to do about it."""

    detail: str
    code: Literal[
        "internal",
        "usage",
        "no_route",
        "not_found",
        "unauthorized",
        "forbidden",
        "conflict",
        "erased",
        "rejected",
        "unavailable",
        "rate_limited",
        "store",
    ]
    hint: str = ABSENT
