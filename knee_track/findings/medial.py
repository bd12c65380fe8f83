"""Findings about knees that go inside their line: how far, on which side, when in the rep and in the set."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from knee_track.findings.severity import RANK, is_static, worsening_deg
from knee_track.findings.whole_set import Evidence, WholeSet, count, leg_finding, with_band
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.results import Finding, Phase
from knee_track.settings import Settings

PHASE_WORDS: dict[Phase, str] = {
    "descent": "on the way down",
    "bottom": "at the bottom",
    "early_ascent": "early on the way up",
    "late_ascent": "late on the way up",
}
RISING: frozenset[Phase] = frozenset({"bottom", "early_ascent", "late_ascent"})
ONLY_TEXT = {
    "descent_only": "The {leg} knee goes inside on the way down only.",
    "bottom_only": "The {leg} knee goes inside at the bottom only.",
    "ascent_only": "The {leg} knee goes inside on the way up only, out of the bottom.",
}


def medial_findings(result: WholeSet, settings: Settings) -> list[Finding]:
    """Findings about medial knees, the gravest first."""
    medial = {leg: _medial_evidence(result, leg, settings) for leg in LEGS if _is_medial(result, leg)}
    steady = {leg: seen for leg, seen in medial.items() if seen["grade"] != "intermittent"}
    now_and_then = {leg: seen for leg, seen in medial.items() if seen["grade"] == "intermittent"}
    worse = max((seen["grade"] for seen in steady.values()), key=RANK.__getitem__, default=None)
    return [
        *leg_finding("medial_knee", steady, _medial_text, grade=worse),
        *leg_finding("intermittent_medial_knee", now_and_then, _intermittent_text, grade="intermittent"),
        *_asymmetric(result, settings),
        *_by_phase(result),
        *_worsening(result, settings),
    ]


def _is_medial(result: WholeSet, leg: Leg) -> bool:
    return result.leg(leg).grade not in ("none", "unknown")


def _medial_evidence(result: WholeSet, leg: Leg, settings: Settings) -> Evidence:
    summary = result.leg(leg)
    reps = result.reps_of(leg)
    phases = Counter(event.phase for event in result.events if event.leg == leg)
    return {
        "grade": summary.grade,
        "worst_grade": summary.worst_grade,
        "median_peak_deviation_deg": summary.median_peak_deviation_deg,
        "band_deg": summary.band_deg,
        "borderline": summary.borderline,
        "shallow": sum(rep.shallow for rep in reps) * 2 > len(reps),
        "static": is_static(summary.standing_hka_deg, settings.events),
        "reps_with_events": summary.reps_with_events,
        "reps": len(reps),
        "phases": dict(phases),
    }


def _medial_text(leg: Leg, **seen: Any) -> str:
    peak = with_band(seen["median_peak_deviation_deg"], seen["band_deg"])
    parts = [f"The {leg} knee goes {peak} inside the line over the third toe (median rep): {seen['grade']}"]
    if seen["borderline"]:
        parts[0] += " (borderline: the error interval reaches another grade)"
    if seen["phases"]:
        when = PHASE_WORDS[max(seen["phases"], key=seen["phases"].__getitem__)]
        parts.append(f"in {count(seen['reps_with_events'], seen['reps'])}, mostly {when}")
    if seen["shallow"]:
        parts.append("in shallow reps, where the same toe means a smaller angle")
    return ", ".join(parts) + "."


def _intermittent_text(leg: Leg, **seen: Any) -> str:
    peak = with_band(seen["median_peak_deviation_deg"], seen["band_deg"])
    reps = count(seen["reps_with_events"], seen["reps"])
    return (
        f"The {leg} knee is on its line in the median rep ({peak}), but went inside it in {reps}, "
        f"at worst {seen['worst_grade']}."
    )


def _asymmetric(result: WholeSet, settings: Settings) -> list[Finding]:
    """The worse leg, when the difference exceeds limit and band and the camera is not suspect."""
    difference, band = result.asymmetry_deg, result.asymmetry_band_deg
    if difference is None or result.drift_suspected:
        return []
    worse: Leg = "left" if difference > 0 else "right"
    size = abs(difference)
    if size <= max(settings.grade.asymmetry_deg, band or 0.0) or not _is_medial(result, worse):
        return []
    text = f"The {worse} knee goes {with_band(size, band)} further inside than the other one."
    evidence = {"asymmetry_deg": difference, "band_deg": band}
    return [Finding(id="asymmetric_medial_knee", leg=worse, text=text, evidence=evidence)]


def _by_phase(result: WholeSet) -> list[Finding]:
    """descent_only, bottom_only or ascent_only, from all phases that a leg's events touch."""
    names: dict[Leg, str] = {}
    for leg in filter(partial(_is_medial, result), LEGS):
        touched = {phase for event in result.events if event.leg == leg for phase in event.phases}
        if touched == {"descent"}:
            names[leg] = "descent_only"
        elif touched == {"bottom"}:
            names[leg] = "bottom_only"
        elif touched and touched <= RISING:
            names[leg] = "ascent_only"
    findings: list[Finding] = []
    for name, text in ONLY_TEXT.items():
        evidence: dict[Leg, Evidence] = {
            leg: {"reps_with_events": result.leg(leg).reps_with_events} for leg in names if names[leg] == name
        }
        findings += leg_finding(name, evidence, text.format)
    return findings


def _worsening(result: WholeSet, settings: Settings) -> list[Finding]:
    evidence: dict[Leg, Evidence] = {}
    for leg in filter(partial(_is_medial, result), LEGS):
        peaks = [rep.peak_deviation_deg for rep in result.reps_of(leg) if rep.peak_deviation_deg is not None]
        change = worsening_deg(peaks, settings.grade)
        if change is not None:
            evidence[leg] = {"change_deg": change, "band_deg": settings.grade.change_deg, "reps": len(peaks)}
    text = (
        "The {leg} knee goes {change_deg:.1f}° ± {band_deg:.1f}° further inside in the later half of the set."
    )
    return leg_finding("worsening", evidence, text.format)
