"""Slow work beside the frames: one job at a time, and the newest wish waits, older ones are dropped."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from knee_track.judgement import Declared
from knee_track.live.held import Held, hold_standing
from knee_track.live.review import review
from knee_track.pose.track import PoseTrack
from knee_track.results import Analysis
from knee_track.settings import Settings
from knee_track.system import one_thread

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
    """A single worker process; `inline` works at once, in the caller's thread.

    A process, since a thread would take turns with the frames at the interpreter's lock: measured, a frame
    then takes 40 ms instead of 5 at the 95th percentile.
    """

    def __init__(self, *, inline: bool) -> None:
        self._worker = None if inline else _Worker()
        self._running: Future[Done] | None = None
        self._waiting: Job | None = None
        self._finished: Done | None = None

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        return self._running is not None

    def close(self) -> None:
        """Break off what runs and drop what waits."""
        self._waiting = None
        if self._worker is not None:
            self._worker.close()

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
            with suppress(CancelledError):
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
        self._start(partial(_hold, raw, motion_px, settings, declared.mirrored, quiet, smoothed_by_mediapipe))
        return True

    def review(
        self,
        raw: PoseTrack,
        motion_px: Floats,
        now_px: Floats,
        declared: Declared,
        settings: Settings,
        *,
        smoothed_by_mediapipe: bool,
    ) -> None:
        """Analyse the set so far; a review that waits is replaced.

        motion_px (n, 2): background travel since the first of these frames. now_px (2,): since the start.
        """
        job = partial(_review, raw, motion_px, now_px, declared, settings, smoothed_by_mediapipe)
        if self.busy:
            self._waiting = job
        else:
            self._start(job)

    def _start(self, job: Job) -> None:
        if self._worker is not None:
            self._running = self._worker.do(job)
            return
        future: Future[Done] = Future()
        try:
            future.set_result(job())
        except Exception as error:
            future.set_exception(error)
        self._finished = _result(future)


class _Worker:
    """A process that does one job at a time, asked by a thread; it can be ended in the middle of a job."""

    def __init__(self) -> None:
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="live-beside")
        self._closed = False
        self._begin()

    def do(self, job: Job) -> Future[Done]:
        """Have a job done."""
        return self._asking.submit(self._ask, job)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closed = True
        self._process.kill()
        self._asking.shutdown(cancel_futures=True)
        self._process.join()
        self._pipe.close()

    def _begin(self) -> None:
        """A process begun before it is needed: its imports take a second or two."""
        context = get_context("spawn")
        self._pipe, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there,), name="live-beside", daemon=True)
        self._process.start()
        there.close()

    def _ask(self, job: Job) -> Done:
        try:
            self._pipe.send(job)
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            if self._closed:
                raise CancelledError from error
            self._pipe.close()
            self._process.join()
            self._begin()
            raise RuntimeError(
                "the process that measures finished reps has ended; it is begun anew"
            ) from error
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Done)
        return answer


def _serve(pipe: Connection) -> None:
    """Do jobs until nobody asks any more, at the lowest priority: the frames come first.

    Measured on two cores: at a higher one, with more threads, frames are decided 5 to 10 ms later (p95).
    """
    if hasattr(os, "nice"):
        os.nice(19)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    with suppress(EOFError, OSError), one_thread():
        while True:
            job: Job = pipe.recv()
            try:
                pipe.send(job())
            except Exception as error:
                pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))


def _hold(
    raw: PoseTrack,
    motion_px: Floats,
    settings: Settings,
    mirrored: bool,
    quiet: bool,
    smoothed_by_mediapipe: bool,
) -> Done:
    held = hold_standing(
        raw.mirrored() if mirrored else raw,
        motion_px,
        settings,
        mirrored=mirrored,
        smoothed_by_mediapipe=smoothed_by_mediapipe,
    )
    return Done(held, None, float(raw.times_s[0]), float(raw.times_s[-1]), motion_px, quiet)


def _review(
    raw: PoseTrack,
    motion_px: Floats,
    now_px: Floats,
    declared: Declared,
    settings: Settings,
    smoothed_by_mediapipe: bool,
) -> Done:
    found = review(raw, motion_px, declared, settings, smoothed_by_mediapipe=smoothed_by_mediapipe)
    return Done(found.held, found.analysis, float(raw.times_s[0]), float(raw.times_s[-1]), now_px)


def _result(future: Future[Done]) -> Done | None:
    """What a job found; a failure is logged and costs that job only."""
    try:
        return future.result()
    except CancelledError:
        return None
    except Exception:
        log.exception("the set so far could not be measured")
        return None
