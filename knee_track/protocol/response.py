"""The cue and the heel-lift test: does a knee come back to its line (docs/measurement.md §4)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any, Final, Literal

from knee_track.findings.whole_set import leg_finding, with_band
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.assessment import LegResult, Verdict
from knee_track.protocol.library import RetestRule
from knee_track.protocol.retest import mean_depth, measured_reps, obstacle, same_depth
from knee_track.protocol.rules import AddOnTests
from knee_track.report.words import signed, signed_band
from knee_track.results import Analysis, Finding, LegGrade, LegSummary
from knee_track.settings import Settings

MEDIAL: Final = ("medial_knee", "intermittent_medial_knee")
_ORDER: Final[tuple[LegGrade, ...]] = ("none", "intermittent", "mild", "moderate", "severe")


@dataclass(frozen=True)
class Trial:
    """A test that compares the natural clip with another one, and how it is said."""

    test: Literal["cue", "heel_lift"]
    clip: Literal["cued", "heel_lift"]
    without: str
    within: str
    yes: tuple[str, str]  # finding's id, and its sentence
    no: tuple[str, str]
    same_depth: bool


CUE: Final = Trial(
    "cue",
    "cued",
    "without the cue",
    "with the cue",
    ("cue_responsive", "The cue brings the {leg} knee back toward its line"),
    ("cue_nonresponsive", "The cue does not bring the {leg} knee back toward its line"),
    same_depth=True,
)
HEEL_LIFT: Final = Trial(
    "heel_lift",
    "heel_lift",
    "with the heels down",
    "with the heels raised",
    ("heel_lift_positive", "Raised heels bring the {leg} knee back toward its line"),
    ("heel_lift_negative", "Raised heels do not bring the {leg} knee back toward its line"),
    same_depth=False,  # the heel lift changes the depth by itself
)


def leg_response(
    trial: Trial, natural: Analysis, other: Analysis, leg: Leg, tests: AddOnTests, retest: RetestRule
) -> LegResult:
    """One leg in the natural clip and in the other one: its verdict, in words and numbers."""
    if _measured_well(natural, leg) and not is_medial(natural, leg):
        return LegResult(trial.test, leg, "not judged", "not judged, the natural clip shows no inward drift")
    reason = obstacle(
        ((trial.without, natural), (trial.within, other)),
        leg,
        reps=tests.min_reps,
        film=retest.reps,
        depth_within=retest.depth_within if trial.same_depth else None,
    )
    seen = None if reason else _numbers(natural, other, leg)
    if seen is None:
        text = f"not comparable: {reason or 'the median rep was not measured in both clips'}"
        return LegResult(trial.test, leg, "not comparable", text)
    verdict = _verdict(seen, other, leg, tests)
    text = f"{verdict}, {_short(seen)}{_advice(verdict, seen, tests, retest)}{_depth(trial, seen, retest)}"
    return LegResult(trial.test, leg, verdict, text, seen)


def response_findings(trial: Trial, results: Sequence[LegResult], retest: RetestRule) -> list[Finding]:
    """A finding for the legs that respond and one for those that do not; an open end gives none."""
    findings: list[Finding] = []
    for verdict, (name, sentence) in (("responds", trial.yes), ("does not respond", trial.no)):
        seen = {one.leg: one.evidence for one in results if one.verdict == verdict}

        def text(leg: Leg, sentence: str = sentence, **numbers: Any) -> str:
            depth = _depth(trial, numbers, retest)
            return f"{sentence.format(leg=leg)}: {_long(trial, numbers)}{depth}."

        findings += leg_finding(name, seen, text)
    return findings


def is_medial(analysis: Analysis, leg: Leg) -> bool:
    """Whether a finding says that the knee goes inside its line, in the median rep or now and then."""
    return any(one.id in MEDIAL and one.leg in (leg, "both") for one in analysis.findings)


def summary_of(analysis: Analysis, leg: Leg) -> LegSummary:
    """Summary of one leg."""
    return analysis.legs.left if leg == "left" else analysis.legs.right


def _measured_well(analysis: Analysis, leg: Leg) -> bool:
    fine = analysis.view.usable and analysis.quality.level not in ("low", "unusable")
    return fine and bool(measured_reps(analysis, leg))


def _numbers(natural: Analysis, other: Analysis, leg: Leg) -> dict[str, Any] | None:
    """The evidence of LegResult; None when a median is missing or not graded."""
    before, after = summary_of(natural, leg), summary_of(other, leg)
    first, second = before.median_peak_deviation_deg, after.median_peak_deviation_deg
    if first is None or second is None or "unknown" in (before.grade, after.grade):
        return None
    bands = (before.band_deg, after.band_deg)
    change = round(second - first, 6)  # 9.6 to 6.6 is a change of 3, whatever floats make of it
    return {
        "natural_deg": first,
        "natural_band_deg": bands[0],
        "other_deg": second,
        "other_band_deg": bands[1],
        "change_deg": change,
        "band_deg": None if bands[0] is None or bands[1] is None else hypot(bands[0], bands[1]),
        "share_pct": round(100 * change / first, 6) if first > 0 else None,
        "grades": [before.grade, after.grade],
        "depths": [mean_depth(natural, leg), mean_depth(other, leg)],
        "reps": [len(measured_reps(natural, leg)), len(measured_reps(other, leg))],
    }


def _verdict(seen: dict[str, Any], other: Analysis, leg: Leg, tests: AddOnTests) -> Verdict:
    """Responds: the median falls by min_change_deg, and by min_share_pct or a grade.

    Unclear is a better grade by less than min_change_deg, and a leg that had events but whose median rep was
    on the line before and still is: it has no room to fall by so much.
    """
    if _too_far_out(seen["other_deg"], other, leg):
        return "over-corrected"
    before, after = (_ORDER.index(grade) for grade in seen["grades"])
    fell_deg, share_pct = -seen["change_deg"], seen["share_pct"]
    if fell_deg >= tests.min_change_deg:
        enough = after < before or (share_pct is not None and -share_pct >= tests.min_share_pct)
        return "responds" if enough else "does not respond"
    return "unclear" if after < before or _on_line(seen) else "does not respond"


def _on_line(seen: dict[str, Any]) -> bool:
    """Whether the median rep was on its line before the test already, and stayed there."""
    return all(grade in ("none", "intermittent") for grade in seen["grades"])


def _too_far_out(median_deg: float, other: Analysis, leg: Leg) -> bool:
    limit_deg = Settings.model_validate(other.changed_settings).grade.lateral_deg
    said = any(one.id == "lateral_knee" and one.leg in (leg, "both") for one in other.findings)
    return said or median_deg <= limit_deg


def _short(seen: dict[str, Any]) -> str:
    """+9.6° to +3.1°, change −6.5° ± 4.0° (−68 %, moderate to none)."""
    return f"{signed(seen['natural_deg'])}° to {signed(seen['other_deg'])}°, {_change(seen)}"


def _long(trial: Trial, seen: dict[str, Any]) -> str:
    """The same with each clip's band."""
    before = signed_band(seen["natural_deg"], seen["natural_band_deg"])
    after = signed_band(seen["other_deg"], seen["other_band_deg"])
    return f"{before} {trial.without}, {after} {trial.within} (median reps), {_change(seen)}"


