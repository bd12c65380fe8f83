"""Two legs over planted feet, seen by one camera: the forward model and what is believed of it beforehand.

Shared by all frames: the camera, where the feet stand and point, the body's heading, and proportions. Own
to a frame: per leg the deviation and the forward tilt of the shank, and where the pelvis is. World axes and
units as in camera.py; the shank has length 1. Legs come in the order left, right.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry import anatomy, calibration
from knee_track.geometry.calibration import Calibration
from knee_track.geometry.camera import Camera

Floats = NDArray[np.float64]
Axes = tuple[Floats, Floats, Floats]

SIDE_SIGN = np.array([1.0, -1.0])
UP = np.array([0.0, 0.0, 1.0])


class Shared(IntEnum):
    """Unknowns of the whole clip; angles in radians, lengths in shanks."""

    PITCH = 0
    ROLL = 1
    LOG_FOCAL = 2
    HEIGHT = 3
    LEFT_X = 4
    LEFT_Y = 5
    LEFT_AZIMUTH = 6
    RIGHT_X = 7
    RIGHT_Y = 8
    RIGHT_AZIMUTH = 9
    HEADING = 10
    THIGH = 11
    HALF_PELVIS = 12
    FOOT = 13
    HEEL = 14
    TOE_DROP = 15
    HEEL_DROP = 16
    TILT_GAIN = 17
    STANDING_TILT = 18
    STANDING_SHIFT = 19
    DEPTH_SHIFT = 20
    DEPTH_GAIN = 21


HIP = anatomy.PARTS.index("hip")
N_PARTS = len(anatomy.PARTS)
N_SHARED = len(Shared) + 4 * N_PARTS
"""After the named unknowns: how far each landmark sits off its expected place throughout the clip, (medial,
down) in shanks, first what is alike on both legs, then what is opposite."""


N_POSTURE = 10
"""Residuals of a frame beside the landmarks'; see frame_residuals."""


class Own(IntEnum):
    """Unknowns of one frame."""

    LEFT_DEVIATION = 0
    LEFT_TILT = 1
    RIGHT_DEVIATION = 2
    RIGHT_TILT = 3
    HIP_X = 4
    HIP_Y = 5
    HIP_Z = 6
    PELVIS_TILT = 7


ANKLE_X = [Shared.LEFT_X, Shared.RIGHT_X]
ANKLE_Y = [Shared.LEFT_Y, Shared.RIGHT_Y]
AZIMUTH = [Shared.LEFT_AZIMUTH, Shared.RIGHT_AZIMUTH]
DEVIATION = [Own.LEFT_DEVIATION, Own.RIGHT_DEVIATION]
TILT = [Own.LEFT_TILT, Own.RIGHT_TILT]


@dataclass(frozen=True)
class Observations:
    """What the fit sees of n frames.

    points_px (n, 2, 5, 2): landmarks per leg and part (anatomy.PARTS). weight (n, 2, 5): 0 where missing or
    not planted, else up to 1. standing (n,): 1.0 in quiet standing, else 0.0. long_side_px, centre_px (2,):
    picture. marks: what the landmarks are. mirrored: the network saw left and
    right exchanged. calibration: what was measured beside the clip.
    """

    points_px: Floats
    weight: Floats
    standing: Floats
    long_side_px: float
    centre_px: Floats
    rough_yaw_deg: float
    depth: Floats
    marks: anatomy.Marks
    mirrored: bool = False
    calibration: Calibration | None = None


@dataclass(frozen=True)
class Legs:
    """Joint centres and directions in the world.

    ankle, forward, medial (2, 3): per leg; forward points along the third-toe line, medial off it to the
    inside. knee, hip (n, 2, 3). landmarks (n, 2, 5, 3): where the landmarks are expected.
    """

    ankle: Floats
    forward: Floats
    medial: Floats
    knee: Floats
    hip: Floats
    landmarks: Floats


def unit_azimuth(angle: Floats) -> Floats:
    """Horizontal unit vectors (..., 3) for azimuths (...)."""
    return np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1)


def camera_of(shared: Floats, seen: Observations) -> Camera:
    """The camera that the shared unknowns describe."""
    return Camera(
        pitch=float(shared[Shared.PITCH]),
        roll=float(shared[Shared.ROLL]),
        focal_px=float(np.exp(shared[Shared.LOG_FOCAL]) * seen.long_side_px),
        height=float(shared[Shared.HEIGHT]),
        centre_px=seen.centre_px,
    )


def constant_errors(shared: Floats) -> Floats:
    """How far this clip's landmarks sit off their expected places, (2, 5, 2): per leg and part, picture x and
    y.
    """
    alike, opposite = shared[len(Shared) :].reshape(2, N_PARTS, 2)
    medial_down = alike + SIDE_SIGN[:, None, None] * opposite
    return np.asarray(medial_down * np.stack([-SIDE_SIGN, np.ones(2)], axis=-1)[:, None, :])


