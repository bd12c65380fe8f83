"""A webcam by its index, through OpenCV."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from knee_track.live.connection import BACKOFF, Backoff, LostError, Reconnecting
from knee_track.live.picture import shrunk
from knee_track.live.sources import LONG_SIDE_PX, OnStatus, now_s
from knee_track.video.orientation import Image

WANTED_SIZE: Final = (1280, 720)
"""720p: a client at three metres is still 500 px tall, and USB 2 cameras give it at 30 fps as MJPEG."""

WANTED_FPS: Final = 30

TRIES: Final = 3
"""Failed reads in a row after which a camera counts as lost: some drivers fail once while exposure settles,
and others give an old picture after the first failure (opencv/opencv issue 14044)."""

Capture = Any
"""cv2.VideoCapture, or what a test puts in its place."""


class Camera(Reconnecting):
    """FrameSource of a webcam; see `open_source`.

    Parameters
    ----------
    index : 0 is the first camera
    open_capture : makes the cv2.VideoCapture
    """

    def __init__(
        self,
        index: int,
        *,
        on_status: OnStatus,
        long_side_px: int = LONG_SIDE_PX,
        open_capture: Callable[[int], Capture] | None = None,
        backoff: Backoff = BACKOFF,
    ) -> None:
        opener = open_capture or _open_capture
        super().__init__(
            f"Camera {index}", lambda: CameraConnection(index, opener, long_side_px), on_status, backoff
        )


class CameraConnection:
    """An open webcam that has given its first picture."""

    def __init__(self, index: int, open_capture: Callable[[int], Capture], long_side_px: int) -> None:
        self._index = index
        self._long_side_px = long_side_px
        self._first: tuple[Image, float] | None = None
        with _quiet():
            self._capture = open_capture(index)
        if not self._capture.isOpened():
            self.close()
            raise _not_opened(index)
        try:
            self._first = self.read()
        except LostError:
            self.close()
            raise LostError(
                "busy",
                "opens but gives no picture",
                "end other programs that use it (a video call, a browser tab), or plug it in again",
            ) from None

    def read(self) -> tuple[Image, float]:
        """Next picture; the time is taken when the driver hands it over, before it is unpacked."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        for _ in range(TRIES):
            with _quiet():
                grabbed, captured_s = self._capture.grab(), now_s()
                found, bgr = self._capture.retrieve() if grabbed else (False, None)
            if found and bgr is not None and bgr.size:
                return self._prepared(bgr), captured_s
        if _is_gone(self._index):
            raise LostError("unplugged", "was unplugged", "plug it in again")
        raise LostError("stalled", "gives no more pictures (unplugged?)", "plug it in again")

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()

    def _prepared(self, bgr: Image) -> Image:
        import cv2

        return np.asarray(cv2.cvtColor(shrunk(bgr, self._long_side_px), cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _open_capture(index: int) -> Capture:
    """The capture by the system's own way only: the others would be tried with much noise.

    On Windows DirectShow, since Media Foundation takes 10 s and more to open (opencv/opencv issue 26495).
    MJPEG is asked for before the size, because V4L2 settles the rate when the size is set.
    """
    import cv2

    ways = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}
    capture = cv2.VideoCapture(index, ways.get(sys.platform, cv2.CAP_ANY))
    if capture.isOpened():
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WANTED_SIZE[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, WANTED_SIZE[1])
        capture.set(cv2.CAP_PROP_FPS, WANTED_FPS)
    return capture


def _not_opened(index: int) -> LostError:
    """Why a camera did not open, as far as the system tells."""
    if sys.platform != "linux":
        return LostError(
            "missing",
            "cannot be opened: it is not there, another program uses it, or access is not allowed",
            "check the plug, end other programs that use it, and allow the camera in the system's settings",
        )
    device = Path(f"/dev/video{index}")
    if not device.exists():
        there = sorted(int(p.name[5:]) for p in Path("/dev").glob("video*") if p.name[5:].isdigit())
        others = f"use --camera {there[0]}" if there else "plug one in"
        return LostError("missing", "is not there", f"{others}, or name a stream or a video with --source")
    if _open_error(device) in (errno.EACCES, errno.EPERM):
        return LostError("busy", "may not be used by you", "add yourself to the group 'video', log in anew")
    return LostError(
        "busy",
        "cannot be opened (another program uses it, or it is no camera)",
        "end that program, or choose another with --camera",
    )


def _open_error(device: Path) -> int | None:
    try:
        os.close(os.open(device, os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        return error.errno
    return None


def _is_gone(index: int) -> bool:
    """Whether the system has removed the camera; False where it does not tell."""
    return sys.platform == "linux" and not Path(f"/dev/video{index}").exists()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep OpenCV from writing about failures that are told in our own words."""
    import cv2

    logs = cv2.utils.logging
    level = logs.getLogLevel()
    logs.setLogLevel(logs.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        logs.setLogLevel(level)
