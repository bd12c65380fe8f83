"""Run by Alembic: migrations go through the connection, and in the transaction, that `version` hands over."""

from __future__ import annotations

from alembic import context

from knee_track.store.migrations.version import VERSION_TABLE
from knee_track.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    # SQLite cannot change a column: Alembic then makes the table anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