def constant_error_derivatives(seen: Observations) -> Floats:
    """(n, 30, 20) derivatives of `frame_residuals` by the constant errors, which enter linearly."""
    n = len(seen.weight)
    every = np.zeros(
        (n, 2, N_PARTS, 2, 2, N_PARTS, 2)
    )  # residual: leg, part, axis; unknown: kind, part, axis
    turned = np.stack([-SIDE_SIGN, np.ones(2)], axis=-1)
    for part, name in enumerate(anatomy.PARTS):
        for axis, scatter in enumerate(seen.marks[name].scatter):
            moved = seen.weight[:, :, part] * turned[:, axis] / scatter
            every[:, :, part, axis, 0, part, axis] = moved
            every[:, :, part, axis, 1, part, axis] = moved * SIDE_SIGN
    flat = every.reshape(n, 4 * N_PARTS, 4 * N_PARTS)
    return np.concatenate([flat, np.zeros((n, N_POSTURE, 4 * N_PARTS))], axis=1)


def turn_from_camera(shared: Floats) -> Floats:
    """Angle of each foot's third-toe line outward from the direction to the camera, radians (2,)."""
    to_camera = np.arctan2(-shared[ANKLE_Y], -shared[ANKLE_X])
    return np.asarray(SIDE_SIGN * ((shared[AZIMUTH] - to_camera + np.pi) % (2 * np.pi) - np.pi))


def knee_flexion(shared: Floats, ankle: Floats, hip: Floats) -> Floats:
    """Flexion in radians (n, 2) from the hip-ankle distance; smooth where a leg seems longer than it is."""
    thigh = shared[Shared.THIGH]
    squared = ((hip - ankle) ** 2).sum(axis=-1)
    bend = 1.0 - (squared - 1.0 - thigh**2) / (2.0 * thigh)
    bend = np.where(bend > 0.01, bend, 0.01 * np.exp(np.minimum((bend - 0.01) / 0.01, 0.0)))
    return np.asarray(np.arccos(1.0 - np.minimum(bend, 1.9)))


def pose_legs(shared: Floats, own: Floats, marks: anatomy.Marks) -> Legs:
    """Joints and expected landmarks for shared (42,) and own (n, 8) unknowns."""
    ankle = np.stack([shared[ANKLE_X], shared[ANKLE_Y], np.zeros(2)], axis=-1)
    forward = unit_azimuth(shared[AZIMUTH])
    medial = SIDE_SIGN[:, None] * unit_azimuth(shared[AZIMUTH] - np.pi / 2)
    shank, shank_forward, shank_medial = shank_axes(own, forward, medial)
    knee = ankle + shank

    heading = unit_azimuth(shared[Shared.HEADING])
    to_left = unit_azimuth(shared[Shared.HEADING] + np.pi / 2)
    tilt = own[:, Own.PELVIS_TILT, None]
    pelvis_left = np.cos(tilt) * to_left + np.sin(tilt) * UP
    pelvis_up = np.cos(tilt) * UP - np.sin(tilt) * to_left
    inward = -SIDE_SIGN[:, None] * pelvis_left[:, None]
    hip = own[:, None, [Own.HIP_X, Own.HIP_Y, Own.HIP_Z]] - shared[Shared.HALF_PELVIS] * inward

    pelvis = (heading, inward, pelvis_up[:, None])
    along = (shank_forward, shank_medial, shank)
    foot = (forward, medial, np.broadcast_to(UP, (2, 3)))
    heel = ankle - shared[Shared.HEEL] * forward - shared[Shared.HEEL_DROP] * UP
    toe = ankle + shared[Shared.FOOT] * forward - shared[Shared.TOE_DROP] * UP
    joints: dict[anatomy.Part, tuple[Floats, Axes]] = {
        "hip": (hip, pelvis),
        "knee": (knee, along),
        "ankle": (ankle, along),
        "heel": (heel, foot),
        "toe": (toe, foot),
    }
    wider = stance_width(shared) - anatomy.USUAL_STANCE.mean
    causes = (knee_flexion(shared, ankle, hip), own[:, DEVIATION], turn_from_camera(shared), wider)
    landmarks = [joint + shifted(marks[part], axes, *causes) for part, (joint, axes) in joints.items()]
    return Legs(ankle, forward, medial, knee, hip, np.stack(landmarks, axis=2))


