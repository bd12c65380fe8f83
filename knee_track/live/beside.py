"""Slow work beside the frames: one job at a time, and the newest wish waits, older ones are dropped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track.judgement import Declared
from knee_track.live.held import Held, hold_standing
from knee_track.live.review import review
from knee_track.pose.track import PoseTrack
from knee_track.results import Analysis
from knee_track.settings import Settings

Floats = NDArray[np.float64]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """held: a leg model, None when none could be fitted. analysis: of a review, None of a calibration.

    quiet: held comes from quiet standing. from_s, until_s: the stretch that was looked at. motion_px (2,):
    where the background was at its end.
    """

    held: Held | None
    analysis: Analysis | None
    from_s: float
    until_s: float
    motion_px: Floats
    quiet: bool = False


Job = Callable[[], Done]


class Beside:
    """A single worker; `inline` works at once, in the caller's thread."""

    def __init__(self, *, inline: bool) -> None:
        self._threads = None if inline else ThreadPoolExecutor(1, thread_name_prefix="live")
        self._running: Future[Done] | None = None
        self._waiting: Job | None = None
        self._finished: Done | None = None

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        return self._running is not None

    def close(self) -> None:
        """Drop what waits; the job that runs ends by itself and is not heard of."""
        self._waiting = None
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def poll(self) -> Done | None:
        """The result that has come in since the last call; begins the job that waited."""
        done, self._finished = self._finished, None
        if self._running is not None and self._running.done():
            done, self._running = _result(self._running), None
            if self._waiting is not None:
                job, self._waiting = self._waiting, None
                self._start(job)
        return done

    def wait(self) -> Done | None:
        """The next result, waited for; None when nothing is under way."""
        done = self.poll()
        while done is None and self._running is not None:
            self._running.exception()
            done = self.poll()
        return done

    def hold_standing(
        self,
        raw: PoseTrack,
        motion_px: Floats,
        settings: Settings,
        declared: Declared,
        *,
        quiet: bool,
        smoothed_by_mediapipe: bool,
    ) -> bool:
        """Fit the leg model to standing, quiet or not; False when the worker has something else to do."""
        if self.busy:
            return False
        sided = raw.mirrored() if declared.mirrored else raw

        def job() -> Done:
            held = hold_standing(
                sided,
                motion_px,
                settings,
                mirrored=declared.mirrored,
                smoothed_by_mediapipe=smoothed_by_mediapipe,
            )
            return Done(held, None, float(raw.times_s[0]), float(raw.times_s[-1]), motion_px, quiet)

        self._start(job)
        return True

    def review(
        self,
        raw: PoseTrack,
        motion_px: Floats,
        declared: Declared,
        settings: Settings,
        *,
        smoothed_by_mediapipe: bool,
    ) -> None:
        """Analyse the set so far; a review that waits is replaced."""

        def job() -> Done:
            found = review(raw, motion_px, declared, settings, smoothed_by_mediapipe=smoothed_by_mediapipe)
            return Done(
                found.held, found.analysis, float(raw.times_s[0]), float(raw.times_s[-1]), motion_px[-1]
            )

        if self.busy:
            self._waiting = job
        else:
            self._start(job)

    def _start(self, job: Job) -> None:
        if self._threads is not None:
            self._running = self._threads.submit(job)
            return
        future: Future[Done] = Future()
        try:
            future.set_result(job())
        except Exception as error:
            future.set_exception(error)
        self._finished = _result(future)


def _result(future: Future[Done]) -> Done | None:
    """What a job found; a failure is logged and costs that job only."""
    try:
        return future.result()
    except Exception:
        log.exception("the set so far could not be measured")
        return None
