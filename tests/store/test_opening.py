"""Opening a store: its form over the versions, its rights, and one sentence for whatever is wrong."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError
from store_fakes import FIRST, add, key_of, made

from knee_track.errors import OutputError, StoreError
from knee_track.store import open_store
from knee_track.store.migrations.version import SCRIPTS, VERSION_TABLE, bring_up_to_date
from knee_track.store.tables import Base

VERSION_1 = Path(__file__).parent / "version_1.sql"
NEXT_VERSION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{head}"


def upgrade():
    with op.batch_alter_table("clients") as table:
        table.add_column(sa.Column("shoe_size", sa.Integer()))
        table.alter_column("notes", new_column_name="remarks")
"""


def version_of(store):
    with store.engine.connect() as connection:
        return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()


def one_sentence(error):
    words = str(error.value)
    assert "\n" not in words and "Traceback" not in words and words.endswith("."), words
    return words


def test_the_migrations_make_the_tables_that_the_code_uses(store):
    with store.engine.connect() as connection:
        here = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(here, Base.metadata) == []


def test_an_empty_file_becomes_a_store(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()
    with open_store(path) as store:
        assert store.enrol("Anna") == "c001"


def test_opening_again_changes_nothing(store, out, open_again):
    add(store, out, store.enrol("Anna"), "a", FIRST)
    version = version_of(store)
    with open_again() as again:
        assert version_of(again) == version and len(again.history("c001")) == 1


def next_version(tmp_path, head):
    """The migrations and one more, as a later version would have them."""
    scripts = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "9999_next.py").write_text(NEXT_VERSION.format(head=head), encoding="utf-8")
    return scripts


def test_a_later_version_changes_the_tables_and_keeps_the_rows(store, out, tmp_path, open_again):
    client = store.enrol("Anna")
    store.describe(client, notes="old injury left")
    add(store, out, client, "a", FIRST)
    scripts = next_version(tmp_path, version_of(store))
    bring_up_to_date(store.engine, "store", scripts)
    columns = {column["name"] for column in inspect(store.engine).get_columns("clients")}
    assert {"shoe_size", "remarks"} <= columns and "notes" not in columns
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT remarks FROM clients")).scalar_one() == "old injury left"
        assert connection.execute(text("SELECT count(*) FROM reps")).scalar_one() == 5
    with pytest.raises(IntegrityError), store.reading() as session:  # keys are minded again
        session.execute(text("UPDATE sessions SET client_number = 7"))
    with pytest.raises(StoreError, match="newer version of knee-track") as error:
        open_again()
    assert "9999" in one_sentence(error) and "update knee-track" in str(error.value)


def test_a_migration_that_fails_leaves_the_store_as_it_was(store, out, tmp_path, open_again):
    add(store, out, store.enrol("Anna"), "a", FIRST)
    scripts = next_version(tmp_path, version_of(store))
    broken = scripts / "versions" / "9999_next.py"
    broken.write_text(broken.read_text() + "    raise RuntimeError\n", encoding="utf-8")
    before = version_of(store)
    with pytest.raises(RuntimeError):
        bring_up_to_date(store.engine, "store", scripts)
    with open_again() as again:
        assert version_of(again) == before and len(again.history("c001")) == 1


