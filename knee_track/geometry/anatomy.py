"""What is known of legs before the clip is seen: proportions, landmark offsets, and how sure each is.

Lengths are in shank lengths (ankle centre to knee centre) unless a name says otherwise. Proportions come from
ANSUR II men and women and the MakeHuman meshes (docs/measurement.md §1.5); the spread covers both. Offsets
say where BlazePose's points sit against the joints: means over rendered clips of four bodies, in the axes
of the segment they belong to. A rendered person is not a person, so each has a generous spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Part = Literal["hip", "knee", "ankle", "heel", "toe"]
PARTS: Final[tuple[Part, ...]] = ("hip", "knee", "ankle", "heel", "toe")


@dataclass(frozen=True)
class Prior:
    """A normal belief: mean and standard deviation."""

    mean: float
    sd: float


THIGH: Final = Prior(0.955, 0.045)
HALF_PELVIS: Final = Prior(0.25, 0.025)
ANKLE_TO_THIRD_TOE: Final = Prior(0.455, 0.030)
ANKLE_TO_HEEL: Final = Prior(0.128, 0.025)
TOE_DROP: Final = Prior(0.125, 0.015)
"""How far the third toe's tip lies below the ankle centre."""
HEEL_DROP: Final = Prior(0.115, 0.020)
SHANK_SHARE: Final = Prior(0.33, 0.07)
"""Forward tilt of the shank as a share of knee flexion in a squat."""
SHANK_SHARE_SPREAD_DEG: Final = 4.0
STRAIGHT_LEG: Final = 0.998
"""Hip-to-ankle distance in quiet standing, as a share of thigh + shank (5 degrees of flexion: 0.999)."""
HIP_HEIGHT_SD: Final = 0.015
"""How far the hips' height may differ from what the depth signal says, after its gain."""
DEPTH_GAIN: Final = Prior(1.12, 0.10)
"""True depth over the depth seen in the picture, at the deepest moment (rendered clips: 1.05 to 1.3)."""
TOE_OUT_DEG: Final = Prior(16.0, 12.0)
TOE_OUT_DIFFERENCE_SD_DEG: Final = 8.0
ANKLES_LEVEL_SD: Final = 0.12
"""How far one ankle stands ahead of the other in a two-leg squat."""
HIPS_OVER_ANKLES_SD: Final = 0.10
"""How far the hips stand ahead of or beside the ankles in quiet standing."""
PELVIS_TILT_SD_DEG: Final = 5.0
DEVIATION_SD_DEG: Final = 25.0
"""Nearly flat: only keeps a leg that is not seen from running away."""
SHANK_SHARE_OF_HEIGHT: Final = 0.25
"""Shank over stature: ANSUR II 0.236 (mid-patella), rendered bodies 0.242 to 0.260 (joint centres)."""
THIRD_TOE_AXIS_SD_DEG: Final = 2.0
"""Person-to-person spread of the third toe around foot index, after the part seen in the toe landmark's
spread."""

OFFSETS: Final[dict[Part, tuple[float, float, float]]] = {
    "hip": (0.105, 0.016, -0.045),
    "knee": (0.005, 0.005, -0.047),
    "ankle": (0.010, -0.003, 0.048),
    "heel": (0.000, 0.025, 0.005),
    "toe": (-0.016, 0.042, 0.005),
}
"""(forward, medial, up) from the joint to the landmark; hip in pelvis axes, knee and ankle in shank axes,
heel and toe in foot axes; the toe is foot_index against the third toe's tip."""
HIP_OFFSET_PER_RADIAN: Final[tuple[float, float, float]] = (0.034, 0.0, 0.044)
"""Change of the hip's offset with knee flexion: the landmark climbs as the hip folds."""
SPREAD: Final[dict[Part, float]] = {"hip": 0.026, "knee": 0.021, "ankle": 0.0125, "heel": 0.024, "toe": 0.019}
"""SD between clips of the landmark against its expected place, per image axis."""

LOG_FOCAL: Final = Prior(float(np.log(0.95)), 0.20)
"""Focal length over the picture's longer side: phones' video 0.75 to 1.1, rendered 0.5 to 1.2."""
PITCH_SD_DEG: Final = 12.0
ROLL_SD_DEG: Final = 2.0
ROUGH_YAW_SD_DEG: Final = 10.0
"""Of the yaw read from world landmarks; rendered clips: bias -4, SD 4 to 8."""
CAMERA_HEIGHT: Final = Prior(2.1, 1.2)
"""Above the ankles: about 0.9 m, from the floor to a high tripod."""
EFFECTIVE_POSES: Final = 3.0
"""Landmark errors repeat from frame to frame, so a clip is worth about this many independent poses."""
