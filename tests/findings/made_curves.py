"""Curves and records made to measure, so that the truth of a test is known in closed form."""

import numpy as np

from knee_track.curves import Curves, LegCurves
from knee_track.results import LegSummaries, LegSummary, Quality, Rep, RepLeg, RepLegs, View

DEEP = 0.4


def leg_curves(deviation_deg, *, band_deg=2.0, ray_deg=None, flexion_deg=90.0, fppa_deg=np.nan):
    """One leg whose offset is 100·sin(deviation) as measurement.md §1.3 step 5 says."""
    n = len(deviation_deg)
    return LegCurves(
        deviation_deg=deviation_deg,
        band_deg=np.full(n, band_deg),
        offset_pct_shank=100.0 * np.sin(np.radians(deviation_deg)),
        ray_angle_deg=np.full(n, np.nan) if ray_deg is None else ray_deg,
        knee_flexion_deg=np.broadcast_to(flexion_deg, n).astype(float),
        fppa_deg=np.broadcast_to(fppa_deg, n).astype(float),
        toe_line_px=np.full((n, 2, 2), np.nan),
        knee_target_px=np.full((n, 2), np.nan),
    )


def curves(time_s, left, right=None, *, depth=None, rep=None, phase=None, **frontal):
    """A clip, by default one rep at the bottom from first to last frame. A leg: deviation or LegCurves."""
    n = len(time_s)
    right = np.zeros(n) if right is None else right
    legs = {
        name: leg if isinstance(leg, LegCurves) else leg_curves(leg)
        for name, leg in (("left", left), ("right", right))
    }
    nothing = np.full(n, np.nan)
    return Curves(
        time_s=time_s,
        depth=np.full(n, DEEP) if depth is None else depth,
        phase=np.full(n, "bottom") if phase is None else phase,
        rep=np.ones(n, dtype=int) if rep is None else rep,
        legs=legs,
        pelvic_drop_deg=frontal.get("pelvic_drop_deg", nothing),
        trunk_lean_deg=frontal.get("trunk_lean_deg", nothing),
        hip_shift_pct_hips=frontal.get("hip_shift_pct_hips", nothing),
        kasr=frontal.get("kasr", nothing),
        kasr_expected=frontal.get("kasr_expected", nothing),
    )


def rep_leg(peak_deg, grade, band_deg=2.0, *, shallow=False):
    """A leg's record in one rep."""
    return RepLeg(
        peak_deviation_deg=peak_deg,
        band_deg=None if peak_deg is None else band_deg,
        excursion_deg=None,
        peak_offset_pct_shank=None,
        toe=None,
        peak_phase=None,
        grade=grade,
        shallow=shallow,
    )


def rep(index, left=None, right=None, *, working_leg="both", flexion_deg=90.0, **more):
    """One rep with these legs."""
    return Rep(
        index=index,
        start_s=3.0 * index,
        bottom_s=3.0 * index + 1.0,
        end_s=3.0 * index + 2.0,
        depth=DEEP,
        knee_flexion_deg=flexion_deg,
        working_leg=working_leg,
        legs=RepLegs(left=left, right=right),
        **more,
    )


def leg_summary(grade="none", median_deg=1.0, **more):
    """Summary of one leg, band 2°."""
    fields = {
        "worst_grade": "none",
        "reps_with_events": 0,
        "band_deg": 2.0,
        "borderline": False,
        "standing_deviation_deg": 4.5,
        "standing_hka_deg": 0.0,
    }
    return LegSummary(grade=grade, median_peak_deviation_deg=median_deg, **{**fields, **more})


def summaries(left=None, right=None):
    """Both legs; good ones by default."""
    return LegSummaries(left=left or leg_summary(), right=right or leg_summary())


FRONT = View(name="front", yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0, mirrored=False, usable=True)
GOOD = Quality(level="high")
