"""A place on a cluster: what runs on another machine, and holds a worker like those of this one.

The actor itself touches no clip. It keeps a `Pool` of one: a process with its own limits of time and memory
that a hostile clip may end, twice, without the cluster hearing of it. So when the actor is gone, its machine
is to blame and not the clip.
"""

from __future__ import annotations

import os
import socket
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from knee_track import __version__
from knee_track.batch.node import node_folder
from knee_track.batch.pool import Ended, Pool, Share
from knee_track.batch.work import Equipment
from knee_track.batch.worker import Done, Failed, Task
from knee_track.errors import KneeTrackError
from knee_track.pose.bundles import read_bundle

TELL_INTERVAL_S: Final = 3.0  # a run may listen to thousands


@dataclass(frozen=True)
class Hello:
    """What an actor says when it is there; `problem` is why it cannot work."""

    host: str
    version: str = __version__
    problem: str | None = None


class RayWorker:
    """Does one task after another; made into an actor of one processor by `ray_pool`."""

    def __init__(self, equipment: Equipment, model: bytes, sha256: str, shared: Sequence[Path]) -> None:
        self._given = equipment, model, sha256, shared
        self._stack = ExitStack()
        self._folder = Path()
        self._pool: Pool | None = None

    def hello(self) -> Hello:
        """Get ready: the model, which came with us, is written to this machine's disk and checked."""
        equipment, model, sha256, shared = self._given
        try:
            missing = [place for place in shared if not place.is_dir()]
            if missing:
                raise KneeTrackError(f"it has no folder {missing[0]}; share it, or use a URL")
            os.umask(0o077)
            self._folder = self._stack.enter_context(node_folder())
            path = self._folder / "model.task"
            path.write_bytes(model)
            if read_bundle(path).sha256 != sha256:
                raise KneeTrackError("the pose model was changed on its way")
        except (KneeTrackError, OSError) as error:
            return Hello(socket.gethostname(), problem=str(error).rstrip("."))
        # A spawned process reads the main module again, which here is Ray's: half a second and 100 MB.
        vars(sys.modules["__main__"]).pop("__file__", None)
        self._pool = self._stack.enter_context(Pool(1, replace(equipment, model=path), self._folder))
        self._given = equipment, b"", sha256, shared
        return Hello(socket.gethostname())

    def do(self, task: Task) -> Iterator[float | Done | Failed]:
        """Shares done, and at last what the task gave."""
        assert self._pool is not None
        told_s = time.monotonic()
        for event in self._pool.run(_One(self._own(task))):
            if isinstance(event, Share) and time.monotonic() - told_s >= TELL_INTERVAL_S:
                told_s = time.monotonic()
                yield event.share
            elif isinstance(event, Ended):
                yield event.result

    def close(self) -> None:
        """End the process and take its folder away."""
        self._stack.close()

    def _own(self, task: Task) -> Task:
        """The task with a folder for its unfinished result that no lost machine still writes into."""
        if task.target is not None:
            return replace(task, scratch=self._folder / "clip")
        if task.scratch is not None:
            return replace(task, scratch=task.scratch / uuid.uuid4().hex[:8])
        return task


class _One:
    """A queue of one."""

    def __init__(self, task: Task) -> None:
        self._task: Task | None = task

    def take(self) -> Task | None:
        task, self._task = self._task, None
        return task

    def waiting(self) -> bool:
        return self._task is not None
