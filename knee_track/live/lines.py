"""The live check without a display: one line of JSON per rep, event, cue, instruction, status and set."""

from __future__ import annotations

import json
import os
import queue
from typing import IO, Final, Self

from knee_track.live.check import LiveCheck
from knee_track.live.happenings import Happening

POLL_S: Final = 0.1


class Lines:
    """Prints happenings, from one thread and whole lines only.

    Parameters
    ----------
    stream : where to; when its reader goes away, the check ends and the set is saved
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream: IO[str] | None = stream
        self._news: queue.SimpleQueue[Happening] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def tell(self, happening: Happening) -> None:
        """Take a happening, from any thread."""
        self._news.put(happening)

    def run(self, check: LiveCheck) -> None:
        """Print until the source ends or nobody reads any more."""
        over = False
        while not over and self._stream is not None:
            over = check.wait(POLL_S)
            self._print()

    def finish(self, check: LiveCheck) -> None:
        """Print what the last set came to."""
        self._print()

    def _print(self) -> None:
        while not self._news.empty() and self._stream is not None:
            line = json.dumps(self._news.get(), ensure_ascii=False)
            try:
                print(line, file=self._stream, flush=True)
            except BrokenPipeError:
                # The reader went away. What is still buffered must not fail when the program ends.
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
                self._stream = None
