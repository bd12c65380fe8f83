"""What is known of legs before the clip is seen: proportions, landmark offsets, and how sure each is.

Lengths are in shank lengths (ankle centre to knee centre) unless a name says otherwise. Proportions come from
ANSUR II men and women and the MakeHuman meshes (docs/measurement.md §1.5); the spread covers both. Marks say
where landmarks sit against the joints, in the axes of the segment they belong to (docs/measurement.md §1.8);
they were learned on rendered people, and a rendered person is not a person.
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
TILT_GAIN: Final = Prior(float(np.radians(50.0)), float(np.radians(7.0)))
"""Growth of the shank's forward tilt with the root of depth (rendered clips: 51 degrees)."""
SHANK_TILT_SPREAD_DEG: Final = 3.0
SHANK_SHARE: Final = 0.30
"""Forward tilt of the shank as a share of knee flexion, deep in a squat."""
USUAL_STANCE: Final = Prior(0.85, 0.5)
"""Distance of the ankles in a two-leg squat."""
STRAIGHT_LEG: Final = 0.999
"""Hip-to-ankle distance in quiet standing, as a share of thigh + shank (5 degrees of flexion)."""
HIP_HEIGHT_SD: Final = 0.015
"""How far the hips' height may differ from what the depth signal says, after its shift and gain."""
LEAVING_STANDING: Final = 0.03
"""Depth at which the shift of the depth signal is there in full."""
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
BAND_YAW_DEG: Final = (6.0, 14.0)
BAND_SHARE: Final = (0.6, 0.9)
"""What is left of the fit's own uncertainty, by yaw: set so that 96 % of the peaks of the learned clips lie
within."""
HAND_HELD_BAND: Final = 1.25
"""How much wider the band is when the camera is held by hand: caution, not measurement. Learned clips do not
ask for it; it was set after two reported clips of that kind had been seen (benchmarks/learned_on.txt)."""


@dataclass(frozen=True)
class Mark:
    """Where a landmark sits against its joint, in shanks; see `Marks` for the axes.

    offset: (forward, medial, up). per_flexion, per_deviation, per_turn: its change per radian of knee
    flexion, of deviation, and of the foot's turn outward from the direction to the camera. per_stance: per
    shank that the ankles stand further apart than `USUAL_STANCE`. lopsided: how far the network, which does
    not treat left and right alike, moves the landmark (medial, down) on the leg at the picture's right, and
    the opposite on the other. scatter: SD from frame to frame along the picture's (x, y). person_sd, side_sd:
    SD of what is constant in a clip, alike on both legs (medial, down) and opposite on them.
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


@dataclass(frozen=True)
class Marks:
    """What the landmarks of all parts are.

    parts: hip in pelvis axes, knee and ankle in shank axes, heel and toe in foot axes; the toe against the
    third toe's tip. standing_tilt: forward tilt of the shank in quiet standing, radians. Rendered people
    stand at -3 degrees, real ones rather at +3; where landmarks are noisy it is set lower, since an error of
    the knee's height can only make an upright shank lean, and never stand straighter.
    depth_shift: of the picture's depth out of standing, see legmodel.bent_depth.
    """

    parts: Mapping[Part, Mark]
    standing_tilt: Prior
    depth_shift: Prior

    def __getitem__(self, part: Part) -> Mark:
        return self.parts[part]


STANDING_TILT: Final = Prior(float(np.radians(-2.0)), float(np.radians(5.0)))
NOISY_STANDING_TILT: Final = Prior(float(np.radians(-5.0)), float(np.radians(2.0)))
"""With the second, the tilt found in the learned clips is right on average."""
DEPTH_SHIFT: Final = Prior(0.0, 0.02)
NOISY_DEPTH_SHIFT: Final = Prior(-0.006, 0.004)
"""With the second, the shift is not left to the hips' landmarks, which jump by more than it."""

