"""Left against right, and whether the camera rather than the client makes them differ."""

from __future__ import annotations

import math

import numpy as np

from knee_track.curves import Curves
from knee_track.results import LegSummaries
from knee_track.settings import GradeSettings


def asymmetry(legs: LegSummaries) -> tuple[float, float] | tuple[None, None]:
    """Left minus right of the legs' median peak deviations and its band, degrees; None without both legs.

    The bands are taken as independent. An error of roll, which moves the legs apart, is looked for by
    `common_drift_deg` instead.
    """
    left, right = legs.left, legs.right
    if left.median_peak_deviation_deg is None or right.median_peak_deviation_deg is None:
        return None, None
    difference = left.median_peak_deviation_deg - right.median_peak_deviation_deg
    return difference, math.hypot(left.band_deg or 0.0, right.band_deg or 0.0)


def common_drift_deg(curves: Curves, settings: GradeSettings) -> float | None:
    """How far both knees stand off to one side, toward the client's right positive; None when not suspect.

    A rolled camera adds ±γ·cosθ with opposite signs to the legs at every depth (measurement.md §1.3), while a
    client's own asymmetry grows out of a standing near zero. So half the difference left minus right is taken
    in standing, in the upper and in the lower half of the depth: the same sign everywhere and at least
    `roll_suspect_deg` everywhere is suspect. The drift returned is the smallest of the three.
    """
    half_difference = (curves.legs["left"].deviation_deg - curves.legs["right"].deviation_deg) / 2.0
    in_rep = (curves.rep > 0) & (curves.depth >= settings.loaded_depth)
    if not in_rep.any():
        return None
    deep = in_rep & (curves.depth >= np.nanmax(curves.depth[in_rep]) / 2.0)
    drifts = []
    for part in (curves.phase == "standing", in_rep & ~deep, deep):
        values = half_difference[part]
        values = values[np.isfinite(values)]
        if values.size == 0:
            return None
        drifts.append(float(np.median(values)))
    smallest = min(drifts, key=abs)
    same_side = all(drift * smallest > 0.0 for drift in drifts)
    return smallest if same_side and abs(smallest) >= settings.roll_suspect_deg else None


def roll_warning(drift_deg: float) -> str:
    """Sentence for the report's quality warnings."""
    return (
        f"Both knees are {abs(drift_deg):.1f}° off to the same side at every depth, also in standing: "
        "the camera is probably tilted. Level it and film again before comparing left and right."
    )
