"""A run from its first to its last step."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from knee_track.batch.clips import Clip, Job, Looked
from knee_track.batch.discover import Patterns, clip_below, discover
from knee_track.batch.discover_url import clips_at, missing_clip
from knee_track.batch.ground import Ground, check_store, open_ground
from knee_track.batch.manifest import FILE_NAME, read_manifest, with_manifest
from knee_track.batch.plan import Plan, key_of, make_plan
from knee_track.batch.pool import SET_ASIDE, Ended, Event, Pool, Workers
from knee_track.batch.queues import Jobs, Looks
from knee_track.batch.storage import Place
from knee_track.batch.work import Equipment
from knee_track.batch.worker import Done, Failed
from knee_track.results import Analysis
from knee_track.store import ClipKey
from knee_track.store.names import redacted_path, redacted_text

if TYPE_CHECKING:
    from knee_track.store.store import Store

Problem = tuple[Clip, str, str]
"""A clip that cannot be analysed, the reason and the remedy."""


@dataclass(frozen=True)
class Order:
    """What a run is asked for.

    clips, out : the folder of clips, the folder of results; each may be a URL
    workers : clips at the same time; on a cluster 0 means one per core
    db : where the store is; by default in `out`, which must then be a folder
    manifest : by default manifest.csv in the folder of clips, where there is one
    limit : factor on the time that a clip may take
    again : try clips once more that ended their workers in an earlier run
    engine, address : who works: processes of this machine, or a Ray cluster and where it is
    """

    clips: Place
    out: Place
    equipment: Equipment
    model_sha256: str
    workers: int
    db: str | None = None
    manifest: Path | None = None
    patterns: Patterns = Patterns()
    limit: float = 1.0
    again: bool = False
    engine: Literal["local", "ray"] = "local"
    address: str | None = None

    @property
    def processes(self) -> int:
        """How many pose processes one clip may have; a place in a cluster is one core."""
        return self.workers if self.engine == "local" else 1


@dataclass
class Account:
    """What became of the clips. Each is in one of the lists, unless the run was stopped."""

    found: int = 0
    analysed: list[Job] = field(default_factory=list)
    done_before: list[Clip] = field(default_factory=list)
    failed: list[Problem] = field(default_factory=list)
    stopped: bool = False

    @property
    def left(self) -> int:
        """Clips that a stopped run did not come to."""
        return self.found - len(self.analysed) - len(self.done_before) - len(self.failed)


class Screen(Protocol):
    """What a run tells while it goes on; names of clients are taken out already."""

    def looking(self, clips: int) -> None:
        """So many clips are going to be looked into."""

    def planned(self, plan: Plan) -> None:
        """What is going to be done."""

    def event(self, event: Event) -> None:
        """What a worker began, how far it is, or that it ended."""

    def analysed(self, job: Job, analysis: Analysis) -> None:
        """A result is in its place and in the store."""

    def failed(self, file: str, client: str, reason: str) -> None:
        """A clip cannot be analysed."""

    def stopping(self) -> None:
        """Ctrl-C was heard: clips that were begun are finished."""


def find_clips(order: Order) -> list[Clip]:
    """All clips with what the manifest tells. Raises UsageError."""
    about, root = order.equipment.about, order.clips
    if isinstance(root, Path):
        own = root / FILE_NAME
        clips = discover(root, order.out if isinstance(order.out, Path) else None, order.patterns, about)
        lines = read_manifest(own) if order.manifest is None and own.is_file() else []
        named = partial(clip_below, root, about=about)
    else:
        wanted = order.manifest is None
        clips, lines = clips_at(root, order.out, order.patterns, about, manifest=wanted)
        named = partial(missing_clip, root, about=about)
    if order.manifest is not None:
        lines = read_manifest(order.manifest)
    return with_manifest(clips, lines, order.patterns, named)


def workers_of(order: Order, folder: Path, *, results: bool = True) -> Workers:
    """Those who do the work; `folder` is for what they keep, `results` whether they make any.

    Raises ClusterError.
    """
    if order.engine == "local":
        return Pool(order.workers, order.equipment, folder)
    from knee_track.batch.ray_pool import RayPool

    shared = [order.clips] if isinstance(order.clips, Path) else []
    if results and isinstance(order.out, Path):  # results at a URL are made in a folder of each machine's own
        shared.append(folder)
    return RayPool(order.address, order.workers, order.equipment, shared)


def run_batch(order: Order, screen: Screen) -> Account:
    """Analyse what is new, and return what became of every clip.

    Results, store and overview are readable by their owner alone. Raises KneeTrackError when the folder of
    clips, the place for results, the manifest or the store cannot be used; whatever is done by then stays.
    """
    check_store(order.out, order.db)
    clips = find_clips(order)
    with ExitStack() as stack:
        stack.enter_context(_private())
        ground, store = open_ground(order.out, order.db, stack)
        pool = stack.enter_context(workers_of(order, ground.folder))
        stack.enter_context(_stopped_by_ctrl_c(pool, screen))
        run = _Run(order, screen, store, ground, pool, clips)
        stack.callback(ground.write_overview, store)
        run.look()
        run.analyse()
        return run.account


class _Run:
    """The state of a run between its steps."""

    def __init__(
        self, order: Order, screen: Screen, store: Store, ground: Ground, pool: Workers, clips: Sequence[Clip]
    ) -> None:
        self.account = Account(len(clips))
        self._order, self._screen, self._store, self._ground = order, screen, store, ground
        self._pool = pool
        # In the order of paths: the same folder gives the same ids.
        self._ids = {folder: store.enrol(folder) for folder in dict.fromkeys(clip.folder for clip in clips)}
        self._clips = self._not_set_aside(_with_heights(clips, store, self._ids))
        self._plan = Plan()
        self._days = dict[ClipKey, date]()

    def look(self) -> None:
        """Look into every clip, note those that cannot be used, and plan the rest."""
        for clip in self._clips:
            if clip.problem is not None:
                self._fail(clip, *clip.problem)
        self._screen.looking(len(self._clips))
        seen = dict[int, Looked]()
        for event in self._pool.run(Looks(self._clips)):
            if isinstance(event, Ended) and isinstance(event.result, Done):
                seen[event.task.number] = event.result.value
            elif isinstance(event, Ended) and isinstance(event.result, Failed):
                self._fail(self._clips[event.task.number], event.result.reason, event.result.remedy)
            self._screen.event(event)
        looked = [(self._clips[number], seen[number]) for number in sorted(seen)]
        order = self._order
        keyed = [(clip, one, key_of(clip, one, order.equipment, order.model_sha256)) for clip, one in looked]
        known = self._store.known([key for _, _, key in keyed])
        self._plan = make_plan(keyed, known, self._ids, order.processes)
        self._days = {job.key: job.day for job in self._plan.jobs}
        for clip, _ in self._plan.done:
            self._done_before(clip)

    def analyse(self) -> None:
        """Analyse what the plan says; each result is in the store before the next is heard of."""
        self._screen.planned(self._plan)
        jobs = Jobs(self._plan.jobs, self._ground, self._order.limit, self._is_known)
        for event in self._pool.run(jobs):
            self._screen.event(event)
            if isinstance(event, Ended):
                assert isinstance(event.task.what, Job)
                self._end(event.task.number, event.task.what, event.result)
        for job in jobs.skipped:
            self._done_before(job.clip)
        ended = {job.key for job in [*self.account.analysed, *jobs.skipped]}
        for clip, job in self._plan.twins:
            if job.key in ended:
                self._done_before(clip)
        self.account.stopped = self._pool.stopping

    def _end(self, number: int, job: Job, result: Done | Failed) -> None:
        if isinstance(result, Done):
            analysis = self._ground.take_in(number, job, result.value)
            self.account.analysed.append(job)
            self._screen.analysed(job, analysis)
        else:
            twins = [clip for clip, first in self._plan.twins if first.key == job.key]
            for clip in [job.clip, *twins]:
                self._fail(clip, result.reason, result.remedy)
        self._ground.clear(number, job)
        self._ground.release(job.key)

    def _fail(self, clip: Clip, reason: str, remedy: str) -> None:
        client = self._ids[clip.folder]
        self._store.add_failure(clip.file, reason, remedy, client)
        self._tell_failure(clip, reason, remedy)

    def _tell_failure(self, clip: Clip, reason: str, remedy: str) -> None:
        client = self._ids[clip.folder]
        self.account.failed.append((clip, reason, remedy))
        told = redacted_text(reason, clip.file, clip.folder, client)
        self._screen.failed(redacted_path(clip.file, clip.folder, client), client, told)

    def _done_before(self, clip: Clip) -> None:
        self._store.clear_failure(clip.file, self._ids[clip.folder])
        self.account.done_before.append(clip)

    def _is_known(self, key: ClipKey) -> bool:
        known = self._store.known([key]).get(key)
        return known is not None and known.day == self._days[key]

    def _not_set_aside(self, clips: Sequence[Clip]) -> list[Clip]:
        """Without those that ended their workers in an earlier run; these stay failures."""
        aside = {one.file: one for one in self._store.failures() if one.reason.startswith(SET_ASIDE)}
        kept = []
        for clip in clips:
            shown = redacted_path(clip.file, clip.folder, self._ids[clip.folder])
            if shown in aside and not self._order.again:
                self._tell_failure(clip, aside[shown].reason, aside[shown].remedy)
            else:
                kept.append(clip)
        return kept


def _with_heights(clips: Sequence[Clip], store: Store, ids: dict[str, str]) -> list[Clip]:
    """The clips with their clients' heights from the store, where nothing else tells them."""
    from dataclasses import replace

    heights = {one.id: one.height_m for one in store.clients()}
    return [
        clip
        if clip.about.height_m is not None
        else replace(clip, about=replace(clip.about, height_m=heights[ids[clip.folder]]))
        for clip in clips
    ]


@contextmanager
def _private() -> Iterator[None]:
    """Files made meanwhile are readable by their owner alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _stopped_by_ctrl_c(pool: Workers, screen: Screen) -> Iterator[None]:
    """The first Ctrl-C lets clips that were begun end; the second drops them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def hear(_: int, __: Any) -> None:
        if pool.stopping:
            raise KeyboardInterrupt
        pool.stopping = True
        screen.stopping()

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