def _change(seen: dict[str, Any]) -> str:
    before, after = seen["grades"]
    share = "" if seen["share_pct"] is None else f"{signed(seen['share_pct'], 0)} %, "
    grades = f"still {after}" if before == after else f"{before} to {after}"
    return f"change {signed_band(seen['change_deg'], seen['band_deg'])} ({share}{grades})"


def _advice(verdict: Verdict, seen: dict[str, Any], tests: AddOnTests, retest: RetestRule) -> str:
    """What to make of a verdict that is no finding."""
    if verdict == "over-corrected":
        return "; the knee went too far out, so this is no response: aim for the third toe, not beyond it"
    if verdict != "unclear":
        return ""
    more = f"film both again with more than {max(retest.reps, *seen['reps'])} reps"
    limit = f"{tests.min_change_deg:g}°"
    if _on_line(seen):
        was = with_band(seen["natural_deg"], seen["natural_band_deg"])
        return f"; at {was} the median rep was on its line before, so a fall of {limit} hardly shows: {more}"
    return f"; less than the {limit} that one session can show: {more}"


def _depth(trial: Trial, seen: dict[str, Any], retest: RetestRule) -> str:
    """Of a test in which depth may differ: by how much it did, when that is much."""
    before, after = seen["depths"]
    if same_depth(before, after, retest.depth_within):
        return ""
    return (
        f"; mean depth {before:.2f} {trial.without} and {after:.2f} {trial.within}, "
        "which changes the angle by itself"
    )


def both_legs(
    trial: Trial, natural: Analysis, other: Analysis, tests: AddOnTests, retest: RetestRule
) -> list[LegResult]:
    """The test on either leg."""
    return [leg_response(trial, natural, other, leg, tests, retest) for leg in LEGS]