BLAZEPOSE: Final = Marks(
    {
        "hip": Mark(
            offset=(0.132, 0.023, -0.062),
            per_flexion=(0.043, 0.0, 0.069),
            per_stance=(0.0, -0.034, 0.0),
            lopsided=(-0.004, -0.002),
            scatter=(0.030, 0.050),
            person_sd=(0.009, 0.020),
            side_sd=(0.013, 0.010),
        ),
        "knee": Mark(
            offset=(0.136, 0.033, -0.031),
            per_flexion=(-0.043, -0.020, 0.016),
            per_deviation=(0.0, -0.062, 0.0),
            per_turn=(-0.045, 0.047, 0.0),
            lopsided=(-0.011, 0.005),
            scatter=(0.015, 0.020),
            person_sd=(0.008, 0.018),
            side_sd=(0.008, 0.009),
        ),
        "ankle": Mark(
            offset=(0.038, 0.0, 0.089),
            per_deviation=(0.0, -0.070, -0.099),
            per_turn=(-0.022, 0.024, -0.019),
            lopsided=(-0.004, 0.0),
            scatter=(0.011, 0.013),
            person_sd=(0.006, 0.013),
            side_sd=(0.008, 0.007),
        ),
        "heel": Mark(
            offset=(0.065, 0.020, 0.050),
            per_flexion=(-0.006, 0.0, 0.0),
            per_deviation=(-0.068, -0.153, -0.136),
            per_turn=(0.057, 0.137, 0.0),
            lopsided=(-0.004, -0.002),
            scatter=(0.014, 0.015),
            person_sd=(0.040, 0.040),
            side_sd=(0.030, 0.030),
        ),
        "toe": Mark(
            offset=(0.0, 0.044, 0.012),
            per_deviation=(0.121, 0.161, 0.056),
            per_turn=(-0.082, -0.064, -0.040),
            per_stance=(0.0, -0.050, 0.0),
            lopsided=(-0.004, 0.004),
            scatter=(0.014, 0.009),
            person_sd=(0.014, 0.011),
            side_sd=(0.010, 0.006),
        ),
    },
    NOISY_STANDING_TILT,
    NOISY_DEPTH_SHIFT,
)
"""As `benchmarks/landmark_bias.py` learned them from 113 rendered clips (benchmarks/learned_on.txt). What can
be read from them: points lie on the body's front (knee 6 cm ahead of the joint's centre); the network follows
a medial knee to 94 % and takes toe, heel and ankle along; a foot that points past the camera is seen turned
back; everything is moved a little to the picture's right, whoever stands there (a mirrored picture moves it
the other way). Set wider than learned (0.015, 0.027; 0.016, 0.019; 0.011, 0.010), because their errors go
with posture and are no independent noise: the hips' scatter (arms move them) and the heels' constant errors
(hidden behind the foot)."""
COCO_FEET: Final = Marks(
    {
        "hip": Mark(
            (0.046, 0.038, -0.057), (0.015, 0.025), (0.012, 0.020), (0.010, 0.010), (-0.013, 0.0, -0.007)
        ),
        "knee": Mark(
            (-0.010, -0.009, -0.041), (0.015, 0.020), (0.010, 0.018), (0.008, 0.009), (0.015, 0.0, 0.009)
        ),
        "ankle": Mark(
            (0.002, -0.009, 0.044), (0.011, 0.013), (0.008, 0.013), (0.008, 0.007), (-0.012, 0.0, 0.0)
        ),
        "heel": Mark((0.044, 0.002, 0.015), (0.014, 0.015), (0.016, 0.019), (0.011, 0.010)),
        "toe": Mark((-0.011, 0.009, -0.016), (0.014, 0.010), (0.016, 0.011), (0.010, 0.006)),
    },
    NOISY_STANDING_TILT,
    NOISY_DEPTH_SHIFT,
)
"""Offsets: the COCO points of the rendered bodies; spreads: taken to be BlazePose's, a little wider. No
network that gives these points could be run here, so what it adds of its own is not known."""
JOINTS: Final = Marks(
    {
        part: Mark((0.0, 0.0, 0.0), (0.003, 0.003), (0.002, 0.002), (0.002, 0.002))
        for part in ("hip", "knee", "ankle", "toe")
    }
    | {"heel": Mark((0.0, -0.023, 0.0), (0.005, 0.005), (0.012, 0.005), (0.005, 0.005))},
    STANDING_TILT,
    DEPTH_SHIFT,
)
"""Joint centres and the third toe's tip; the heel lies outside the line from the toe through the ankle."""
MARKS: Final[Mapping[str, Marks]] = {"blazepose": BLAZEPOSE, "coco_feet": COCO_FEET, "joints": JOINTS}
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
