"""Knee to wall: how far the big toe is from a wall that the knee just reaches, heel down; typed in, cm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from knee_track.errors import UsageError
from knee_track.findings.whole_set import leg_finding, with_band
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.addon_words import size_cm, verdict_words
from knee_track.protocol.assessment import OTHER_LEG, LegResult, Verdict
from knee_track.protocol.catalogue import Catalogue
from knee_track.protocol.messages import translated
from knee_track.protocol.rules import AddOnTests
from knee_track.results import Finding


def check_knee_to_wall(distances_cm: Mapping[Leg, float], tests: AddOnTests) -> None:
    """Raise UsageError for a distance that no knee has."""
    for leg, cm in distances_cm.items():
        if not 0 <= cm <= tests.knee_to_wall_max_cm:
            raise UsageError(
                f"A knee-to-wall distance of {cm:g} cm ({leg}) is not one of a person; "
                f"give 0 to {tests.knee_to_wall_max_cm:g} cm, from the big toe to the wall."
            )


def knee_to_wall_results(
    distances_cm: Mapping[Leg, float], tests: AddOnTests, words: Catalogue
) -> list[LegResult]:
    """Each leg that was measured: short, or long enough; the evidence's `why` is English."""
    results = []
    for leg in LEGS:
        if leg not in distances_cm:
            continue
        cm = distances_cm[leg]
        why = list(_short_reasons(distances_cm, leg, tests))
        band_cm = tests.knee_to_wall_detectable_cm / 2**0.5  # of one measurement; the 1.9 cm are of two
        verdict: Verdict = "short" if why else "long enough"
        text = f"{verdict_words(verdict, words)}, {size_cm(cm, band_cm, words)}"
        if why:
            text += f" ({'; '.join(translated(reason, words) or reason for reason in why)})"
        evidence = {"cm": cm, "band_cm": band_cm, "why": why}
        results.append(LegResult("knee_to_wall", leg, verdict, text, evidence))
    return results


def _short_reasons(distances_cm: Mapping[Leg, float], leg: Leg, tests: AddOnTests) -> Sequence[str]:
    cm, other = distances_cm[leg], distances_cm.get(OTHER_LEG[leg])
    reasons = []
    if cm < tests.knee_to_wall_short_cm:
        reasons.append(f"below {tests.knee_to_wall_short_cm:g} cm")
    if other is not None and round(other - cm, 6) > tests.knee_to_wall_difference_cm:
        by = with_band(other - cm, tests.knee_to_wall_detectable_cm, " cm")
        reasons.append(f"{by} shorter than the {OTHER_LEG[leg]} one")
    return reasons


def short_findings(results: Sequence[LegResult], words: Catalogue) -> list[Finding]:
    """knee_to_wall_short of the legs that are; none without."""

    def text(leg: Leg, cm: float, band_cm: float, why: Sequence[str]) -> str:
        reasons = ", ".join(translated(reason, words) or reason for reason in why)
        side, size = words.text(f"findings.sides.{leg}"), size_cm(cm, band_cm, words)
        return words.text("findings.knee_to_wall_short", leg=side, size=size, why=reasons)

    short = {one.leg: one.evidence for one in results if one.verdict == "short"}
    return leg_finding("knee_to_wall_short", short, text)
