"""The workers of a run: handing out tasks, hearing of results, and replacing those that die."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from knee_track.batch.work import Equipment
from knee_track.batch.worker import Done, Failed, Task, serve

TICK_S: Final = 0.5
TRIES: Final = 2
SET_ASIDE: Final = "ended its worker twice"
END_S: Final = 5.0


class Tasks(Protocol):
    """Where tasks come from."""

    def take(self) -> Task | None:
        """The next task; None when there is none now."""

    def waiting(self) -> bool:
        """Whether more may come."""


@dataclass(frozen=True)
class Started:
    worker: int
    task: Task


@dataclass(frozen=True)
class Share:
    worker: int
    task: Task
    share: float


@dataclass(frozen=True)
class Ended:
    worker: int
    task: Task
    result: Done | Failed


Event = Started | Share | Ended


class Workers(Protocol):
    """Those who do a run's work, wherever they are: a context manager, as `Pool` is."""

    stopping: bool

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def run(self, tasks: Tasks) -> Iterator[Event]:
        """Do all tasks and tell what happens, each with one Ended; unless `stopping` is set."""


class Pool:
    """Processes that work side by side; a context manager. They are started when there is work for them.

    Workers are spawned, never forked: threads and native code do not survive a fork.

    Attributes
    ----------
    stopping : set it, and no more tasks are handed out; `run` ends when those begun have ended
    """

    def __init__(self, size: int, equipment: Equipment, scratch: Path) -> None:
        self.stopping = False
        self._places: list[_Worker | None] = [None] * size
        self._hire: Callable[[int], _Worker] = lambda number: _Worker(number, equipment, scratch)
        self._again: list[tuple[Task, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._places:
            if worker is not None:
                worker.dismiss()

    def run(self, tasks: Tasks) -> Iterator[Event]:
        """Do all tasks and tell what happens, each with one Ended; unless `stopping` is set."""
        while True:
            yield from self._hand_out(tasks)
            busy = [worker for worker in self._places if worker is not None and worker.task is not None]
            if not busy and (self.stopping or not (self._again or tasks.waiting())):
                return
            yield from self._listen(busy)

    def _hand_out(self, tasks: Tasks) -> Iterator[Event]:
        for number, worker in enumerate(self._places):
            if self.stopping or (worker is not None and worker.task is not None):
                continue
            task, tries = self._again.pop() if self._again else (tasks.take(), 1)
            if task is None:
                return
            if worker is None:
                worker = self._places[number] = self._hire(number)
            worker.begin(task, tries)
            yield Started(number, task)

    def _listen(self, busy: list[_Worker]) -> Iterator[Event]:
        """What workers say within a moment; those that died or took too long are let go."""
        if not busy:  # all that is left is being done by another run
            time.sleep(TICK_S)
            return
        ready = wait([worker.connection for worker in busy], TICK_S)
        for worker in busy:
            task = worker.task
            assert task is not None
            if worker.connection in ready:
                said = worker.hear()
                if isinstance(said, float):
                    yield Share(worker.number, task, said)
                    continue
                if said is not None:
                    yield Ended(worker.number, task, said)
                    continue
                yield from self._after_death(worker, task)
            elif worker.late():
                self._let_go(worker)
                minutes = task.limit_s / 60
                reason = f"took longer than {minutes:.0f} min, the limit for a clip of its length"
                remedy = "Cut the clip to the set itself, or allow more with --time-limit."
                yield Ended(worker.number, task, Failed(reason, remedy))

    def _after_death(self, worker: _Worker, task: Task) -> Iterator[Event]:
        """A task is tried once more with a new worker; the second time it is to blame."""
        tries = worker.tries
        self._let_go(worker)
        if tries < TRIES:
            self._again.append((task, tries + 1))
            return
        remedy = "Convert it to MP4 (H.264), or try again with --again."
        yield Ended(worker.number, task, Failed(f"{SET_ASIDE} (damaged, or made to do harm)", remedy))

    def _let_go(self, worker: _Worker) -> None:
        worker.dismiss()
        self._places[worker.number] = None


class _Worker:
    """One process and what it is doing."""

    def __init__(self, number: int, equipment: Equipment, scratch: Path) -> None:
        self.number = number
        self.task: Task | None = None
        self.tries = 0
        self._late_s = float("inf")
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=serve, args=(theirs, equipment, scratch / f"worker_{number + 1}.log"), daemon=True
        )
        self._process.start()
        theirs.close()

    def begin(self, task: Task, tries: int) -> None:
        self.task, self.tries, self._late_s = task, tries, time.monotonic() + task.limit_s
        with suppress(OSError):  # it died idle: the connection says so next
            self.connection.send(task)

    def hear(self) -> Done | Failed | float | None:
        """A share, a result, or None when the process is gone."""
        try:
            said: Done | Failed | float = self.connection.recv()
        except (EOFError, OSError):
            return None
        if not isinstance(said, float):
            self.task = None
        return said

    def late(self) -> bool:
        return time.monotonic() > self._late_s

    def dismiss(self) -> None:
        """End the process, in peace when it is idle."""
        if self.task is None:
            with suppress(OSError):
                self.connection.send(None)
            self._process.join(END_S)
        self._process.kill()
        self._process.join()
        self.connection.close()
