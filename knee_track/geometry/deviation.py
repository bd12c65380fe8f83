"""From the fitted legs to what is reported of them: deviation, its band, flexion, toe, and where to draw it.

Deviation is the signed angle of the shank off the vertical plane through ankle centre and third-toe tip,
medial positive: asin(distance of the knee centre from the plane / shank length) (docs/measurement.md §1.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track.curves import LegCurves
from knee_track.geometry import anatomy, arrow, legmodel
from knee_track.geometry.legfit import LegFit, problem_for
from knee_track.geometry.legmodel import UP, Shared
from knee_track.pose.skeleton import LEGS, Leg

Floats = NDArray[np.float64]

Z95 = 1.96
MIN_TRAVEL = 0.25
"""Forward travel in shanks below which the ray angle is not defined (docs/measurement.md §1.3 step 5)."""
KNEE_AND_ANKLE = [anatomy.PARTS.index("knee"), anatomy.PARTS.index("ankle")]
LINE_BEYOND_TOE = 1.6
"""Length of the drawn third-toe line in ankle-to-toe lengths."""


@dataclass(frozen=True)
class Standing:
    """Quiet standing of one leg: deviation and hip-knee-ankle angle seen along the foot, valgus positive."""

    deviation_deg: float | None
    hka_deg: float | None


def bands_deg(fit: LegFit) -> Floats:
    """Half-width (n, 2) of the 95 % interval of each leg's deviation in each frame.

    Three independent parts: what camera, feet, proportions and this person's landmarks leave open (fit
    covariance), the scatter of the frame's own landmarks, and how far this person's third toe points off the
    foot index, unless it was marked. The first two together overstate, since knee, ankle and toe err alike
    and their errors cancel in part, less so from the side: `anatomy.BAND_SHARE` says how much is left.
    """
    count = len(fit.own)
    problem = problem_for(fit.observations, count)
    base = problem.frames(fit.shared, fit.own)
    by_own = arrow.own_jacobian(problem, fit.shared, fit.own, base)
    by_shared = arrow.shared_jacobian(problem, fit.shared, fit.own, base)
    own_covariance = np.linalg.inv(arrow.damped(by_own.transpose(0, 2, 1) @ by_own, 1e-9))
    sensitivity = -own_covariance @ (by_own.transpose(0, 2, 1) @ by_shared)
    rows = sensitivity[:, legmodel.DEVIATION]
    shared_part = np.einsum("nlg,gh,nlh->nl", rows, fit.covariance, rows)
    own_part = own_covariance[:, legmodel.DEVIATION, legmodel.DEVIATION]
    unmarked = np.array([not toe_is_marked(fit, leg) for leg in LEGS])
    toe = np.radians(anatomy.THIRD_TOE_AXIS_SD_DEG) * np.sin(fit.own[:, legmodel.TILT]) * unmarked
    share = np.interp(abs(legmodel.yaw_of(fit.shared)), anatomy.BAND_YAW_DEG, anatomy.BAND_SHARE)
    return np.asarray(np.degrees(Z95 * np.sqrt(share**2 * (shared_part + own_part) + toe**2)))


def toe_is_marked(fit: LegFit, leg: Leg) -> bool:
    """Whether somebody marked where this leg's third toe is."""
    known = fit.observations.calibration
    return known is not None and leg in known.toes_px


def spread_of(fit: LegFit, value: Floats, gradient: Floats) -> Floats:
    """95 % half-width of a function of the shared unknowns, given its gradient (k, 18) and value (k,)."""
    variance = np.einsum("kg,gh,kh->k", gradient, fit.covariance, gradient)
    return np.broadcast_to(Z95 * np.sqrt(variance), value.shape)


def toe_out_deg(fit: LegFit) -> tuple[Floats, Floats]:
    """Toe-out of both feet in degrees (2,) and its 95 % half-width (2,)."""
    gradient = np.zeros((2, legmodel.N_SHARED))
    for leg, sign in enumerate(legmodel.SIDE_SIGN):
        gradient[leg, legmodel.AZIMUTH[leg]] = sign
        gradient[leg, Shared.HEADING] = -sign
    value = np.degrees(legmodel.toe_out(fit.shared))
    return value, np.degrees(spread_of(fit, value, gradient))


def leg_curves(fit: LegFit, leg: Leg, usable: NDArray[np.bool_], bands: Floats) -> LegCurves:
    """Per-frame curves of one leg (n frames); NaN where `usable` (n,) is False or the leg is not seen.

    bands (n, 2): see bands_deg.
    """
    side = LEGS.index(leg)
    legs, camera = fit.legs, fit.camera
    shank = legs.knee[:, side] - legs.ankle[side]
    off, ahead = shank @ legs.medial[side], shank @ legs.forward[side]
    target = legs.knee[:, side] - off[:, None] * legs.medial[side]
    ground = legs.ankle[side] - fit.shared[Shared.TOE_DROP] * UP
    toe = ground + LINE_BEYOND_TOE * fit.shared[Shared.FOOT] * legs.forward[side]
    line, _ = camera.project(np.stack([ground, toe]))
    knee_target, _ = camera.project(target)
    flexion = np.degrees(legmodel.knee_flexion(fit.shared, legs.ankle, legs.hip)[:, side])
    seen = (fit.observations.weight[:, side, KNEE_AND_ANKLE] > 0).all(axis=1)
    measured = np.where(usable & seen, 1.0, np.nan)
    ray = np.where(ahead > MIN_TRAVEL, np.degrees(np.arctan2(off, ahead)), np.nan)
    return LegCurves(
        deviation_deg=np.degrees(fit.own[:, legmodel.DEVIATION[side]]) * measured,
        band_deg=bands[:, side] * measured,
        offset_pct_shank=100.0 * off * measured,
        ray_angle_deg=ray * measured,
        knee_flexion_deg=flexion * measured,
        fppa_deg=np.full(len(measured), np.nan),
        toe_line_px=line[None] * measured[:, None, None],
        knee_target_px=knee_target * measured[:, None],
    )


def standing_posture(fit: LegFit, leg: Leg) -> Standing:
    """Medians over quiet standing; None when the clip holds none.

    The hip-knee-ankle angle is seen along the foot, so that a knee that is bent a little over a turned-out
    foot does not look bow-legged.
    """
    side = LEGS.index(leg)
    quiet = fit.observations.standing > 0
    if not quiet.any():
        return Standing(None, None)
    legs = fit.legs

    def inward(vector: Floats) -> Floats:
        return np.asarray(np.degrees(np.arctan2(vector @ legs.medial[side], vector @ UP)))

    shank = legs.knee[:, side] - legs.ankle[side]
    thigh = legs.hip[:, side] - legs.knee[:, side]
    deviation = np.degrees(fit.own[:, legmodel.DEVIATION[side]])
    return Standing(
        deviation_deg=float(np.median(deviation[quiet])),
        hka_deg=float(np.median((inward(shank) - inward(thigh))[quiet])),
    )


def fitted_depth(fit: LegFit, depth: Floats) -> Floats:
    """Depth (n,) of the picture, set right by the leg model."""
    return legmodel.bent_depth(fit.shared, depth)
