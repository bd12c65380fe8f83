"""One rep's record per leg, and its other frontal measures, read from the curves."""

from __future__ import annotations

from typing import cast

import numpy as np

from knee_track.curves import Curves, Floats
from knee_track.findings.events import Mask, loaded_window, peak_frame
from knee_track.findings.severity import grade_of, is_borderline, toe_of
from knee_track.geometry.frontal import FrontalBands
from knee_track.pose.skeleton import Leg
from knee_track.results import Frontal, Phase, RepLeg
from knee_track.settings import GradeSettings


def peak_deviation(deviation_deg: Floats, window: Mask, settings: GradeSettings) -> float | None:
    """The 95th percentile of the deviation (n,) over the mask `window` (n,).

    None when fewer than `min_measured_share` of the window's frames hold a number.
    """
    values = deviation_deg[window]
    finite = values[np.isfinite(values)]
    if finite.size == 0 or finite.size < settings.min_measured_share * values.size:
        return None
    return float(np.percentile(finite, settings.percentile))


def rep_leg(
    curves: Curves,
    leg: Leg,
    number: int,
    settings: GradeSettings,
    *,
    standing_deviation_deg: float | None = None,
    shank_m: float | None = None,
    fppa_band_deg: float | None = None,
) -> RepLeg:
    """Record of one leg in one rep; `unmeasured()` where the curve has too few numbers (refused views).

    Band, toe, phase and time are those of the peak's moment (`events.peak_frame`) in the loaded window. FPPA,
    where the curve has it, is that of the most flexed frame that has one. `shank_m`, given when the client's
    height is known, turns the offset into millimetres.
    """
    curve = curves.legs[leg]
    window = loaded_window(curves, number, settings.loaded_depth)
    peak = peak_deviation(curve.deviation_deg, window, settings)
    if peak is None:
        return unmeasured()
    top = peak_frame(curve.deviation_deg, window, peak, settings.peak_within_deg)
    band, ray = float(curve.band_deg[top]), _number(curve.ray_angle_deg[top])
    offset = float(np.nanpercentile(curve.offset_pct_shank[window], settings.percentile))
    fppa = _at_deepest(curve.fppa_deg, curve.knee_flexion_deg, window)
    return RepLeg(
        peak_deviation_deg=peak,
        band_deg=band,
        excursion_deg=None if standing_deviation_deg is None else peak - standing_deviation_deg,
        peak_offset_pct_shank=offset,
        peak_offset_mm=None if shank_m is None else 10.0 * offset * shank_m,
        toe=toe_of(ray, settings),
        ray_angle_deg=ray,
        peak_phase=cast(Phase, str(curves.phase[top])),
        peak_s=float(curves.time_s[top]),
        grade=grade_of(peak, settings),
        borderline=is_borderline(peak, band, settings),
        shallow=bool(np.nanmax(curve.knee_flexion_deg[window]) < settings.shallow_flexion_deg),
        fppa_deg=fppa,
        fppa_band_deg=None if fppa is None else fppa_band_deg,
    )


def unmeasured() -> RepLeg:
    """Record of a leg that worked but whose knee was not measured."""
    return RepLeg(
        peak_deviation_deg=None,
        band_deg=None,
        excursion_deg=None,
        peak_offset_pct_shank=None,
        toe=None,
        peak_phase=None,
        grade="unknown",
    )


def rep_frontal(curves: Curves, number: int, bands: FrontalBands, settings: GradeSettings) -> Frontal:
    """Other frontal measures of one rep, each at its own worst moment in the loaded window.

    KASR at its lowest share of the expected value; drop, lean and shift as the 5th or 95th percentile,
    whichever is larger in size, with its sign.
    """
    window = loaded_window(curves, number, settings.loaded_depth)
    ratio = np.where(window, curves.kasr / curves.kasr_expected, np.nan)
    worst = int(np.nanargmin(ratio)) if np.isfinite(ratio).any() else None
    drop = _largest(curves.pelvic_drop_deg[window], settings.percentile)
    lean = _largest(curves.trunk_lean_deg[window], settings.percentile)
    shift = _largest(curves.hip_shift_pct_hips[window], settings.percentile)
    return Frontal(
        kasr=None if worst is None else float(curves.kasr[worst]),
        kasr_expected=None if worst is None else float(curves.kasr_expected[worst]),
        kasr_band=None if worst is None else bands.kasr,
        pelvic_drop_deg=drop,
        pelvic_drop_band_deg=None if drop is None else bands.pelvic_drop_deg,
        trunk_lean_deg=lean,
        trunk_lean_band_deg=None if lean is None else bands.trunk_lean_deg,
        hip_shift_pct_hips=shift,
        hip_shift_band_pct_hips=None if shift is None else bands.hip_shift_pct_hips,
    )


def _largest(values: Floats, percentile: float) -> float | None:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return None
    low, high = np.percentile(finite, (100.0 - percentile, percentile))
    return float(high if high >= -low else low)


def _at_deepest(values: Floats, flexion_deg: Floats, window: Mask) -> float | None:
    candidates = np.where(window & np.isfinite(values) & np.isfinite(flexion_deg), flexion_deg, -np.inf)
    deepest = int(np.argmax(candidates))
    return _number(values[deepest]) if np.isfinite(candidates[deepest]) else None


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
