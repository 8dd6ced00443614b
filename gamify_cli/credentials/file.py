"""A key in a file of its own, which only its owner may read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from stat import S_ISREG
from typing import Any
from urllib.parse import quote as percent

from gamify_cli.config import reading, writing
from gamify_cli.credentials.entry import MAX_BYTES, Entry
from gamify_cli.errors import Unauthorized, UsageError

_OTHERS = 0o066


def path_of(profile: str, source: Mapping[str, Any], environ: Mapping[str, str]) -> Path:
    """Where it is: a path of the person's own, or `keys/PROFILE.key` beside config.toml.

    A relative path starts at the folder of config.toml.
    """
    folder = reading.config_path(environ).parent
    if path := source.get("path"):
        return reading.file_path(path, folder)
    return folder / "keys" / f"{percent(profile, safe='')}.key"


def read(path: Path) -> Entry | None:
    """What the file holds, None where there is none.

    Raises Unauthorized for a file that others may read, and for anything else that is no key.
    """
    try:
        # A pipe must not keep us waiting for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unauthorized(f"cannot read the key file {path}: {error.strerror}") from error
    try:
        _require_private(path, os.fstat(descriptor).st_mode)
        content = os.read(descriptor, MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    entry = Entry.read(content.decode("latin-1")) if len(content) <= MAX_BYTES else None
    if entry is None:
        raise Unauthorized(f"the key file {path} holds something else than a key")
    return entry


def _require_private(path: Path, mode: int) -> None:
    if not S_ISREG(mode):
        raise Unauthorized(f"the key file {path} is not a regular file")
    if mode & _OTHERS:
        raise Unauthorized(
            f"the key file {path} is open to others than its owner",
            hint=f"run: chmod 600 {quote(str(path))}",
        )


def keep(path: Path, entry: Entry) -> None:
    """Put a key there; raises UsageError, Unavailable."""
    if path.is_symlink():
        raise UsageError(f"the key file {path} is a link, so the key would go elsewhere")
    writing.write(path, entry.text.encode())


def forget(path: Path) -> None:
    """Delete the file, if it is there; raises UsageError, Unavailable."""
    writing.remove(path)
