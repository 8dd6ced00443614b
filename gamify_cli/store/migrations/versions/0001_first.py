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

VIEWS = (
    """CREATE VIEW badges AS SELECT participants.participant_id, entry."key" AS code, strftime('%Y-%m-%dT%H:%M:%SZ', entry.value / (1000000 + 0.0), 'unixepoch') AS earned_at FROM participants JOIN json_each(participants.state, '$.badges') AS entry ON 1 = 1""",
    """CREATE VIEW lots AS SELECT participants.participant_id, entry.value AS remaining, strftime('%Y-%m-%dT%H:%M:%SZ', CAST(entry."key" AS BIGINT) / (1000000 + 0.0), 'unixepoch') AS expires_at FROM participants JOIN json_each(participants.state, '$.lots') AS entry ON 1 = 1""",
    """CREATE VIEW streaks AS SELECT participants.participant_id, entry."key" AS code, json_extract(entry.value, '$.current') AS current, json_extract(entry.value, '$.longest') AS longest, strftime('%Y-%m-%dT%H:%M:%SZ', json_extract(entry.value, '$.last_recorded_at') / (1000000 + 0.0), 'unixepoch') AS last_recorded_at FROM participants JOIN json_each(participants.state, '$.streaks') AS entry ON 1 = 1""",
    """CREATE VIEW points AS SELECT participants.participant_id, participants.balance, participants.total_earned, participants.total_spent, (participants.total_earned - participants.total_spent) - participants.balance AS expired FROM participants""",
)


def upgrade() -> None:
    """Create every table, index and view."""
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("rate_limit", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "operations",
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("program", sa.BigInteger(), nullable=True),
        sa.Column("participants", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("facts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["operations.operation"], name=op.f("operations_undone_by")
        ),
        sa.PrimaryKeyConstraint("operation"),
    )
    op.create_table(
        "participants",
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("avatar_url", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_active", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total_earned", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total_spent", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
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
        sa.Column("state", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("participant_id"),
    )
    op.create_index(
        "participants_due_at",
        "participants",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "requests",
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("operation_name", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "operation_name", "idempotency_key"),
    )
    op.create_table(
        "reward_stock",
        sa.Column("reward_id", sa.Text(), nullable=False),
        sa.Column(
            "code",
            sa.Text(),
            nullable=False,
            comment="empty in the one row of a counted reward",
        ),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=True),
        sa.Column("participant_id", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("reward_id", "code"),
    )
    op.create_index(
        "reward_stock_left",
        "reward_stock",
        ["reward_id", "code"],
        unique=False,
        sqlite_where=sa.text("remaining > 0"),
    )
    op.create_table(
        "store",
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("test_clock", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("identity"),
    )
    op.create_table(
        "journal",
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.BigInteger(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("program", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.participant_id"],
            name=op.f("journal_participant_id"),
        ),
        sa.PrimaryKeyConstraint("participant_id", "number"),
    )
    op.create_table(
        "programs",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation"], ["operations.operation"], name=op.f("programs_operation")
        ),
        sa.PrimaryKeyConstraint("version"),
    )
    for view in VIEWS:
        op.execute(view)
