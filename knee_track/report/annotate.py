"""The annotated video and the key frames: one more pass over the clip, drawing what was found."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from knee_track.curves import Curves
from knee_track.pose.skeleton import FOOT_INDEX, HEEL, HIP, LEGS, SHOULDER
from knee_track.pose.track import PoseTrack
from knee_track.report.brush import Rgb
from knee_track.report.moments import Moment
from knee_track.report.overlay import Overlay
from knee_track.results import Analysis
from knee_track.video.prefetch import prefetched
from knee_track.video.reader import Frame, VideoReader, grab_frames
from knee_track.video.writer import VideoWriter

LONG_SIDE_PX = 1280  # a report shows no more, and larger frames would cost the second pass its speed
FRAMES_AHEAD = 3
STILL_HEIGHT_PX = 560
STILL_ASPECT = 3 / 4
MIN_BODY_PX = 16
JPEG_QUALITY = 82

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Still:
    """A key frame: the moment it shows and its picture as JPEG bytes."""

    moment: Moment
    jpeg: bytes


class Annotator:
    """Draws one analysis onto its clip's frames, into a video or single stills.

    Frame times are matched to the track's times, so the clip may be read from anywhere and at any size.
    A clip declared as mirrored is turned round first: the client's left is the picture's right.
    """

    def __init__(self, video_path: Path, analysis: Analysis, curves: Curves, track: PoseTrack):
        self._path, self._analysis, self._curves, self._track = video_path, analysis, curves, track
        self._overlay: Overlay | None = None

    def write_video(
        self, target: Path, moments: Sequence[Moment] = (), progress: Progress | None = None
    ) -> list[Still]:
        """Write the annotated video and return the key frames of `moments`, taken on the way.

        Decoding (in the reader), drawing and encoding overlap in three threads. The new video starts at time
        0 whatever part of the clip was analysed. `progress` is told the share done, 0 to 1. Raises VideoError
        or OutputError.
        """
        stills: dict[Moment, Still] = {}
        with self._reader() as reader, closing(self._annotated(reader, moments, stills)) as frames:
            first = next(frames)
            height, width = first.rgb.shape[:2]
            with VideoWriter(target, width, height) as writer:
                for done, frame in enumerate(chain([first], frames), start=1):
                    writer.write(frame.rgb, frame.time_s)
                    if progress:
                        progress(min(1.0, done / len(self._curves.time_s)))
        return [stills[moment] for moment in moments if moment in stills]

    def take_stills(self, moments: Sequence[Moment]) -> list[Still]:
        """Only the key frames, each read where it lies. Raises VideoError."""
        indices = [self._index_at(moment.time_s) for moment in moments]
        pictures = grab_frames(self._path, self._curves.time_s[indices].tolist(), LONG_SIDE_PX)
        return [
            self._still(self._with_body(picture, index), index, moment)
            for picture, index, moment in zip(pictures, indices, moments, strict=True)
        ]

    def _reader(self) -> VideoReader:
        """The analysed part of the clip; the millisecond keeps a cut of one frame from being empty."""
        times = self._curves.time_s
        start_s, end_s = float(times[0]), float(times[-1]) + 0.001
        return VideoReader(self._path, long_side_px=LONG_SIDE_PX, start_s=start_s, end_s=end_s)

    def _annotated(
        self, reader: VideoReader, moments: Sequence[Moment], stills: dict[Moment, Still]
    ) -> Generator[Frame]:
        """Frames with everything drawn on them, drawn ahead in a thread; fills `stills` as they come by."""
        wanted = {self._index_at(moment.time_s): moment for moment in moments}

        def draw() -> Iterator[Frame]:
            for frame in reader:
                index = self._index_at(frame.time_s)
                picture = self._with_body(frame.rgb, index)
                if index in wanted:
                    moment = wanted.pop(index)
                    stills[moment] = self._still(picture, index, moment)
                self._overlay_for(picture).draw_panels(picture, index)
                yield replace(frame, rgb=picture)

        return prefetched(draw(), FRAMES_AHEAD)

    def _index_at(self, time_s: float) -> int:
        return int(np.argmin(np.abs(self._curves.time_s - time_s)))

    def _with_body(self, rgb: Rgb, index: int) -> Rgb:
        picture = np.asarray(cv2.flip(rgb, 1)) if self._analysis.view.mirrored else rgb
        self._overlay_for(picture).draw_body(picture, index)
        return picture

    def _overlay_for(self, picture: Rgb) -> Overlay:
        if self._overlay is None:
            height, width = picture.shape[:2]
            self._overlay = Overlay(self._analysis, self._curves, self._track, width, height)
        return self._overlay

    def _still(self, picture: Rgb, index: int, moment: Moment) -> Still:
        scale = np.array(picture.shape[1::-1]) / [self._track.width_px, self._track.height_px]
        left, top, right, bottom = _below_head(self._track.image_px[index] * scale, picture.shape[1::-1])
        crop = picture[top:bottom, left:right]
        shrink = min(1.0, STILL_HEIGHT_PX / len(crop))
        small = cv2.resize(crop, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
        _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        return Still(moment, data.tobytes())


def _below_head(points: NDArray[np.float64], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The client from the shoulders down as (left, top, right, bottom) pixels: knees large, no face.

    The whole picture when the client is not known or not in it.
    """
    width, height = size
    body = points[[part[leg] for part in (SHOULDER, HIP, HEEL, FOOT_INDEX) for leg in LEGS]]
    body = body[np.isfinite(body).all(axis=1)].clip(0, [width, height])
    if len(body) == 0 or np.ptp(body[:, 1]) < MIN_BODY_PX:
        return 0, 0, width, height
    (left, top), (right, bottom) = body.min(axis=0), body.max(axis=0)
    tall = bottom - top
    half = max(tall * STILL_ASPECT, (right - left) * 1.15) / 2
    middle = float(np.clip((left + right) / 2, min(half, width / 2), max(width - half, width / 2)))
    box = np.array([middle - half, top, middle + half, bottom + 0.1 * tall]).clip(0, [width, height] * 2)
    return int(box[0]), int(box[1]), int(np.ceil(box[2])), int(np.ceil(box[3]))
