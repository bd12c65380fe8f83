"""What a coach wants to know first: a few plain sentences, and their short form for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from knee_track.findings.medial import PHASE_WORDS
from knee_track.findings.severity import RANK
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.report.words import GRADES, MOVEMENTS, TOES, count, signed, signed_band
from knee_track.results import Analysis, Finding, LegGrade, Rep, RepLeg

if TYPE_CHECKING:
    from rich.text import Text

STYLES = {
    "none": "green",
    "mild": "cyan",
    "intermittent": "cyan",
    "lateral": "yellow",
    "moderate": "yellow",
    "severe": "bold red",
}
WEAK = "This recording allows weak statements only: "
TOO_FAR_OUT = "too far out"
PLURAL = {"goes": "go", "drifts": "drift", "tracks": "track"}


@dataclass(frozen=True)
class Verdict:
    """A leg's grade in a few words. `kind` is the grade, or "lateral": the name of its colour."""

    kind: LegGrade | str
    words: str


def headline(analysis: Analysis) -> str:
    """The result in one sentence."""
    if not analysis.reps:
        return "No complete repetition was found, so there is nothing to grade."
    legs = measured_legs(analysis)
    if not legs:
        return f"{count(len(analysis.reps), 'rep')} counted, but the knees could not be measured."
    told = {leg: _told(analysis, leg) for leg in legs}
    if len(legs) == 2 and told["left"] == told["right"]:
        verb, _, rest = told["left"].partition(" ")
        said = f"both knees {PLURAL[verb]} {rest}"
    else:
        said = "; ".join(f"the {leg} knee {told[leg]}" for leg in legs)
    if any(finding.id == "low_quality" for finding in analysis.findings):
        return f"{WEAK}{said}."
    return f"{said[0].upper()}{said[1:]}."


def measured_legs(analysis: Analysis) -> list[Leg]:
    """The legs that carry a grade."""
    return [leg for leg in LEGS if getattr(analysis.legs, leg).grade != "unknown"]


def verdict(analysis: Analysis, leg: Leg) -> Verdict:
    """A leg's grade for its badge: with its worst rep when that is worse, and never good when too far out."""
    summary = getattr(analysis.legs, leg)
    if summary.grade == "none" and _finding(analysis, "lateral_knee", leg):
        return Verdict("lateral", TOO_FAR_OUT)
    words = GRADES[summary.grade]
    if summary.grade == "intermittent" or RANK[summary.worst_grade] > RANK[summary.grade]:
        words += f", {summary.worst_grade} at worst"
    return Verdict(summary.grade, words)


def leg_sentences(analysis: Analysis, leg: Leg) -> list[str]:
    """What the grade of one leg rests on, in full sentences."""
    summary = getattr(analysis.legs, leg)
    worst = worst_rep(analysis, leg)
    if summary.median_peak_deviation_deg is None or worst is None:
        return []
    rep, result = worst
    number = signed_band(result.peak_deviation_deg or 0.0, result.band_deg)
    place = f", {PHASE_WORDS[result.peak_phase]}" if result.peak_phase else ""
    toe = f", with the knee {TOES[result.toe]}" if result.toe else ""
    inside = (result.peak_deviation_deg or 0.0) >= 0
    where = "Furthest inward" if inside else "Never inside the line; nearest to it"
    sentences = [_events_sentence(analysis, leg), f"{where} in rep {rep.index}: {number}{place}{toe}."]
    if lateral := _lateral(analysis, leg):
        sentences.append(lateral)
    if summary.borderline:
        sentences.append("Borderline: the band reaches into another grade.")
    return sentences


def _events_sentence(analysis: Analysis, leg: Leg) -> str:
    """In how many reps there were events; and why there may be none although the leg is graded."""
    summary = getattr(analysis.legs, leg)
    if summary.reps_with_events:
        return f"Valgus events in {_share(analysis, leg)}."
    if summary.grade == "none":
        return "No valgus event in any rep."
    peak = signed(summary.median_peak_deviation_deg or 0.0)
    return f"The median rep peaks at {peak}°, too short or too unsure for a valgus event."


def _share(analysis: Analysis, leg: Leg) -> str:
    """Reps with events of the reps in which the leg worked: "2 of 5 reps"."""
    reps = sum(getattr(rep.legs, leg) is not None for rep in analysis.reps)
    return f"{getattr(analysis.legs, leg).reps_with_events} of {count(reps, 'rep')}"


