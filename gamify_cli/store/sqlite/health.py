"""Whether a store is sound, without a change to it and without a file beside it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shlex import quote
from urllib.parse import quote as percent

from gamify_cli.domain.findings import Finding, failed, passed, warned
from gamify_cli.errors import GamifyError, StoreError
from gamify_cli.store import revisions
from gamify_cli.store.sqlite import faults, file, sql

_AGAIN = "look again when nothing writes to it"


def examine(path: Path) -> Iterator[Finding]:
    """What is found of the file, its log, its schema and its pages."""
    try:
        is_there = file.is_store(path)
    except StoreError as error:
        yield failed("store", error.message, error.hint)
        return
    if not is_there:
        yield warned("store", f"there is none at {path} yet", "the first write makes it")
        return
    yield passed("store", str(path))
    log = _log(path)
    yield _log_finding(log)
    if log and not Path(f"{path.resolve()}-shm").exists():
        # SQLite would make that file to read the log, even for a reader.
        hint = "any write folds the log in; then look again"
        yield warned("store integrity", f"not looked at: {log.name} has no index", hint)
        return
    yield from _content(path, is_closed=log is None)


def _log(path: Path) -> Path | None:
    """The file beside a store that holds changes of it, if there is one."""
    beside = (Path(f"{path.resolve()}{suffix}") for suffix in ("-wal", "-journal"))
    return next((one for one in beside if one.exists() and one.stat().st_size), None)


def _log_finding(log: Path | None) -> Finding:
    if log is None:
        return passed("store log", "every change is in the file itself")
    return warned(
        "store log",
        f"changes stand in {log}: a process has the store open, or was cut off",
        "keep it beside the store; if nothing runs, the next write folds it in",
    )


def _content(path: Path, *, is_closed: bool) -> Iterator[Finding]:
    """Schema and pages, of one moment; a file that is closed needs no lock to be read."""
    stamp = file.stamp(path)
    mode = "immutable=1" if is_closed else "readonly_shm=1"
    uri = f"file://{percent(os.fsencode(path))}?mode=ro&{mode}"
    findings = []
    try:
        with faults.Seam(path), closing(sqlite3.connect(uri, uri=True)) as connection:
            findings.append(_schema(path, connection))
            findings.append(_pages(path, connection))
    except GamifyError as error:
        findings.append(failed("store integrity", error.message, error.hint))
    if is_closed and (stamp != file.stamp(path) or _log(path)):
        findings = [warned("store integrity", "the store changed while it was looked at", _AGAIN)]
    yield from findings


def _schema(path: Path, connection: sqlite3.Connection) -> Finding:
    row = connection.execute(sql.FIND_REVISION).fetchone()
    revision = str(row[0]) if row else ""
    if revision > sql.REVISION:
        newer = revisions.refusal(str(path), revision, sql.REVISION)
        return failed("store schema", newer.message, newer.hint)
    if revision < sql.REVISION:
        return failed(
            "store schema",
            f"{revision or 'none'}, which is older than this gamify",
            f"run: gamify store upgrade --store {quote(str(path))}",
        )
    return passed("store schema", revision)


def _pages(path: Path, connection: sqlite3.Connection) -> Finding:
    faults.require_sound(path, connection)
    return passed("store integrity", "every page is sound")
