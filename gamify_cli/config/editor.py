"""config.toml in the person's own editor: a draft that replaces the file once it is sound."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from gamify_cli.config import reading, writing
from gamify_cli.config.checking import check
from gamify_cli.config.reading import Config
from gamify_cli.errors import Conflict, GamifyError, UsageError


def edit(
    path: Path,
    environ: Mapping[str, str],
    allow: Callable[[str], None],
    *,
    timeout: float,
    dry_run: bool,
) -> bool:
    """Let a person edit a draft of config.toml; answer whether it became another.

    `allow` is asked before a protected profile changes. Raises UsageError for an editor that
    fails and for a draft with a fault, Conflict if the file was changed meanwhile, Unavailable;
    the file stays as it was then, and the hint tells where the draft is.
    """
    before = reading.content_of(path) or b""
    draft = _draft(before)
    try:
        _run(environ, draft)
        after = draft.read_bytes()
        if after != before:
            _replace(path, before, after, draft, allow, timeout=timeout, dry_run=dry_run)
    except GamifyError as error:
        place = f"{path} is as it was; your draft is {draft}"
        error.hint = f"{error.hint}; {place}" if error.hint else place
        raise
    draft.unlink()
    return after != before


def _draft(content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix="gamify-config-", suffix=".toml")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return Path(name)


def _run(environ: Mapping[str, str], draft: Path) -> None:
    chosen = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    try:
        code = subprocess.run([*shlex.split(chosen), draft], check=False).returncode  # noqa: S603
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f'cannot run the editor "{chosen}": {reason}', hint="name yours in EDITOR"
        ) from error
    if code:
        raise UsageError(f'the editor "{chosen}" failed with exit code {code}')


def _replace(
    path: Path,
    before: bytes,
    after: bytes,
    draft: Path,
    allow: Callable[[str], None],
    *,
    timeout: float,
    dry_run: bool,
) -> None:
    config = reading.parse(after, draft)
    check(config)
    for profile in _protected_changes(before, config, path):
        allow(profile)
    if dry_run:
        return
    with writing.locked(path, timeout):
        if (reading.content_of(path) or b"") != before:
            raise Conflict(f"{path} was changed by another process meanwhile")
        writing.write(path, after)


def _protected_changes(before: bytes, after: Config, path: Path) -> list[str]:
    """The protected profiles that would no longer be what they are."""
    try:
        old = reading.parse(before, path).profiles
    except UsageError:
        return []
    return [
        name
        for name, profile in old.items()
        if profile.get("protected") and after.profiles.get(name) != profile
    ]
