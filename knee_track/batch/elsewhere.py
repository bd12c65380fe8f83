"""Results at a URL, where nothing can be locked or renamed: what `scratch` is for a folder.

    OUT/c001/…_kneetrack/…               results, uploaded by the workers
    OUT/.kneetrack_batch/<content>_…     a note: where a result of this clip is about to appear
A result exists when its row does, and the row comes last. Whatever has a note and no row was left by a run
that was killed, and is taken away by the next. A result that replaces another one of its clip gets a folder
of its own, and the old one goes when the new row is there: rows never tell of half a folder. Clips are
claimed in the store.
"""

from __future__ import annotations

import itertools
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from knee_track.batch.clips import Job
from knee_track.batch.scratch import FOLDER
from knee_track.batch.storage import names_in, read_text, remove, upload_files
from knee_track.batch.worker import Target, Task
from knee_track.errors import OutputError
from knee_track.results import Analysis
from knee_track.store.keys import ClipKey

if TYPE_CHECKING:
    from knee_track.store.locks import Claims
    from knee_track.store.store import Store

SWEEPERS: Final = 8
CONTENT: Final = 24  # hex digits of a clip's content, as in the names of local claims


class Elsewhere:
    """The results of one run at a URL; a context manager.

    Attributes
    ----------
    folder : on this machine, for what workers that run here keep
    """

    def __init__(self, url: str, store: Store, claims: Claims, folder: Path) -> None:
        self.folder = folder
        self._url, self._store, self._claims = url, store, claims
        self._open: dict[int, Target] = {}
        self._sweeper = ThreadPoolExecutor(SWEEPERS, "sweep")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until notes that have done their duty are gone."""
        self._sweeper.shutdown()

    def clean(self) -> None:
        """Take away what killed runs uploaded without a row. Raises OutputError."""
        for name in names_in(f"{self._url}/{FOLDER}"):
            content = name.partition("_")[0]
            if not self._claims.take(self._claim(content)):
                continue
            try:
                note = f"{self._url}/{FOLDER}/{name}"
                with suppress(OutputError):  # gone meanwhile: another run was at it
                    where = read_text(note)
                    if not self._store.has_folder(where):
                        remove(f"{self._url}/{where}")
                    remove(note)
            finally:
                self._claims.drop(self._claim(content))

    def claim(self, key: ClipKey) -> bool:
        """Whether nobody else is at this content; they then wait until `release`."""
        return self._claims.take(self._claim(key.sha256))

    def release(self, key: ClipKey) -> None:
        """Let others have the clip."""
        self._claims.drop(self._claim(key.sha256))

    def task(self, number: int, job: Job, limit_s: float) -> Task:
        """What a worker is told, with a folder for the result that no earlier one of the clip lies in."""
        earlier = set(self._store.folders_of(job.client, job.key.sha256))
        numbered = (f"{job.folder}_{number}" for number in itertools.count(2))
        where = next(name for name in itertools.chain([job.folder], numbered) if name not in earlier)
        note = f"{self._url}/{FOLDER}/{job.key.sha256[:CONTENT]}_{uuid.uuid4().hex[:8]}"
        target = self._open[number] = Target(f"{self._url}/{where}", note, where)
        return Task(number, job, self.folder / f"{number:04d}", limit_s, target)

    def take_in(self, number: int, job: Job, analysis_json: bytes) -> Analysis:
        """Add the rows of an uploaded result; earlier ones of the clip go. Raises StoreError, OutputError."""
        analysis = Analysis.model_validate_json(analysis_json)
        earlier = self._store.folders_of(job.client, job.key.sha256)
        if job.key in self._store.known([job.key]):  # of another day, see plan
            self._store.remove(job.key)
        target = self._open.pop(number)
        self._store.add_analysis(job.key, job.client, analysis, target.text, job.day)
        self._store.clear_failure(job.clip.file, job.client)
        for old in earlier:
            if old != target.text:
                remove(f"{self._url}/{old}")
        # A note that stays costs the next run a look, and deleting it would cost this one a clip's time.
        self._sweeper.submit(remove, target.note)
        return analysis

    def clear(self, number: int, job: Job) -> None:
        """A task is over; what it uploaded without success goes."""
        target = self._open.pop(number, None)
        if target is not None:
            remove(target.url)
            remove(target.note)

    def write_overview(self, store: Store) -> None:
        """See `overview_at`."""
        overview_at(store, self._url)

    def _claim(self, content: str) -> str:
        return f"{self._url} {content[:CONTENT]}"


def overview_at(store: Store, url: str) -> None:
    """Write the overview of a store here, and copy it to a URL. Raises OutputError or StoreError."""
    from knee_track.store.overview import write_overview

    with tempfile.TemporaryDirectory(prefix="kneetrack_") as folder:
        write_overview(store, Path(folder), at=url)
        upload_files(Path(folder), url)
