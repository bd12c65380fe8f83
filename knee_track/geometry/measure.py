"""Measure the knees of a set: a leg model per stance, joined into curves over the whole clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knee_track import results
from knee_track.curves import Curves, LegCurves
from knee_track.findings.severity import LegPosture
from knee_track.geometry import anatomy, closed_form, deviation, frontal, legmodel, view
from knee_track.geometry.calibration import Calibration, check_on_feet
from knee_track.geometry.legfit import LegFit, fit_legs
from knee_track.geometry.stance import (
    Stance,
    camera_speed,
    feet_home_px,
    find_stances,
    legs_of,
    shank_px,
    standing_then,
    sway_px,
)
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.pose.track import PoseTrack
from knee_track.reps.movement import Recognition
from knee_track.settings import Settings, ViewSettings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WALKING_CAMERA = "the camera moved too much; put it on a stand"
NO_MATCH = "the legs could not be matched to feet on a level floor; film with a steady camera"


@dataclass(frozen=True)
class Measured:
    """What the geometry says of a clip.

    curves: per frame; depth is the leg model's where it was fitted. view: the camera. posture: per leg, in
    quiet standing. residual_share: RMS distance of the leg model from the landmarks in body heights, None
    without a fit. bands: of the frontal measures. shank_m: true lengths, None where only the client's height
    can tell. upright_known: up is not estimated from the picture, so no tilted camera can be at fault.
    marked: legs whose marked third toe was used. settled: every leg model did, none was replaced by the
    closed form. hand_held: the picture swayed, and the sway was taken out. fits: the leg models, with the
    stance that each was made for.
    """

    curves: Curves
    view: results.View
    posture: dict[Leg, LegPosture]
    residual_share: float | None
    bands: frontal.FrontalBands
    shank_m: dict[Leg, float] | None = None
    upright_known: bool = False
    marked: tuple[Leg, ...] = ()
    settled: bool = True
    hand_held: bool = False
    fits: tuple[tuple[Stance, LegFit], ...] = ()


@dataclass(frozen=True)
class Clip:
    """A cleaned track with what is known of its frames: depth, phase and rep number (n,) each.

    motion_px (n, 2): how far the background has moved since the first frame, zero for a steady camera.
    """

    track: PoseTrack
    depth: Floats
    phase: NDArray[np.str_]
    rep: NDArray[np.int64]
    motion_px: Floats


def measure(
    clip: Clip,
    found: Recognition,
    settings: Settings,
    *,
    mirrored: bool,
    calibration: Calibration | None = None,
) -> Measured:
    """Fit every stance that the camera allows, and say why the others are refused.

    calibration: what was measured beside the clip, marks in pixels of the clip's track.
    """
    rough = view.rough_yaw_deg(clip.track)
    steady = replace(clip.track, image_px=clip.track.image_px - clip.motion_px[:, None, :])
    legs = {leg: _empty_curves(len(clip.track)) for leg in LEGS}
    depth = clip.depth
    fits: list[LegFit] = []
    fitted: list[tuple[Stance, LegFit]] = []
    refusals: dict[str, list[int]] = {}
    yaws: list[float] = []
    hand_held = False
    stances = find_stances(steady, found.reps, found.working, settings.view)
    if calibration is not None and calibration.toes_at_s is None and stances:
        calibration = replace(calibration, toes_at_s=float(clip.track.times_s[stances[0].frames.argmax()]))
    for stance in stances:
        sway = sway_px(clip.track, stance, settings.view)
        fit, reason, yaw = _fit_stance(clip, stance, sway, rough, settings, calibration, mirrored=mirrored)
        yaws += [yaw] * len(stance.reps)
        if fit is None:
            refusals.setdefault(reason, []).extend(stance.reps)
            continue
        fits.append(fit)
        fitted.append((stance, fit))
        hand_held |= bool(sway.any())
        depth = np.where(stance.frames, deviation.fitted_depth(fit, clip.depth), depth)
        bands = deviation.bands_deg(fit) * (anatomy.HAND_HELD_BAND if sway.any() else 1.0)
        for leg in stance.legs:
            fresh = deviation.leg_curves(fit, leg, stance.frames, bands)
            if not fit.converged:
                fresh = _by_closed_form(fresh, clip.track, leg)
            legs[leg] = _joined(legs[leg], _moved(fresh, sway), stance.frames)
    seen = _whole_view(fits, refusals, yaws, rough, found, settings, mirrored=mirrored)
    curves = _curves(replace(clip, depth=depth), legs, fits, found, settings, seen)
    return Measured(
        curves=curves,
        view=seen,
        posture={leg: _posture(fits, leg) for leg in LEGS},
        residual_share=float(np.median([fit.residual_share for fit in fits])) if fits else None,
        bands=frontal.frontal_bands(seen.yaw_deg or 0.0, settings.frontal),
        marked=tuple(leg for leg in LEGS if any(deviation.toe_is_marked(fit, leg) for fit in fits)),
        settled=all(fit.converged for fit in fits),
        hand_held=hand_held,
        fits=tuple(fitted),
    )


def _fit_stance(
    clip: Clip,
    stance: Stance,
    sway: Floats,
    rough: Floats,
    settings: Settings,
    calibration: Calibration | None,
    *,
    mirrored: bool,
) -> tuple[LegFit | None, str, float]:
    """The fit of one stance, or None with the reason; and the camera's yaw."""
    limits = settings.view
    yaw = usual_deg(rough[stance.frames])
    if not stance.legs:
        return None, "which leg works could not be told; declare it with --leg", yaw
    if not abs(yaw) <= limits.max_yaw_deg + limits.rough_yaw_margin_deg:
        return None, view.refusal(yaw, limits) or "", yaw
    if camera_speed(clip.motion_px, clip.track, stance) > limits.max_camera_speed:
        return None, WALKING_CAMERA, yaw
    still = replace(clip.track, image_px=clip.track.image_px - sway[:, None, :])
    known = calibration and _calibration_of(calibration, still, stance, sway, limits)
    fit = fit_legs(still, clip.depth, stance.legs, yaw, stance.frames, calibration=known, mirrored=mirrored)
    if fit is None:
        return None, "too few frames show both the knee and the whole foot", yaw
    yaw = legmodel.yaw_of(fit.shared)
    reason = view.refusal(yaw, limits)
    if reason is None and fit.misfit > limits.max_misfit:
        reason = NO_MATCH
    return (None, reason, yaw) if reason else (fit, "", yaw)


