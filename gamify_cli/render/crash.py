"""A crash leaves a report behind: what ran and where it broke, with secrets starred."""

from __future__ import annotations

import os
import platform
import shlex
import sqlite3
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from platformdirs import user_state_path

from gamify_cli import __version__
from gamify_cli.domain import secrets
from gamify_cli.errors import InternalError

KEPT = 20
"""How many reports stay; an older one makes room for a new one."""


def describe(
    error: BaseException, argv: Sequence[str], environ: Mapping[str, str]
) -> InternalError:
    """A bug as an error for its user, with a report written or the reason why there is none."""
    told = starred(f"internal error: {type(error).__name__}: {error}", environ)
    folder = user_state_path("gamify")
    try:
        path = _write(folder, _text(error, argv, environ))
    except OSError as fault:
        return InternalError(
            f"{told}; no report could be written to {folder}: {fault.strerror}",
            hint="this is a bug: send what --debug shows to the maintainers of gamify",
        )
    return InternalError(
        f"{told}; a report was written to {path}",
        hint="this is a bug: look the report over and send it to the maintainers of gamify",
    )


def starred(text: str, environ: Mapping[str, str]) -> str:
    """Text without what `secrets.starred` knows, nor the key in the environment."""
    text = secrets.starred(text)
    key = environ.get("GAMIFY_API_KEY")
    return text.replace(key, secrets.STARS) if key else text


def _text(error: BaseException, argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """The report; of the environment it has names alone, of the traceback no values."""
    names = sorted(name for name in environ if name.startswith("GAMIFY_"))
    lines = [
        f"gamify {__version__} crashed",
        f"time: {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
        f"python: {platform.python_version()}",
        f"sqlite: {sqlite3.sqlite_version}",
        f"platform: {platform.platform()}",
        f"command: {shlex.join(argv)}",
        f"variables set: {' '.join(names) or 'none'}",
        "",
        *traceback.format_exception(error),
    ]
    return starred("\n".join(lines), environ)


def _write(folder: Path, text: str) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    # To the microsecond, so that names sort as they were made.
    now = time.time_ns() // 1_000
    moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now // 1_000_000))
    path = folder / f"crash-{moment}.{now % 1_000_000:06}Z-{os.urandom(4).hex()}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    for old in sorted(folder.glob("crash-*.txt"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path