def shank_axes(own: Floats, forward: Floats, medial: Floats) -> Axes:
    """Shank vector, its forward and its medial axis, each (n, 2, 3)."""
    deviation, tilt = own[:, DEVIATION, None], own[:, TILT, None]
    upright = np.sin(tilt) * forward + np.cos(tilt) * UP
    shank = np.sin(deviation) * medial + np.cos(deviation) * upright
    shank_forward = np.cos(tilt) * forward - np.sin(tilt) * UP
    shank_medial = np.cos(deviation) * medial - np.sin(deviation) * upright
    return shank, shank_forward, shank_medial


def shifted(
    mark: anatomy.Mark, axes: Axes, bend: Floats, deviation: Floats, turn: Floats, wider: float
) -> Floats:
    """A landmark's offset (n, 2, 3) from its joint: see anatomy.Mark for what moves it.

    bend, deviation (n, 2); turn (2,) radians; wider: than the usual stance, in shanks.
    """
    offset = (
        np.array(mark.offset)
        + bend[..., None] * np.array(mark.per_flexion)
        + deviation[..., None] * np.array(mark.per_deviation)
        + turn[:, None] * np.array(mark.per_turn)
        + wider * np.array(mark.per_stance)
    )
    forward, medial, up = axes
    return np.asarray(offset[..., :1] * forward + offset[..., 1:2] * medial + offset[..., 2:] * up)


def stance_width(shared: Floats) -> float:
    """Distance of the ankles, in shanks."""
    return float(
        np.hypot(*(shared[[Shared.LEFT_X, Shared.LEFT_Y]] - shared[[Shared.RIGHT_X, Shared.RIGHT_Y]]))
    )


def standing_height(shared: Floats) -> float:
    """Height of mid-hip over the ankles with straight legs in this stance, in shanks."""
    leg = anatomy.STRAIGHT_LEG * (1.0 + shared[Shared.THIGH])
    beside = stance_width(shared) / 2.0 - shared[Shared.HALF_PELVIS]
    return float(np.sqrt(max(leg**2 - beside**2, 0.25)))


def bent_depth(shared: Floats, depth: Floats) -> Floats:
    """Depth (n,) that the leg model makes of the picture's.

    The picture's course is smooth, but perspective stretches it, and the hip landmarks jump as the client
    leaves quiet standing: a shift and a gain, faded out toward standing.
    """
    fade = np.clip(depth / anatomy.LEAVING_STANDING, 0.0, 1.0)
    return np.asarray(depth + fade * (shared[Shared.DEPTH_SHIFT] + (shared[Shared.DEPTH_GAIN] - 1.0) * depth))


def frame_residuals(shared: Floats, own: Floats, seen: Observations) -> Floats:
    """(n, 30) residuals in standard deviations: reprojection, then what is believed of any posture."""
    legs = pose_legs(shared, own, seen.marks)
    camera = camera_of(shared, seen)
    n = len(own)
    pixels, distance = camera.project(legs.landmarks)
    off = (pixels - seen.points_px) * (distance / camera.focal_px)[..., None] + constant_errors(shared)
    off[:, :, HIP, 1] += seen.standing[:, None] * shared[Shared.STANDING_SHIFT]
    scatter = np.array([seen.marks[part].scatter for part in anatomy.PARTS])
    reprojection = off / scatter * seen.weight[..., None]

    thigh = np.linalg.norm(legs.hip - legs.knee, axis=-1) - shared[Shared.THIGH]
    depth = bent_depth(shared, seen.depth)
    sunk = own[:, Own.HIP_Z] - standing_height(shared) * (1.0 - depth)
    expected_tilt = shared[Shared.STANDING_TILT] + shared[Shared.TILT_GAIN] * np.sqrt(np.maximum(depth, 1e-4))
    standing = seen.standing[:, None]
    middle = own[:, [Own.HIP_X, Own.HIP_Y]] - legs.ankle[:, :2].mean(axis=0)
    heading = unit_azimuth(shared[Shared.HEADING])[:2]
    beside = np.array([-heading[1], heading[0]])
    posture = (
        thigh / 0.01,
        own[:, DEVIATION] / np.radians(anatomy.DEVIATION_SD_DEG),
        (own[:, TILT] - expected_tilt[:, None]) / np.radians(anatomy.SHANK_TILT_SPREAD_DEG),
        sunk[:, None] / anatomy.HIP_HEIGHT_SD,
        own[:, Own.PELVIS_TILT, None] / np.radians(anatomy.PELVIS_TILT_SD_DEG),
        standing * (middle @ heading)[:, None] / anatomy.HIPS_OVER_ANKLES_SD,
        (middle @ beside)[:, None] / anatomy.HIPS_OVER_ANKLES_SD,
    )
    return np.concatenate([reprojection.reshape(n, -1), *posture], axis=1)


