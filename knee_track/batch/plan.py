"""What is to do: of the clips that were found, those whose result is not there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from knee_track import __version__
from knee_track.batch.clips import Clip, Job, Looked
from knee_track.batch.work import Equipment
from knee_track.store.keys import ClipKey, settings_digest
from knee_track.store.names import neutral_name
from knee_track.store.records import Known

DRAWING_S: Final = 2.0
"""What a clip takes beside its frames, as seconds of video: short clips do not come for nothing."""


@dataclass
class Plan:
    """jobs: longest first. done: with whose results they are. twins: of the same content as a job."""

    jobs: list[Job] = field(default_factory=list)
    done: list[tuple[Clip, Known]] = field(default_factory=list)
    twins: list[tuple[Clip, Job]] = field(default_factory=list)


def key_of(clip: Clip, looked: Looked, equipment: Equipment, model_sha256: str) -> ClipKey:
    """What the clip's result is known by: content, settings, what was declared and drawn, model, version."""
    options = clip.about.options() | {"video": equipment.video, "blur_faces": equipment.blur_faces}
    digest = settings_digest(equipment.settings, **options)
    return ClipKey(looked.sha256, digest, model_sha256, __version__)


def make_plan(
    looked: Sequence[tuple[Clip, Looked, ClipKey]],
    known: Mapping[ClipKey, Known],
    ids: Mapping[str, str],
    workers: int,
) -> Plan:
    """Sort the clips into what is to do and what is not.

    looked : in the order of their paths; known : from the store; ids : of clients, by folder
    """
    plan, first = Plan(), dict[ClipKey, Job]()
    for clip, seen, key in looked:
        client, day = ids[clip.folder], clip.day or recorded_day(seen) or file_day(clip)
        result = known.get(key)
        if result is not None and not _moved(clip, seen, client, result):
            plan.done.append((clip, result))
        elif key in first:
            plan.twins.append((clip, first[key]))
        else:
            name = neutral_name(client, day, seen.sha256, clip.path.suffix)
            first[key] = Job(clip, client, day, key, seen.duration_s, name)
    jobs = sorted(first.values(), key=lambda job: -job.duration_s)
    plan.jobs = list(_with_processes(jobs, workers))
    return plan


def recorded_day(looked: Looked) -> date | None:
    """The day that the camera wrote into the file."""
    return datetime.fromisoformat(looked.recorded_at).date() if looked.recorded_at else None


def file_day(clip: Clip) -> date:
    """The day on which the file was last changed: better than none."""
    if clip.url is not None:
        return clip.changed or date.today()
    return date.fromtimestamp(clip.path.stat().st_mtime)


def cost_s(job: Job) -> float:
    """A measure of how long a clip takes, in seconds of video."""
    return job.duration_s + DRAWING_S


def _moved(clip: Clip, looked: Looked, client: str, result: Known) -> bool:
    """Whether the clip now says another day than its result; a file's own date is no reason."""
    day = clip.day or recorded_day(looked)
    return result.client == client and day is not None and day != result.day


def _with_processes(jobs: Sequence[Job], workers: int) -> Iterable[Job]:
    """Let a clip that alone takes longer than a worker's share of all have several pose processes."""
    share_s = sum(map(cost_s, jobs)) / max(1, workers)
    for job in jobs:
        yield replace(job, processes=max(1, min(workers, math.floor(cost_s(job) / share_s + 0.5))))
