"""Where the key of a connection profile comes from, where it is put, and to whom it may go.

A source is the table `[profiles.NAME.key]` of config.toml; without one the key is taken from
the environment. No key is ever part of a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from shlex import join
from typing import Any, NamedTuple

from gamify_cli.credentials import command, file, ring
from gamify_cli.credentials.entry import Entry, is_key, origin_of
from gamify_cli.errors import GamifyError, Unauthorized, UsageError, nearest

KINDS = ("keyring", "file", "command", "env")
VARIABLE = "GAMIFY_API_KEY"

_MEMBERS = {"source": str, "command": list, "path": str, "origin": str}


class Whereabouts(NamedTuple):
    """Where the key of a profile is, but never what it is.

    `is_there` is None where only using it would tell; `problem` is what would be in the way.
    """

    source: str
    place: str
    is_there: bool | None
    problem: str | None


def key_of(
    profile: str,
    source: Mapping[str, Any],
    url: str,
    environ: Mapping[str, str],
    *,
    seconds: float = command.SECONDS,
) -> str:
    """The key of a profile for the server at a URL; a command has so many seconds for it.

    Raises Unauthorized where there is none, or one for another origin; UsageError for a
    source with a fault, a library that is missing, or what can be no key; Unavailable where
    the source hangs.
    """
    kind = checked_kind(profile, source)
    entry = _entry(profile, kind, source, environ, seconds)
    if entry is None or not entry.key:
        raise Unauthorized(
            f"profile {profile} has no key: nothing in {_place(profile, kind, source, environ)}",
            hint=_mending(profile, source, url),
        )
    if not is_key(entry.key):
        raise UsageError(
            f"profile {profile}: the API key has other than visible ASCII characters, or over 200"
        )
    _check_origin(profile, source, entry.origin or source.get("origin"), url)
    return entry.key


def keep(
    profile: str, kind: str | None, key: str, url: str, environ: Mapping[str, str]
) -> tuple[dict[str, Any], str]:
    """Put a key into the keyring or a file: the one asked for, or that which works.

    Answer the source to write into config.toml, and the place in words. Raises as `key_of`.
    """
    entry = Entry(origin_of(url), key)
    if kind != "file":
        with suppress(*[] if kind else [GamifyError]):
            ring.keep(profile, entry)
            return {"source": "keyring"}, "the keyring"
    path = file.path_of(profile, {}, environ)
    file.keep(path, entry)
    return {"source": "file"}, str(path)


def likely_kind(profile: str) -> str:
    """Where `keep` would put a key if none was asked for: the keyring where one answers."""
    try:
        ring.read(profile)
    except GamifyError:
        return "file"
    return "keyring"


def forget(profile: str, source: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """Delete the key that gamify put there; answer what is left of it, if anything is."""
    kind = source.get("source")
    try:
        if kind == "keyring":
            ring.forget(profile)
        elif kind == "file" and "path" in source:
            return f"the key file {file.path_of(profile, source, environ)} stays"
        elif kind == "file":
            file.forget(file.path_of(profile, source, environ))
    except GamifyError as error:
        return f"the key could not be removed: {error.message}"
    return None


def whereabouts(
    profile: str, source: Mapping[str, Any], url: str, environ: Mapping[str, str]
) -> Whereabouts:
    """Where the key is, without running a command for it; raises UsageError as `key_of` does."""
    kind = checked_kind(profile, source)
    place = _place(profile, kind, source, environ)
    is_there, problem = None, None
    try:
        if kind == "command":
            _check_origin(profile, source, source.get("origin"), url)
        else:
            is_there = _entry(profile, kind, source, environ, command.SECONDS) is not None
            key_of(profile, source, url, environ)
    except GamifyError as error:
        problem = error.message
    return Whereabouts(kind, place, is_there, problem)


def place_of(profile: str, source: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The same place in words alone; raises UsageError for a source with a fault."""
    return _place(profile, checked_kind(profile, source), source, environ)


def checked_kind(profile: str, source: Mapping[str, Any]) -> str:
    """Which of KINDS a source is; raises UsageError for one with a fault."""
    where = f"profiles.{profile}.key"
    for name, value in source.items():
        if name not in _MEMBERS:
            raise UsageError(f'unknown key "{name}" in {where}', hint=nearest(name, _MEMBERS))
        if not isinstance(value, _MEMBERS[name]):
            raise UsageError(f"{where}.{name} is of the wrong type")
    kind = str(source.get("source", "env" if not source else ""))
    if kind not in KINDS:
        raise UsageError(f'{where}.source "{kind}" is none of {", ".join(KINDS)}')
    words = source.get("command", [])
    if not all(isinstance(word, str) and "\0" not in word for word in words):
        raise UsageError(f"{where}.command must be a list of texts")
    if (kind == "command") != any(words[:1]):
        raise UsageError(f'{where}.command goes with source = "command", and with that alone')
    return kind


def _entry(
    profile: str,
    kind: str,
    source: Mapping[str, Any],
    environ: Mapping[str, str],
    seconds: float,
) -> Entry | None:
    if kind == "keyring":
        return ring.read(profile)
    if kind == "file":
        return file.read(file.path_of(profile, source, environ))
    if kind == "command":
        return command.read(source["command"], seconds)
    key = environ.get(VARIABLE)
    return Entry(None, key) if key else None


def _check_origin(profile: str, source: Mapping[str, Any], bound: str | None, url: str) -> None:
    """What stands beside a key must be the origin that it is about to be sent to."""
    origin = origin_of(url)
    if bound is None and source.get("source", "env") != "env":
        raise Unauthorized(
            f"nothing says which server the key of profile {profile} is for",
            hint=f'if it is this one, add origin = "{origin}" to [profiles.{profile}.key]',
        )
    if bound is not None and bound.rstrip("/").lower() != origin:
        raise Unauthorized(
            f"the key of profile {profile} is for {bound}, and its url leads to {origin}",
            hint=_mending(profile, source, url),
        )


def _place(profile: str, kind: str, source: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    if kind == "keyring":
        return f"the keyring ({ring.SERVICE}, {profile})"
    if kind == "file":
        return str(file.path_of(profile, source, environ))
    return join(source["command"]) if kind == "command" else VARIABLE


def _mending(profile: str, source: Mapping[str, Any], url: str) -> str:
    """The command that gives a profile its key."""
    words = ["gamify", "profiles", "add", profile, "--url", url, "--replace"]
    kind = source.get("source", "env")
    if kind == "command":
        return f"run: {join([*words, '--key-command', join(source['command'])])}"
    instead = f"set {VARIABLE}, or " if kind == "env" else ""
    return f"{instead}run: {join([*words, '--key-stdin'])}"
