"""Workers on a Ray cluster, to a run the same as those of `pool`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from knee_track import __version__
from knee_track.batch.pool import TICK_S, Ended, Event, Share, Started, Tasks
from knee_track.batch.ray_cluster import connected, plainly
from knee_track.batch.ray_worker import Hello, RayWorker
from knee_track.batch.work import Equipment
from knee_track.batch.worker import Failed, Task
from knee_track.errors import ClusterError
from knee_track.pose.bundles import find_bundle

LOOK_ROUND_S: Final = 2.0  # how soon machines that joined are used
LOSSES: Final = 5
"""Machines are lost for reasons of their own, but a clip that fills a machine's memory may be the reason."""
MISFITS: Final = 3  # so many actors that cannot work before one that can: nobody can
EMPTY_S: Final = 300.0  # how long a cluster without any processor is waited for
CLOSE_S: Final = 10.0

log = logging.getLogger(__name__)


@dataclass
class _Place:
    """An actor: `hello` is set until it said so, `stream` and `task` while it works."""

    number: int
    actor: Any
    hello: Any
    stream: Any = None
    task: Task | None = None
    losses: int = 0

    @property
    def waited_for(self) -> Any:
        return self.hello if self.hello is not None else self.stream


class RayPool:
    """Actors of one processor each, as many as the cluster has room for; a context manager.

    A task is handed out only to an actor that is there and idle, so there are never more under way than
    actors. Machines that join get actors; the task of one that is lost goes to another and is not blamed.

    Parameters
    ----------
    address : host:port, or None for a cluster of this machine alone
    most : actors at most, 0 as many as there are processors
    shared : folders that every machine must see

    Attributes
    ----------
    stopping : set it, and no more tasks are handed out; `run` ends when those begun have ended
    """

    def __init__(
        self, address: str | None, most: int, equipment: Equipment, shared: Sequence[Path] = ()
    ) -> None:
        self.stopping = False
        self._address, self._most, self._equipment, self._shared = address, most, equipment, shared
        self._stack = ExitStack()
        self._places: dict[int, _Place] = {}
        self._again: list[tuple[Task, int]] = []
        self._misfits: list[str] = []
        self._fits = False
        self._new: Callable[[], Any] = lambda: None
        self._looked_s = -LOOK_ROUND_S
        self._full_s = time.monotonic()

    def __enter__(self) -> Self:
        bundle = find_bundle(self._equipment.variant, self._equipment.model, offline=True)
        self._ray = self._stack.enter_context(connected(self._address, self._most))
        with plainly(self._address):
            ray = self._ray
            actor = ray.remote(RayWorker).options(num_cpus=1, max_restarts=0, scheduling_strategy="SPREAD")
            model = ray.put(bundle.data)  # goes to each machine once
            self._new = lambda: actor.remote(self._equipment, model, bundle.sha256, self._shared)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Idle actors clean up after themselves; those at work end with us."""
        idle = [one.actor for one in self._places.values() if one.waited_for is None]
        with self._stack, suppress(Exception):  # the cluster may be the reason why we leave
            if idle:
                self._ray.wait([one.close.remote() for one in idle], num_returns=len(idle), timeout=CLOSE_S)

    def run(self, tasks: Tasks) -> Iterator[Event]:
        """Do all tasks and tell what happens, each with one Ended; unless `stopping` is set.

        Raises ClusterError when the cluster is gone, or none of its machines can work.
        """
        while True:
            self._look_round(len(self._again) or tasks.waiting())
            yield from self._hand_out(tasks)
            busy = any(place.task is not None for place in self._places.values())
            if not busy and (self.stopping or not (self._again or tasks.waiting())):
                return
            for place in self._ready():
                yield from self._hear(place)

    def _look_round(self, wanted: object) -> None:
        """Ask for as many actors as there are processors; they come when Ray has room for them."""
        now_s = time.monotonic()
        if self.stopping or not wanted or now_s - self._looked_s < LOOK_ROUND_S:
            return
        self._looked_s = now_s
        with plainly(self._address):
            room = int(self._ray.cluster_resources().get("CPU", 0))
        self._full_s = now_s if room else self._full_s
        if now_s - self._full_s > EMPTY_S:
            raise ClusterError(
                f"The cluster has had no processor for {EMPTY_S / 60:.0f} min; "
                "start machines, then run the same command again."
            )
        with plainly(self._address):
            for _ in range(len(self._places), min(room, self._most or room)):
                self._hire()

    def _hire(self) -> None:
        number = next(n for n in range(len(self._places) + 1) if n not in self._places)
        actor = self._new()
        self._places[number] = _Place(number, actor, actor.hello.remote())

    def _hand_out(self, tasks: Tasks) -> Iterator[Event]:
        for place in list(self._places.values()):
            if self.stopping or place.waited_for is not None:
                continue
            task, losses = self._again.pop() if self._again else (tasks.take(), 0)
            if task is None:
                return
            place.task, place.losses = task, losses
            with plainly(self._address):
                place.stream = place.actor.do.options(num_returns="streaming").remote(task)
            yield Started(place.number, task)

    def _ready(self) -> list[_Place]:
        """Those that have something to say within a moment."""
        waiting = {place.waited_for: place for place in self._places.values() if place.waited_for is not None}
        if not waiting:  # nobody is there yet, or all that is left is being done by another run
            time.sleep(TICK_S)
            return []
        with plainly(self._address):
            refs = list(waiting)
            some, _ = self._ray.wait(refs, num_returns=1, timeout=TICK_S, fetch_local=False)
            if some:
                some, _ = self._ray.wait(refs, num_returns=len(refs), timeout=0, fetch_local=False)
        return [waiting[ref] for ref in some]

    def _hear(self, place: _Place) -> Iterator[Event]:
        from ray.exceptions import RayError

        task = place.task
        try:
            said = self._ray.get(place.hello if task is None else next(place.stream))
        except (RayError, StopIteration) as error:
            yield from self._after_loss(place, error)
            return
        if isinstance(said, Hello):
            self._welcome(place, said)
            return
        assert task is not None
        if isinstance(said, float):
            yield Share(place.number, task, said)
            return
        place.task = place.stream = None
        yield Ended(place.number, task, said)

    def _welcome(self, place: _Place, hello: Hello) -> None:
        place.hello = None
        problem = hello.problem
        if hello.version != __version__:
            problem = f"it has version {hello.version} of knee-track, and this one is {__version__}"
        if problem is None:
            self._fits = True
        else:
            self._let_go(place)
            self._misfit(f"{hello.host}: {problem}")

    def _after_loss(self, place: _Place, error: Exception) -> Iterator[Event]:
        """The task of an actor that is gone, with its machine or alone, is done by another."""
        task, losses = place.task, place.losses + 1
        self._let_go(place)
        if task is None:
            self._misfit(_first_reason(error))
        elif losses < LOSSES:
            self._again.append((task, losses))
        else:
            reason = f"the machine that analysed it was lost {LOSSES} times"
            yield Ended(place.number, task, Failed(reason, "Give each worker more memory, or cut the clip."))

    def _misfit(self, reason: str) -> None:
        """One machine that cannot work is done without, and told once; so many and no other end the run."""
        if reason not in self._misfits:
            log.warning("%s; the run goes on without this machine.", reason)
        self._misfits.append(reason)
        if len(self._misfits) >= MISFITS and not self._fits:
            raise ClusterError(f"No machine of the cluster can work ({self._misfits[-1]}).")

    def _let_go(self, place: _Place) -> None:
        del self._places[place.number]
        with plainly(self._address):
            self._ray.kill(place.actor)


def _first_reason(error: Exception) -> str:
    """What is worth reading of Ray's pages: the last line names the exception in a worker."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [line for line in lines if "Error" in line.partition(":")[0]]
    return (named or lines or [type(error).__name__])[-1].rstrip(".")
