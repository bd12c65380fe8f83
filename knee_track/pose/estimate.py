"""From a video file to the client's raw landmarks: how large to read, whom to follow, what to warn of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import reduce
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import PoseError, VideoError
from knee_track.pose.bundles import Bundle
from knee_track.pose.client import (
    TORSO,
    Figure,
    Person,
    choose_client,
    fullest_moment,
    link_people,
    off_client,
)
from knee_track.pose.follow import ClientPass, FirstPass
from knee_track.pose.landmarker import PoseProcess
from knee_track.pose.parts import WHOLE, Followed, Span, divide
from knee_track.pose.track import Floats, PoseTrack
from knee_track.settings import PoseSettings
from knee_track.video.reader import VideoInfo, VideoReader, grab_frames

Image = NDArray[np.uint8]
Progress = Callable[[float], None]

SCOUT_SHARES: Final = (0.15, 0.5, 0.85)
SCOUT_PX: Final = 720
CLIENT_HEIGHTS: Final = {"fast": 1.0, "balanced": 2.0}
"""Height the client keeps, in multiples of `min_client_px`; `accurate` reads full size."""
WORTHWHILE_SCALE: Final = 0.6
"""Scaling to more than this costs more time than the smaller frames save."""
IRREGULAR_SHARE: Final = 0.3
"""A frame that lasts this share longer or shorter than the usual one makes the frame rate variable."""


@dataclass(frozen=True)
class PoseResult:
    """The client's raw landmarks and what was learnt on the way.

    Attributes
    ----------
    track : as MediaPipe gave it in VIDEO mode with one pose (smoothed inside), full-size upright pixels, NaN
        where the client was not seen
    video : what the file says about itself
    frame_count, mean_fps, variable_frame_rate : of the frames that were read
    people : most people seen at once, first at `people_at_s`
    warnings : sentences for the user
    cuts_s : times of the first frame after each cut
    camera_motion_px : (n, 2) how far the background has moved since the first frame, x right and y down, in
        full-size pixels
    runtime_version : of MediaPipe
    """

    track: PoseTrack
    video: VideoInfo
    frame_count: int
    variable_frame_rate: bool
    mean_fps: float
    people: int
    people_at_s: float
    warnings: list[str]
    cuts_s: list[float]
    camera_motion_px: Floats
    runtime_version: str


def estimate_track(
    path: Path,
    bundle: Bundle,
    settings: PoseSettings,
    *,
    person: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    progress: Progress | None = None,
) -> PoseResult:
    """Follow the client through a clip.

    Parameters
    ----------
    person : measure this one of several people, counted from 1, from left to right, at the first moment at
        which the most people are seen at once; by default size, place, movement and presence decide
    start_s, end_s : the part of the clip to use
    progress : told the share done, 0 to 1; begins again when a second pass is needed

    Raises
    ------
    VideoError : the clip cannot be read
    PoseError : nobody is found, or the pose process fails
    UsageError : there is no such `person`
    """
    clip = _Clip(path, start_s, end_s, progress)
    with ThreadPoolExecutor() as threads, ExitStack() as stack:  # the processes end first, and so the threads
        processes = [stack.enter_context(PoseProcess(bundle.data, settings.max_people)) for _ in clip.spans]
        clip.choose_scale(processes[0], settings)
        first = clip.first_pass(processes, threads, settings)
        if not (track := first.track).seen.any():
            raise PoseError(
                f"no person found in {path}: film the whole body, from head to feet, upright, in good light."
            )
        people = link_people(first.sightings)
        people_at_s, row = fullest_moment(people)
        warnings = list(first.warnings)
        if len(row) > 1 or person is not None:
            client = choose_client(people, clip.video.width_px, person)
            others = [other for other in people if other is not client]
            track = clip.only_client(processes[0], first, client, others)
            warnings += _several_people(client, row, people_at_s)
    motion_px = first.motion_px
    cuts_s = first.track.times_s[first.cuts].tolist()
    return PoseResult(
        track=track,
        video=clip.video,
        frame_count=len(track),
        variable_frame_rate=_is_irregular(track.times_s),
        mean_fps=track.fps,
        people=max(1, len(row)),
        people_at_s=people_at_s,
        warnings=warnings + _scene_warnings(cuts_s, motion_px, track, settings),
        cuts_s=cuts_s,
        camera_motion_px=motion_px,
        runtime_version=version("mediapipe"),
    )


class _Clip:
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

    def choose_scale(self, process: PoseProcess, settings: PoseSettings) -> None:
        """Read no larger than needed to keep the client tall enough for the preset.

        A few frames spread over the clip are searched; reading them overlaps the start of the pose process.
        """
        if settings.preset == "accurate":
            return
        shares = [_tallest_share(process, frame) for frame in self._scout_frames()]
        client_px = min((share for share in shares if share > 0), default=0.0) * self.video.height_px
        wanted_px = CLIENT_HEIGHTS[settings.preset] * settings.min_client_px
        if client_px * WORTHWHILE_SCALE > wanted_px:
            long_side_px = max(self.video.width_px, self.video.height_px)
            self._long_side_px = round(long_side_px * wanted_px / client_px)

    def first_pass(
        self, processes: Sequence[PoseProcess], threads: Executor, settings: PoseSettings
    ) -> Followed:
        """Follow somebody, look for everybody, in all parts at once.

        A clip that is damaged or tells its times wrongly is read in one go instead: how times are repaired
        depends on all that came before.
        """
        if len(self.spans) > 1:
            later = [
                threads.submit(self._follow, process, span, settings)
                for process, span in zip(processes[1:], self.spans[1:], strict=True)
            ]
            with suppress(VideoError):  # a truncated clip may have no second part
                parts = [self._follow(processes[0], self.spans[0], settings, self._reporter(self.spans[0]))]
                parts += [part.result() for part in later]
                if not any(part.warnings for part in parts):
                    return reduce(Followed.and_then, parts)
        return self._follow(processes[0], WHOLE, settings, self._reporter())

    def only_client(
        self, process: PoseProcess, first: Followed, client: Person, others: Sequence[Person]
    ) -> PoseTrack:
        """The client's track, NaN where somebody else was followed; reads again if that ever happened."""
        track = first.track
        if _off(track, client, others).any():
            again = ClientPass(process, self.video, client, others, first.cuts)
            with self._reader() as reader:
                again.run(reader, self._reporter())
            track = again.track()
        return _without(track, _off(track, client, others))

    def _follow(
        self,
        process: PoseProcess,
        span: Span,
        settings: PoseSettings,
        report: Callable[[float], None] = lambda _: None,
    ) -> Followed:
        halves = settings.preset != "fast"
        part = FirstPass(process, self.video, settings.probe_interval_s, halves=halves)
        with self._reader(span) as reader:
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

    def _reporter(self, span: Span = WHOLE) -> Callable[[float], None]:
        """Function that is told the time reached, and tells the share done of what begins like the clip."""
        start_s, end_s = self._limits_s()
        length_s = (span[1] or end_s) - start_s

        def report(time_s: float) -> None:
            if self._progress is not None and length_s > 0:
                self._progress(min(1.0, (time_s - start_s) / length_s))

        return report

    def _scout_frames(self) -> Iterator[Image]:
        start_s, end_s = self._limits_s()
        for share in SCOUT_SHARES:
            with suppress(VideoError):  # a truncated clip ends before its announced end
                yield from grab_frames(self._path, [start_s + share * (end_s - start_s)], SCOUT_PX)


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


