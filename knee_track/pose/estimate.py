"""From a video file to the client's raw landmarks: how large to read, whom to follow, what to warn of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
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
    Sighting,
    choose_client,
    fullest,
    link_people,
    off_client,
)
from knee_track.pose.follow import ClientPass, FirstPass
from knee_track.pose.landmarker import PoseProcess
from knee_track.pose.track import Floats, PoseTrack
from knee_track.settings import PoseSettings
from knee_track.video.reader import VideoInfo, VideoReader, grab_frames

Image = NDArray[np.uint8]
Progress = Callable[[float], None]

SCOUT_SHARES: Final = (0.15, 0.5, 0.85)
SCOUT_PX: Final = 720
CLIENT_HEIGHTS: Final = {"fast": 1.0, "balanced": 2.0}
"""Height the client keeps, in multiples of `min_client_px`; `accurate` reads full size."""
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
    progress : told the share done, 0 to 1

    Raises
    ------
    VideoError : the clip cannot be read
    PoseError : nobody is found, or the pose process fails
    UsageError : there is no such `person`
    """
    span = _Span(path, start_s, end_s, progress)
    with PoseProcess(bundle.data, settings.max_people) as process:
        long_side_px = _long_side_px(process, span, settings)
        with span.reader(long_side_px) as reader:
            video = reader.info
            first = FirstPass(process, video, settings.probe_interval_s, halves=settings.preset != "fast")
            first.run(reader, span.reporter(video))
        track, moment = first.track(), fullest(first.sightings())
        if not track.seen.any():
            raise PoseError(
                f"no person found in {path}: film the whole body, from head to feet, upright, in good light."
            )
        warnings = list(reader.warnings)
        if len(moment.figures) > 1 or person is not None:
            client, others = _client_and_others(first.sightings(), video, person)
            warnings.append(_several_people(client, moment))
            if _off(track, client, others).any():
                with span.reader(long_side_px) as reader:
                    second = ClientPass(process, video, client, others, first.restarts)
                    second.run(reader, span.reporter(video))
                track = second.track()
            track = _without(track, _off(track, client, others))
    motion_px = np.array(first.scene.motion_px)
    cuts_s = [first.times_s[i] for i in first.restarts]
    return PoseResult(
        track=track,
        video=video,
        frame_count=len(track),
        variable_frame_rate=_is_irregular(track.times_s),
        mean_fps=track.fps,
        people=max(1, len(moment.figures)),
        people_at_s=moment.time_s,
        warnings=warnings + _scene_warnings(cuts_s, motion_px, track, settings),
        cuts_s=cuts_s,
        camera_motion_px=motion_px,
        runtime_version=version("mediapipe"),
    )


@dataclass(frozen=True)
class _Span:
    """The part of a clip to be read, perhaps more than once, and whom to tell how far it is."""

    path: Path
    start_s: float | None
    end_s: float | None
    progress: Progress | None

    def reader(self, long_side_px: int | None) -> VideoReader:
        return VideoReader(self.path, long_side_px=long_side_px, start_s=self.start_s, end_s=self.end_s)

    def limits_s(self, video: VideoInfo) -> tuple[float, float]:
        """First and last moment, as far as known before reading."""
        start_s, end_s = self.start_s or 0.0, self.end_s if self.end_s is not None else np.inf
        return start_s, max(start_s, min(end_s, video.duration_s or start_s))

    def reporter(self, video: VideoInfo) -> Progress:
        """Turns the time reached into a share for `progress`."""
        start_s, end_s = self.limits_s(video)
        if self.progress is None or end_s <= start_s:
            return lambda time_s: None
        progress = self.progress
        return lambda time_s: progress(min(1.0, (time_s - start_s) / (end_s - start_s)))


def _long_side_px(process: PoseProcess, span: _Span, settings: PoseSettings) -> int | None:
    """Longest side at which frames are read, so that the client stays tall enough; None for full size.

    A few frames spread over the clip are searched; reading them overlaps the start of the pose process.
    """
    if settings.preset == "accurate":
        return None
    with span.reader(SCOUT_PX) as reader:
        video = reader.info
    start_s, end_s = span.limits_s(video)
    shares = [
        tallest / image.shape[0]
        for image in _frames_at(span.path, [start_s + share * (end_s - start_s) for share in SCOUT_SHARES])
        if (tallest := _tallest(process, image)) > 0
    ]
    if not shares:
        return None
    wanted_px = CLIENT_HEIGHTS[settings.preset] * settings.min_client_px
    scale = wanted_px / (min(shares) * video.height_px)
    return round(scale * max(video.width_px, video.height_px)) if scale < 1.0 else None


def _frames_at(path: Path, times_s: Sequence[float]) -> list[Image]:
    """Frames at these times; those after the true end of a truncated clip are left out."""
    frames = []
    for time_s in times_s:
        with suppress(VideoError):
            frames += grab_frames(path, [time_s], SCOUT_PX)
    return frames


def _tallest(process: PoseProcess, image: Image) -> float:
    """Height in pixels of the tallest figure, 0 without one."""
    process.probe(image)
    return max((Figure.of(points).box.height for points in process.receive().image_px), default=0.0)


def _client_and_others(
    sightings: Sequence[Sighting], video: VideoInfo, number: int | None
) -> tuple[Person, list[Person]]:
    people = link_people(sightings)
    client = choose_client(people, sightings, video.width_px, number)
    return client, [person for person in people if person is not client]


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


def _several_people(client: Person, moment: Sighting) -> str:
    """Sentence that says who was measured and how to choose another."""
    row = sorted(moment.figures, key=lambda figure: figure.torso[0])
    place = next(
        (f"number {i} from the left" for i, f in enumerate(row, 1) if f in client.figures), "another one"
    )
    return (
        f"{len(row)} people are in the picture at {moment.time_s:.1f} s; {place} was measured "
        "(choose with --person N, counted from the left)."
    )


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
