"""Run by Alembic: migrate the connection handed over by `store.upgrade`, as it is."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=None,
    transactional_ddl=True,
)
context.run_migrations()
