"""What a run would do, without doing it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typer

from knee_track.batch.clips import Clip, Looked
from knee_track.batch.plan import Plan, key_of, make_plan
from knee_track.batch.pool import Ended
from knee_track.batch.queues import Looks
from knee_track.batch.runner import Order, find_clips, workers_of
from knee_track.batch.screen import one_line
from knee_track.batch.worker import Failed
from knee_track.errors import StoreError
from knee_track.report.words import count
from knee_track.store import ClipKey, open_store
from knee_track.store.records import Known

NEW = "new"


def show_plan(order: Order) -> None:
    """Print what would be analysed, as whose and of which day, and what would not. Writes nothing.

    Names are shown: whoever asks wants to see which folder is taken for which client. Raises KneeTrackError.
    """
    clips = find_clips(order)
    failed = [(clip, clip.problem[0]) for clip in clips if clip.problem is not None]
    looked = list[tuple[Clip, Looked, ClipKey]]()
    with (
        tempfile.TemporaryDirectory() as scratch,
        workers_of(order, Path(scratch), results=False) as pool,
    ):
        for event in pool.run(Looks(clips)):
            if not isinstance(event, Ended):
                continue
            clip = clips[event.task.number]
            if isinstance(event.result, Failed):
                failed.append((clip, event.result.reason))
            else:
                seen = event.result.value
                looked.append((clip, seen, key_of(clip, seen, order.equipment, order.model_sha256)))
    looked.sort(key=lambda one: one[0].file)
    ids, known = _from_store(order, [key for _, _, key in looked])
    everybody = {clip.folder: ids.get(clip.folder, NEW) for clip in clips}
    _print(make_plan(looked, known, everybody, order.processes), failed)


def _from_store(order: Order, keys: list[ClipKey]) -> tuple[dict[str, str], dict[ClipKey, Known]]:
    """Ids by folder and the results that are there; nothing where there is no store yet."""
    try:
        with open_store(order.db or str(order.out), order.out, create=False) as store:
            return {one.folder: one.id for one in store.clients()}, store.known(keys)
    except StoreError:
        if order.db:
            raise
        return {}, {}


def _print(plan: Plan, failed: list[tuple[Clip, str]]) -> None:
    for job in plan.jobs:
        folder, file = one_line(job.clip.folder), one_line(job.clip.file)
        typer.echo(f"analyse  {job.client:<5}  {folder}  {job.day}  {job.duration_s:6.1f} s  {file}")
    for clip, result in plan.done:
        typer.echo(f"done     {result.client:<5}  {one_line(clip.file)}")
    for clip, job in plan.twins:
        typer.echo(f"same     {job.client:<5}  {one_line(clip.file)}  as {one_line(job.clip.file)}")
    for clip, reason in failed:
        typer.echo(f"cannot          {one_line(clip.file)}: {reason}")
    minutes = sum(job.duration_s for job in plan.jobs) / 60
    typer.echo(
        f"{count(len(plan.jobs), 'clip')} to analyse ({minutes:.1f} min of video), {len(plan.done)} done, "
        f"{len(plan.twins)} the same as another, {len(failed)} that cannot be analysed. Nothing was written."
    )
