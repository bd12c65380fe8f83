"""Keeping the live pictures as a video, without ever holding up what is live."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Final

import numpy as np

from knee_track.errors import OutputError
from knee_track.live.sources import Frame
from knee_track.video.orientation import Image
from knee_track.video.writer import VideoWriter

WAITING: Final = 8
"""Pictures that may wait for the encoder, a quarter of a second; 22 MB at 720p. More are dropped."""


class Film:
    """Writes frames to an H.264 file in a thread of its own.

    Attributes
    ----------
    path : of the file
    first_s : `time_s` of the first picture, which is second 0 of the file; None before there is one
    dropped : pictures that the encoder had no time for
    problem : why nothing more is written, None while all is well
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first_s: float | None = None
        self.dropped = 0
        self.problem: OutputError | None = None
        self._closed = False
        self._waiting: queue.Queue[Frame | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._write, name="live-film", daemon=True)
        self._thread.start()

    def kept(self) -> tuple[Path, float] | None:
        """The finished file and `time_s` of its first picture; None when there is none. After `close`."""
        if self.problem is not None or self.first_s is None:
            return None
        return self.path, self.first_s

    def add(self, frame: Frame) -> None:
        """Leave a frame to be written; never waits."""
        if self._closed:
            return
        try:
            self._waiting.put_nowait(frame)
        except queue.Full:
            self.dropped += 1
            return
        if self.first_s is None:
            self.first_s = frame.time_s

    def close(self) -> None:
        """Write what waits and finish the file; the file is there when this returns and `problem` is None."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _write(self) -> None:
        first = self._waiting.get()
        if first is None:
            return
        height, width = first.rgb.shape[:2]
        try:
            with VideoWriter(self.path, width, height) as writer:
                frame: Frame | None = first
                while frame is not None:
                    writer.write(_fitted(frame.rgb, width, height), frame.time_s)
                    frame = self._waiting.get()
        except Exception as error:  # whatever it is must not take the live run down
            text = str(error) if isinstance(error, OutputError) else f"{self.path}: {error}."
            self.problem = OutputError(text)
            while self._waiting.get() is not None:
                self.dropped += 1


def _fitted(rgb: Image, width: int, height: int) -> Image:
    """The picture at the size of the film: a camera may come back with another one."""
    if rgb.shape[:2] == (height, width):
        return rgb
    import cv2

    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
