"""From a video, or a saved pose track, to an analysis: the steps of the product in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knee_track import results
from knee_track.errors import UsageError, VideoError
from knee_track.geometry.calibration import Point, check_in_picture, check_time
from knee_track.geometry.measure import Clip, Measured, measure
from knee_track.judgement import Declared, Recording, conclude
from knee_track.pose.bundles import Bundle, find_bundle
from knee_track.pose.clean import clean_track
from knee_track.pose.estimate import PoseResult, estimate_track
from knee_track.pose.manifest import Variant
from knee_track.pose.skeleton import Leg
from knee_track.pose.track import PoseTrack
from knee_track.reps.depth import depth_signal
from knee_track.reps.movement import Recognition, recognise_movement
from knee_track.reps.phases import phase_labels
from knee_track.reps.segmentation import find_reps
from knee_track.results import Analysis
from knee_track.settings import Settings
from knee_track.video.reader import LOSS_TOLERANCE_S, VideoReader, file_sha256

Floats = NDArray[np.float64]
Progress = Callable[[float], None]


def analyze(
    path: Path | str,
    *,
    settings: Settings | None = None,
    variant: Variant = "full",
    model: Path | None = None,
    offline: bool = False,
    person: int | None = None,
    movement: results.Movement | None = None,
    leg: Leg | None = None,
    mirrored: bool = False,
    height_m: float | None = None,
    client_id: str | None = None,
    toes: Mapping[Leg, Point] | None = None,
    toes_at_s: float | None = None,
    camera_height_m: float | None = None,
    camera_distance_m: float | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Analyse a recorded video.

    Parameters
    ----------
    path : the video file
    settings : thresholds, see knee_track.settings
    variant, model, offline : pose model lite, full or heavy; an explicit bundle; never fetch one
    person : follow this person, numbered from left to right where the most people are seen
    movement, leg, mirrored, height_m, client_id : see Declared
    toes : tips of the client's "left" and "right" third toe, (x, y) in pixels of the upright recorded picture
    toes_at_s : time of the frame they were marked in; the first frame when the camera and the feet keep still
    camera_height_m, camera_distance_m : lens above the floor, and along it to between the ankles
    start_s, end_s : analyse only this part; times stay those of the whole clip
    progress : told the share done, 0 to 1

    Returns
    -------
    Analysis
        with `.curves` and `.track` behind it; `knee_track.report.folder.write_outputs` writes the folder

    Raises
    ------
    KneeTrackError : unusable video or model, nobody in the picture, wrong usage; the text says what to do
    """
    check_height(height_m)
    settings = settings or Settings()
    path = Path(path)
    declared = Declared(
        movement=movement,
        leg=leg,
        mirrored=mirrored,
        height_m=height_m,
        client_id=client_id,
        toes=toes or {},
        toes_at_s=toes_at_s,
        camera_height_m=camera_height_m,
        camera_distance_m=camera_distance_m,
    )
    with VideoReader(path) as reader:  # an unusable clip is told before a model is fetched
        if known := declared.calibration():
            check_in_picture(known, reader.info.width_px, reader.info.height_px)
        bundle = find_bundle(variant, model, offline=offline)
    pose = estimate_track(
        path, bundle, settings.pose, person=person, start_s=start_s, end_s=end_s, progress=progress
    )
    if pose.frame_count < 2:
        raise VideoError(f"{path}: holds a single frame; film the whole set, from standing to standing.")
    recording = _recording(path, pose, bundle, to_the_end=end_s is None)
    return analyze_track(pose.track, recording, declared, settings)


def check_height(height_m: float | None) -> None:
    """Raise UsageError when a client cannot be that tall."""
    if height_m is not None and not 0.5 <= height_m <= 2.6:
        raise UsageError(f"A height of {height_m:g} m is not one of a person; give it in metres, e.g. 1.75.")


