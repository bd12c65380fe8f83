"""From the landmarks that the pose network gives to smooth ones, once, before anything is measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry.filters import butterworth, fill_gaps, hampel
from knee_track.pose.lag import remove_smoothing_lag
from knee_track.pose.swaps import repair_swaps
from knee_track.pose.track import PoseTrack
from knee_track.settings import CleanSettings

Floats = NDArray[np.float64]


def clean_track(
    track: PoseTrack, settings: CleanSettings, *, smoothed_by_mediapipe: bool = True
) -> tuple[PoseTrack, list[str]]:
    """Track without built-in lag, left/right swaps, hidden landmarks, short gaps, outliers and jitter.

    Parameters
    ----------
    track : as the pose network gave it, never cleaned before
    settings : thresholds
    smoothed_by_mediapipe : the landmarker ran in VIDEO mode with `num_poses=1`, which smooths inside

    Returns
    -------
    The cleaned track (missing is NaN) and what to tell the user.
    """
    if smoothed_by_mediapipe:
        track = remove_smoothing_lag(track)
    track, warnings = repair_swaps(track, settings)
    track = hide_unseen(track, settings.min_visibility)
    smooth = replace(
        track,
        image_px=_smooth(track.times_s, track.image_px, settings),
        world_m=_smooth(track.times_s, track.world_m, settings),
        cleaned=True,
    )
    return smooth, warnings


def hide_unseen(track: PoseTrack, min_visibility: float) -> PoseTrack:
    """Track with landmarks of a lower visibility set to NaN: there the network only guesses."""
    hidden = ~(track.visibility >= min_visibility)[..., None]
    return replace(
        track,
        image_px=np.where(hidden, np.nan, track.image_px),
        world_m=np.where(hidden, np.nan, track.world_m),
    )


def _smooth(times_s: Floats, values: Floats, settings: CleanSettings) -> Floats:
    """Gap fill, Hampel, Butterworth of (n, 33, k) coordinates."""
    values = fill_gaps(times_s, values, settings.max_gap_s)
    values = hampel(values, settings.hampel_frames, settings.hampel_mads)
    return butterworth(times_s, values, settings.cutoff_hz)
