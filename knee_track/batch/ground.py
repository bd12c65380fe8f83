"""Where a run's results go, a folder or a URL, and all that differs between the two."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from knee_track.batch.clips import Job
from knee_track.batch.elsewhere import Elsewhere
from knee_track.batch.node import node_folder
from knee_track.batch.results import take_in
from knee_track.batch.scratch import Scratch
from knee_track.batch.storage import Place
from knee_track.batch.worker import Task
from knee_track.errors import UsageError
from knee_track.results import Analysis
from knee_track.store import open_store
from knee_track.store.keys import ClipKey

if TYPE_CHECKING:
    from knee_track.store.store import Store


class Ground(Protocol):
    """What a run asks of the place for its results; `folder` is for what its workers keep."""

    folder: Path

    def claim(self, key: ClipKey) -> bool:
        """Whether nobody else is analysing this clip; they then wait until `release`."""

    def release(self, key: ClipKey) -> None:
        """Let others have the clip."""

    def task(self, number: int, job: Job, limit_s: float) -> Task:
        """What a worker is told."""

    def take_in(self, number: int, job: Job, value: Any) -> Analysis:
        """Put what a worker made in its place and its rows into the store."""

    def clear(self, number: int, job: Job) -> None:
        """A task is over."""

    def write_overview(self, store: Store) -> None:
        """Write the pages and tables of the whole store."""


class Here:
    """Results in a folder."""

    def __init__(self, out: Path, store: Store, scratch: Scratch) -> None:
        self.folder = scratch.folder
        self.claim, self.release = scratch.claim, scratch.release
        self.task, self.clear = scratch.task, scratch.clear
        self._out, self._store, self._scratch = out, store, scratch

    def take_in(self, number: int, job: Job, folder: Path) -> Analysis:
        """See `results.take_in`."""
        return take_in(self._store, self._out, self._scratch, number, job, folder)

    def write_overview(self, store: Store) -> None:
        """See `knee_track.store.overview`."""
        from knee_track.store.overview import write_overview

        write_overview(store, self._out)


def open_ground(out: Place, db: str | None, stack: ExitStack) -> tuple[Ground, Store]:
    """The place for results, cleaned of what killed runs left, and the store; both end with the stack.

    Raises UsageError, OutputError or StoreError.
    """
    if isinstance(out, Path):
        scratch = stack.enter_context(Scratch(out))
        store = stack.enter_context(open_store(db or str(out), out))
        scratch.clean(store)
        return Here(out, store, scratch), store
    check_store(out, db)
    assert db is not None
    store = stack.enter_context(open_store(db, out))
    from knee_track.store.locks import Claims

    claims = stack.enter_context(Claims(store))
    folder = stack.enter_context(node_folder())
    elsewhere = stack.enter_context(Elsewhere(out, store, claims, folder))
    elsewhere.clean()
    return elsewhere, store


def check_store(out: Place, db: str | None) -> None:
    """A database cannot lie at a URL. Raises UsageError."""
    if not isinstance(out, Path) and not db:
        raise UsageError(f"{out}: a store cannot lie at a URL; say where it is with --db.")
