"""The tables. Read at generation time and where a list is composed, never on the hot path.

participant_id leads every primary and unique key of what one command touches, so that the
same schema distributes by it. Instants are whole microseconds (see `domain.instants`), JSON
is compact text, flags are 0 or 1.

`participants.state` holds what a profile needs beyond columns, bounded in size:

    {"badges": {code: earned_at}, "lots": {expires_at: remaining},
     "streaks": {code: {"current", "longest", "last_recorded_at", …}}, …}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    FromClause,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.schema import CreateView

from gamify_cli.store.dialects import TEXT, member, members, moment, number

REVISION = "0001"
"""The Alembic revision that this schema is; a store of any other is refused."""

APPLICATION_ID = 0x67616D66
"""Marks an SQLite file as a gamify store ("gamf", at offset 68 of the file)."""

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "fk": "%(table_name)s_%(column_0_N_name)s",
    }
)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def _instant(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


participants = Table(
    "participants",
    metadata,
    Column("participant_id", TEXT, primary_key=True),
    Column("display_name", TEXT),
    Column("avatar_url", TEXT),
    Column("attributes", TEXT, nullable=False, server_default=text("'{}'")),
    Column("is_active", Integer, nullable=False, server_default=text("1")),
    Column("is_void", Integer, nullable=False, server_default=text("0")),
    _count("balance"),
    _count("total_earned"),
    _count("total_spent"),
    Column("tier", TEXT),
    _count("rewards_claimed"),
    _count("total_events"),
    _instant("first_seen_at"),
    _instant("last_seen_at"),
    _instant("recorded_at"),
    Column("version", BigInteger, nullable=False),
    Column("state", TEXT, nullable=False, server_default=text("'{}'")),
    Column("search", TEXT, nullable=False),
    _instant("due_at", nullable=True),
)
_is_due: ColumnElement[bool] = participants.c.due_at.is_not(None)
Index(
    "participants_due_at",
    participants.c.due_at,
    sqlite_where=_is_due,
    postgresql_where=_is_due,
)

journal = Table(
    "journal",
    metadata,
    Column("participant_id", TEXT, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", TEXT, nullable=False),
    Column("data", TEXT, nullable=False),
    _instant("occurred_at"),
    _instant("recorded_at"),
    Column("cause", BigInteger),
    Column("operation", TEXT, nullable=False),
    Column("command", TEXT),
    Column("actor", TEXT),
    Column("program", BigInteger),
    ForeignKeyConstraint(["participant_id"], [participants.c.participant_id]),
)
_is_alone: ColumnElement[bool] = journal.c.command.is_not(None)
# Operations on one participant alone; those on many would only make their own writing slower.
Index(
    "journal_operation",
    journal.c.operation,
    sqlite_where=_is_alone,
    postgresql_where=_is_alone,
)

requests = Table(
    "requests",
    metadata,
    Column("participant_id", TEXT, primary_key=True),
    Column("operation_name", TEXT, primary_key=True),
    Column("idempotency_key", TEXT, primary_key=True),
    Column("fingerprint", TEXT, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", TEXT, nullable=False),
    _instant("recorded_at"),
)

operations = Table(
    "operations",
    metadata,
    Column("operation", TEXT, primary_key=True),
    Column("command", TEXT, nullable=False),
    Column("actor", TEXT, nullable=False),
    _instant("recorded_at"),
    Column("program", BigInteger),
    _count("participants"),
    _count("facts"),
    # Of an import alone: what it reads, how many of its lines are done, and whether all are.
    Column("input", TEXT),
    Column("lines", BigInteger),
    Column("finished", Integer),
    # It names one of the same transaction, in whatever order they come.
    Column(
        "undone_by",
        TEXT,
        ForeignKey("operations.operation", deferrable=True, initially="DEFERRED"),
    ),
)

programs = Table(
    "programs",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("document", TEXT, nullable=False),
    _instant("applied_at"),
    Column("operation", TEXT, ForeignKey(operations.c.operation), nullable=False),
)

reward_stock = Table(
    "reward_stock",
    metadata,
    Column("reward_id", TEXT, primary_key=True),
    Column("code", TEXT, primary_key=True, comment="empty in the one row of a counted reward"),
    Column("remaining", BigInteger, nullable=False),
    Column("claim_id", TEXT),
    Column("participant_id", TEXT),
    Column("operation", TEXT),
)
_is_left: ColumnElement[bool] = reward_stock.c.remaining > literal_column("0")
Index(
    "reward_stock_left",
    reward_stock.c.reward_id,
    reward_stock.c.code,
    sqlite_where=_is_left,
    postgresql_where=_is_left,
)

backups = Table(
    "backups",
    metadata,
    Column("path", TEXT, primary_key=True),
    _instant("made_at"),
    Column("operation", TEXT, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", TEXT, primary_key=True),
    Column("name", TEXT),
    Column("hash", TEXT, nullable=False, unique=True),
    Column("scope", TEXT, nullable=False),
    Column("rate_limit", Integer),
    _instant("created_at"),
    _instant("expires_at", nullable=True),
    _instant("revoked_at", nullable=True),
)

store = Table(
    "store",
    metadata,
    Column("identity", TEXT, primary_key=True),
    _instant("created_at"),
    Column("test_clock", Integer, nullable=False),
)

alembic_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def _create_view(table: str, columns: Callable[[FromClause], list[ColumnElement[Any]]]) -> None:
    """A plain table for SQL users, out of the object of that name in each participant's state."""
    entry = members(participants.c.state, table, "entry")
    rows = select(participants.c.participant_id, *columns(entry))
    CreateView(rows.select_from(participants.join(entry, true())), table, metadata=metadata)


_create_view(
    "badges",
    lambda e: [e.c.key.label("code"), moment(number(e.c.value)).label("earned_at")],
)
_create_view(
    "lots",
    lambda e: [
        number(e.c.value).label("remaining"),
        moment(number(e.c.key)).label("expires_at"),
    ],
)
_create_view(
    "streaks",
    lambda e: [
        e.c.key.label("code"),
        number(member(e.c.value, "current")).label("current"),
        number(member(e.c.value, "longest")).label("longest"),
        moment(number(member(e.c.value, "last_recorded_at"))).label("last_recorded_at"),
    ],
)
CreateView(
    select(
        participants.c.participant_id,
        participants.c.balance,
        participants.c.total_earned,
        participants.c.total_spent,
        (participants.c.total_earned - participants.c.total_spent - participants.c.balance).label(
            "expired"
        ),
    ).where(participants.c.is_void == literal_column("0")),
    "points",
    metadata=metadata,
)
