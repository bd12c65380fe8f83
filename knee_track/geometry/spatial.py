"""The knee measures from joints in space, without a camera: markers of a laboratory, or a renderer's truth.

Definitions are those of docs/measurement.md §1.3. Axes as in `knee_track.pose.joints`: metres, Z up.

The foot's axis is taken in every frame, not as a median over the clip. The median is for landmarks whose foot
is too noisy to be read frame by frame. Markers are not: 1 mm on 0.2 m of foot is 0.3°, times the sine of the
shank's tilt; keypoints that jitter by 5 mm at 60 frames a second leave about half a degree behind the
low-pass. In return a foot that turns or steps keeps its own line.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.curves import LegCurves
from knee_track.findings.severity import LegPosture
from knee_track.geometry.deviation import MIN_TRAVEL, Z95
from knee_track.geometry.frontal import expected_kasr
from knee_track.pose.joints import UP, Joints, level_unit, square_to
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.settings import RepSettings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HIGHEST: Final = 98.0
"""Percentile of the hips' height that counts as the highest: a hop or a slip lies above it."""
NEAR_HIGHEST: Final = 0.97
"""Share of the highest from which the client stands; depth 0.03 is 25° of knee flexion."""


def depth_of(joints: Joints, settings: RepSettings) -> Floats:
    """Depth (n,): 1 − height of mid-hip above the ankles ÷ its standing value; NaN where it is not seen.

    Standing is the median of the heights near the highest. With a foot off the floor the lower ankle counts.
    """
    height = _hip_height_m(joints, settings)
    known = height[np.isfinite(height)]
    if known.size == 0:
        return height
    standing = np.median(known[known >= NEAR_HIGHEST * np.percentile(known, HIGHEST)])
    return np.asarray(1.0 - height / standing)


def _hip_height_m(joints: Joints, settings: RepSettings) -> Floats:
    hip = (joints.of("left", "hip") + joints.of("right", "hip"))[:, 2] / 2.0
    left, right = (joints.of(leg, "ankle")[:, 2] for leg in LEGS)
    step = (left - right)[np.isfinite(left - right)]
    low, high = np.percentile(step, [5, 95]) if step.size else (0.0, 0.0)
    leg_height = np.nanpercentile(hip - np.fmin(left, right), HIGHEST)
    both_stay = high - low < settings.lifted_foot * leg_height
    return np.asarray(hip - ((left + right) / 2.0 if both_stay else np.fmin(left, right)))


def foot_axes(joints: Joints, leg: Leg) -> tuple[Floats, Floats]:
    """Third-toe line of a foot from above the ankle, and its medial normal, horizontal units (n, 3) each."""
    other: Leg = "right" if leg == "left" else "left"
    forward = level_unit(joints.of(leg, "third_toe") - joints.of(leg, "ankle"))
    return forward, square_to(forward, joints.of(other, "hip") - joints.of(leg, "hip"))


def knee_flexion_deg(joints: Joints, leg: Leg) -> Floats:
    """Angle between the thigh and the shank's continuation (n,), 0 = straight."""
    thigh = joints.of(leg, "hip") - joints.of(leg, "knee")
    shank = joints.of(leg, "knee") - joints.of(leg, "ankle")
    cosine = np.sum(thigh * shank, axis=1) / (_length(thigh) * _length(shank))
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def leg_curves(joints: Joints, leg: Leg, placement_sd_m: float) -> LegCurves:
    """Everything of one leg over time; NaN where a point is not seen.

    The deviation is asin(distance of the knee centre from the plane through ankle and third toe ÷ shank),
    medial positive. FPPA is left NaN, and so is what is drawn into a picture: there is none.
    """
    forward, medial = foot_axes(joints, leg)
    shank = joints.of(leg, "knee") - joints.of(leg, "ankle")
    length = _length(shank)
    off, ahead = (np.sum(shank * axis, axis=1) / length for axis in (medial, forward))
    ray = np.degrees(np.arctan2(off, ahead))
    n = len(joints)
    return LegCurves(
        deviation_deg=np.degrees(np.arcsin(np.clip(off, -1.0, 1.0))),
        band_deg=band_deg(joints, leg, placement_sd_m),
        offset_pct_shank=100.0 * off,
        ray_angle_deg=np.where(ahead > MIN_TRAVEL, ray, np.nan),
        knee_flexion_deg=knee_flexion_deg(joints, leg),
        fppa_deg=np.full(n, np.nan),
        toe_line_px=np.full((n, 2, 2), np.nan),
        knee_target_px=np.full((n, 2), np.nan),
    )


