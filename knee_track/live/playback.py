"""A clip played as if it were a camera: each frame at its own time."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from knee_track.live.sources import LONG_SIDE_PX, Frame, OnStatus, Status, now_s
from knee_track.video.reader import VideoReader

LATE_S: Final = 0.25
"""Decoding that is this far behind moves the clock: the clip plays slower, it never hurries to catch up."""


class Playback:
    """FrameSource of a video file; see `open_source`.

    `time_s` of its frames are the clip's own time stamps, so that what is measured does not depend on how
    evenly this machine plays it.

    Parameters
    ----------
    real_time : wait for the time of each frame; else as fast as it can be decoded
    loop : begin again at the end; times and numbers go on
    """

    waits = True

    def __init__(
        self,
        path: Path,
        *,
        on_status: OnStatus,
        long_side_px: int = LONG_SIDE_PX,
        real_time: bool = True,
        loop: bool = False,
    ) -> None:
        self.name = path.name
        self._path = path
        self.on_status = on_status
        self._long_side_px = long_side_px
        self._real_time = real_time
        self._loop = loop
        self._closed = threading.Event()
        self._stack = ExitStack()
        self._told_slow = False

    def __enter__(self) -> Self:
        self._reader = self._stack.enter_context(self._opened())
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
        self._stack.close()

    def close(self) -> None:
        """Let the iteration end before the next frame."""
        self._closed.set()

    def __iter__(self) -> Iterator[Frame]:
        number, offset_s, time_s, start_s = 0, 0.0, 0.0, None
        while True:
            for picture in self._reader:
                time_s = offset_s + picture.time_s
                if start_s is None:
                    start_s = now_s() - time_s
                start_s = self._wait_until(start_s + time_s, start_s)
                if self._closed.is_set():
                    return
                yield Frame(picture.rgb, now_s(), time_s, number)
                number += 1
            if not self._loop:
                self.on_status(Status("ended", f"{self.name} is over."))
                return
            offset_s = time_s + 1.0 / self._reader.info.nominal_fps
            self._stack.close()
            gc.collect()  # PyAV's side data hold their picture in a circle, 1.4 MB at 720p with each opening
            self._reader = self._stack.enter_context(self._opened())

    def _opened(self) -> VideoReader:
        return VideoReader(self._path, long_side_px=self._long_side_px)

    def _wait_until(self, due_s: float, start_s: float) -> float:
        """Wait for a frame's time; gives the start of the clock, later by what decoding lost."""
        if not self._real_time:
            return start_s
        late_s = now_s() - due_s
        if late_s <= LATE_S:
            self._closed.wait(max(0.0, -late_s))
            return start_s
        if not self._told_slow:
            self._told_slow = True
            self.on_status(
                Status("slow", f"{self.name} cannot be decoded at its own speed here; it plays slower.")
            )
        return start_s + late_s
