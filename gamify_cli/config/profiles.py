"""The connection profiles: what config.toml says of them, with the keys that go with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from gamify_cli import credentials, settings
from gamify_cli.backend import Answer, Body
from gamify_cli.config import editing, reading
from gamify_cli.config.reading import DEFAULT_PROFILE, Config
from gamify_cli.credentials.entry import origin_of
from gamify_cli.errors import Conflict, UsageError

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}"


class NewProfile(NamedTuple):
    """A profile to add: a store or a server, with where the key to it comes from.

    A `kind` of None is the keyring where one answers, else a file; those two take a `key`,
    which only a rehearsal may lack.
    """

    name: str
    store: str | None = None
    url: str | None = None
    protected: bool = False
    kind: str | None = None
    command: tuple[str, ...] = ()
    key: str | None = None

    def __repr__(self) -> str:
        return f"NewProfile({self.name!r})"


class Profiles:
    """Reads and edits the profiles of one config.toml.

    All raise UsageError for a file that cannot be read or written, those that edit also
    Unavailable where another process holds it for `timeout` seconds.
    """

    def __init__(self, environ: Mapping[str, str], timeout: float) -> None:
        self._environ = environ
        self._timeout = timeout

    @property
    def path(self) -> Path:
        """Where config.toml is."""
        return reading.config_path(self._environ)

    def list(self) -> Iterator[Body]:
        """A row a profile, the built-in one first."""
        config = self._config()
        return (_row(config, name) for name in config.names)

    def show(self, name: str | None) -> Body:
        """One profile, the default one for None, with where its key is; raises UnknownProfile."""
        config = self._config()
        target = config.target(name)
        row = _row(config, str(target.profile))
        del row["key_source"]
        if target.url is None:
            return row | {"key": None}
        place = credentials.whereabouts(str(target.profile), target.key, target.url, self._environ)
        return row | {"key": place._asdict()}

    def current(self, given: Mapping[str, Any]) -> Body:
        """What a command with these global options works on, and what chose it."""
        choice = settings.chosen(given, self._environ)
        target = settings.target(given, self._environ, self._config)
        by = choice.by
        if by is None:
            default = self._config().default
            by = "built in" if default is None else f"default_profile in {self.path}"
        return {
            "name": target.profile,
            "chosen_by": by,
            "store": None if target.url else target.address,
            "url": target.url,
            "protected": target.protected,
        }

    def check_new(self, name: str, replace: bool) -> Body | None:
        """The row of the profile that a new one replaces; raises UsageError, Conflict."""
        content = reading.content_of(self.path) or b""
        return _replaced(reading.parse(content, self.path), name, replace)

    def add(self, new: NewProfile, *, replace: bool, dry_run: bool) -> tuple[Answer, str | None]:
        """Write a profile, and put its key away; answer the place of the key, too."""
        with ExitStack() as undo:
            with editing.edited(self.path, timeout=self._timeout, dry_run=dry_run) as draft:
                before = _replaced(draft.config, new.name, replace)
                members, place = self._members(new, dry_run)
                old = draft.config.profiles.get(new.name, {}).get("key", {})
                source = members.get("key", {})
                if place and source.get("source") != old.get("source"):
                    undo.callback(credentials.forget, new.name, source, self._environ)
                draft.put_profile(new.name, members)
            undo.pop_all()
        if not dry_run and source.get("source") != old.get("source"):
            credentials.forget(new.name, old, self._environ)
        after = _row(_with(draft.config, new.name, members), new.name)
        return Answer(after, "updated" if before else "created", before, after), place

    def use(self, name: str, *, dry_run: bool) -> Answer:
        """Make a profile the default one; raises UnknownProfile."""
        with editing.edited(self.path, timeout=self._timeout, dry_run=dry_run) as draft:
            draft.config.target(name)
            before = _row(draft.config, name)
            if before["is_default"]:
                return Answer(before, "unchanged", before, before)
            draft.put_default(name)
        after = before | {"is_default": True}
        return Answer(after, "updated", before, after)

    def remove(self, name: str, *, dry_run: bool) -> tuple[Answer, str | None]:
        """Take a profile out, with its key; answer what is left of the key, too.

        Raises UnknownProfile.
        """
        with editing.edited(self.path, timeout=self._timeout, dry_run=dry_run) as draft:
            before = self._removable(draft.config, name)
            draft.drop_profile(name)
        left = None
        if not dry_run:
            key = draft.config.profiles[name].get("key", {})
            left = credentials.forget(name, key, self._environ)
        return Answer(before, "removed", before, None), left

    def check_removable(self, name: str) -> Body:
        """The row of a profile that can go; raises UnknownProfile, UsageError."""
        return self._removable(self._config(), name)

    def _config(self) -> Config:
        return reading.read(self._environ)

    def _removable(self, config: Config, name: str) -> Body:
        if name not in config.profiles:
            if name == DEFAULT_PROFILE:
                raise UsageError(f"profile {name} is built in, and {self.path} says nothing of it")
            config.target(name)
        return _row(config, name)

    def _members(self, new: NewProfile, dry_run: bool) -> tuple[dict[str, Any], str | None]:
        """What config.toml says of a new profile, and where its key went."""
        members: dict[str, Any] = {"protected": True} if new.protected else {}
        if new.url is None:
            store = reading.store_target(str(new.store)).address
            return {"store": store, **members}, None
        members = {"url": reading.server_url(new.url), **members}
        if new.kind in ("command", "env"):
            key = {"source": new.kind, "origin": origin_of(new.url)}
            return members | {
                "key": key | ({"command": [*new.command]} if new.command else {})
            }, None
        if dry_run:
            return members | {
                "key": {"source": new.kind or credentials.likely_kind(new.name)}
            }, None
        key, place = credentials.keep(new.name, new.kind, str(new.key), new.url, self._environ)
        return members | {"key": key}, place


def _replaced(config: Config, name: str, replace: bool) -> Body | None:
    if not re.fullmatch(_NAME, name):
        raise UsageError(
            f'a profile is named by 1 to 64 of the characters A-Z a-z 0-9 _ . -, not "{name}"'
        )
    if name not in config.names:
        return None
    if not replace:
        raise Conflict(f"there is a profile {name} already", hint="add --replace to replace it")
    return _row(config, name)


def _with(config: Config, name: str, members: Mapping[str, Any]) -> Config:
    return config._replace(profiles={**config.profiles, name: members})


def _row(config: Config, name: str) -> Body:
    """A profile as its file has it."""
    profile = config.profiles.get(name, {})
    url = profile.get("url")
    store = None if url else profile.get("store") or str(reading.default_store())
    return {
        "name": name,
        "is_default": name == (config.default or DEFAULT_PROFILE),
        "store": store,
        "url": url,
        "protected": profile.get("protected", False),
        "key_source": profile.get("key", {}).get("source", "env") if url else None,
    }
