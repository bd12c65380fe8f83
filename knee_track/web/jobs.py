"""The queue of analyses: one at a time, in the order in which they came, whether or not a page watches."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Literal

from knee_track.web.child import Child, Work, WorkError
from knee_track.web.uploads import Refused

MOST_WAITING: Final = 20
MOST_KEPT: Final = 100
"""Finished jobs that are remembered, for pages that come back."""

log = logging.getLogger(__name__)


@dataclass
class Job:
    """An analysis that waits, runs or is over.

    Attributes
    ----------
    name : what is shown
    precious : cannot be done again, so that the end of the server waits for it
    stage, share : what is under way and how much of it is done, 0 to 1
    ahead : how many come first
    text : what the work returned, or why it failed
    """

    name: str
    work: Work
    clean_up: Callable[[], None]
    precious: bool = False
    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    state: Literal["waiting", "running", "done", "failed", "cancelled"] = "waiting"
    stage: str = "Waiting"
    share: float = 0.0
    ahead: int = 0
    text: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")

    def facts(self) -> dict[str, Any]:
        """What a page may know."""
        return {
            "id": self.id,
            "name": self.name,
            "live": self.precious,
            "state": self.state,
            "stage": self.stage,
            "share": round(self.share, 3),
            "ahead": self.ahead,
            "error": self.text if self.state == "failed" else None,
        }


class Jobs:
    """Runs jobs in a thread; `close` ends what runs and drops what waits."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._child: Child | None = None
        self._thread = threading.Thread(target=self._loop, name="web-jobs", daemon=True)
        self._thread.start()

    def add(
        self, name: str, work: Work, clean_up: Callable[[], None] = lambda: None, *, precious: bool = False
    ) -> Job:
        """Put work at the end of the queue; `clean_up` is called once it is over, however it ends.

        precious : cannot be done again: `close` waits for it. Raises Refused when too many others wait.
        """
        job = Job(name, work, clean_up, precious)
        with self._changed:
            if self._closed or (len(self._waiting()) >= MOST_WAITING and not precious):
                raise Refused(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    f"{MOST_WAITING} clips are waiting already; try again later.",
                )
            self._jobs[job.id] = job
            self._forget_old()
            self._count_ahead()
            self._changed.notify_all()
        return job

    def find(self, id_: str) -> Job | None:
        """The job of that id."""
        return self._jobs.get(id_)

    def all(self) -> list[Job]:
        """All that are remembered, oldest first."""
        with self._changed:
            return list(self._jobs.values())

    def cancel(self, job: Job) -> None:
        """End a job, whether it waits or runs."""
        with self._changed:
            if job.over:
                return
            waited, job.state = job.state == "waiting", "cancelled"
            child = None if waited else self._child
            self._count_ahead()
        if waited:
            job.clean_up()
        if child is not None:
            child.stop()

    def close(self) -> None:
        """Cancel all that can be done again, finish what cannot, and wait for the end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for job in self.all():
            if not job.precious:
                self.cancel(job)
        self._thread.join()

    def _waiting(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.state == "waiting"]

    def _count_ahead(self) -> None:
        running = sum(job.state == "running" for job in self._jobs.values())
        for place, job in enumerate(self._waiting()):
            job.ahead = place + running

    def _forget_old(self) -> None:
        over = [job.id for job in self._jobs.values() if job.over]
        for id_ in over[: max(0, len(over) - MOST_KEPT)]:
            del self._jobs[id_]

    def _loop(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting())
                if not self._waiting():
                    return
                job = self._waiting()[0]
                job.state, job.stage, job.ahead = "running", "Starting", 0
                self._count_ahead()
                self._child = Child(job.work)
            self._watch(job, self._child)

    def _watch(self, job: Job, child: Child) -> None:
        def tell(stage: str, share: float) -> None:
            job.stage, job.share = stage, share

        state: Literal["done", "failed"] = "done"
        try:
            text = child.result(tell)
        except WorkError as error:
            state, text = "failed", str(error)
        except Exception:
            log.exception("a job was lost")
            state, text = "failed", "Something unexpected went wrong; see the terminal."
        child.close()
        job.clean_up()
        with self._changed:
            self._child = None
            if job.state == "running":
                job.text, job.share, job.state = text, 1.0, state
            self._count_ahead()
