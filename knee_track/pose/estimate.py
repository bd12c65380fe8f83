"""From a video file to the client's raw landmarks: whom to follow, and what to warn of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from knee_track.errors import PoseError
from knee_track.pose.bundles import Bundle
from knee_track.pose.client import choose_client, fullest_moment, link_people, several_people
from knee_track.pose.clip import Clip, Progress
from knee_track.pose.crew import Crew, usable_cores
from knee_track.pose.parts import PARTS
from knee_track.pose.track import Floats, PoseTrack
from knee_track.settings import PoseSettings
from knee_track.video.reader import VideoInfo

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
    crew: Crew | None = None,
) -> PoseResult:
    """Follow the client through a clip.

    Parameters
    ----------
    person : measure this one of several people, counted from 1, from left to right, at the first moment at
        which the most people are seen at once; by default size, place, movement and presence decide
    start_s, end_s : the part of the clip to use
    progress : told the share done, 0 to 1; begins again when a second pass is needed
    crew : pose processes to borrow, with `bundle` in them; by default own ones, one per part up to the cores

    Raises
    ------
    VideoError : the clip cannot be read
    PoseError : nobody is found, or the pose process fails
    UsageError : there is no such `person`
    """
    clip = Clip(path, start_s, end_s, progress)
    with ExitStack() as stack:
        if crew is None:
            crew = stack.enter_context(
                Crew(bundle, settings, min(len(clip.spans), max(PARTS, usable_cores())))
            )
        threads = stack.enter_context(ThreadPoolExecutor(crew.size + 1))
        crew.start(len(clip.spans))
        threads.submit(import_module, "scipy.signal")  # takes a while, and all that comes after needs it
        clip.choose_scale(crew, settings)
        first = clip.first_pass(crew, threads, settings)
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
            track = clip.only_client(crew, first, client, others)
            warnings += several_people(client, row, people_at_s)
    return PoseResult(
        track=track,
        video=clip.video,
        frame_count=len(track),
        variable_frame_rate=is_irregular(track.times_s),
        mean_fps=track.fps,
        people=max(1, len(row)),
        people_at_s=people_at_s,
        warnings=warnings,
        cuts_s=first.track.times_s[first.cuts].tolist(),
        camera_motion_px=first.motion_px,
        runtime_version=version("mediapipe"),
    )


def is_irregular(times_s: Floats) -> bool:
    """Whether some frame lasts clearly longer or shorter than the usual one."""
    steps_s = np.diff(times_s)
    usual_s = np.median(steps_s) if len(steps_s) else 0.0
    return bool((np.abs(steps_s - usual_s) > IRREGULAR_SHARE * usual_s).any())
