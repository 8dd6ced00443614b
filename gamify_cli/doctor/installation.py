"""Checks of what was installed: versions, completions, the manual."""

from __future__ import annotations

import platform
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from gamify_cli import __version__
from gamify_cli.domain.findings import Finding, failed, passed, warned

_SQLITE = (3, 35, 0)
"""The first that answers what it wrote (RETURNING)."""

_COMPLETIONS = {
    "bash": ("bash-completion/completions/gamify",),
    "zsh": ("zsh/site-functions/_gamify", "zsh/vendor-completions/_gamify"),
    "fish": ("fish/vendor_completions.d/gamify.fish",),
}
_AGAIN = "install gamify again from its wheel, which holds it"


def versions() -> Finding:
    """Whether this gamify runs on what it needs."""
    told = f"gamify {__version__}, python {platform.python_version()}"
    told += f", sqlite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < _SQLITE:
        needed = ".".join(map(str, _SQLITE))
        return failed("versions", told, f"gamify needs sqlite {needed} or later")
    return passed("versions", told)


def completion(environ: Mapping[str, str]) -> Finding:
    """Whether there are completions for the shell in use, for any if that is not known."""
    shell = Path(environ.get("SHELL", "")).name
    shells = [shell] if shell in _COMPLETIONS else list(_COMPLETIONS)
    names = [name for one in shells for name in _COMPLETIONS[one]]
    found = _found([folder / name for folder in _shares(environ) for name in names])
    if found is None:
        return warned("completion", f"there is none for {' or '.join(shells)}", _AGAIN)
    return passed("completion", str(found))


def manual(environ: Mapping[str, str]) -> Finding:
    """Whether the manual pages are there."""
    folders = [Path(one) for one in environ.get("MANPATH", "").split(":") if one]
    folders += [folder / "man" for folder in _shares(environ)]
    found = _found([folder / "man1" / "gamify.1" for folder in folders])
    if found is None:
        return warned("manual", "there are no pages for man", _AGAIN)
    return passed("manual", str(found))


def _shares(environ: Mapping[str, str]) -> Iterator[Path]:
    """Where wheels and systems put what programs share: the environment's own first."""
    home = environ.get("HOME", "/")
    yield Path(sys.prefix) / "share"
    yield Path(environ.get("XDG_DATA_HOME") or f"{home}/.local/share")
    for folder in (environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        yield Path(folder)


def _found(paths: list[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)
