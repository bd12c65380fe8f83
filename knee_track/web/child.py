"""Work in a process of its own: what a hostile clip breaks there breaks nothing here.

The work is a picklable callable that gets `tell(stage, share)` and returns a text. The process ends with its
server, however that ends.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final

from knee_track.errors import KneeTrackError
from knee_track.system import end_with_parent

Tell = Callable[[str, float], None]
"""Told what is under way, and the share of it that is done, 0 to 1."""
Work = Callable[[Tell], str]

PATIENCE_S: Final = 5.0
"""Time to end by itself when asked to."""

TELL_S: Final = 0.1
"""Time between two words about progress."""

log = logging.getLogger(__name__)


class WorkError(KneeTrackError):
    """The work failed; the sentence says why."""


class Child:
    """A process that does one piece of work, begun at once."""

    def __init__(self, work: Work) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(work, theirs), name="knee-track-work")
        self._process.start()
        theirs.close()

    def result(self, tell: Tell | None = None, timeout_s: float | None = None) -> str:
        """What the work returned; raises WorkError when it failed, ended unasked, or took too long."""
        end_s = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            left_s = None if end_s is None else max(0.0, end_s - time.monotonic())
            if not self._ours.poll(left_s):
                raise WorkError("This takes too long and was given up.")
            try:
                kind, text, share = self._ours.recv()
            except (EOFError, OSError) as error:
                raise WorkError("The process that did this ended unexpectedly.") from error
            if kind == "stage":
                if tell is not None:
                    tell(text, share)
                continue
            self._process.join(PATIENCE_S)  # it has nothing left to do but to end
            if kind == "failed":
                raise WorkError(text)
            return str(text)

    def stop(self) -> None:
        """End it; harmless when it has ended."""
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(PATIENCE_S)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()

    def close(self) -> None:
        """End it and let go of it; from the thread that waits for the result."""
        self.stop()
        self._ours.close()


def _run(work: Work, connection: Connection) -> None:
    """Do the work in the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends its children
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that open files and processes are closed
    end_with_parent()
    told_s = 0.0

    def tell(stage: str, share: float) -> None:
        nonlocal told_s
        if time.monotonic() - told_s >= TELL_S or share in (0.0, 1.0):
            told_s = time.monotonic()
            connection.send(("stage", stage, share))

    try:
        connection.send(("done", work(tell), 1.0))
    except KneeTrackError as error:
        connection.send(("failed", str(error), 0.0))
    except Exception:
        log.exception("a piece of work failed")
        sentence = "Something unexpected went wrong; the terminal of 'knee-track serve' shows what."
        connection.send(("failed", sentence, 0.0))
