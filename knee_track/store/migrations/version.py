"""Which form of the tables this version of knee-track writes, and the way to it from an earlier one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from knee_track.errors import StoreError

# A name of its own: the database may hold another program's Alembic tables.
VERSION_TABLE: Final = "kneetrack_version"
SCRIPTS: Final = Path(__file__).parent
LOCK_NUMBER: Final = 0x6B6E6565  # "knee": one advisory lock per PostgreSQL database for all who migrate


def bring_up_to_date(engine: Engine, shown: str, scripts: Path = SCRIPTS) -> None:
    """Bring the tables to this version's form, all in one transaction; nothing happens when they have it.

    Two who open a store at once migrate one after the other: the second finds the work done.
    `shown` names the store in errors. Raises StoreError when it is another program's or of a newer version.
    """
    known = ScriptDirectory(str(scripts))
    with engine.connect() as connection:
        current = _version(connection)
    if current == known.get_current_head():
        return
    with engine.execution_options(writing=True).connect() as connection, _loose_keys(connection):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
        if _must_upgrade(connection, known, shown):
            config = Config()
            config.set_main_option("script_location", str(scripts).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    here = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return here.get_current_revision()


def _must_upgrade(connection: Connection, known: ScriptDirectory, shown: str) -> bool:
    found = _version(connection)
    if found is None and (tables := inspect(connection).get_table_names()):
        raise StoreError(
            f"{shown}: this database belongs to something else (it has a table '{tables[0]}'); "
            "give an empty one or another file with --db."
        )
    if found is not None and found not in {one.revision for one in known.walk_revisions()}:
        raise StoreError(
            f"{shown}: written by a newer version of knee-track (form {found}); update knee-track to read it."
        )
    return found != known.get_current_head()


@contextmanager
def _loose_keys(connection: Connection) -> Iterator[None]:
    """A transaction in which SQLite minds no foreign keys, for a table that is made anew is dropped first.

    With keys minded, dropping `clients` would delete every clip. They are checked before the end instead.
    """
    if connection.dialect.name != "sqlite":
        with connection.begin():
            yield
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys = OFF")  # means nothing once a transaction has begun
    try:
        with connection.begin():  # takes the write lock
            yield
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError(f"a migration broke a foreign key: {tuple(broken)}")
    finally:
        raw.execute("PRAGMA foreign_keys = ON")
