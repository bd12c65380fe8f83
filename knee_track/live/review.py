"""Work that takes longer than a frame: what the recorded analysis makes of the set so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track import results
from knee_track.judgement import Declared, Recording, conclude
from knee_track.live.held import Held, hold_fit
from knee_track.pipeline import measure_track
from knee_track.pose.estimate import is_irregular
from knee_track.pose.track import PoseTrack
from knee_track.results import Analysis
from knee_track.settings import Settings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Review:
    """The set so far as a recorded clip; held: the leg model of its last stance, if any was fitted."""

    analysis: Analysis
    held: Held | None


def review(
    raw: PoseTrack, motion_px: Floats, declared: Declared, settings: Settings, *, smoothed_by_mediapipe: bool
) -> Review:
    """Analyse raw landmarks as `pipeline.analyze_track` does, and keep the leg model for the next frames."""
    recording = recording_of(raw, motion_px, "live")
    done = measure_track(raw, recording, declared, settings, smoothed_by_mediapipe=smoothed_by_mediapipe)
    analysis = conclude(done.clip, done.found, done.measured, recording, declared, settings, notes=done.notes)
    analysis._curves = analysis._track = analysis._scene = None  # what nobody reads need not travel
    held = None
    if done.measured.fits:
        stance, fit = done.measured.fits[-1]
        held = hold_fit(fit, stance, done.measured.curves, done.clip.track, np.zeros(2), settings)
    return Review(analysis, held)


def recording_of(
    raw: PoseTrack, motion_px: Floats, name: str, model: results.Model | None = None
) -> Recording:
    """Where a track from a camera comes from; `name` stands for the file that there is none of."""
    source = results.Source(
        path=name,
        sha256=None,
        width_px=raw.width_px,
        height_px=raw.height_px,
        duration_s=float(raw.times_s[-1] - raw.times_s[0]),
        frame_count=len(raw),
        mean_fps=raw.fps,
        variable_frame_rate=is_irregular(raw.times_s),
    )
    return Recording(source=source, model=model, motion_px=motion_px)
