"""Whether a database is fit to hold a store, and the store in it one of ours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import psycopg

from gamify_cli.domain.findings import Finding, failed, passed, warned
from gamify_cli.errors import GamifyError
from gamify_cli.store import revisions
from gamify_cli.store.postgres import connection as opening
from gamify_cli.store.postgres import faults, sql

_SKEW = 5.0

_SETTINGS = """
SELECT current_setting('server_version_num')::integer, current_setting('server_version'),
       current_setting('server_encoding'), current_setting('fsync'),
       current_setting('full_page_writes'), current_setting('synchronous_commit')
"""


def examine(url: str, *, timeout: float) -> Iterator[Finding]:
    """What is found of the database at a URL, without a change to it; `timeout` in seconds."""
    began = time.monotonic()
    try:
        with faults.Seam(url):
            connection = opening.dial(url, timeout)
    except GamifyError as error:
        yield failed("store", error.message, error.hint)
        return
    milliseconds = (time.monotonic() - began) * 1_000
    yield passed("store", f"{url} answered in {milliseconds:.0f} ms")
    findings: list[Finding] = []
    try:
        with closing(connection), faults.Seam(url, connection):
            findings.extend(_content(connection, url, timeout))
    except GamifyError as error:
        findings.append(failed("store schema", error.message, error.hint))
    yield from findings


def _content(connection: psycopg.Connection, url: str, timeout: float) -> Iterator[Finding]:
    version, name, encoding, fsync, pages, commit = connection.execute(_SETTINGS).fetchone() or ()
    if version < opening.OLDEST:
        yield failed("database version", opening.too_old(version).message, "upgrade PostgreSQL")
        return
    yield passed("database version", f"PostgreSQL {name}")
    yield _encoding(encoding)
    yield _durability({"fsync": fsync, "full_page_writes": pages, "synchronous_commit": commit})
    opened = opening.greeted(connection, url, timeout)
    yield _clock(opened.ahead / 1_000_000)
    yield (
        _schema(connection, url)
        if opened.is_made
        else warned("store schema", "there is no store in it yet", "the first write makes it")
    )


def _encoding(encoding: str) -> Finding:
    if encoding == "UTF8":
        return passed("database encoding", encoding)
    return failed(
        "database encoding",
        f"{encoding}, which does not take every text",
        "make another database, with ENCODING 'UTF8'",
    )


def _durability(settings: dict[str, str]) -> Finding:
    """What was answered must be there after a crash, too."""
    off = [name for name, value in settings.items() if value == "off"]
    if off:
        return failed(
            "durability",
            f"{', '.join(off)} off: a crash of its machine may lose what was answered as done",
            f"set in postgresql.conf: {', '.join(f'{name} = on' for name in off)}",
        )
    told = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return passed("durability", told)


def _clock(ahead: float) -> Finding:
    if abs(ahead) <= _SKEW:
        return passed("clock", f"within {_SKEW:g} s of the database's")
    return warned(
        "clock",
        f"the database's is {abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'}"
        " the one here",
        "set the one that is wrong by NTP; facts are stamped by the database's",
    )


def _schema(connection: psycopg.Connection, url: str) -> Finding:
    row = connection.execute(sql.FIND_REVISION).fetchone()
    revision = str(row[0]) if row else ""
    if revision == sql.REVISION:
        return passed("store schema", revision)
    refusal = revisions.refusal(url, revision, sql.REVISION)
    return failed("store schema", refusal.message, refusal.hint)