def band_deg(joints: Joints, leg: Leg, placement_sd_m: float) -> Floats:
    """Half-width (n,) of the deviation's 95 % interval when each point may sit beside its joint.

    With the knee ahead of the ankle by f, the toe by ℓ and a shank s, a medial error of the knee counts in
    full, one of the toe by −f/ℓ, one of the ankle by f/ℓ − 1, each over s; and one of the third toe's
    direction by the forward tilt's sine f/s (§1.3, error propagation). The errors are independent.
    """
    forward, _ = foot_axes(joints, leg)
    shank = joints.of(leg, "knee") - joints.of(leg, "ankle")
    foot = _length((joints.of(leg, "third_toe") - joints.of(leg, "ankle")) * (1.0 - UP))
    length = _length(shank)
    ahead = np.sum(shank * forward, axis=1)
    lever = np.sqrt(1.0 + (ahead / foot) ** 2 + (1.0 - ahead / foot) ** 2)
    placed = np.degrees(placement_sd_m / length * lever)
    return np.asarray(Z95 * np.hypot(placed, joints.toe_axis_sd_deg * ahead / length))


def posture(joints: Joints, leg: Leg, quiet: Bools, placement_sd_m: float) -> LegPosture:
    """How a leg stands: medians over the quiet frames (n,); nothing without any.

    The hip-knee-ankle angle is seen along the foot, as in `geometry.deviation.standing_posture`.
    """
    forward, medial = foot_axes(joints, leg)
    shank = joints.of(leg, "knee") - joints.of(leg, "ankle")
    thigh = joints.of(leg, "hip") - joints.of(leg, "knee")

    def inward_deg(vector: Floats) -> Floats:
        return np.asarray(np.degrees(np.arctan2(np.sum(vector * medial, axis=1), vector[:, 2])))

    deviation = np.degrees(np.arcsin(np.sum(shank * medial, axis=1) / _length(shank)))
    foot = _length((joints.of(leg, "third_toe") - joints.of(leg, "ankle")) * (1.0 - UP))
    out_sd = np.hypot(np.degrees(np.sqrt(2.0) * placement_sd_m / foot), joints.toe_axis_sd_deg)
    return LegPosture(
        deviation_deg=_median(deviation, quiet),
        hka_deg=_median(inward_deg(shank) - inward_deg(thigh), quiet),
        toe_out_deg=_median(toe_out_deg(joints, leg), quiet),
        toe_out_band_deg=_median(Z95 * out_sd, quiet),
    )


def heading(joints: Joints) -> Floats:
    """The body's forward direction, a horizontal unit vector (n, 3): square to the hips, toward the toes."""
    across = level_unit(joints.of("left", "hip") - joints.of("right", "hip"))
    toes = sum(joints.of(leg, "third_toe") - joints.of(leg, "ankle") for leg in LEGS)
    return square_to(across, np.asarray(toes))


def toe_out_deg(joints: Joints, leg: Leg) -> Floats:
    """Third-toe line off the body's forward direction (n,), outward positive."""
    forward, medial = foot_axes(joints, leg)
    ahead = heading(joints)
    return np.asarray(np.degrees(np.arctan2(np.sum(ahead * medial, axis=1), np.sum(ahead * forward, axis=1))))


def expected_separation(joints: Joints, quiet: Bools) -> Floats:
    """Knee-to-ankle separation ratio (n,) that perfect tracking would show in this stance."""
    shanks = [joints.of(leg, "knee") - joints.of(leg, "ankle") for leg in LEGS]
    tilts = [
        np.degrees(np.arctan2(np.sum(shank * foot_axes(joints, leg)[0], axis=1), shank[:, 2]))
        for shank, leg in zip(shanks, LEGS, strict=True)
    ]
    outs = [_median(toe_out_deg(joints, leg), quiet) for leg in LEGS]
    if None in outs:
        return np.full(len(joints), np.nan)
    return expected_kasr(
        shank_m=float(np.nanmedian([_length(shank) for shank in shanks])),
        ankle_width_m=float(np.nanmedian(_length(joints.of("left", "ankle") - joints.of("right", "ankle")))),
        shank_tilt_deg=np.mean(tilts, axis=0),
        toe_out_deg=float(np.mean([out for out in outs if out is not None])),
    )


def shank_m(joints: Joints, leg: Leg) -> float:
    """Usual length of a shank, metres."""
    return float(np.nanmedian(_length(joints.of(leg, "knee") - joints.of(leg, "ankle"))))


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.linalg.norm(vectors, axis=-1))


def _median(values: Floats, where: Bools) -> float | None:
    chosen = values[where & np.isfinite(values)]
    return float(np.median(chosen)) if chosen.size else None
