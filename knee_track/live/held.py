"""What is held from frame to frame, and each frame's legs solved with it.

Camera, feet and proportions come from `fit_legs`, on quiet standing first and on finished reps later; a new
frame has only its own eight unknowns to find, from where the last one left them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knee_track.curves import Curves, LegCurves
from knee_track.findings.events import standing_noise_deg
from knee_track.findings.severity import is_static
from knee_track.geometry import anatomy, arrow, deviation, legmodel
from knee_track.geometry.legfit import LegFit, fit_legs, observe, problem_for, problem_of_one
from knee_track.geometry.legmodel import Own, Shared
from knee_track.geometry.measure import usual_deg
from knee_track.geometry.stance import Stance, feet_home_px, legs_at_home, shank_px
from knee_track.geometry.view import rough_yaw_deg
from knee_track.pose.clean import clean_track
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.pose.track import PoseTrack
from knee_track.reps.depth import depth_signal
from knee_track.settings import Settings

Floats = NDArray[np.float64]

BAND_DEPTHS = np.linspace(0.0, 0.6, 13)
"""Depths at which the band is worked out beforehand."""
MANY_STEPS = 8
"""As many as a whole clip's frames are given."""


@dataclass(frozen=True)
class Held:
    """What is known of the scene.

    fit: the leg model. homes_px: per measured leg, where its foot stands (2, 2). limit_px: a foot further
    off has stepped. sigma_deg: noise of the deviation in quiet standing. static: the leg stands knock-kneed.
    bands_deg (k, 2): of the deviation at BAND_DEPTHS. motion_px (2,): where the background was.
    from_standing: from two seconds of quiet standing, or from reps that came after them.
    """

    fit: LegFit
    homes_px: dict[Leg, Floats]
    limit_px: float
    sigma_deg: dict[Leg, float]
    static: dict[Leg, bool]
    bands_deg: Floats
    motion_px: Floats
    from_standing: bool = True

    def band_deg(self, leg: Leg, depth: float) -> float:
        """Half-width of the 95 % interval of this leg's deviation at a depth."""
        return float(np.interp(depth, BAND_DEPTHS, self.bands_deg[:, LEGS.index(leg)]))

    def enter_deg(self, leg: Leg, settings: Settings) -> float:
        """Deviation at which an event of this leg opens (measurement.md §3)."""
        rules = settings.events
        return max(rules.enter_deg, rules.noise_factor * self.sigma_deg[leg])

    def at_home(self, now: PoseTrack) -> tuple[Leg, ...]:
        """Legs whose foot stands where it was measured, in a track of one frame."""
        return legs_at_home(now, 0, self.homes_px, self.limit_px)


def hold_fit(
    fit: LegFit, stance: Stance, curves: Curves, track: PoseTrack, motion_px: Floats, settings: Settings
) -> Held:
    """Hold a fitted stance of a cleaned track."""
    return Held(
        fit=fit,
        homes_px={leg: feet_home_px(track, stance, leg) for leg in stance.legs},
        limit_px=settings.view.foot_moved_share * shank_px(track),
        sigma_deg={leg: standing_noise_deg(curves, leg) for leg in LEGS},
        static={
            leg: is_static(deviation.standing_posture(fit, leg).hka_deg, settings.events) for leg in LEGS
        },
        bands_deg=bands_by_depth(fit),
        motion_px=motion_px,
    )


def hold_standing(
    raw: PoseTrack, motion_px: Floats, settings: Settings, *, mirrored: bool, smoothed_by_mediapipe: bool
) -> Held | None:
    """Hold what a stretch of quiet standing tells; None when the legs are hidden or the view is refused."""
    track, _ = clean_track(raw, settings.clean, smoothed_by_mediapipe=smoothed_by_mediapipe)
    depth = depth_signal(track, settings.reps)
    yaw = usual_deg(rough_yaw_deg(track))
    if not abs(yaw) <= settings.view.max_yaw_deg + settings.view.rough_yaw_margin_deg:
        return None
    fit = fit_legs(track, depth, LEGS, yaw, mirrored=mirrored)
    if fit is None or not fit.converged or fit.misfit > settings.view.max_misfit:
        return None
    everything = np.ones(len(track), dtype=bool)
    stance = Stance(everything, LEGS, ())
    no_band = np.full((len(track), 2), np.nan)
    legs = {leg: deviation.leg_curves(fit, leg, everything, no_band) for leg in LEGS}
    return hold_fit(fit, stance, _standing_curves(track, depth, legs), track, motion_px, settings)


