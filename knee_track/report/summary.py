"""What a coach wants to know first: a few plain sentences, and their short form for the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from knee_track.pose.skeleton import LEGS, Leg
from knee_track.report.words import GRADES, MOVEMENTS, PHASES, TOES, count, signed, signed_band
from knee_track.results import Analysis, Rep, RepLeg
from knee_track.settings import Settings

if TYPE_CHECKING:
    from rich.text import Text

STYLES = {"none": "green", "mild": "cyan", "intermittent": "cyan", "moderate": "yellow", "severe": "bold red"}


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
        return f"Both knees {verb.removesuffix('s')} {rest}."
    return "; ".join(f"the {leg} knee {told[leg]}" for leg in legs).capitalize() + "."


def measured_legs(analysis: Analysis) -> list[Leg]:
    """The legs that carry a grade."""
    return [leg for leg in LEGS if getattr(analysis.legs, leg).grade != "unknown"]


def leg_sentences(analysis: Analysis, leg: Leg) -> list[str]:
    """What the grade of one leg rests on, in full sentences."""
    summary = getattr(analysis.legs, leg)
    worst = worst_rep(analysis, leg)
    if summary.median_peak_deviation_deg is None or worst is None:
        return []
    rep, result = worst
    sentences = [
        f"Events in {summary.reps_with_events} of {count(len(analysis.reps), 'rep')}."
        if summary.reps_with_events
        else "No valgus event in any rep."
    ]
    place = f", {PHASES[result.peak_phase]}" if result.peak_phase else ""
    toe = f", the knee {TOES[result.toe]}" if result.toe else ""
    number = signed_band(result.peak_deviation_deg or 0.0, result.band_deg)
    if result.grade == "none":
        sentences.append(f"Highest peak, rep {rep.index}: {number}{toe}.")
    else:
        sentences.append(f"Furthest inward in rep {rep.index}: {number}{toe}{place}.")
    if summary.borderline:
        sentences.append("Borderline: the band reaches into the next grade.")
    return sentences


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
    text.append(" · ".join([*facts, f"{analysis.view.name} view"]) + "\n", style="bold")
    text.append(headline(analysis) + "\n")
    for leg in measured_legs(analysis):
        _append_leg(text, analysis, leg)
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


def _append_leg(text: Text, analysis: Analysis, leg: Leg) -> None:
    result, worst = getattr(analysis.legs, leg), worst_rep(analysis, leg)
    if result.median_peak_deviation_deg is None or worst is None:
        return
    rep, rep_leg = worst
    reps = count(len(analysis.reps), "rep")
    events = f"events in {result.reps_with_events} of {reps}" if result.reps_with_events else "no event"
    text.append(f"  {leg:<6}")
    text.append(f"{GRADES[result.grade]:<16}", style=STYLES.get(result.grade, ""))
    text.append(f"{signed_band(result.median_peak_deviation_deg, result.band_deg)}  ")
    text.append(
        f"{events}, highest {signed(rep_leg.peak_deviation_deg or 0.0)}° in rep {rep.index}", style="dim"
    )
    text.append(", borderline\n" if result.borderline else "\n", style="dim")


def _told(analysis: Analysis, leg: Leg) -> str:
    """What the knee does, starting with a verb in the third person."""
    result = getattr(analysis.legs, leg)
    limit = Settings.model_validate(analysis.changed_settings).grade.lateral_deg
    if result.grade == "intermittent":
        reps = f"{result.reps_with_events} of {count(len(analysis.reps), 'rep')}"
        return f"drifts inward in {reps} ({result.worst_grade} at worst)"
    if result.grade != "none":
        return f"drifts inward ({result.grade})"
    if result.median_peak_deviation_deg is not None and result.median_peak_deviation_deg <= limit:
        return "moves too far outward"
    return "tracks over the third toe"
