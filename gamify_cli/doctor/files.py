"""Checks of files: who may read and change them, and what room there is."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote
from stat import S_ISVTX, S_IWGRP, S_IWOTH

from gamify_cli.domain.findings import Finding, failed, passed, warned

_OTHERS = 0o077
_TOO_LITTLE = 16 * 1024 * 1024
_LITTLE = 256 * 1024 * 1024


def permissions(check: str, path: Path) -> Finding:
    """Fails if anyone may change the file or put another in its place; warns if others may read."""
    mode, folder = path.stat().st_mode, path.resolve().parent
    open_to_all = folder.stat().st_mode & (S_IWOTH | S_ISVTX) == S_IWOTH
    if mode & S_IWOTH:
        return failed(check, f"everyone may change {path}", f"run: chmod 600 {quote(str(path))}")
    if open_to_all:
        hint = f"run: chmod go-w {quote(str(folder))}"
        return failed(check, f"everyone may put another file in place of {path}", hint)
    if mode & _OTHERS:
        may = "change" if mode & S_IWGRP else "read"
        return warned(
            check, f"others than you may {may} {path}", f"run: chmod 600 {quote(str(path))}"
        )
    if not os.access(path, os.W_OK):
        return warned(check, f"you may only read {path}", f"run: chmod u+w {quote(str(path))}")
    return passed(check, "for you alone")


def space(path: Path) -> Finding:
    """Whether there is room for a store to grow, and for a copy of it."""
    there = next(one for one in path.parents if one.is_dir())
    status = os.statvfs(there)
    free = status.f_bavail * status.f_frsize
    size = path.stat().st_size if path.is_file() else 0
    told = f"{free / 1_000_000:,.0f} MB free in {there}"
    if free < _TOO_LITTLE:
        return failed("disk space", told, "make room: a write needs some")
    if free < max(_LITTLE, size):
        return warned("disk space", told, "make room: an upgrade makes a copy of the store")
    return passed("disk space", told)
