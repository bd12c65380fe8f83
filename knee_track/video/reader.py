"""Reading a clip: upright RGB frames at their true times, decoded ahead in a second thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from knee_track.errors import UsageError, VideoError
from knee_track.video.clock import Clock
from knee_track.video.decoder import Decoder, stamp_of
from knee_track.video.info import VideoInfo, describe, file_sha256, frame_times_s, open_video, video_stream
from knee_track.video.orientation import Image, Orientation
from knee_track.video.prefetch import prefetched

__all__ = ["Frame", "VideoInfo", "VideoReader", "file_sha256", "frame_times_s", "grab_frames"]

FRAMES_AHEAD = 4
"""Frames decoded ahead of the consumer: enough to bridge a slow packet, 100 MB at 4K."""

CUT_TOLERANCE_S = 0.0005
"""A cut given in rounded milliseconds still takes the frame it names."""

LOSS_TOLERANCE_S = 0.25
"""A video that ends this much before its announced end is called truncated; sound often runs a little on."""


@dataclass(frozen=True)
class Frame:
    """One picture of a clip.

    Attributes
    ----------
    index : 0-based number in the whole clip
    time_s : seconds from the first frame's own time stamp, strictly rising
    rgb : (h, w, 3) uint8, upright, C-contiguous, free to be drawn on
    """

    index: int
    time_s: float
    rgb: Image


class VideoReader:
    """Context manager that yields the frames of a clip, once.

    Parameters
    ----------
    path : video file
    long_side_px : longest side of the yielded pictures; smaller clips keep their size
    start_s, end_s : yield only frames in this span (both ends included); times stay those of the whole clip

    Attributes
    ----------
    info : what the file says about itself; from entering on
    warnings : plain sentences about what was lost or repaired; complete after the last frame

    Raises
    ------
    VideoError : on entering, when the file cannot be used; while iterating, when the span holds no frame
    UsageError : when the span is empty or runs backward

    Examples
    --------
    >>> with VideoReader(Path("clip.mp4"), long_side_px=640) as reader:  # doctest: +SKIP
    ...     for frame in reader:
    ...         print(frame.index, frame.time_s, frame.rgb.shape)
    """

    info: VideoInfo

    def __init__(
        self,
        path: Path,
        *,
        long_side_px: int | None = None,
        start_s: float | None = None,
        end_s: float | None = None,
    ) -> None:
        if end_s is not None and end_s <= (start_s or 0.0):
            raise UsageError(
                f"The cut must end later than it starts, not run from {start_s or 0} to {end_s} s."
            )
        self.warnings: list[str] = []
        self._path = path
        self._long_side_px = long_side_px
        self._start_s = start_s
        self._end_s = end_s
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            container = stack.enter_context(open_video(self._path))
            stream = video_stream(container, self._path)
            self._decoder = Decoder(container, stream)
            stack.callback(self._decoder.close)
            first = self._decoder.peek()
            if first is None:
                raise VideoError(
                    f"{self._path}: holds no frame that can be decoded; copy or record it again."
                )
            self._orientation = Orientation.of(first)
            self.info = describe(self._path, container, stream, self._orientation)
            self._time_base = stream.time_base or Fraction(1, av.time_base)
            self._origin = stamp_of(first) or 0
            self._size = self._stored_size()
            self._scaler = VideoReformatter()
            self._frames = prefetched(self._read(), FRAMES_AHEAD)
            stack.callback(self._frames.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[Frame]:
        return self._frames

    def _stored_size(self) -> tuple[int, int]:
        """(width, height) of the scaled picture as it is stored, before it is turned upright."""
        width, height = self.info.width_px, self.info.height_px
        if self._long_side_px is not None and self._long_side_px < max(width, height):
            factor = self._long_side_px / max(width, height)
            width, height = max(1, round(width * factor)), max(1, round(height * factor))
        return (height, width) if self._orientation.swaps_sides else (width, height)

    def _read(self) -> Iterator[Frame]:
        clock = Clock(1.0 / self.info.nominal_fps)
        start_s = 0.0 if self._start_s is None else self._start_s - CUT_TOLERANCE_S
        end_s = float("inf") if self._end_s is None else self._end_s + CUT_TOLERANCE_S
        if start_s > 0.0:
            self._decoder.skip_to(self._origin + int(start_s / self._time_base))
        index, read_to_s = -1, 0.0
        for picture in self._decoder:
            time_s = clock.time_of(self._stamp_s(picture))
            if time_s > end_s:
                break
            read_to_s = time_s + float(picture.duration * self._time_base)
            if time_s >= start_s:
                index = index + 1 if index >= 0 else self._decoder.index_of(picture)
                yield Frame(index, time_s, self._upright_rgb(picture))
        else:
            self._warn_of_truncation(read_to_s)
        self._warn_of_damage(clock.repaired)
        if index < 0:
            until = "the end" if self._end_s is None else f"{self._end_s:.2f} s"
            raise VideoError(
                f"{self._path}: has no frame between {self._start_s or 0.0:.2f} s and {until}; "
                f"the clip is {self.info.duration_s or read_to_s:.1f} s long."
            )

    def _stamp_s(self, picture: av.VideoFrame) -> float | None:
        stamp = stamp_of(picture)
        return None if stamp is None else float((stamp - self._origin) * self._time_base)

    def _upright_rgb(self, picture: av.VideoFrame) -> Image:
        """Scale and convert in one pass, averaging over the area so that nothing aliases; then turn."""
        width, height = self._size
        # One thread: the pose network needs the other cores.
        scaled = self._scaler.reformat(
            picture, width, height, "rgb24", interpolation=Interpolation.AREA, threads=1
        )
        return self._orientation.upright(np.asarray(scaled.to_ndarray(), dtype=np.uint8))

    def _warn_of_truncation(self, read_to_s: float) -> None:
        announced_s = self.info.duration_s
        if announced_s is not None and announced_s - read_to_s > LOSS_TOLERANCE_S:
            self.warnings.append(
                f"The file ends early: {announced_s:.1f} s were announced, {read_to_s:.1f} s could be read."
            )

    def _warn_of_damage(self, repaired_stamps: int) -> None:
        if self._decoder.damaged:
            self.warnings.append(
                f"Damaged pieces of the video, skipped or shown with errors: {self._decoder.damaged}."
            )
        if repaired_stamps:
            self.warnings.append(
                f"Time stamps that were missing, repeated or backward, and were repaired: {repaired_stamps}."
            )


def grab_frames(path: Path, times_s: Sequence[float], long_side_px: int | None = None) -> list[Image]:
    """Upright RGB pictures (h, w, 3) shown at the given times, in the order of the times.

    A time between two frames gives the later one. Each picture costs decoding from the key frame before it.
    Raises VideoError when the file cannot be used or a time lies after the last frame.
    """
    pictures = []
    for time_s in times_s:
        with VideoReader(path, long_side_px=long_side_px, start_s=time_s) as reader:
            pictures.append(next(iter(reader)).rgb)
    return pictures
