"""Where a run keeps what is unfinished, inside the folder of results, and what it finds left by killed ones.

    OUT/.kneetrack_batch/gate.lock       held for a moment by whoever begins or ends
    OUT/.kneetrack_batch/claims/…        one lock per clip that somebody is analysing
    OUT/.kneetrack_batch/run_…/0007/     a clip's unfinished result, and `published`: where it has gone
    OUT/.kneetrack_batch/run_….lock      held by the run as long as it lives
Locks are the system's own: they end with the process, however it ends.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from filelock import FileLock, Timeout

from knee_track.batch.clips import Job
from knee_track.batch.worker import Task
from knee_track.errors import OutputError
from knee_track.store.files import private_folder, unwritable
from knee_track.store.keys import ClipKey

if TYPE_CHECKING:
    from knee_track.store.store import Store

FOLDER: Final = ".kneetrack_batch"
PUBLISHED: Final = "published"
GATE_S: Final = 60


class Scratch:
    """The unfinished things of one run; a context manager that makes its folder and takes it away.

    Attributes
    ----------
    folder : of this run, on the same disk as the results
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._ground = out / FOLDER
        self.folder = self._ground / f"run_{uuid.uuid4().hex[:8]}"
        self._lock = FileLock(self.folder.with_suffix(".lock"))
        self._claims: dict[ClipKey, FileLock] = {}

    def __enter__(self) -> Self:
        private_folder(self._ground / "claims")
        try:
            with self._gate():
                self._lock.acquire(timeout=0)
                self.folder.mkdir(mode=0o700)
        except OSError as error:
            raise unwritable(self._out, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for key in list(self._claims):
            self.release(key)
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError, OutputError), self._gate():
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)
            if not any(self._ground.glob("run_*.lock")):
                for claim in (self._ground / "claims").iterdir():
                    claim.unlink()

    def clean(self, store: Store) -> None:
        """Take away what killed runs left: unfinished results, and finished ones that got no row."""
        with self._gate():
            dead, alone = self._dead_runs()
            for run in dead:
                for mark in run.glob(f"*/{PUBLISHED}"):
                    self._clean_published(mark, store)
                shutil.rmtree(run, ignore_errors=True)
                run.with_suffix(".lock").unlink(missing_ok=True)
            for part in self._out.glob("c[0-9]*/.kneetrack_tmp_*") if alone else ():
                shutil.rmtree(part, ignore_errors=True)

    def _clean_published(self, mark: Path, store: Store) -> None:
        """A result whose run was killed before its row was written, unless somebody is at that clip now."""
        with suppress(OSError, Timeout, ValueError):
            claim, folder = mark.read_text(encoding="utf-8").splitlines()
            with FileLock(self._ground / "claims" / claim, timeout=0):
                if not store.has_folder(folder):
                    shutil.rmtree(self._out / folder, ignore_errors=True)

    def claim(self, key: ClipKey) -> bool:
        """Whether nobody else is analysing this clip; they then wait until `release`."""
        lock = FileLock(self._ground / "claims" / _claim_name(key))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise unwritable(self._out, error) from error
        self._claims[key] = lock
        return True

    def release(self, key: ClipKey) -> None:
        """Let others have the clip."""
        if lock := self._claims.pop(key, None):
            lock.release()

    def task(self, number: int, job: Job, limit_s: float) -> Task:
        """What a worker is told."""
        return Task(number, job, self.place(number), limit_s)

    def place(self, number: int) -> Path:
        """The folder of one task's unfinished result."""
        return self.folder / f"{number:04d}"

    def mark_published(self, number: int, key: ClipKey, folder: str) -> None:
        """Remember where a result is about to appear, until its row is there. Raises OutputError."""
        try:
            with (self.place(number) / PUBLISHED).open("w", encoding="utf-8") as file:
                file.write(f"{_claim_name(key)}\n{folder}")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise unwritable(self._out, error) from error

    def clear(self, number: int, job: Job) -> None:
        """A task is over."""
        shutil.rmtree(self.place(number), ignore_errors=True)

    def _dead_runs(self) -> tuple[list[Path], bool]:
        """Folders of runs whose process is gone, and whether this run is alone; the caller holds the gate."""
        dead, alone = [], True
        for lock_file in self._ground.glob("run_*.lock"):
            if lock_file == Path(self._lock.lock_file):
                continue
            lock = FileLock(lock_file)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                alone = False
                continue
            lock.release()
            dead.append(lock_file.with_suffix(""))
        return dead, alone

    @contextmanager
    def _gate(self) -> Iterator[None]:
        try:
            with FileLock(self._ground / "gate.lock", timeout=GATE_S):
                yield
        except Timeout as error:
            raise OutputError(
                f"{self._out}: another run has been starting for {GATE_S} s; end it, or try again."
            ) from error


def _claim_name(key: ClipKey) -> str:
    return f"{key.sha256[:24]}_{key.settings_digest[:8]}.lock"
