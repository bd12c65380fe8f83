"""Frontal-plane measures beside the third-toe deviation, from image landmarks.

Inputs are (n, 33, 2) pixels of the upright picture (x right, y down); missing is NaN and stays NaN. The
camera's `roll_deg` (positive: picture turned clockwise) is taken out; `standing` is an (n,) mask of quiet
standing. Formulas: docs/measurement.md §1.1; bands: settings.FrontalSettings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import ANKLE, HIP, KNEE, SHOULDER, Leg
from knee_track.settings import FrontalSettings

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def fppa_deg(
    image_px: Floats, leg: Leg, standing: Mask, knee_flexion_deg: Floats, settings: FrontalSettings
) -> Floats:
    """Frontal plane projection angle of one leg (n,), valgus positive; for single-leg tasks only.

    NaN beyond `fppa_max_flexion_deg`, and where the projected thigh is shorter than `fppa_min_thigh_share` of
    its standing length: there the angle is a property of depth, not of the knee. Roll turns both segments
    alike and needs no correction. Source: §1.1 FPPA.
    """
    other: Leg = "right" if leg == "left" else "left"
    hip, knee, ankle = image_px[:, HIP[leg]], image_px[:, KNEE[leg]], image_px[:, ANKLE[leg]]
    thigh, shank = hip - knee, knee - ankle
    thigh_deg = np.degrees(np.arctan2(thigh[:, 0], -thigh[:, 1]))
    shank_deg = np.degrees(np.arctan2(shank[:, 0], -shank[:, 1]))
    medial = np.sign(image_px[:, HIP[other], 0] - hip[:, 0])
    angle = medial * ((shank_deg - thigh_deg + 180.0) % 360.0 - 180.0)
    length = np.linalg.norm(thigh, axis=1)
    valid = (length >= settings.fppa_min_thigh_share * _median(length[standing])) & (
        knee_flexion_deg <= settings.fppa_max_flexion_deg
    )
    return np.where(valid, angle, np.nan)


def kasr(image_px: Floats, roll_deg: float = 0.0) -> Floats:
    """Knee-to-ankle separation ratio (n,): 1 = knees above ankles, below 1 = inside. Source: §1.1 KASR."""
    points = level(image_px, roll_deg)
    knees = np.abs(points[:, KNEE["left"], 0] - points[:, KNEE["right"], 0])
    ankles = np.abs(points[:, ANKLE["left"], 0] - points[:, ANKLE["right"], 0])
    return knees / np.where(ankles > 0.0, ankles, np.nan)


def expected_kasr(
    shank_m: float,
    ankle_width_m: float,
    shank_tilt_deg: Floats,
    toe_out_deg: float,
    camera_distance_m: float = np.inf,
) -> Floats:
    """Separation ratio that perfect third-toe tracking would show, the same shape as `shank_tilt_deg`.

    KASR_exp = (1 + (2s/W)·sinθ·sinφ) · Z / (Z − s·sinθ·cosφ): §1.1's formula, and the magnification of knees
    that come nearer to a camera at distance Z. §1.1's worked number (90°, φ = 15°, W = 0.36 m: 1.44) includes
    it: the geometry alone gives 1.33, seen from 3 m it is 1.44.

    Parameters
    ----------
    shank_m, ankle_width_m : ankle to knee; distance between the ankles
    shank_tilt_deg : forward tilt θ of the shank along its own foot, 0 = upright; mean of both legs
    toe_out_deg : φ, mean of both feet
    camera_distance_m : from the ankles; infinite for the ratio in space
    """
    tilt, toe_out = np.radians(shank_tilt_deg), np.radians(toe_out_deg)
    ratio = 1.0 + 2.0 * shank_m / ankle_width_m * np.sin(tilt) * np.sin(toe_out)
    nearer = shank_m * np.sin(tilt) * np.cos(toe_out) / camera_distance_m
    return np.asarray(ratio / (1.0 - nearer), dtype=np.float64)


def pelvic_drop_deg(image_px: Floats, standing: Mask, roll_deg: float = 0.0) -> Floats:
    """Tilt of the hip line (n,), left side lower positive, minus standing. Source: §1.1 pelvic drop.

    BlazePose's hips follow the pelvis by a third only, so the band is wide and small drops are missed.
    """
    points = level(image_px, roll_deg)
    line = points[:, HIP["left"]] - points[:, HIP["right"]]
    tilt = np.degrees(np.arctan2(line[:, 1], np.abs(line[:, 0])))
    return tilt - _median(tilt[standing])


def trunk_lean_deg(
    image_px: Floats,
    standing: Mask,
    settings: FrontalSettings,
    roll_deg: float = 0.0,
    yaw_deg: float = 0.0,
) -> Floats:
    """Side lean of mid-hip → mid-shoulder off the vertical (n,), toward the client's left positive.

    Off axis a trunk that leans forward seems to lean sideways (8° at 15° of yaw in a squat). So its part
    toward the camera is read from the foreshortening against the standing trunk, times `trunk_length_share`,
    and the trunk is turned back by the yaw.
    """
    points = level(image_px, roll_deg)
    trunk = _middle(points, SHOULDER) - _middle(points, HIP)
    length = settings.trunk_length_share * _median(np.linalg.norm(trunk[standing], axis=1))
    leftward, upward = left_sign(points) * trunk[:, 0], -trunk[:, 1]
    nearer = np.sqrt(np.maximum(length**2 - leftward**2 - upward**2, 0.0))
    yaw = np.radians(yaw_deg)
    sideways = leftward * np.cos(yaw) + nearer * np.sin(yaw)
    return np.asarray(np.degrees(np.arctan2(sideways, upward)))


def hip_shift_pct_hips(
    image_px: Floats, standing: Mask, roll_deg: float = 0.0, yaw_deg: float = 0.0
) -> Floats:
    """Mid-hip off mid-ankles (n,), minus standing, client's left positive, in % of the standing hip width."""
    points = level(image_px, roll_deg)
    hips = np.linalg.norm(points[:, HIP["left"]] - points[:, HIP["right"]], axis=1)
    width = _median(hips[standing]) / np.cos(np.radians(yaw_deg))
    shift = _middle(points, HIP)[:, 0] - _middle(points, ANKLE)[:, 0]
    return np.asarray(100.0 * left_sign(points) * (shift - _median(shift[standing])) / width)


