"""Answers about connection profiles, settings, checks and completions (source: ours).

Of two bases the second has the first members: pydantic takes them from the last base on.
"""

from __future__ import annotations

from typing import Literal

from gamify_cli.domain.output_values import Output

KeySource = Literal["keyring", "file", "command", "env"]


class _Address(Output):
    store: str | None
    url: str | None


class _Protection(Output):
    protected: bool


class _Name(Output):
    name: str
    is_default: bool


class _Connection(_Protection, _Address, _Name):
    pass


class _KeySource(Output):
    key_source: KeySource | None


class Connection(_KeySource, _Connection):
    """A connection profile: a store or a server, of which the other is null."""


class KeyPlace(Output):
    """Where the key of a profile is; `is_there` is null where only using it would tell."""

    source: KeySource
    place: str
    is_there: bool | None
    problem: str | None


class _KeyPlace(Output):
    key: KeyPlace | None


class ConnectionDetails(_KeyPlace, _Connection):
    """A connection profile; a store has no key."""


class _Choice(Output):
    name: str | None
    chosen_by: str


class Current(_Protection, _Address, _Choice):
    """What commands work on; a store chosen by its path has no name."""


class _Finding(Output):
    key: Literal["accepted"] | None
    latency_ms: float


class _Tried(Output):
    name: str | None


class Tested(_Finding, _Address, _Tried):
    """How long a store or a server took to answer; a store has no key to accept."""


class Setting(Output):
    """What is set; `place` is an option, a variable, or a line of config.toml."""

    key: str
    value: str | bool | int | float | list[str] | None
    origin: Literal["option", "environment", "config", "built-in"]
    place: str | None


class ConfigFile(Output):
    """Where config.toml is."""

    path: str
    exists: bool


class Finding(Output):
    """What a check of `gamify doctor` found; `profile` is null where it is about none."""

    check: str
    profile: str | None
    status: Literal["pass", "warn", "fail"]
    detail: str
    hint: str | None


class Completion(Output):
    """What came of putting the completion of a shell in its place, or of taking it away."""

    shell: Literal["bash", "zsh", "fish"]
    path: str
    outcome: Literal["installed", "updated", "unchanged", "removed", "absent"]
