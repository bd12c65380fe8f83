"""Posture from the picture alone, for tracks without world landmarks: enough to tell movements apart.

A trunk that leans is seen shorter from top to bottom, from whatever side it is seen. Heights are measured in
the longer of the two shanks in the same frame, so that neither a camera that comes nearer nor a client who
walks away changes them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry import anatomy
from knee_track.pose.skeleton import ANKLE, HIP, KNEE, LEGS, SHOULDER
from knee_track.pose.track import PoseTrack

Floats = NDArray[np.float64]

UPRIGHT_PERCENTILE = 95.0
"""A segment is upright where it stands as tall as in its tallest twentieth."""
SUNKEN = 0.85
"""Hips below this share of their greatest height both before and after are sunken."""
THIGH_IN_SHANKS = anatomy.THIGH.mean


def shank_px(track: PoseTrack) -> Floats:
    """Length of the longer shank in the picture, (n,) px."""
    lengths = [
        np.linalg.norm(track.image_px[:, KNEE[leg]] - track.image_px[:, ANKLE[leg]], axis=1) for leg in LEGS
    ]
    return np.asarray(np.fmax(lengths[0], lengths[1]))


def tallness(track: PoseTrack, hip_height_px: Floats, window_s: float) -> Floats:
    """Height of the hips over the ankles in shanks, (n,): greatest in standing, wherever the client stands.

    NaN where the hips are much lower than both within `window_s` before and after: that is no standing, even
    if a shank that leans toward a high camera is as short.
    """
    frames = max(1, round(window_s * track.fps)) + 1
    padded = np.pad(np.nan_to_num(hip_height_px), frames - 1)
    greatest = np.lib.stride_tricks.sliding_window_view(padded, frames).max(axis=1)
    around = np.minimum(greatest[: len(track)], greatest[-len(track) :])
    with np.errstate(divide="ignore", invalid="ignore"):
        tall = hip_height_px / shank_px(track)
        return np.where(hip_height_px > SUNKEN * around, tall, np.nan)


def lean_deg(track: PoseTrack, upper: int, lower: int) -> Floats:
    """Lean of a segment between two landmarks off the vertical, (n,) degrees, 0 to 180, without direction."""
    height = (track.image_px[:, lower, 1] - track.image_px[:, upper, 1]) / shank_px(track)
    known = height[np.isfinite(height)]
    if not known.size:
        return height
    with np.errstate(invalid="ignore"):
        share = height / np.percentile(known, UPRIGHT_PERCENTILE)
        return np.asarray(np.degrees(np.arccos(np.clip(share, -1.0, 1.0))))


def knee_bend_of_depth_deg(depth: float) -> float:
    """Knee flexion at which the hips have sunk by this share of their standing height over the ankles.

    Of two links, law of cosines; hips behind the ankles make it up to 10 degrees less. So hips that sink
    without any bend of the knees cannot be told in the picture.
    """
    straight = 1.0 + THIGH_IN_SHANKS
    reach = (1.0 - depth) * straight
    cosine = (reach**2 - 1.0 - THIGH_IN_SHANKS**2) / (2.0 * THIGH_IN_SHANKS)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def trunk_deg(track: PoseTrack) -> Floats:
    """Rough lean of the trunk, (n,) degrees, 0 = upright."""
    return (
        lean_deg(track, SHOULDER["left"], HIP["left"]) + lean_deg(track, SHOULDER["right"], HIP["right"])
    ) / 2


def knee_lead(track: PoseTrack) -> Floats:
    """How much higher over its ankle the left knee is than the right one, (n,) shanks.

    The rear shank of a lunge lies nearly level. Its own ankle is what counts: seen obliquely from above, the
    nearer leg is lower in the picture as a whole.
    """
    left, right = (track.image_px[:, ANKLE[leg], 1] - track.image_px[:, KNEE[leg], 1] for leg in LEGS)
    return np.asarray((left - right) / shank_px(track))