@dataclass(frozen=True)
class FrontalBands:
    """Half-widths of the 95 % intervals of this module's measures."""

    fppa_deg: float
    kasr: float
    pelvic_drop_deg: float
    trunk_lean_deg: float
    hip_shift_pct_hips: float


def frontal_bands(yaw_deg: float, settings: FrontalSettings) -> FrontalBands:
    """Bands at a camera yaw: each measure's own error and what grows with the yaw, added as independent."""
    off_axis = abs(np.sin(np.radians(yaw_deg)))
    return FrontalBands(
        fppa_deg=float(np.hypot(settings.fppa_band_deg, settings.fppa_yaw_band * abs(yaw_deg))),
        kasr=settings.kasr_band,
        pelvic_drop_deg=settings.pelvic_drop_band_deg,
        trunk_lean_deg=float(
            np.hypot(settings.trunk_lean_band_deg, settings.trunk_lean_yaw_band_deg * off_axis)
        ),
        hip_shift_pct_hips=float(
            np.hypot(settings.hip_shift_band_pct, settings.hip_shift_yaw_band_pct * off_axis)
        ),
    )


def level(image_px: Floats, roll_deg: float) -> Floats:
    """Points of a picture turned back by the camera's roll; only differences of the result mean anything."""
    roll = np.radians(roll_deg)
    # y points down, so turning a clockwise picture back is this matrix on column vectors
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    return np.asarray(image_px @ turn.T)


def left_sign(image_px: Floats) -> float:
    """+1 where the client's left is on the picture's right (a front view, not mirrored), else −1."""
    return float(np.sign(_median(image_px[:, HIP["left"], 0] - image_px[:, HIP["right"], 0])))


def _middle(points: Floats, pair: dict[Leg, int]) -> Floats:
    return (points[:, pair["left"]] + points[:, pair["right"]]) / 2.0


def _median(values: Floats) -> float:
    """Median of the finite values, NaN when there are none."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else float("nan")
