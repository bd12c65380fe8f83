"""What is known of legs before the clip is seen: proportions, landmark offsets, and how sure each is.

Lengths are in shank lengths (ankle centre to knee centre) unless a name says otherwise. Proportions come from
ANSUR II men and women and the MakeHuman meshes (docs/measurement.md §1.5); the spread covers both. Offsets
say where BlazePose's points sit against the joints: means over rendered clips of four bodies, in the axes
of the segment they belong to. A rendered person is not a person, so each has a generous spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Pair = tuple[float, float]
Offset = tuple[float, float, float]
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
STANDING_TILT: Final = Prior(float(np.radians(-2.0)), float(np.radians(3.0)))
TILT_GAIN: Final = Prior(float(np.radians(50.0)), float(np.radians(7.0)))
"""Forward tilt of the shank: in standing, and its growth with the root of depth (rendered clips: -3 and 51 degrees)."""
SHANK_TILT_SPREAD_DEG: Final = 3.0
USUAL_STANCE: Final = Prior(0.85, 0.5)
"""Distance of the ankles in a two-leg squat."""
STRAIGHT_LEG: Final = 0.999
"""Hip-to-ankle distance in quiet standing, as a share of thigh + shank (5 degrees of flexion)."""
HIP_HEIGHT_SD: Final = 0.015
"""How far the hips' height may differ from what the depth signal says, after its shift and gain."""
LEAVING_STANDING: Final = 0.03
"""Depth at which the shift of the depth signal is there in full."""
DEPTH_SHIFT: Final = Prior(0.0, 0.025)
DEPTH_GAIN: Final = Prior(1.08, 0.12)
"""True depth against the picture's (rendered clips)."""
STANDING_SHIFT: Final = Prior(0.0, 0.025)
"""How far down the hip landmarks jump in quiet standing against movement; depends on what the arms do."""
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



@dataclass(frozen=True)
class Mark:
    """Where a landmark sits against its joint, in shanks; see `Marks` for the axes.

    offset: (forward, medial, up). per_flexion, per_deviation, per_turn: its change per radian of knee flexion, of
    deviation, and of the foot's turn outward from the direction to the camera. per_stance: per shank that the ankles
    stand further apart than `USUAL_STANCE`. lopsided: how far the network, which does not
    treat left and right alike, moves the landmark (medial, down) on the leg at the picture's right, and the opposite
    on the other.
    scatter: SD from frame to frame along the picture's (x, y). person_sd, side_sd: SD of what is constant in a clip,
    alike on both legs (medial, down) and opposite on them.
    """

    offset: Offset
    scatter: Pair
    person_sd: Pair
    side_sd: Pair
    per_flexion: Offset = (0.0, 0.0, 0.0)
    per_deviation: Offset = (0.0, 0.0, 0.0)
    per_turn: Offset = (0.0, 0.0, 0.0)
    per_stance: Offset = (0.0, 0.0, 0.0)
    lopsided: Pair = (0.0, 0.0)


Marks = Mapping[Part, Mark]
"""Hip in pelvis axes, knee and ankle in shank axes, heel and toe in foot axes; the toe against the third toe's tip."""

BLAZEPOSE: Final[Marks] = {
    "hip": Mark((0.105, 0.016, -0.045), (0.013, 0.022), (0.011, 0.021), (0.009, 0.005), per_flexion=(0.034, 0.0, 0.044)),
    "knee": Mark((0.005, 0.005, -0.047), (0.013, 0.021), (0.007, 0.017), (0.008, 0.006)),
    "ankle": Mark((0.010, -0.003, 0.048), (0.009, 0.011), (0.006, 0.011), (0.005, 0.006)),
    "heel": Mark((0.000, 0.025, 0.005), (0.012, 0.014), (0.015, 0.019), (0.009, 0.007)),
    "toe": Mark((-0.016, 0.042, 0.005), (0.011, 0.008), (0.012, 0.008), (0.007, 0.005)),
}
"""Per flexion the hip's landmark climbs as the hip folds."""
JOINTS: Final[Marks] = {
    part: Mark((0.0, 0.0, 0.0), (0.002, 0.002), (0.002, 0.002), (0.002, 0.002)) for part in PARTS
}
"""Joint centres themselves, as a mocap system gives them."""
MARKS: Final[Mapping[str, Marks]] = {"blazepose": BLAZEPOSE, "joints": JOINTS}
"""By the kind of a pose track."""

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
