"""The cue and the heel-lift test: does a knee come back to its line (docs/measurement.md §4)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any, Final, Literal

from knee_track.findings.whole_set import leg_finding, with_band
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.addon_words import (
    Compared,
    clip_names,
    depth_note,
    response_long,
    response_short,
    verdict_words,
)
from knee_track.protocol.assessment import LegResult, Verdict
from knee_track.protocol.catalogue import Catalogue, load_catalogue
from knee_track.protocol.library import RetestRule
from knee_track.protocol.messages import translated
from knee_track.protocol.retest import mean_depth, measured_reps, obstacle, same_depth
from knee_track.protocol.rules import AddOnTests
from knee_track.results import Analysis, Finding, LegGrade, LegSummary
from knee_track.settings import Settings

MEDIAL: Final = ("medial_knee", "intermittent_medial_knee")
_ORDER: Final[tuple[LegGrade, ...]] = ("none", "intermittent", "mild", "moderate", "severe")


@dataclass(frozen=True)
class Trial:
    """A test that compares the natural clip with another one; `yes` and `no` are ids of findings."""

    test: Compared
    clip: Literal["cued", "heel_lift"]
    yes: str
    no: str
    same_depth: bool


CUE: Final = Trial("cue", "cued", "cue_responsive", "cue_nonresponsive", same_depth=True)
HEEL_LIFT: Final = Trial(
    "heel_lift",
    "heel_lift",
    "heel_lift_positive",
    "heel_lift_negative",
    same_depth=False,  # the heel lift changes the depth by itself
)


def leg_response(
    trial: Trial,
    natural: Analysis,
    other: Analysis,
    leg: Leg,
    tests: AddOnTests,
    retest: RetestRule,
    words: Catalogue,
) -> LegResult:
    """One leg in the natural clip and in the other one: its verdict, in words and numbers."""
    if _measured_well(natural, leg) and not is_medial(natural, leg):
        return LegResult(trial.test, leg, "not judged", words.text("tests.not_judged"))
    # The obstacle is told in English and then translated as a whole, as the re-test has it too.
    names = clip_names(trial.test, load_catalogue())
    reason = obstacle(
        ((names["without"], natural), (names["within"], other)),
        leg,
        reps=tests.min_reps,
        film=retest.reps,
        depth_within=retest.depth_within if trial.same_depth else None,
    )
    seen = None if reason else _numbers(natural, other, leg, retest)
    if seen is None:
        why = (translated(reason, words) or reason) if reason else words.text("tests.not_measured")
        return LegResult(trial.test, leg, "not comparable", words.text("tests.not_comparable", reason=why))
    verdict = _verdict(seen, other, leg, tests)
    said = f"{verdict_words(verdict, words)}, {response_short(seen, words)}"
    text = f"{said}{_advice(verdict, seen, tests, retest, words)}{depth_note(trial.test, seen, words)}"
    return LegResult(trial.test, leg, verdict, text, seen)


def response_findings(trial: Trial, results: Sequence[LegResult], words: Catalogue) -> list[Finding]:
    """A finding for the legs that respond and one for those that do not; an open end gives none."""
    findings: list[Finding] = []
    for verdict, name in (("responds", trial.yes), ("does not respond", trial.no)):
        seen = {one.leg: one.evidence for one in results if one.verdict == verdict}

        def text(leg: Leg, name: str = name, **numbers: Any) -> str:
            side, long = words.text(f"findings.sides.{leg}"), response_long(trial.test, numbers, words)
            return words.text(f"findings.{name}", leg=side, numbers=long)

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


def _numbers(natural: Analysis, other: Analysis, leg: Leg, retest: RetestRule) -> dict[str, Any] | None:
    """The evidence of LegResult; None when a median is missing or not graded."""
    before, after = summary_of(natural, leg), summary_of(other, leg)
    first, second = before.median_peak_deviation_deg, after.median_peak_deviation_deg
    if first is None or second is None or "unknown" in (before.grade, after.grade):
        return None
    bands = (before.band_deg, after.band_deg)
    depths = mean_depth(natural, leg), mean_depth(other, leg)
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
        "depths": list(depths),
        "same_depth": same_depth(*depths, retest.depth_within),
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


def _advice(
    verdict: Verdict, seen: dict[str, Any], tests: AddOnTests, retest: RetestRule, words: Catalogue
) -> str:
    """What to make of a verdict that is no finding."""
    if verdict == "over-corrected":
        return words.text("tests.over_corrected")
    if verdict != "unclear":
        return ""
    more, limit = words.text("tests.more", reps=max(retest.reps, *seen["reps"])), tests.min_change_deg
    if _on_line(seen):
        was = words.decimals(with_band(seen["natural_deg"], seen["natural_band_deg"]))
        return words.text("tests.on_line", was=was, limit=limit, more=more)
    return words.text("tests.too_small", limit=limit, more=more)


def both_legs(
    trial: Trial,
    natural: Analysis,
    other: Analysis,
    tests: AddOnTests,
    retest: RetestRule,
    words: Catalogue,
) -> list[LegResult]:
    """The test on either leg."""
    return [leg_response(trial, natural, other, leg, tests, retest, words) for leg in LEGS]