def bands_by_depth(fit: LegFit) -> Floats:
    """(k, 2) bands at BAND_DEPTHS: `bands_deg` in the postures that the model expects there."""
    n = len(BAND_DEPTHS)
    seen = fit.observations
    known = seen.weight.max(axis=0)
    expected = replace(
        seen,
        points_px=np.repeat(seen.points_px[:1], n, axis=0),
        weight=np.zeros((n, *known.shape)),
        standing=np.zeros(n),
        depth=BAND_DEPTHS,
    )
    own = arrow.solve_frames(problem_for(expected, n), fit.shared, _expected_own(fit.shared), steps=20)
    there = replace(expected, weight=np.repeat(known[None], n, axis=0))
    return deviation.bands_deg(replace(fit, own=own, observations=there))


@dataclass(frozen=True)
class SolvedFrame:
    """One frame: own (1, 8) unknowns; curves per leg, NaN where not measured; depth, fitted."""

    own: Floats
    curves: dict[Leg, LegCurves]
    depth: float


def solve_frame(
    held: Held, now: PoseTrack, depth: float, quiet: bool, before: Floats | None, steps: int
) -> SolvedFrame:
    """The legs of one frame with everything else held.

    now: a track of one smoothed frame. depth: a fraction. quiet: the client stands still. before: `own` of
    the frame before, None at the start.
    """
    planted = held.at_home(now)
    seen = observe(now, np.array([depth]), planted, 0.0, mirrored=held.fit.observations.mirrored)
    seen = replace(seen, standing=np.array([float(quiet)]), marks=held.fit.observations.marks)
    if before is None:
        nearest = int(np.abs(held.fit.observations.depth - depth).argmin())
        before, steps = held.fit.own[nearest : nearest + 1], MANY_STEPS
    problem = problem_of_one(seen)
    own = arrow.solve_frames(problem, held.fit.shared, before, steps)
    if np.array_equal(own, before):  # a full step went too far: shorter ones are tried
        own = arrow.solve_frames(problem, held.fit.shared, before, MANY_STEPS)
    one = replace(held.fit, own=own, observations=seen)
    fitted = float(deviation.fitted_depth(one, np.array([depth]))[0])
    bands = np.array([[held.band_deg(leg, fitted) for leg in LEGS]])
    usable = np.ones(1, dtype=bool)
    curves = {leg: deviation.leg_curves(one, leg, usable, bands) for leg in LEGS}
    return SolvedFrame(own, curves, fitted)


def _expected_own(shared: Floats) -> Floats:
    """(k, 8) a start for the posture at BAND_DEPTHS: hips over the feet and behind them as they sink."""
    own = np.zeros((len(BAND_DEPTHS), len(Own)))
    tilt = shared[Shared.STANDING_TILT] + shared[Shared.TILT_GAIN] * np.sqrt(BAND_DEPTHS)
    own[:, legmodel.TILT] = tilt[:, None]
    middle = np.array([shared[legmodel.ANKLE_X].mean(), shared[legmodel.ANKLE_Y].mean()])
    ahead = legmodel.unit_azimuth(shared[Shared.HEADING])[:2]
    own[:, [Own.HIP_X, Own.HIP_Y]] = middle - np.outer(anatomy.THIGH.mean * BAND_DEPTHS, ahead)
    own[:, Own.HIP_Z] = legmodel.standing_height(shared) * (1.0 - BAND_DEPTHS)
    return own


def _standing_curves(track: PoseTrack, depth: Floats, legs: dict[Leg, LegCurves]) -> Curves:
    """Curves of a stretch that holds nothing but standing."""
    n = len(track)
    unknown = np.full(n, np.nan)
    return Curves(
        time_s=track.times_s,
        depth=depth,
        phase=np.full(n, "standing"),
        rep=np.zeros(n, dtype=np.int64),
        legs=legs,
        pelvic_drop_deg=unknown,
        trunk_lean_deg=unknown,
        hip_shift_pct_hips=unknown,
        kasr=unknown,
        kasr_expected=unknown,
    )
