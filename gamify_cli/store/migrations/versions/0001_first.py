"""The first schema: participants, their journal, and all that the engine adds.

Revision ID: 0001
Revises:
"""

# ruff: noqa: E501

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

VIEWS = {
    "sqlite": (
        """CREATE VIEW badges AS SELECT participants.participant_id, entry."key" AS code, strftime('%Y-%m-%dT%H:%M:%SZ', CAST(entry.value AS BIGINT) / 1000000, 'unixepoch') AS earned_at FROM participants JOIN json_each(participants.state, '$.' || 'badges') AS entry ON 1 = 1""",
        """CREATE VIEW lots AS SELECT participants.participant_id, CAST(entry.value AS BIGINT) AS remaining, strftime('%Y-%m-%dT%H:%M:%SZ', CAST(entry."key" AS BIGINT) / 1000000, 'unixepoch') AS expires_at FROM participants JOIN json_each(participants.state, '$.' || 'lots') AS entry ON 1 = 1""",
        """CREATE VIEW streaks AS SELECT participants.participant_id, entry."key" AS code, CAST(json_extract(entry.value, '$.' || 'current') AS BIGINT) AS current, CAST(json_extract(entry.value, '$.' || 'longest') AS BIGINT) AS longest, strftime('%Y-%m-%dT%H:%M:%SZ', CAST(json_extract(entry.value, '$.' || 'last_recorded_at') AS BIGINT) / 1000000, 'unixepoch') AS last_recorded_at FROM participants JOIN json_each(participants.state, '$.' || 'streaks') AS entry ON 1 = 1""",
        """CREATE VIEW points AS SELECT participants.participant_id, participants.balance, participants.total_earned, participants.total_spent, (participants.total_earned - participants.total_spent) - participants.balance AS expired FROM participants WHERE participants.is_void = 0""",
    ),
    "postgresql": (
        """CREATE VIEW badges AS SELECT participants.participant_id, entry.key AS code, to_char(to_timestamp(CAST(entry.value AS BIGINT) / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS earned_at FROM participants JOIN json_each_text(CAST(participants.state AS JSON) -> 'badges') AS entry ON true""",
        """CREATE VIEW lots AS SELECT participants.participant_id, CAST(entry.value AS BIGINT) AS remaining, to_char(to_timestamp(CAST(entry.key AS BIGINT) / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at FROM participants JOIN json_each_text(CAST(participants.state AS JSON) -> 'lots') AS entry ON true""",
        """CREATE VIEW streaks AS SELECT participants.participant_id, entry.key AS code, CAST((CAST(entry.value AS JSON) ->> 'current') AS BIGINT) AS current, CAST((CAST(entry.value AS JSON) ->> 'longest') AS BIGINT) AS longest, to_char(to_timestamp(CAST((CAST(entry.value AS JSON) ->> 'last_recorded_at') AS BIGINT) / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS last_recorded_at FROM participants JOIN json_each_text(CAST(participants.state AS JSON) -> 'streaks') AS entry ON true""",
        """CREATE VIEW points AS SELECT participants.participant_id, participants.balance, participants.total_earned, participants.total_spent, (participants.total_earned - participants.total_spent) - participants.balance AS expired FROM participants WHERE participants.is_void = 0""",
    ),
}


def upgrade() -> None:
    """Create every table, index and view."""
    op.create_table(
        "api_keys",
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("rate_limit", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "backups",
        sa.Column("path", TEXT, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("operation", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("path"),
    )
    op.create_table(
        "operations",
        sa.Column("operation", TEXT, nullable=False),
        sa.Column("command", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("program", sa.BigInteger(), nullable=True),
        sa.Column("participants", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("facts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("input", TEXT, nullable=True),
        sa.Column("lines", sa.BigInteger(), nullable=True),
        sa.Column("finished", sa.Integer(), nullable=True),
        sa.Column("undone_by", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["undone_by"],
            ["operations.operation"],
            name=op.f("operations_undone_by"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("operation"),
    )
    op.create_table(
        "participants",
        sa.Column("participant_id", TEXT, nullable=False),
        sa.Column("display_name", TEXT, nullable=True),
        sa.Column("avatar_url", TEXT, nullable=True),
        sa.Column("attributes", TEXT, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_active", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("is_void", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total_earned", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total_spent", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tier", TEXT, nullable=True),
        sa.Column(
            "rewards_claimed",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column("total_events", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("search", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("participant_id"),
    )
    op.create_index(
        "participants_due_at",
        "participants",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "requests",
        sa.Column("participant_id", TEXT, nullable=False),
        sa.Column("operation_name", TEXT, nullable=False),
        sa.Column("idempotency_key", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "operation_name", "idempotency_key"),
    )
    op.create_table(
        "reward_stock",
        sa.Column("reward_id", TEXT, nullable=False),
        sa.Column(
            "code",
            TEXT,
            nullable=False,
            comment="empty in the one row of a counted reward",
        ),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", TEXT, nullable=True),
        sa.Column("participant_id", TEXT, nullable=True),
        sa.Column("operation", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("reward_id", "code"),
    )
    op.create_index(
        "reward_stock_left",
        "reward_stock",
        ["reward_id", "code"],
        unique=False,
        sqlite_where=sa.text("remaining > 0"),
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_table(
        "store",
        sa.Column("identity", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("test_clock", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("identity"),
    )
    op.create_table(
        "journal",
        sa.Column("participant_id", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("data", TEXT, nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.BigInteger(), nullable=True),
        sa.Column("operation", TEXT, nullable=False),
        sa.Column("command", TEXT, nullable=True),
        sa.Column("actor", TEXT, nullable=True),
        sa.Column("program", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.participant_id"],
            name=op.f("journal_participant_id"),
        ),
        sa.PrimaryKeyConstraint("participant_id", "number"),
    )
    op.create_index(
        "journal_operation",
        "journal",
        ["operation"],
        unique=False,
        sqlite_where=sa.text("command IS NOT NULL"),
        postgresql_where=sa.text("command IS NOT NULL"),
    )
    op.create_table(
        "programs",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.Column("operation", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["operation"], ["operations.operation"], name=op.f("programs_operation")
        ),
        sa.PrimaryKeyConstraint("version"),
    )
    for view in VIEWS[op.get_bind().dialect.name]:
        op.execute(view)
