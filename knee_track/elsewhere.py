"""From landmarks that were made elsewhere to an analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from knee_track import results
from knee_track.errors import PoseFileError, UsageError
from knee_track.geometry.calibration import Point
from knee_track.judgement import Declared, Recording
from knee_track.pipeline import analyze_track, check_height, check_part
from knee_track.pose.estimate import is_irregular
from knee_track.pose.files import Hints, PoseFile, PoseFormat, open_pose
from knee_track.pose.files.common import check_times, sha256_of
from knee_track.pose.skeleton import Leg
from knee_track.pose.track import PoseTrack
from knee_track.results import Analysis
from knee_track.settings import Settings
from knee_track.video.reader import VideoReader, frame_times_s

SAME_SHAPE = 0.02
"""Pictures whose width over height differs by more than this share are not of one recording."""


def analyze_pose_file(
    path: Path | str,
    *,
    video: Path | str | None = None,
    format: PoseFormat = "auto",
    size_px: tuple[int, int] | None = None,
    fps: float | None = None,
    settings: Settings | None = None,
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
) -> Analysis:
    """Analyse landmarks made elsewhere.

    Parameters
    ----------
    path : a file or folder, see knee_track.pose.files
    video : the clip they were made from; tells size and frame times where the file does not
    format, size_px, fps : what the file is; (width, height) of its picture; its frames per second
    others : as of `analyze`

    Returns
    -------
    Analysis
        `source` names the pose file; `model` is None, for it is not known what made the landmarks

    Raises
    ------
    KneeTrackError : unusable file or video, a hint is missing, wrong usage; the text says what to do
    """
    check_height(height_m)
    check_hints(size_px, fps)
    path = Path(path)
    hints = Hints(size_px=size_px, fps=fps, person=person)
    focal_length_35mm = None
    if video is not None:
        hints, focal_length_35mm = _with_video(hints, Path(video))
    pose = open_pose(path, hints, format=format)
    _check_shape(path, pose.track, hints)
    sha256 = sha256_of(path)
    pose = _cut(path, _as_filmed(pose), start_s, end_s)
    declared = Declared(
        movement=movement,
        leg=leg,
        mirrored=mirrored or pose.scene.mirrored,
        height_m=height_m,
        client_id=client_id,
        toes=toes or {},
        toes_at_s=toes_at_s,
        camera_height_m=camera_height_m,
        camera_distance_m=camera_distance_m,
    )
    recording = Recording(
        source=_source(path, pose, sha256),
        model=None,
        motion_px=pose.scene.motion_px,
        cuts_s=pose.scene.cuts_s,
        warnings=pose.warnings,
        people=max(1, pose.scene.people),
        focal_length_35mm=pose.scene.focal_length_35mm or focal_length_35mm,
    )
    return analyze_track(pose.track, recording, declared, settings or Settings(), smoothed_by_mediapipe=False)


def check_hints(size_px: tuple[int, int] | None, fps: float | None) -> None:
    """Raise UsageError for an impossible picture size or frame rate."""
    if size_px is not None and min(size_px) < 1:
        raise UsageError(f"A picture of {size_px[0]} × {size_px[1]} pixels is none; give width x height.")
    if fps is not None and not 1.0 <= fps <= 1000.0:
        raise UsageError(f"{fps:g} frames per second cannot be used; give a rate from 1 to 1000, e.g. 30.")


def _with_video(hints: Hints, video: Path) -> tuple[Hints, float | None]:
    """What the video tells: the size of its picture, its frames' times, and the 35 mm focal length."""
    with VideoReader(video) as reader:
        info = reader.info
    size_px = (info.width_px, info.height_px)
    return replace(hints, video_size_px=size_px, frame_times_s=frame_times_s(video)), info.focal_length_35mm


def _check_shape(path: Path, track: PoseTrack, hints: Hints) -> None:
    """Raise PoseFileError when the landmarks' picture cannot be the video's."""
    if hints.video_size_px is None:
        return
    width, height = hints.video_size_px
    if abs(track.width_px * height / (track.height_px * width) - 1.0) > SAME_SHAPE:
        raise PoseFileError(
            f"{path}: its picture is {track.width_px} × {track.height_px}, but the video's "
            f"{width} × {height}; name the video these landmarks were made from, turned the same way."
        )


def _as_filmed(pose: PoseFile) -> PoseFile:
    """Landmarks that an earlier run turned round, back in the mirrored recording: the analysis turns them."""
    if not pose.scene.mirrored:
        return pose
    motion_px = pose.scene.motion_px * np.array([-1.0, 1.0])
    return replace(pose, track=pose.track.mirrored(), scene=replace(pose.scene, motion_px=motion_px))


def _cut(path: Path, pose: PoseFile, start_s: float | None, end_s: float | None) -> PoseFile:
    """Only the part from `start_s` to `end_s`."""
    if start_s is None and end_s is None:
        return pose
    check_part(start_s, end_s)
    track = pose.track.part(start_s, end_s)
    check_times(track.times_s, path)
    inside = np.isin(pose.track.times_s, track.times_s)
    cuts_s = tuple(cut_s for cut_s in pose.scene.cuts_s if track.times_s[0] < cut_s <= track.times_s[-1])
    return replace(
        pose, track=track, scene=replace(pose.scene, motion_px=pose.scene.motion_px[inside], cuts_s=cuts_s)
    )


def _source(path: Path, pose: PoseFile, sha256: str) -> results.Source:
    track = pose.track
    return results.Source(
        path=str(path),
        sha256=sha256,
        width_px=track.width_px,
        height_px=track.height_px,
        duration_s=float(np.ptp(track.times_s)),
        frame_count=len(track),
        mean_fps=track.fps,
        variable_frame_rate=is_irregular(track.times_s),
        pose_format=pose.format,
    )