PROPORTIONS = (
    (Shared.THIGH, anatomy.THIGH),
    (Shared.HALF_PELVIS, anatomy.HALF_PELVIS),
    (Shared.FOOT, anatomy.ANKLE_TO_THIRD_TOE),
    (Shared.HEEL, anatomy.ANKLE_TO_HEEL),
    (Shared.TOE_DROP, anatomy.TOE_DROP),
    (Shared.HEEL_DROP, anatomy.HEEL_DROP),
    (Shared.TILT_GAIN, anatomy.TILT_GAIN),
    (Shared.STANDING_SHIFT, anatomy.STANDING_SHIFT),
    (Shared.DEPTH_GAIN, anatomy.DEPTH_GAIN),
    (Shared.LOG_FOCAL, anatomy.LOG_FOCAL),
    (Shared.HEIGHT, anatomy.CAMERA_HEIGHT),
)


def proportions(seen: Observations) -> tuple[tuple[Shared, anatomy.Prior], ...]:
    """What is believed of single unknowns; a focal length told by the file replaces the usual one."""
    marks = seen.marks
    own = ((Shared.STANDING_TILT, marks.standing_tilt), (Shared.DEPTH_SHIFT, marks.depth_shift))
    usual = (*PROPORTIONS, *own)
    focal = seen.calibration.log_focal if seen.calibration else None
    if focal is None:
        return usual
    return tuple((i, focal if i == Shared.LOG_FOCAL else prior) for i, prior in usual)


def toe_out(shared: Floats) -> Floats:
    """Toe-out in radians (2,): third-toe line against the heading, outward positive."""
    return np.asarray(SIDE_SIGN * (shared[AZIMUTH] - shared[Shared.HEADING]))


def prior_residuals(shared: Floats, seen: Observations) -> Floats:
    """What is believed of the camera, the stance and the proportions, in standard deviations."""
    out = np.degrees(toe_out(shared))
    heading = unit_azimuth(shared[Shared.HEADING])[:2]
    apart = shared[[Shared.LEFT_X, Shared.LEFT_Y]] - shared[[Shared.RIGHT_X, Shared.RIGHT_Y]]
    single = [(shared[i] - prior.mean) / prior.sd for i, prior in proportions(seen)]
    camera = [
        shared[Shared.PITCH] / np.radians(anatomy.PITCH_SD_DEG),
        shared[Shared.ROLL] / np.radians(anatomy.ROLL_SD_DEG),
        (yaw_of(shared) - seen.rough_yaw_deg) / anatomy.ROUGH_YAW_SD_DEG,
    ]
    stance = [
        *((out - anatomy.TOE_OUT_DEG.mean) / anatomy.TOE_OUT_DEG.sd / np.sqrt(2)),
        (out[0] - out[1]) / anatomy.TOE_OUT_DIFFERENCE_SD_DEG,
        (apart @ heading) / anatomy.ANKLES_LEVEL_SD,
        (np.hypot(*apart) - anatomy.USUAL_STANCE.mean) / anatomy.USUAL_STANCE.sd,
    ]
    marks = [seen.marks[part] for part in anatomy.PARTS]
    sds = np.array([[mark.person_sd for mark in marks], [mark.side_sd for mark in marks]])
    lopsided = np.array([mark.lopsided for mark in marks]) * (-1.0 if seen.mirrored else 1.0)
    constant = (shared[len(Shared) :].reshape(sds.shape) - np.stack([0.0 * lopsided, lopsided])) / sds
    return np.array([*camera, *stance, *single, *constant.ravel(), *calibration_residuals(shared, seen)])


def calibration_residuals(shared: Floats, seen: Observations) -> Floats:
    """What was measured beside the clip, in standard deviations; empty without."""
    known = seen.calibration
    if known is None:
        return np.empty(0)
    height = float(shared[Shared.HEIGHT] + shared[Shared.TOE_DROP])
    distance = float(np.hypot(shared[ANKLE_X].mean(), shared[ANKLE_Y].mean()))
    ankle = np.stack([shared[ANKLE_X], shared[ANKLE_Y], np.zeros(2)], axis=-1)
    toes = ankle + shared[Shared.FOOT] * unit_azimuth(shared[AZIMUTH]) - shared[Shared.TOE_DROP] * UP
    return np.concatenate(
        [
            calibration.camera_residuals(known, height, distance),
            calibration.toe_residuals(known, camera_of(shared, seen), toes),
        ]
    )


def yaw_of(shared: Floats) -> float:
    """Where the camera stands round the client, degrees: 0 in front, positive toward the client's left."""
    x, y = shared[ANKLE_X].mean(), shared[ANKLE_Y].mean()
    turn = np.arctan2(-y, -x) - shared[Shared.HEADING]
    return float(np.degrees((turn + np.pi) % (2 * np.pi) - np.pi))
