"""Putting a finished result in its place and into the store, in an order in which nothing can be lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from knee_track.batch.clips import Job
from knee_track.batch.scratch import Scratch
from knee_track.report.swap import move_in
from knee_track.results import Analysis
from knee_track.store.files import private_folder, unwritable

if TYPE_CHECKING:
    from knee_track.store.store import Store


def take_in(store: Store, out: Path, scratch: Scratch, number: int, job: Job, folder: Path) -> Analysis:
    """Move a result from the scratch folder to its place, add its rows, and forget the clip's failure.

    Killed before the rows are there, the next run finds the mark and takes the result away; killed after,
    nothing is missing. Raises OutputError or StoreError.
    """
    analysis = Analysis.model_validate_json((folder / "analysis.json").read_bytes())
    earlier = store.folders_of(job.client, job.key.sha256)
    wanted = out / job.folder
    scratch.mark_published(number, job.key, job.folder)
    try:
        private_folder(wanted.parent)
        placed = move_in(folder, wanted, analysis.source)
    except OSError as error:
        raise unwritable(wanted, error) from error
    where = placed.relative_to(out).as_posix()
    if where != job.folder:
        scratch.mark_published(number, job.key, where)
    if job.key in store.known([job.key]):  # of another day, see plan
        store.remove(job.key)
    store.add_analysis(job.key, job.client, analysis, where, job.day)
    store.clear_failure(job.clip.file, job.client)
    for old in earlier:
        if old != where:
            shutil.rmtree(out / old, ignore_errors=True)
    return analysis