def test_a_store_of_version_1_is_read(tmp_path):
    """`version_1.sql` is what version 1 wrote; it stays as it is for ever."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1.read_text(encoding="utf-8"))
    with open_store(path) as store:
        (client,) = store.clients()
        assert (client.id, client.folder, client.name, client.height_m) == (
            "c001",
            "Anna Müller",
            "Anna",
            1.72,
        )
        (clip,) = store.history("c001")
        assert (
            clip.day == FIRST
            and [rep.legs.left.peak_deviation_deg for rep in clip.analysis.reps] == [12.5] * 5
        )
        assert [failure.file for failure in store.failures()] == ["c001/broken.mp4"]
        assert store.add_analysis(key_of("b"), "c001", made("b"), "c001/b_kneetrack", FIRST)


def test_a_store_is_readable_by_its_owner_alone_whatever_the_umask(tmp_path):
    old = os.umask(0)
    try:
        with open_store(tmp_path / "new" / "out") as store:
            add(store, tmp_path / "new" / "out", store.enrol("Anna"), "a", FIRST)
            files = list((tmp_path / "new" / "out").glob("kneetrack.db*"))
            assert len(files) == 3, "the database, its log and the log's index"
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files}
    finally:
        os.umask(old)
    assert set(modes.values()) == {0o600}, modes
    for folder in (tmp_path / "new", tmp_path / "new" / "out"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_readers_do_not_wait_for_a_writer(tmp_path):
    with open_store(tmp_path) as store, store.engine.execution_options(writing=True).begin() as connection:
        connection.execute(text("INSERT INTO clients (folder) VALUES ('Anna')"))
        with open_store(tmp_path / "kneetrack.db") as other:
            assert other.clients() == []


def test_a_closed_store_is_one_file(tmp_path):
    with open_store(tmp_path) as store:
        store.enrol("Anna")
    assert [path.name for path in tmp_path.iterdir()] == ["kneetrack.db"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://root@localhost/x", "cannot live in mysql"),
        ("postgresql+nonsense://x", "cannot live in postgresql"),
        ("postgresql://host:port:port/x", "no address of a database"),
        ("://", "no address of a database"),
    ],
)
def test_a_wrong_address_is_one_sentence(address, words):
    with pytest.raises(StoreError, match=words) as error:
        open_store(address)
    assert "postgresql+psycopg://" in one_sentence(error)


def test_a_server_that_is_away_is_one_sentence_without_the_password(tmp_path):
    with pytest.raises(StoreError, match="check that the server runs") as error:
        open_store(f"postgresql+psycopg://coach:secret@/clients?host={tmp_path}")
    assert "secret" not in one_sentence(error) and "coach" in str(error.value)


def test_a_server_that_goes_away_is_one_sentence(store):
    if store.engine.dialect.name == "sqlite":
        pytest.skip("a server's matter")
    store.enrol("Anna")
    url = store.engine.url
    other = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS false"))
        gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(gone), {"name": url.database})
    other.dispose()
    with pytest.raises(StoreError, match="cannot be used") as error:
        store.enrol("Bo")
    one_sentence(error)


def test_a_missing_driver_is_one_sentence(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"needs the package psycopg.*knee-track\[postgres\]") as error:
        open_store("postgresql+psycopg://coach@localhost/clients")
    one_sentence(error)


def test_what_is_no_database_is_refused_and_stays(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no database\n" * 100, encoding="utf-8")
    with pytest.raises(
        StoreError, match="notes.txt: the store cannot be used .file is not a database"
    ) as error:
        open_store(path)
    one_sentence(error)
    assert path.read_text(encoding="utf-8") == "no database\n" * 100


def test_the_database_of_another_program_is_refused_and_stays(tmp_path):
    path = tmp_path / "bookmarks.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
        other.commit()
    with pytest.raises(StoreError, match="belongs to something else .it has a table 'bookmarks'") as error:
        open_store(path)
    one_sentence(error)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]


def test_a_damaged_store_is_one_sentence(tmp_path):
    with open_store(tmp_path) as store:
        add(store, tmp_path, store.enrol("Anna"), "a", FIRST)
    path = tmp_path / "kneetrack.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreError, match="cannot be used") as error, open_store(tmp_path) as store:
        store.history("c001")
    one_sentence(error)


def test_no_store_is_made_where_one_is_only_to_be_read(tmp_path):
    with pytest.raises(StoreError, match="there is no store here") as error:
        open_store(tmp_path / "typo", create=False)
    one_sentence(error)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_takes_no_files_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="not a directory") as error:
        open_store(tmp_path / "file" / "out")
    one_sentence(error)