def _calibration_of(
    known: Calibration, still: PoseTrack, stance: Stance, sway: Floats, limits: ViewSettings
) -> Calibration:
    """What holds for a stance, in pixels of its steadied track; raises UsageError for marks off the feet."""
    moment = int(np.abs(still.times_s - (known.toes_at_s or 0.0)).argmin())
    here = known.of_legs(standing_then(still, stance, moment, limits), sway[moment])
    check_on_feet(here, {leg: feet_home_px(still, stance, leg)[1] for leg in LEGS}, shank_px(still))
    return here


def _whole_view(
    fits: Sequence[LegFit],
    refusals: dict[str, list[int]],
    yaws: Sequence[float],
    rough: Floats,
    found: Recognition,
    settings: Settings,
    *,
    mirrored: bool,
) -> results.View:
    """One view for the clip: usable when any rep was measured, with the reasons for those that were not."""
    reasons = []
    for reason, numbers in refusals.items():
        everything = len(numbers) == len(found.reps)
        which = ", ".join(str(number + 1) for number in numbers)
        reasons.append(reason if everything else f"rep{'s' * (len(numbers) > 1)} {which}: {reason}")
    if fits:
        middle = fits[len(fits) // 2]
        return view.view_of(middle, settings.view, mirrored=mirrored, reasons=reasons)
    known = [yaw for yaw in yaws if np.isfinite(yaw)]
    turn = known[0] if known else usual_deg(rough)
    return view.rough_view(turn, settings.view, mirrored=mirrored, reasons=reasons)


def _curves(
    clip: Clip,
    legs: dict[Leg, LegCurves],
    fits: Sequence[LegFit],
    found: Recognition,
    settings: Settings,
    seen: results.View,
) -> Curves:
    """Everything over time: the legs, and the other frontal measures where the view allows them."""
    image, n = clip.track.image_px, len(clip.track)
    standing = clip.phase == "standing"
    nothing = np.full(n, np.nan)
    if not fits:
        return Curves(
            clip.track.times_s,
            clip.depth,
            clip.phase,
            clip.rep,
            legs,
            nothing,
            nothing,
            nothing,
            nothing,
            nothing,
        )
    roll, yaw = seen.roll_deg or 0.0, seen.yaw_deg or 0.0
    if found.movement == "single_leg_squat":
        for leg in LEGS:
            angle = frontal.fppa_deg(image, leg, standing, legs[leg].knee_flexion_deg, settings.frontal)
            legs[leg] = replace(legs[leg], fppa_deg=np.where(_working(clip, found, leg), angle, np.nan))
    both = _working(clip, found, "left") & _working(clip, found, "right")
    return Curves(
        time_s=clip.track.times_s,
        depth=clip.depth,
        phase=clip.phase,
        rep=clip.rep,
        legs=legs,
        pelvic_drop_deg=frontal.pelvic_drop_deg(image, standing, roll),
        trunk_lean_deg=frontal.trunk_lean_deg(image, standing, settings.frontal, roll, yaw),
        hip_shift_pct_hips=frontal.hip_shift_pct_hips(image, standing, roll, yaw),
        kasr=np.where(both, frontal.kasr(image, roll), np.nan),
        kasr_expected=np.where(both, _expected_kasr(fits[len(fits) // 2]), np.nan),
    )


def _working(clip: Clip, found: Recognition, leg: Leg) -> Bools:
    """(n,) True in the reps that this leg carries."""
    return np.isin(clip.rep, [i for i, who in enumerate(found.working, start=1) if leg in legs_of(who)])


def usual_deg(angles_deg: Floats) -> float:
    """Middle direction of the finite angles; NaN without any."""
    turn = np.radians(angles_deg[np.isfinite(angles_deg)])
    if turn.size == 0:
        return float("nan")
    return float(np.degrees(np.arctan2(np.median(np.sin(turn)), np.median(np.cos(turn)))))


def _expected_kasr(fit: LegFit) -> Floats:
    """Knee separation that perfect tracking would show in this stance (n,)."""
    apart = fit.legs.ankle[0] - fit.legs.ankle[1]
    return frontal.expected_kasr(
        shank_m=1.0,
        ankle_width_m=float(np.linalg.norm(apart)),
        shank_tilt_deg=np.degrees(fit.own[:, legmodel.TILT].mean(axis=1)),
        toe_out_deg=float(np.degrees(legmodel.toe_out(fit.shared)).mean()),
        camera_distance_m=float(fit.shared[legmodel.ANKLE_X].mean()),
    )


def _posture(fits: Sequence[LegFit], leg: Leg) -> LegPosture:
    """Standing posture of a leg from the first stance that measured it."""
    for fit in fits:
        if fit.observations.weight[:, LEGS.index(leg)].any():
            standing = deviation.standing_posture(fit, leg)
            out, band = deviation.toe_out_deg(fit)
            side = LEGS.index(leg)
            return LegPosture(standing.deviation_deg, standing.hka_deg, float(out[side]), float(band[side]))
    return LegPosture()


def _empty_curves(n: int) -> LegCurves:
    nothing = np.full(n, np.nan)
    return LegCurves(
        deviation_deg=nothing,
        band_deg=nothing,
        offset_pct_shank=nothing,
        ray_angle_deg=nothing,
        knee_flexion_deg=nothing,
        fppa_deg=nothing,
        toe_line_px=np.full((n, 2, 2), np.nan),
        knee_target_px=np.full((n, 2), np.nan),
    )


def _joined(old: LegCurves, new: LegCurves, frames: Bools) -> LegCurves:
    """`new` in the frames of its stance, `old` elsewhere."""
    joined = {}
    for name, values in vars(new).items():
        mask = frames.reshape(-1, *[1] * (values.ndim - 1))
        joined[name] = np.where(mask, values, getattr(old, name))
    return LegCurves(**joined)


def _by_closed_form(curves: LegCurves, track: PoseTrack, leg: Leg) -> LegCurves:
    """The curves with the closed form's deviation, where the leg model did not settle."""
    found = np.where(np.isfinite(curves.deviation_deg), closed_form.deviation_deg(track, leg), np.nan)
    return replace(
        curves,
        deviation_deg=found,
        band_deg=np.where(np.isfinite(found), closed_form.BAND_DEG, np.nan),
        offset_pct_shank=100.0 * np.sin(np.radians(found)),
        ray_angle_deg=np.full(len(found), np.nan),
    )


def _moved(curves: LegCurves, sway: Floats) -> LegCurves:
    """Drawn points put back where a swaying camera sees them, `sway` (n, 2) px."""
    return replace(
        curves,
        toe_line_px=curves.toe_line_px + sway[:, None, :],
        knee_target_px=curves.knee_target_px + sway,
    )
