"""Grades: how far off its line a knee goes, per rep and per leg.

Cut-offs and rules: docs/measurement.md §8; toe names: §1.3 step 5. Deviations in degrees, medial positive.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knee_track.results import Event, Grade, LegGrade, LegSummary, RepLeg, Toe
from knee_track.settings import EventSettings, GradeSettings, Settings

RANK: dict[Grade, int] = {"unknown": -1, "none": 0, "mild": 1, "moderate": 2, "severe": 3}


@dataclass(frozen=True)
class LegPosture:
    """How one leg stands: medians over quiet standing, None where not measured.

    hka_deg: hip–knee–ankle angle in the frontal plane, corrected for landmark bias; 0 = straight, knock-knee
    positive. toe_out_deg: third-toe line off the pelvis' forward direction.
    """

    deviation_deg: float | None = None
    hka_deg: float | None = None
    toe_out_deg: float | None = None
    toe_out_band_deg: float | None = None


def grade_of(peak_deg: float | None, settings: GradeSettings) -> Grade:
    """Grade of a peak deviation; "unknown" without one. A boundary belongs to the worse grade."""
    if peak_deg is None or math.isnan(peak_deg):
        return "unknown"
    if peak_deg < settings.mild_deg:
        return "none"
    if peak_deg < settings.moderate_deg:
        return "mild"
    if peak_deg < settings.severe_deg:
        return "moderate"
    return "severe"


def is_borderline(peak_deg: float, band_deg: float, settings: GradeSettings) -> bool:
    """True when the 95 % interval crosses a boundary between grades."""
    return grade_of(peak_deg - band_deg, settings) != grade_of(peak_deg + band_deg, settings)


def toe_of(ray_angle_deg: float | None, settings: GradeSettings) -> Toe | None:
    """The toe the knee is over, from the ray angle off the third-toe line (medial positive)."""
    if ray_angle_deg is None or math.isnan(ray_angle_deg):
        return None
    if ray_angle_deg < settings.lateral_toe_deg:
        return "lateral"
    if ray_angle_deg < settings.third_toe_deg:
        return "third"
    if ray_angle_deg < settings.second_toe_deg:
        return "second"
    if ray_angle_deg < settings.big_toe_deg:
        return "big"
    return "inside"


def is_static(standing_hka_deg: float | None, settings: EventSettings) -> bool:
    """True when the leg stands knock-kneed already, so that its events are bone alignment (§1.3 step 6)."""
    return standing_hka_deg is not None and standing_hka_deg >= alignment_limit_deg(settings)


def alignment_limit_deg(settings: EventSettings) -> float:
    """Standing angle from which a leg is called knock-kneed or bow-legged: the limit, and beyond error."""
    return max(settings.static_hka_deg, settings.hka_band_deg)


def summarise_leg(
    reps: Sequence[RepLeg], events: Sequence[Event], posture: LegPosture, settings: Settings
) -> LegSummary:
    """One leg over the set: the grade of the median rep, worst grade, and events.

    `reps` are the reps this leg worked in; `events` its own events. A leg whose median rep is "none" but that
    has events is "intermittent". The worst grade is the worst of reps and events.
    """
    grade = settings.grade
    peaks = [rep.peak_deviation_deg for rep in reps if rep.peak_deviation_deg is not None]
    bands = [rep.band_deg for rep in reps if rep.band_deg is not None]
    median = float(np.median(peaks)) if peaks else None
    band = median_band(float(np.median(bands)), len(peaks), grade) if bands else None
    leg_grade: LegGrade = grade_of(median, grade)
    if leg_grade == "none" and events:
        leg_grade = "intermittent"
    grades: list[Grade] = [rep.grade for rep in reps] + [event.grade for event in events]
    return LegSummary(
        grade=leg_grade,
        worst_grade=max(grades, key=RANK.__getitem__, default="unknown"),
        reps_with_events=len({event.rep for event in events}),
        median_peak_deviation_deg=median,
        band_deg=band,
        borderline=median is not None and band is not None and is_borderline(median, band, grade),
        standing_deviation_deg=posture.deviation_deg,
        standing_hka_deg=posture.hka_deg,
        standing_hka_band_deg=None if posture.hka_deg is None else settings.events.hka_band_deg,
        toe_out_deg=posture.toe_out_deg,
        toe_out_band_deg=posture.toe_out_band_deg,
    )


def median_band(band_deg: float, n: int, settings: GradeSettings) -> float:
    """Band of the median of n reps with the same band.

    The systematic share (camera, third toe, this person's landmark bias) is the same in every rep and stays.
    The rest shrinks as the standard error of a median, 1.2533 / √n, and not at all for one rep.
    """
    systematic = settings.systematic_share * band_deg
    random_deg = math.sqrt(max(band_deg**2 - systematic**2, 0.0))
    return math.hypot(systematic, random_deg * min(1.0, 1.2533 / math.sqrt(n)))


def worsening_deg(peaks_deg: Sequence[float], settings: GradeSettings) -> float | None:
    """How much worse the later half of a set is than the earlier one; None when within error.

    The difference of the halves' medians (a middle rep belongs to neither) counts when it exceeds the change
    that is more than error within one session (§3, MDC95).
    """
    n = len(peaks_deg)
    if n < settings.change_min_reps:
        return None
    half = n // 2
    change = float(np.median(peaks_deg[n - half :]) - np.median(peaks_deg[:half]))
    return change if change > settings.change_deg else None
