"""Edits of config.toml that keep its comments and its order, one at a time, whole or not at all."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from gamify_cli.config import reading, writing
from gamify_cli.errors import UsageError


class Draft:
    """A config.toml that is being changed: its `document`, and what it held before."""

    def __init__(self, document: tomlkit.TOMLDocument, config: reading.Config) -> None:
        self.document = document
        self.config = config

    def put_profile(self, name: str, members: Mapping[str, Any]) -> None:
        """Add a connection profile, or give one other members; those that stay keep their place."""
        profiles = self.document.setdefault("profiles", tomlkit.table(is_super_table=True))
        is_new = name not in profiles
        if is_new:
            is_inline = isinstance(profiles, InlineTable)
            profiles[name] = tomlkit.inline_table() if is_inline else tomlkit.table()
        profile = profiles[name]
        for gone in [member for member in profile if member not in members]:
            del profile[gone]
        for member, value in members.items():
            if isinstance(value, Mapping) and not is_new and member not in profile:
                # A section of its own could not follow a profile that is spelt with dots.
                profile[member] = tomlkit.inline_table()
                profile[member].update(value)
            elif profile.get(member) != value:
                profile[member] = value

    def drop_profile(self, name: str) -> None:
        """Take a connection profile out, and as the default one, too."""
        profiles: Any = self.document["profiles"]
        del profiles[name]
        if not profiles:
            del self.document["profiles"]
        if self.config.default == name:
            del self.document["default_profile"]

    def put(self, path: Sequence[str], value: Any) -> None:
        """Give a value to a default, or to a member of a connection profile or of its key."""
        if path[0] != "profiles":
            self.document[path[0]] = value
            return
        _, name, *members = path
        profile: Any = self.document.get("profiles", {}).get(name, {})
        if len(members) == 1:
            self.put_profile(name, {**profile, members[0]: value})
        elif "key" in profile:
            profile["key"][members[1]] = value
        else:
            self.put_profile(name, {**profile, "key": {members[1]: value}})

    def drop(self, path: Sequence[str]) -> None:
        """Take such a value out, and a table that is empty then."""
        tables: list[Any] = [self.document]
        for name in path[:-1]:
            tables.append(tables[-1][name])
        for table, name in zip(reversed(tables), reversed(path), strict=True):
            del table[name]
            if table:
                break

    def put_default(self, name: str) -> None:
        """Make a connection profile the default one."""
        self.document["default_profile"] = name


@contextmanager
def edited(path: Path, *, timeout: float, dry_run: bool) -> Iterator[Draft]:
    """A draft to change in place; at the end it replaces the file, if it is another then.

    Others wait for it, `timeout` seconds at most; a rehearsal keeps nobody waiting and writes
    nothing. A file that is not there is an empty one. Raises UsageError for a file with a
    fault, or one that would get one; Unavailable.
    """
    with nullcontext() if dry_run else writing.locked(path, timeout):
        before = reading.content_of(path) or b""
        draft = _draft(before, path)
        yield draft
        after = tomlkit.dumps(draft.document).encode()
        _check(after, draft.document, path)
        if after != before and not dry_run:
            writing.write(path, after)


def _draft(content: bytes, path: Path) -> Draft:
    config = reading.parse(content, path)
    try:
        return Draft(tomlkit.parse(content), config)
    except (TOMLKitError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from error


def _check(content: bytes, document: tomlkit.TOMLDocument, path: Path) -> None:
    """A file must say what was meant, and be one that every command can read."""
    try:
        is_sound = tomllib.loads(content.decode()) == document.unwrap()
    except tomllib.TOMLDecodeError:
        is_sound = False
    if not is_sound:
        raise UsageError(
            f"{path} is spelt in a way that cannot be edited; it was left as it is",
            hint="give each profile a section of its own, [profiles.NAME]",
        )
    reading.parse(content, path)
