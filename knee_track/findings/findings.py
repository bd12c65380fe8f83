"""Findings: the statements about a set that the report prints first and the protocol is built from.

Stable ids (protocol/rules.yaml refers to them; add freely, rename never). `leg` is the leg meant; "both" is
one finding that holds on either side; None where no leg is meant. The evidence of a finding about legs holds
each leg's numbers under "left" and "right", and what is in brackets below beside them.

======================== ==================== ==============================================================
id                       leg                  meaning
======================== ==================== ==============================================================
medial_knee              left | right | both  the leg's grade is mild or worse (grade: the worse leg's)
intermittent_medial_knee left | right | both  the median rep is fine, but some reps hold events
asymmetric_medial_knee   left | right         the worse leg: medial, and apart from the other beyond limit and
                                              band (asymmetry_deg left minus right, band_deg)
descent_only             left | right | both  all events of the leg lie in the descent
bottom_only              left | right | both  all events of the leg lie in the bottom
ascent_only              left | right | both  all events lie in the ascent, or reach into it from the bottom
worsening                left | right | both  the later half of the set is worse, beyond the error
lateral_knee             left | right | both  the knees go too far out (stance: one_leg | two_legs)
lateral_drift            left | right | both  the knees go a little outside; nothing to change (stance)
static_alignment         left | right | both  the leg stands knock-kneed or bow-legged: bones, not movement
                                              (direction: knock_knee | bow_leg)
pelvic_drop              left | right         the side that drops (value, band, working_leg)
trunk_lean               left | right         the side leaned to (value, band, working_leg)
hip_shift                left | right         the side the hips move to (value, band, working_leg)
toe_out_wide             left | right | both  feet turned out far
shallow_depth            None                 the reps stay shallow, so grades say less (knee_flexion_deg)
good_tracking            None                 every working leg was measured; none goes inside or too far out
view_refused             None                 knees not measured because of where the camera stands (reasons)
low_quality              None                 the clip allows weak statements or none (level, warnings)
no_reps                  None                 no complete repetition was found
======================== ==================== ==============================================================
"""

from __future__ import annotations

from knee_track.findings.alignment import lateral_findings, static_findings
from knee_track.findings.medial import medial_findings
from knee_track.findings.posture import posture_findings
from knee_track.findings.whole_set import Evidence, WholeSet, with_band
from knee_track.results import Finding
from knee_track.settings import Settings


def list_findings(result: WholeSet, settings: Settings) -> list[Finding]:
    """All findings of a set: what limits them first, then knees, posture, or that nothing is wrong.

    Without reps, in a refused view and in an unusable clip only the limits are said.
    """
    limits = _limits(result)
    if not result.reps or not result.view.usable or result.quality.level == "unusable":
        return limits
    lateral = lateral_findings(result, settings)
    return [
        *limits,
        *_good_tracking(result, lateral),
        *medial_findings(result, settings),
        *lateral,
        *static_findings(result, settings),
        *posture_findings(result, settings),
    ]


def _limits(result: WholeSet) -> list[Finding]:
    limits: list[Finding] = []
    if not result.reps:
        limits.append(Finding(id="no_reps", leg=None, text="No complete repetition was found."))
    if not result.view.usable:
        why = "; ".join(reason.rstrip(".") for reason in result.view.reasons) or "the view does not allow it"
        evidence: Evidence = {"reasons": result.view.reasons, "view": result.view.name}
        text = f"The knees were not measured: {why}."
        limits.append(Finding(id="view_refused", leg=None, text=text, evidence=evidence))
    if result.quality.level in ("low", "unusable"):
        verdict = "weak" if result.quality.level == "low" else "no"
        text = " ".join(
            [f"This recording allows {verdict} statements about the knees.", *result.quality.warnings]
        )
        evidence = {"level": result.quality.level, "warnings": result.quality.warnings}
        limits.append(Finding(id="low_quality", leg=None, text=text, evidence=evidence))
    return limits


def _good_tracking(result: WholeSet, lateral: list[Finding]) -> list[Finding]:
    """Said of clips good enough to say so, when every working leg's grade is none."""
    summaries = {leg: result.leg(leg) for leg in result.working_legs}
    too_far_out = any(finding.id == "lateral_knee" for finding in lateral)
    if result.quality.level == "low" or too_far_out or any(leg.grade != "none" for leg in summaries.values()):
        return []
    evidence: Evidence = {}
    parts = []
    for leg, summary in summaries.items():
        peak, band = summary.median_peak_deviation_deg, summary.band_deg
        evidence[leg] = {
            "median_peak_deviation_deg": peak,
            "band_deg": band,
            "borderline": summary.borderline,
        }
        near = ", near the limit" if summary.borderline else ""
        parts.append(f"{leg} {with_band(peak or 0.0, band)}{near}")
    text = f"No knee goes inside its line over the third toe: {'; '.join(parts)} (median rep)."
    return [Finding(id="good_tracking", leg=None, text=text, evidence=evidence)]