def _is_irregular(times_s: Floats) -> bool:
    """Whether some frame lasts clearly longer or shorter than the usual one."""
    steps_s = np.diff(times_s)
    usual_s = np.median(steps_s) if len(steps_s) else 0.0
    return bool((np.abs(steps_s - usual_s) > IRREGULAR_SHARE * usual_s).any())


def _several_people(client: Person, row: Sequence[Person], time_s: float) -> list[str]:
    """Sentence that says who was measured and how to choose another, when there is anybody else."""
    if len(row) < 2:
        return []
    place = f"number {row.index(client) + 1} from the left" if client in row else "somebody not seen then"
    return [
        f"{len(row)} people are in the picture (at {time_s:.1f} s); measured was {place}, "
        "choose another one with --person N."
    ]


def _scene_warnings(
    cuts_s: Sequence[float], motion_px: Floats, track: PoseTrack, settings: PoseSettings
) -> list[str]:
    warnings = []
    if cuts_s:
        moments = ", ".join(f"{cut_s:.1f} s" for cut_s in cuts_s)
        warnings.append(
            f"The clip has a cut (at {moments}); film in one take, or use one part with --from and --to."
        )
    client_px = float(np.nanmedian(np.ptp(track.image_px[track.seen, :, 1], axis=1)))
    if np.ptp(motion_px, axis=0).max() > settings.camera_motion_share * client_px:
        warnings.append("The camera moves; put it on a tripod or lean it against something.")
    return warnings
