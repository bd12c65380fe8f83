"""Reading from the database and writing to it: transactions, and what happens when two write at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knee_track.errors import StoreError
from knee_track.store.plainly import said_plainly
from knee_track.store.records import client_number
from knee_track.store.tables import Base, ClientRow

T = TypeVar("T")
TRIES: Final = 5  # a second writer may get in between once per row that it makes first: client, session, clip


class Access:
    """The database of a store, and where its results lie: see `store.Store`."""

    def __init__(self, engine: Engine, shown: str, home: Path | None, place: str) -> None:
        self.engine = engine
        self.shown = shown
        self.home = home
        self.place = place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; a SQLite store is then one file."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the store."""
        with said_plainly(self.shown), Session(self.engine) as session:
            yield session

    def write(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction: all of it or nothing.

        Where another writer made the same row first, it is done again, and then finds that row.
        """
        engine = self.engine.execution_options(writing=True)
        for attempt in range(1, TRIES + 1):
            try:
                with said_plainly(self.shown), Session(engine) as session, session.begin():
                    return work(session)
            except IntegrityError as error:
                if attempt == TRIES:
                    raise StoreError(f"{self.shown}: a row could not be written; run it again.") from error
        raise AssertionError("the last attempt returns or raises")

    def settle(self) -> None:
        """Make what was deleted gone from the files: the log is emptied, dead rows are swept.

        A server keeps its own logs and backups for as long as it is told to; those are not reached.
        """
        with said_plainly(self.shown):
            if self.engine.dialect.name == "sqlite":
                with closing(self.engine.raw_connection()) as raw:
                    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return
            tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f"VACUUM {tables}"))

    def row_of(self, session: Session, client: str, *, lock: bool = False) -> ClientRow:
        """The client's row in a session; `lock` makes others who lock it wait for the session's end.

        Raises StoreError for an unknown client.
        """
        row = session.get(ClientRow, client_number(client), with_for_update=lock)
        if row is None:
            raise StoreError(f"{self.shown}: there is no client {client}; knee-track clients lists them.")
        return row
