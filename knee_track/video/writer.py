"""Writing a video that every browser plays: H.264, yuv420p, index at the front, true frame times."""

from __future__ import annotations

import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from knee_track.errors import OutputError

TIME_BASE = Fraction(1, 90_000)
"""Unit of the written time stamps: fine enough for 240 fps with variable steps."""

KEY_FRAME_INTERVAL = 60
"""Frames between key frames, so that a click in the report jumps without delay."""

BT601 = 6
"""AVCOL_SPC_SMPTE170M, the matrix that OpenCV's conversion to YUV uses."""


class VideoWriter:
    """Context manager that encodes frames and leaves the file only when all went well.

    The first frame is shown at 0 s and the others as much later as their times say. Written beside the
    target under a temporary name and renamed at the end; nothing stays behind after an error.

    Parameters
    ----------
    path : target, replaced when it exists
    width_px, height_px : size of the frames; an odd last column or row is left out, H.264 wants even sizes
    crf : quality, 0 (best) to 51

    Raises
    ------
    OutputError : when the file cannot be written
    """

    def __init__(self, path: Path, width_px: int, height_px: int, *, crf: int = 24) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._shape = (height_px, width_px, 3)
        self._even_size = (width_px // 2 * 2, height_px // 2 * 2)
        # One step of sub-pixel search (subme), measured on 720p phone video: a fifth faster than "superfast"
        # with files and quality alike; without that step another sixth faster, but files up to 70 % larger.
        # No B frames: with variable steps they make the file tell a wrong duration.
        self._options = {
            "preset": "ultrafast",
            "x264-params": "subme=1",
            "crf": str(crf),
            "g": str(KEY_FRAME_INTERVAL),
            "bf": "0",
        }
        self._first_s: float | None = None
        self._last_stamp = -1

    def __enter__(self) -> Self:
        try:
            self._container: OutputContainer = av.open(
                f"file:{self._part}", mode="w", format="mp4", options={"movflags": "+faststart"}
            )
            width, height = self._even_size
            self._stream = self._container.add_stream(
                "libx264", rate=30, options=self._options, width=width, height=height, time_base=TIME_BASE
            )
            self._stream.codec_context.color_range = ColorRange.MPEG
            self._stream.codec_context.colorspace = BT601
            self._container.start_encoding()  # opens the file: an error comes before the work
        except (av.FFmpegError, OSError, ValueError) as error:
            self._remove_part()
            raise self._cannot_write(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        complete = kind is None and self._first_s is not None
        try:
            if complete:
                self._container.mux(self._stream.encode(None))
            self._container.close()
            if complete:
                os.replace(self._part, self._path)
        except (av.FFmpegError, OSError) as problem:
            if kind is None:
                raise self._cannot_write(problem) from problem
        finally:
            self._remove_part()

    def write(self, rgb: NDArray[np.uint8], time_s: float) -> None:
        """Append one RGB picture (h, w, 3) uint8 shown from `time_s` on; times must rise.

        Raises OutputError when the file cannot be written, ValueError for a wrong shape or a time not later.
        """
        import cv2  # converts to YUV three times faster than swscale

        if rgb.shape != self._shape:
            raise ValueError(f"frame has shape {rgb.shape}, expected {self._shape}")
        if self._first_s is None:
            self._first_s = time_s
        stamp = round((time_s - self._first_s) / TIME_BASE)
        if stamp <= self._last_stamp:
            raise ValueError(f"frame at {time_s} s is not later than the one before")
        width, height = self._even_size
        yuv = cv2.cvtColor(rgb[:height, :width], cv2.COLOR_RGB2YUV_I420)
        picture = av.VideoFrame.from_numpy_buffer(yuv, format="yuv420p")
        picture.pts, picture.time_base = stamp, TIME_BASE
        self._last_stamp = stamp
        try:
            self._container.mux(self._stream.encode(picture))
        except (av.FFmpegError, OSError) as error:
            raise self._cannot_write(error) from error

    def _remove_part(self) -> None:
        with suppress(OSError):  # nothing there, or a folder that is gone: the error at hand matters more
            self._part.unlink()

    def _cannot_write(self, error: Exception) -> OutputError:
        reason = getattr(error, "strerror", None) or error
        return OutputError(f"{self._path}: cannot be written ({reason}); choose another folder with -o.")