def _lateral(analysis: Analysis, leg: Leg) -> str:
    """How far outward the knee went, when a finding says so; else empty."""
    for name, verdict in (("lateral_knee", TOO_FAR_OUT), ("lateral_drift", "no need to change it")):
        finding = _finding(analysis, name, leg)
        if finding and (size := finding.evidence.get(leg, {}).get("size_deg")):
            return f"Furthest outward {signed(-size)}° (median rep): {verdict}."
    return ""


def _finding(analysis: Analysis, name: str, leg: Leg) -> Finding | None:
    """The finding of that id which holds on the leg."""
    return next((one for one in analysis.findings if one.id == name and one.leg in (leg, "both")), None)


def worst_rep(analysis: Analysis, leg: Leg) -> tuple[Rep, RepLeg] | None:
    """The rep in which the leg's knee went furthest inward; None without a measured rep."""
    measured = [(rep, result) for rep in analysis.reps if (result := getattr(rep.legs, leg)) is not None]
    measured = [(rep, result) for rep, result in measured if result.peak_deviation_deg is not None]
    return max(measured, key=lambda pair: pair[1].peak_deviation_deg or 0.0, default=None)


def summary(analysis: Analysis, folder: Path | None = None) -> Text:
    """A few lines for the terminal: per leg grade, number and worst rep; then quality and the report."""
    from rich.text import Text

    text = Text()
    facts = [Path(analysis.source.path).name, MOVEMENTS[analysis.movement], count(len(analysis.reps), "rep")]
    facts.append(f"{analysis.view.name} view" if analysis.source.filmed else analysis.source.kind)
    text.append(" · ".join(facts) + "\n", style="bold")
    text.append(headline(analysis) + "\n")
    verdicts = {leg: verdict(analysis, leg) for leg in measured_legs(analysis)}
    width = max((len(one.words) for one in verdicts.values()), default=0)
    for leg, grade in verdicts.items():
        _append_leg(text, analysis, leg, grade, width)
    if analysis.asymmetry_deg is not None:
        number = signed_band(analysis.asymmetry_deg, analysis.asymmetry_band_deg)
        text.append(f"  left − right  {number}\n")
    for reason in analysis.view.reasons:
        text.append(f"  {reason}\n", style="yellow")
    text.append(f"  quality {analysis.quality.level}\n")
    for warning in analysis.quality.warnings:
        text.append(f"  {warning}\n", style="yellow")
    if folder is not None:
        text.append(f"  report  {folder / 'report.html'}\n")
    text.rstrip()
    return text


def _append_leg(text: Text, analysis: Analysis, leg: Leg, grade: Verdict, width: int) -> None:
    result, worst = getattr(analysis.legs, leg), worst_rep(analysis, leg)
    if result.median_peak_deviation_deg is None or worst is None:
        return
    rep, rep_leg = worst
    events = f"events in {_share(analysis, leg)}" if result.reps_with_events else "no event"
    text.append(f"  {leg:<6}")
    text.append(f"{grade.words:<{width}}  ", style=STYLES.get(grade.kind, ""))
    text.append(f"{signed_band(result.median_peak_deviation_deg, result.band_deg)}  ")
    peak = rep_leg.peak_deviation_deg or 0.0
    where = f"furthest inward {signed(peak)}° in rep {rep.index}" if peak >= 0 else "never inside the line"
    text.append(f"{events}, {where}{', borderline' if result.borderline else ''}\n", style="dim")


def _told(analysis: Analysis, leg: Leg) -> str:
    """What the knee does, starting with a verb in the third person; the findings about the leg decide."""
    result = getattr(analysis.legs, leg)
    outward = _finding(analysis, "lateral_knee", leg)
    if result.grade == "none":
        return f"goes {TOO_FAR_OUT}" if outward else "tracks over the third toe"
    if result.grade == "intermittent":
        said = f"drifts inward in {_share(analysis, leg)} ({result.worst_grade} at worst)"
    elif not result.reps_with_events:
        said = f"drifts inward ({result.grade}, too short or too unsure for an event)"
    else:
        said = f"drifts inward ({verdict(analysis, leg).words})"
    return f"{said} and {TOO_FAR_OUT} at other times" if outward else said
