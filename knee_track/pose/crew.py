"""Pose processes that are kept warm and lent to one pass over a clip after another.

Starting one costs about 1.2 s of a core, as much as a second of video: a batch keeps its own from clip to
clip.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from knee_track.pose.bundles import Bundle
from knee_track.pose.landmarker import PoseProcess
from knee_track.settings import PoseSettings


class Crew:
    """Up to `size` pose processes, started when first needed; a context manager.

    Passes may borrow from several threads; who finds none free waits. How many there are changes the time
    taken, never the numbers: a tracker begins anew with each pass.

    Attributes
    ----------
    bundle : the model that all of them run
    size : the most that work at the same time; may be changed between clips
    """

    def __init__(self, bundle: Bundle, settings: PoseSettings, size: int) -> None:
        self.bundle = bundle
        self.size = size
        self._max_people = settings.max_people
        self._free: list[PoseProcess] = []
        self._lent: set[PoseProcess] = set()
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes; a pass that has one on loan fails with a PoseError."""
        with self._changed:
            while self._free:
                self._free.pop().close()
            for process in self._lent:
                process.kill()

    def start(self, count: int) -> None:
        """Let so many processes, `size` at most, be there; they start while the caller goes on."""
        with self._changed:
            for _ in range(len(self._lent) + len(self._free), min(count, self.size)):
                self._free.append(self._new())

    @contextmanager
    def lent(self) -> Iterator[PoseProcess]:
        """A process for one pass. Raises PoseError when none can be started.

        One that failed, or was left with frames unanswered, is not lent again.
        """
        process = self._take()
        try:
            yield process
        except BaseException:
            self._give_back(process, fit=False)
            raise
        self._give_back(process)

    def _take(self) -> PoseProcess:
        with self._changed:
            self._changed.wait_for(lambda: len(self._lent) < self.size)
            process = self._free.pop() if self._free else self._new()
            self._lent.add(process)
            return process

    def _give_back(self, process: PoseProcess, *, fit: bool = True) -> None:
        with self._changed:
            self._lent.remove(process)
            if fit and len(self._lent) + len(self._free) < self.size:
                self._free.append(process)
            else:
                process.close()
            self._changed.notify()

    def _new(self) -> PoseProcess:
        return PoseProcess(self.bundle.data, self._max_people)


def usable_cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
