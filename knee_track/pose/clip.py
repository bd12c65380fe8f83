"""The clip whose client is looked for: how large to read it, and the passes over it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import VideoError
from knee_track.pose.client import TORSO, Figure, Person, off_client
from knee_track.pose.crew import Crew
from knee_track.pose.follow import ClientPass, FirstPass
from knee_track.pose.landmarker import PoseProcess
from knee_track.pose.parts import WHOLE, Followed, Span, divide
from knee_track.pose.track import PoseTrack
from knee_track.settings import PoseSettings
from knee_track.video.reader import VideoReader, grab_frames

Image = NDArray[np.uint8]
log = logging.getLogger(__name__)
Progress = Callable[[float], None]

SCOUT_SHARES: Final = (0.15, 0.5, 0.85)
SCOUT_PX: Final = 720
CLIENT_HEIGHTS: Final = {"fast": 1.0, "balanced": 2.0, "accurate": np.inf}
"""Height the client keeps, in multiples of `min_client_px`."""
WORTHWHILE_SCALE: Final = 0.6
"""Scaling to more than this costs more time than the smaller frames save."""


class Clip:
    """The part of a clip that is analysed, which may be read more than once.

    Attributes
    ----------
    video : what the file says about itself
    spans : what is followed at the same time
    """

    def __init__(
        self, path: Path, start_s: float | None, end_s: float | None, progress: Progress | None
    ) -> None:
        self._path = path
        self._start_s, self._end_s = start_s, end_s
        self._progress = progress
        self._long_side_px: int | None = None
        with self._reader() as reader:
            self.video = reader.info
        self.spans = divide(*self._limits_s())

    def choose_scale(self, crew: Crew, settings: PoseSettings) -> None:
        """Read no larger than needed to keep the client tall enough for the preset.

        A few frames spread over the clip are searched; reading them overlaps the start of the pose process.
        """
        wanted_px = CLIENT_HEIGHTS[settings.preset] * settings.min_client_px
        if self.video.height_px * WORTHWHILE_SCALE <= wanted_px:
            return
        with crew.lent() as process:
            shares = [_tallest_share(process, frame) for frame in self._scout_frames()]
        client_px = min((share for share in shares if share > 0), default=0.0) * self.video.height_px
        if client_px * WORTHWHILE_SCALE > wanted_px:
            long_side_px = max(self.video.width_px, self.video.height_px)
            self._long_side_px = round(long_side_px * wanted_px / client_px)

    def first_pass(self, crew: Crew, threads: Executor, settings: PoseSettings) -> Followed:
        """Follow somebody, look for everybody, in as many parts at once as the crew has processes.

        A clip that is damaged or tells its times wrongly is read in one go instead: how times are repaired
        depends on all that came before.
        """
        if len(self.spans) > 1:
            reporters = self._reporters()
            later = [
                threads.submit(self._follow, crew, span, settings, report)
                for span, report in zip(self.spans[1:], reporters[1:], strict=True)
            ]
            try:
                parts = [self._follow(crew, self.spans[0], settings, reporters[0])]
                parts += [part.result() for part in later]
                if not any(part.warnings for part in parts):
                    return reduce(Followed.and_then, parts)
            except VideoError as error:  # a truncated clip may have no second part
                log.debug("%s is read in one go: %s", self._path, error)
            finally:
                for part in later:
                    part.cancel()
        return self._follow(crew, WHOLE, settings, self._reporter())

    def only_client(self, crew: Crew, first: Followed, client: Person, others: Sequence[Person]) -> PoseTrack:
        """The client's track, NaN where somebody else was followed; reads again if that ever happened."""
        track = first.track
        if _off(track, client, others).any():
            with crew.lent() as process, self._reader() as reader:
                again = ClientPass(process, self.video, client, others, first.cuts)
                again.run(reader, self._reporter())
            track = again.track()
        return _without(track, _off(track, client, others))

    def _follow(
        self, crew: Crew, span: Span, settings: PoseSettings, report: Callable[[float], None]
    ) -> Followed:
        halves = settings.preset != "fast"
        with crew.lent() as process, self._reader(span) as reader:
            part = FirstPass(process, self.video, settings.probe_interval_s, halves=halves)
            part.run(reader, report)
        return part.followed(reader.warnings)

    def _reader(self, span: Span = WHOLE) -> VideoReader:
        start_s, end_s = span
        return VideoReader(
            self._path,
            long_side_px=self._long_side_px,
            start_s=self._start_s if start_s is None else start_s,
            end_s=self._end_s if end_s is None else end_s,
        )

    def _limits_s(self) -> tuple[float, float]:
        """First and last moment, as far as known before reading."""
        start_s = self._start_s or 0.0
        known_s = self.video.duration_s or start_s
        return start_s, known_s if self._end_s is None else min(self._end_s, known_s)

    def _reporter(self) -> Callable[[float], None]:
        """Function that is told the time reached in a pass over the whole, and tells the share done."""
        return _Shares(self._progress, [self._limits_s()]).reporter(0)

    def _reporters(self) -> list[Callable[[float], None]]:
        """The same for each part; together they tell the share of the whole."""
        start_s, end_s = self._limits_s()
        limits_s = [
            (start_s if one is None else one, end_s if two is None else two) for one, two in self.spans
        ]
        shares = _Shares(self._progress, limits_s)
        return [shares.reporter(i) for i in range(len(limits_s))]

    def _scout_frames(self) -> Iterator[Image]:
        start_s, end_s = self._limits_s()
        for share in SCOUT_SHARES:
            with suppress(VideoError):  # a truncated clip ends before its announced end
                yield from grab_frames(self._path, [start_s + share * (end_s - start_s)], SCOUT_PX)


class _Shares:
    """Adds up how far several passes are, which may tell from threads of their own."""

    def __init__(self, progress: Progress | None, limits_s: Sequence[tuple[float, float]]) -> None:
        self._progress, self._limits_s = progress, limits_s
        self._done_s = [0.0] * len(limits_s)
        self._whole_s = sum(end_s - start_s for start_s, end_s in limits_s)
        self._one_at_a_time = threading.Lock()

    def reporter(self, number: int) -> Callable[[float], None]:
        """Function that is told the time reached by this pass."""
        start_s, end_s = self._limits_s[number]

        def report(time_s: float) -> None:
            if self._progress is not None and self._whole_s > 0:
                with self._one_at_a_time:
                    self._done_s[number] = min(time_s, end_s) - start_s
                    self._progress(min(1.0, sum(self._done_s) / self._whole_s))

        return report


def _tallest_share(process: PoseProcess, frame: Image) -> float:
    """Height of the tallest figure as a share of the frame's, 0 without one."""
    process.probe(frame)
    boxes = [Figure.of(points).box for points in process.receive().image_px]
    return max((box.height for box in boxes), default=0.0) / int(frame.shape[0])


def _off(track: PoseTrack, client: Person, others: Sequence[Person]) -> NDArray[np.bool_]:
    return off_client(track.image_px[:, TORSO].mean(axis=1), track.times_s, client, others)


def _without(track: PoseTrack, frames: NDArray[np.bool_]) -> PoseTrack:
    """The track with some frames missing."""
    image, world, visibility = (
        np.where(frames.reshape(-1, *[1] * (rows.ndim - 1)), np.nan, rows)
        for rows in (track.image_px, track.world_m, track.visibility)
    )
    return replace(track, image_px=image, world_m=world, visibility=visibility)
