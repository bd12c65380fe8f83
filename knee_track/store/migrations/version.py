"""Which form of the tables this version of knee-track writes, and the way to it from an earlier one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from knee_track.errors import StoreError

# A name of its own: the database may hold another program's Alembic tables.
VERSION_TABLE = "kneetrack_version"
SCRIPTS = Path(__file__).parent


def migrate(connection: Connection, shown: str, scripts: Path = SCRIPTS) -> None:
    """Bring the tables to this version's form, in the transaction of `connection`, which holds the lock.

    `shown` names the store in errors. Raises StoreError when it is another program's or of a newer version.
    """
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = ScriptDirectory.from_config(config)
    found = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE}
    ).get_current_revision()
    if found == known.get_current_head():
        return
    if found is None and (tables := inspect(connection).get_table_names()):
        raise StoreError(
            f"{shown}: this database belongs to something else (it has a table '{tables[0]}'); "
            "give an empty one or another file with --db."
        )
    if found is not None and found not in {one.revision for one in known.walk_revisions()}:
        raise StoreError(
            f"{shown}: written by a newer version of knee-track (form {found}); update knee-track to read it."
        )
    command.upgrade(config, "head")
