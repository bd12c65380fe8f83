"""Claims that end with whoever holds them: two runs that share a store never do the same clip.

On a PostgreSQL server a claim is a session's advisory lock: it needs no table, and the server drops it when
the connection ends, however that happens (a pooler that lends one connection to several, as PgBouncer in
transaction mode does, must not stand between). Beside a SQLite file a claim is a lock on a file.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text

from knee_track.store.access import Access
from knee_track.store.files import private_folder, unwritable
from knee_track.store.plainly import said_plainly

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = ".kneetrack_claims"
HEX_DIGITS: Final = 3  # 4096 files at most; two clips that share one wait for each other


class Claims:
    """The names that a run has claimed; a context manager that lets go of all."""

    def __init__(self, store: Access) -> None:
        self._shown = store.shown
        self._files = store.home / FOLDER if store.home is not None else None
        self._server: Connection | None = None
        self._engine = store.engine
        self._held: dict[str, FileLock | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for lock in self._held.values():
            if lock is not None:
                lock.release()
        if self._server is not None:
            with suppress(Exception):  # locks of the server end with the connection, in whatever state it is
                self._server.invalidate()
                self._server.close()

    def take(self, name: str) -> bool:
        """Whether nobody holds this name, this run included; from then on it does. Raises StoreError."""
        if name in self._held:
            return False
        if self._files is not None:
            lock = _lock_file(self._files, name)
            if lock is not None:
                self._held[name] = lock
            return lock is not None
        with said_plainly(self._shown):
            if self._server is None:
                self._server = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            taken = self._server.scalar(
                text("SELECT pg_try_advisory_lock(:number)"), {"number": number(name)}
            )
        if taken:
            self._held[name] = None
        return bool(taken)

    def drop(self, name: str) -> None:
        """Let others have it; nothing happens to a name that is not held."""
        if name not in self._held:
            return
        lock = self._held.pop(name)
        if lock is not None:
            lock.release()
        elif self._server is not None:
            with said_plainly(self._shown):
                self._server.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number(name)})


def number(name: str) -> int:
    """The server's locks have numbers of 64 bits, with a sign."""
    return int.from_bytes(hashlib.sha256(f"knee-track {name}".encode()).digest()[:8], signed=True)


def _lock_file(folder: Path, name: str) -> FileLock | None:
    private_folder(folder)
    lock = FileLock(folder / f"{hashlib.sha256(name.encode()).hexdigest()[:HEX_DIGITS]}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    except OSError as error:
        raise unwritable(folder, error) from error
    return lock
