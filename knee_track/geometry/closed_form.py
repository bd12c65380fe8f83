"""Deviation from the picture alone, without a fitted camera: the fallback when the leg model does not settle.

docs/measurement.md §1.4. It takes the camera to stand in front, level, at about knee height; where that is
not so it is wrong by several degrees, which its band says: on 84 rep-legs before random cameras its error was
4.4 degrees RMS.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HIP, KNEE, LEGS, Leg
from knee_track.pose.track import PoseTrack

Floats = NDArray[np.float64]

BAND_DEG: Final = 8.8
"""Twice the error on rendered clips (shared measurements behind docs/measurement.md §1.4)."""
SHANK_OVER_DISTANCE: Final = 0.415 / 3.0
TOE_OVER_SHANK: Final = 0.49
"""Length from the ankle to the third toe along the floor."""
THIRD_TOE_TURN_DEG: Final = 6.0
"""How far the third toe lies outward of foot index, seen from the ankle."""
ROUNDS: Final = 3
LEAST_TOE_AHEAD: Final = 0.3
STANDING_PERCENTILE: Final = 95.0


def deviation_deg(track: PoseTrack, leg: Leg) -> Floats:
    """(n,) deviation of one leg, medial positive; NaN where knee, ankle or foot is missing.

    Works on any frame in which the shank is not longer than the longest seen.
    """
    other = LEGS[1 - LEGS.index(leg)]
    image = track.image_px - np.array([track.width_px, track.height_px]) / 2.0
    ankle, knee, toe = (image[:, index[leg]] for index in (ANKLE, KNEE, FOOT_INDEX))
    medial = np.sign(np.nanmedian(image[:, HIP[other], 0] - image[:, HIP[leg], 0]))
    shank_px = float(np.nanpercentile(np.linalg.norm(knee - ankle, axis=1), STANDING_PERCENTILE))
    knee_off, ahead = knee_from_ankle(knee, ankle, shank_px)
    azimuth = toe_azimuth(toe[:, 0], ankle[:, 0], shank_px, float(medial), track.kind == "blazepose")
    off = medial * (knee_off[:, 0] - ahead * np.tan(azimuth)) * np.cos(azimuth)
    return np.asarray(np.degrees(np.arcsin(np.clip(off / shank_px, -1.0, 1.0))))


def knee_from_ankle(knee: Floats, ankle: Floats, shank_px: float) -> tuple[Floats, Floats]:
    """Knee against ankle (n, 2) px with the perspective of a nearer knee taken out, and how far ahead (n,)
    px.
    """
    ahead = np.zeros(len(knee))
    off = knee - ankle
    for _ in range(ROUNDS):
        nearer = 1.0 - SHANK_OVER_DISTANCE * ahead / shank_px
        off = knee * nearer[:, None] - ankle
        ahead = np.sqrt(np.maximum(shank_px**2 - (off**2).sum(axis=1), 0.0))
    return off, ahead


def toe_azimuth(toe_x: Floats, ankle_x: Floats, shank_px: float, medial: float, foot_index: bool) -> float:
    """Direction of the third-toe line from the picture's depth toward its right, radians; one for the clip.

    toe_x, ankle_x (n,) px from the picture's middle. foot_index: the toe's landmark lies medially of the
    third.
    """
    length = TOE_OVER_SHANK * shank_px
    most = np.sqrt(1.0 - LEAST_TOE_AHEAD**2)
    seen = 0.0
    for _ in range(ROUNDS):
        nearer = 1.0 - SHANK_OVER_DISTANCE * TOE_OVER_SHANK * np.cos(seen)
        across = np.nanmedian(toe_x * nearer - ankle_x)
        seen = float(np.arcsin(np.clip(across / length, -most, most)))
    return seen - medial * float(np.radians(THIRD_TOE_TURN_DEG)) * foot_index
