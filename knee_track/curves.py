"""Per-frame results: what `frames.csv`, the plots and the annotated video show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import Leg

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LegCurves:
    """One leg over time; NaN where not measured. All arrays have length n.

    deviation_deg: medial positive. band_deg: half-width of the 95 % interval. offset_pct_shank: the same as a
    distance. ray_angle_deg: horizontal angle of the knee off the third-toe line seen from the ankle.
    knee_flexion_deg: 0 = straight. fppa_deg: frontal plane projection angle, valgus positive.
    toe_line_px (n, 2, 2): two points of the third-toe line on the floor (under the ankle; beyond the toe).
    knee_target_px (n, 2): the knee centre moved onto the plane at the same height and forward travel.
    """

    deviation_deg: Floats
    band_deg: Floats
    offset_pct_shank: Floats
    ray_angle_deg: Floats
    knee_flexion_deg: Floats
    fppa_deg: Floats
    toe_line_px: Floats
    knee_target_px: Floats


@dataclass(frozen=True)
class Curves:
    """The whole clip over time, n frames.

    depth: fraction of standing hip height. phase: "standing", "descent", "bottom", "early_ascent",
    "late_ascent". rep: 1-based number, 0 outside reps. pelvic_drop_deg: left side lower is positive.
    trunk_lean_deg: toward the client's left is positive. hip_shift_pct_hips: mid-hip off mid-ankles, to the
    client's left positive, in % of hip width. kasr, kasr_expected: knee-to-ankle separation ratio.
    """

    time_s: Floats
    depth: Floats
    phase: NDArray[np.str_]
    rep: NDArray[np.int64]
    legs: dict[Leg, LegCurves]
    pelvic_drop_deg: Floats
    trunk_lean_deg: Floats
    hip_shift_pct_hips: Floats
    kasr: Floats
    kasr_expected: Floats
