"""Findings about legs that are not medial movement: knees too far out, and how the legs stand."""

from __future__ import annotations

import numpy as np

from knee_track.findings.severity import alignment_limit_deg
from knee_track.findings.whole_set import Evidence, WholeSet, leg_finding
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.results import Finding
from knee_track.settings import Settings

LATERAL_TEXT = (
    "The {leg} knee goes {size_deg:.1f}° outside the line over the third toe (median rep), "
    "in {reps_with_events} of {reps} reps"
)
STATIC_TEXT = {
    "knock_knee": "The {leg} leg stands {size_deg:.1f}° knock-kneed: alignment of the bones, not movement.",
    "bow_leg": "The {leg} leg stands {size_deg:.1f}° bow-legged: alignment of the bones, not movement.",
}


def lateral_findings(result: WholeSet, settings: Settings) -> list[Finding]:
    """lateral_knee beyond `lateral_deg`, else lateral_drift beyond `lateral_enter_deg` (measurement.md §3).

    Measured by the median over reps of each rep's furthest lateral event, 0 for a rep without one.
    """
    far: dict[Leg, Evidence] = {}
    near: dict[Leg, Evidence] = {}
    for leg in result.working_legs:
        furthest: dict[int, float] = {}
        for event in result.lateral_events:
            if event.leg == leg:
                furthest[event.rep] = min(furthest.get(event.rep, 0.0), event.peak_deviation_deg)
        reps = len(result.reps_of(leg))
        median = float(np.median([*furthest.values(), *[0.0] * (reps - len(furthest))]))
        seen = {
            "median_peak_lateral_deg": median,
            "size_deg": -median,
            "reps_with_events": len(furthest),
            "reps": reps,
        }
        if median <= settings.grade.lateral_deg:
            far[leg] = seen
        elif median <= settings.grade.lateral_enter_deg:
            near[leg] = seen
    stance = "one_leg" if result.movement == "single_leg_squat" else "two_legs"
    return [
        *leg_finding("lateral_knee", far, (LATERAL_TEXT + ": too far out.").format, stance=stance),
        *leg_finding(
            "lateral_drift", near, (LATERAL_TEXT + ": noted, no need to change it.").format, stance=stance
        ),
    ]


def static_findings(result: WholeSet, settings: Settings) -> list[Finding]:
    """static_alignment: legs that stand knock-kneed or bow-legged, each direction on its own."""
    findings: list[Finding] = []
    for direction, sign in (("knock_knee", 1.0), ("bow_leg", -1.0)):
        evidence: dict[Leg, Evidence] = {}
        for leg in LEGS:
            angle = result.leg(leg).standing_hka_deg
            if angle is not None and sign * angle >= alignment_limit_deg(settings.events):
                evidence[leg] = {"standing_hka_deg": angle, "size_deg": abs(angle)}
        text = STATIC_TEXT[direction].format
        findings += leg_finding("static_alignment", evidence, text, direction=direction)
    return findings
