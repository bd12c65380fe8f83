"""After the set: the kept landmarks go the way of a recorded clip."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from knee_track import results
from knee_track.errors import VideoError
from knee_track.judgement import Declared
from knee_track.live.buffer import Size, TrackBuffer
from knee_track.live.review import recording_of
from knee_track.pipeline import analyze_track
from knee_track.results import Analysis
from knee_track.settings import Settings

NO_SET = "no set was recorded: nobody stood still or moved before the camera."


def webcam_name(moment: datetime) -> str:
    """What a set before a camera is called."""
    return moment.strftime("webcam_%Y%m%d_%H%M%S")


def analysis_of(
    kept: TrackBuffer,
    size: Size,
    from_s: float | None,
    declared: Declared,
    settings: Settings,
    *,
    model: results.Model | None = None,
    name: str | None = None,
    people: int = 1,
    smoothed_by_mediapipe: bool = True,
) -> Analysis:
    """Analyse a set from its raw landmarks, times from its first frame; VideoError without one."""
    if from_s is None or len(kept) < 2:
        raise VideoError(NO_SET)
    raw = kept.track(size, from_s)
    motion_px = kept.motion_px(from_s)
    raw = replace(raw, times_s=raw.times_s - raw.times_s[0])
    if len(raw) < 2 or not raw.seen.any():
        raise VideoError(NO_SET)
    origin = recording_of(raw, motion_px, name or webcam_name(datetime.now()), model)
    origin = replace(origin, people=people)
    return analyze_track(raw, origin, declared, settings, smoothed_by_mediapipe=smoothed_by_mediapipe)
