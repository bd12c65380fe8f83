"""From a file name or URL to a store: connecting, and the database's manners."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from knee_track.errors import StoreError
from knee_track.store.extra import needs_extra
from knee_track.store.files import private_folder, unwritable
from knee_track.store.migrations.version import bring_up_to_date
from knee_track.store.plainly import said_plainly, sentence
from knee_track.store.store import Store

FILE_NAME: Final = "kneetrack.db"
BUSY_S: Final = 60  # how long to wait for another writer; a clip's rows take milliseconds
CONNECT_S: Final = 10  # how long to wait for a server that does not answer
SCHEMES: Final = ("postgresql", "postgres", "postgresql+psycopg")
WANTED: Final = "give a file, a folder, or postgresql+psycopg://user:password@host/name"


def open_at(where: str | Path, out: str | Path | None = None, *, create: bool = True) -> Store:
    """See `knee_track.store.open_store`."""
    place = _absolute(out) if out is not None else ""
    if "://" in str(where) and not str(where).startswith("sqlite:"):
        url = _server_url(str(where))
        with needs_extra():
            engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_S})
        return _ready(Store(engine, url.render_as_string(hide_password=True), None, place))
    path = _file(str(where), create)
    home = path.absolute().parent
    return _ready(Store(_sqlite_engine(path), str(path), home, "" if place == str(home.resolve()) else place))


def _absolute(out: str | Path) -> str:
    """A folder's full path; a URL as it is, without a slash at its end."""
    return str(out).rstrip("/") if "://" in str(out) else str(Path(out).resolve())


def _ready(store: Store) -> Store:
    """The store, migrated; nothing stays open when that fails."""
    try:
        with said_plainly(store.shown):
            bring_up_to_date(store.engine, store.shown)
    except BaseException:
        store.close()
        raise
    return store


def _server_url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise StoreError(f"--db: this is no address of a database; {WANTED}.") from error
    if url.drivername not in SCHEMES:
        raise StoreError(f"--db: a store cannot live in {url.drivername}; {WANTED}.")
    return url.set(drivername="postgresql+psycopg")


def _file(where: str, create: bool) -> Path:
    """The SQLite file, there and readable by its owner alone."""
    path = Path(where.removeprefix("sqlite:///")).expanduser()
    if path.is_dir() or (not path.exists() and path.suffix == ""):
        path = path / FILE_NAME
    if path.exists():
        return path
    if not create:
        raise StoreError(f"{path}: there is no store here; name its folder or file with --db.")
    private_folder(path.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise unwritable(path, error) from error
    return path


def _sqlite_engine(path: Path) -> Engine:
    _use_write_ahead_log(path)
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        connection.execute("PRAGMA foreign_keys = ON")
        # A laptop's power may go at any time: FULL makes what was committed stay, at a few ms per clip.
        connection.execute("PRAGMA synchronous = FULL")
        # What is deleted is overwritten: forgetting a client leaves no name in the file's free pages.
        connection.execute("PRAGMA secure_delete = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Whoever will write takes the lock at once; a lock taken half-way cannot be waited for.
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _use_write_ahead_log(path: Path) -> None:
    """Let readers not wait for the writer. SQLite does not wait by itself while another process switches."""
    patience = time.monotonic() + BUSY_S
    while True:
        try:
            with closing(sqlite3.connect(path, timeout=BUSY_S)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.Error as error:
            if "locked" not in str(error) or time.monotonic() > patience:
                raise StoreError(sentence(str(path), error)) from error
        time.sleep(0.05)
