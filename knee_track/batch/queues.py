"""The two queues of a run: clips to look into, and clips to analyse."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from knee_track.batch.clips import Clip, Job
from knee_track.batch.ground import Ground
from knee_track.batch.worker import Task
from knee_track.store.keys import ClipKey

LOOK_S: Final = 60.0
LOOK_BYTES_PER_S: Final = 5e6  # a slow network share
CLIP_S: Final = 180.0
PER_SECOND: Final = 60.0
"""Limit of a clip: about twenty times what it takes in one process on a machine of 2020."""


class Looks:
    """Every clip that can be read, in the order of paths; a task's number is the clip's place."""

    def __init__(self, clips: Sequence[Clip]) -> None:
        self._left = deque(
            Task(number, clip.place, None, LOOK_S + clip.size / LOOK_BYTES_PER_S)
            for number, clip in enumerate(clips)
            if clip.problem is None
        )

    def take(self) -> Task | None:
        """The next clip."""
        return self._left.popleft() if self._left else None

    def waiting(self) -> bool:
        """Whether there are more."""
        return bool(self._left)


class Jobs:
    """Clips to analyse, each claimed before it is handed out, so that two runs do not do the same.

    limit : factor on the time that a clip may take
    done_meanwhile : asked once a clip is claimed: has another run's result come into the store?
    skipped : jobs for which that was so
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        ground: Ground,
        limit: float,
        done_meanwhile: Callable[[ClipKey], bool],
    ) -> None:
        self.skipped: list[Job] = []
        self._left = deque(enumerate(jobs))
        self._ground, self._limit, self._done_meanwhile = ground, limit, done_meanwhile

    def take(self) -> Task | None:
        """The longest clip that nobody else is at; None while all that are left are being done elsewhere."""
        for _ in range(len(self._left)):
            number, job = self._left.popleft()
            if not self._ground.claim(job.key):
                self._left.append((number, job))
            elif self._done_meanwhile(job.key):
                self._ground.release(job.key)
                self.skipped.append(job)
            else:
                return self._ground.task(number, job, self._limit * limit_s(job))
        return None

    def waiting(self) -> bool:
        """Whether there are more."""
        return bool(self._left)


def limit_s(job: Job) -> float:
    """How long a clip may take; one that lies elsewhere has to be copied first."""
    copying_s = job.clip.size / LOOK_BYTES_PER_S if job.clip.url else 0.0
    return CLIP_S + PER_SECOND * job.duration_s + copying_s