def check_part(start_s: float | None, end_s: float | None) -> None:
    """Raise UsageError for a part that ends before it starts."""
    if start_s is not None and end_s is not None and end_s <= start_s:
        raise UsageError(f"The part from {start_s:g} s to {end_s:g} s must end later than it starts.")


def analyze_track(
    raw: PoseTrack,
    recording: Recording,
    declared: Declared,
    settings: Settings,
    *,
    smoothed_by_mediapipe: bool = True,
) -> Analysis:
    """Analyse landmarks: clean them unless they are, find reps, measure knees, judge, advise.

    smoothed_by_mediapipe: the track comes from VIDEO mode with one pose, whose built-in lag is taken out.
    """
    done = measure_track(raw, recording, declared, settings, smoothed_by_mediapipe=smoothed_by_mediapipe)
    return conclude(done.clip, done.found, done.measured, recording, declared, settings, notes=done.notes)


@dataclass(frozen=True)
class MeasuredTrack:
    """A track after all measuring and before all judging; notes: what cleaning has to say."""

    clip: Clip
    found: Recognition
    measured: Measured
    notes: list[str]


def measure_track(
    raw: PoseTrack,
    recording: Recording,
    declared: Declared,
    settings: Settings,
    *,
    smoothed_by_mediapipe: bool = True,
) -> MeasuredTrack:
    """The first half of `analyze_track`: clean, find reps, measure knees."""
    known = declared.calibration(recording.focal_length_35mm)
    if known is not None:
        check_in_picture(known, raw.width_px, raw.height_px)
        check_time(known, raw.times_s)
        known = known.mirrored(raw.width_px) if declared.mirrored else known
    sided = raw.mirrored() if declared.mirrored else raw
    motion_px = recording.motion_px * (np.array([-1.0, 1.0]) if declared.mirrored else 1.0)
    track, repairs = (
        (sided, [])
        if sided.cleaned
        else clean_track(sided, settings.clean, smoothed_by_mediapipe=smoothed_by_mediapipe)
    )
    depth = depth_signal(track, settings.reps)
    segments = find_reps(depth, track.times_s, settings.reps, cuts_s=recording.cuts_s)
    found = recognise_movement(
        track, depth, segments, settings.reps, movement=declared.movement, leg=declared.leg
    )
    phase, number = phase_labels(depth, found.reps, settings.reps)
    clip = Clip(track, depth, phase, number, motion_px)
    measured = measure(clip, found, settings, mirrored=declared.mirrored, calibration=known)
    return MeasuredTrack(clip, found, measured, repairs)


def _recording(path: Path, pose: PoseResult, bundle: Bundle, *, to_the_end: bool) -> Recording:
    """The origin of a track that was estimated from a video."""
    info = pose.video
    last_s = float(pose.track.times_s[-1])
    lost_s = info.duration_s - last_s if to_the_end and info.duration_s is not None else 0.0
    return Recording(
        source=results.Source(
            path=str(path),
            sha256=file_sha256(path),
            width_px=info.width_px,
            height_px=info.height_px,
            duration_s=info.duration_s or float(np.ptp(pose.track.times_s)),
            frame_count=pose.frame_count,
            mean_fps=pose.mean_fps,
            variable_frame_rate=pose.variable_frame_rate,
            recorded_at=info.recorded_at,
        ),
        model=model_of(bundle, pose.runtime_version),
        motion_px=pose.camera_motion_px,
        cuts_s=pose.cuts_s,
        warnings=pose.warnings,
        people=pose.people,
        truncated=lost_s > LOSS_TOLERANCE_S,
        focal_length_35mm=info.focal_length_35mm,
    )


def model_of(bundle: Bundle, runtime_version: str) -> results.Model:
    """The pose model, as results name it; runtime_version: of MediaPipe."""
    return results.Model(
        name="BlazePose (MediaPipe pose landmarker)",
        variant=bundle.variant,
        sha256=bundle.sha256,
        runtime_version=runtime_version,
    )
