"""How what config.toml holds is named on a command line, and what it may be."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from gamify_cli.config.database import is_database
from gamify_cli.config.defaults import DEFAULTS, flag
from gamify_cli.config.reading import Config, server_url, store_target
from gamify_cli.errors import UnknownProfile, UsageError, nearest

DEFAULT = "default_profile"
MEMBERS = ("store", "url", "protected", "key.source", "key.command", "key.path", "key.origin")
"""Those of a connection profile, in the order in which they are shown."""

_SECRET = re.compile(r"(?<=//)[^/@\s]*(?=@)|bq_(?:live|test)_\w+")


class Name(NamedTuple):
    """A name as it is written, the profile in it, and where in config.toml its value stands."""

    text: str
    path: tuple[str, ...]
    profile: str | None = None

    def within(self, config: Config) -> Any:
        """The value in a config.toml, None where it has none."""
        if self.path == (DEFAULT,):
            return config.default
        if self.profile is None:
            return config.defaults.get(self.text)
        found: Any = config.profiles.get(self.profile, {})
        for member in self.path[2:]:
            found = found.get(member) if isinstance(found, Mapping) else None
        return found


def named(text: str, config: Config) -> Name:
    """What a name stands for; raises UsageError, UnknownProfile."""
    if text == DEFAULT or text in DEFAULTS:
        return Name(text, (text,))
    if not text.startswith("profiles."):
        every = (DEFAULT, *DEFAULTS, "profiles.NAME.store", "profiles.NAME.url")
        raise UsageError(
            f'config.toml has no "{text}"',
            hint=nearest(text, every) or "see what it has: gamify config list",
        )
    rest = text.removeprefix("profiles.")
    for member in MEMBERS:
        if rest.endswith(f".{member}"):
            return _of(rest.removesuffix(f".{member}"), member, config)
    profile = next((one for one in config.names if rest.startswith(f"{one}.")), None)
    if profile is None:
        raise UsageError(
            f'"{text}" names no member of a profile',
            hint=f"write profiles.NAME.MEMBER, with one of {', '.join(MEMBERS)}",
        )
    member = rest.removeprefix(f"{profile}.")
    hint = nearest(member, MEMBERS) or f"it has {', '.join(MEMBERS)}"
    raise UsageError(f'a profile has no "{member}"', hint=hint)


def _of(profile: str, member: str, config: Config) -> Name:
    if profile not in config.names:
        raise UnknownProfile(
            f'connection profile "{profile}" not found',
            hint=nearest(profile, config.names) or "add it: gamify profiles add NAME",
        )
    return of_member(profile, member)


def of_member(profile: str, member: str) -> Name:
    """The name of a member of a profile."""
    return Name(f"profiles.{profile}.{member}", ("profiles", profile, *member.split(".")), profile)


def value_of(name: Name, text: str, config: Config) -> Any:
    """A value as config.toml is to hold it; raises UsageError, UnknownProfile."""
    if name.path == (DEFAULT,):
        config.target(text)
        return text
    if name.profile is None:
        return DEFAULTS[name.text].check(text, name.text)
    match name.path[2:]:
        case ("store",):
            return store_target(text).address
        case ("url",):
            return server_url(text)
        case ("protected",):
            return flag(text, name.text)
        case ("key", "command"):
            return _words(text)
    return text


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"key.command: {error}") from error


def shown(value: Any) -> Any:
    """A value without what may be a secret in it: the user of a URL, or an API key."""
    if isinstance(value, str):
        return value if is_database(value) else _SECRET.sub("***", value)
    return [shown(one) for one in value] if isinstance(value, list) else value
