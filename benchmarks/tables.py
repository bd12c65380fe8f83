"""Scores as Markdown tables and as CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Final, get_args

import numpy as np

from benchmarks.agreement import Agreement, Measurement
from benchmarks.conditions import (
    NEAR,
    OFF_AXIS,
    conditions,
    events,
    is_scored,
    legs_of,
    naive_peaks,
    origins,
    peaks,
    rep_measure,
    view_angle,
)
from benchmarks.markdown import number, percent, table
from benchmarks.naive import NAIVE
from benchmarks.scoring import ClipScore, LegScore
from knee_track.findings.events import PHASES
from knee_track.results import Grade
from knee_track.settings import Settings

REP_MEASURES: Final = {
    "start": ("start_s", 1000.0, "ms"),
    "bottom": ("bottom_s", 1000.0, "ms"),
    "end": ("end_s", 1000.0, "ms"),
    "depth": ("depth", 100.0, "%"),
    "knee flexion": ("knee_flexion_deg", 1.0, "°"),
}
"""Title: name in RepScore, factor for print, unit."""
NAIVE_TITLE: Final = "The same legs by naive measures (degrees)"


def document(clips: Sequence[ClipScore], settings: Settings) -> dict[str, str]:
    """All tables that pool clips, by title."""
    groups = conditions(clips)
    enter = settings.events.enter_deg
    return {
        "Peak deviation per rep and leg (degrees; error = found − true)": peak_table(groups),
        f"Events (true peak over 1° from {enter:g}°; refused legs left out) and reps": event_table(
            groups, settings
        ),
        NAIVE_TITLE: naive_table(groups),
        "Where the errors come from (degrees)": origin_table(clips),
        "Grades (rows: true, columns: found; measured rep-legs)": grade_table(clips),
        "Camera angles of the accepted clips (degrees)": view_table(groups),
        "Reps: times, depth, knee flexion": rep_table(clips),
        "Phase of the peak (measured rep-legs)": phase_table(clips, enter),
    }


def peak_table(groups: dict[str, list[ClipScore]]) -> str:
    """Agreement of the peak deviation, one row per condition."""
    head = ("condition", "clips", "n", "refused", "missed", "bias", "RMSE", "MAE", "slope", "r", "worst")
    rows = []
    for title, clips in groups.items():
        legs = legs_of(clips)
        of = peaks(legs)
        ends = (percent(of.coverage), number(of.median_band))
        rows.append([title, str(len(clips)), str(of.n), *_left_out(legs), *_errors(of), *ends])
    return table([*head, "in band", "median band"], rows)


def origin_table(clips: Sequence[ClipScore]) -> str:
    """Errors by body, camera, stance, size of the deviation and what is special about a clip."""
    rows = []
    for title, legs in origins(clips).items():
        of = peaks(legs)
        errors = map(number, (of.bias, of.rmse, of.slope, of.worst))
        rows.append(
            [title, str(of.n), *_left_out(legs), *errors, percent(of.coverage), number(of.median_band)]
        )
    head = ("", "n", "refused", "missed", "bias", "RMSE", "slope", "worst", "in band", "median band")
    return table(head, rows)


def _left_out(legs: Sequence[LegScore]) -> list[str]:
    """How many legs were refused, and in how many the rep was missed."""
    outcomes = Counter(leg.outcome for leg in legs)
    return [str(outcomes["refused"]), str(outcomes["missed"])]


def agreement_table(rows: dict[str, Agreement]) -> str:
    """Agreement of one measure, one row per title, in the columns of `peak_table`."""
    head = ("condition", "n", "missed", "bias", "RMSE", "MAE", "slope", "r", "worst")
    cells = [
        [
            title,
            str(of.n),
            str(of.missing),
            *_errors(of),
            percent(of.coverage),
            number(of.median_band),
        ]
        for title, of in rows.items()
    ]
    return table([*head, "in band", "median band"], cells)


def event_table(groups: dict[str, list[ClipScore]], settings: Settings) -> str:
    """Events and rep counts, one row per condition."""
    head = ("condition", "rep-legs", "refused", "true", "found", "matched", "precision", "recall", "F1")
    rows = []
    for title, clips in groups.items():
        legs = legs_of(clips)
        of = events(clips, settings)
        onset_ms = 1000.0 * np.array(of.onset_errors_s)
        refused = sum(leg.outcome == "refused" for leg in legs)
        counts = (sum(is_scored(leg, settings) for leg in legs), refused, of.true, of.found, of.matched)
        exact = sum(clip.reps_found == clip.reps_true for clip in clips)
        rows.append(
            [
                title,
                *map(str, counts),
                *map(number, (of.precision, of.recall, of.f1)),
                f"{onset_ms.mean():+.0f}" if onset_ms.size else "–",
                f"{np.abs(onset_ms).mean():.0f}" if onset_ms.size else "–",
                f"{exact}/{len(clips)}",
            ]
        )
    return table([*head, "onset bias ms", "onset MAE ms", "reps exact"], rows)


def naive_table(groups: dict[str, list[ClipScore]]) -> str:
    """Ours and the naive measures on the same legs."""
    rows = []
    for title in (NEAR, OFF_AXIS, "all"):
        if legs := legs_of(groups.get(title, [])):
            measures = {"knee-track": peaks(legs)} | {name: naive_peaks(legs, name) for name in NAIVE}
            rows += [[title, name, str(of.n), *_errors(of)] for name, of in measures.items()]
    return table(["clips", "measure", "n", "bias", "RMSE", "MAE", "slope", "r", "worst"], rows, texts=2)


def grade_table(clips: Sequence[ClipScore]) -> str:
    """How often each grade was found for each true one, over the measured legs."""
    found = Counter((leg.true_grade, leg.grade) for leg in legs_of(clips) if leg.outcome == "measured")
    grades = [grade for grade in get_args(Grade) if grade != "unknown"]
    rows = [[true, *(str(found[true, grade]) for grade in grades)] for true in grades]
    return table(["", *grades], rows)


def view_table(groups: dict[str, list[ClipScore]]) -> str:
    """Agreement of the camera angles."""
    rows = []
    for title in ("yaw ≤ 15°", "yaw 15–30°", "all"):
        for angle in ("yaw", "pitch", "roll"):
            of = view_angle(groups.get(title, []), angle)
            if of.n:
                rows.append([title, angle, str(of.n), *_spread(of), percent(of.coverage)])
    return table(["clips", "angle", "n", "bias", "RMSE", "MAE", "p95", "worst", "in band"], rows, texts=2)


def rep_table(clips: Sequence[ClipScore]) -> str:
    """Agreement of what a rep says of itself, over all clips."""
    rows = []
    for title, (name, factor, unit) in REP_MEASURES.items():
        of = rep_measure(clips, name)
        spread = _spread(of, factor, 0 if unit == "ms" else 1)
        rows.append([f"{title}, {unit}", str(of.n), *spread, percent(of.coverage)])
    return table(["", "n", "bias", "RMSE", "MAE", "p95", "worst", "in band"], rows)


def phase_table(clips: Sequence[ClipScore], enter_deg: float) -> str:
    """Which phase the peak was found in for each true one, and how often it was the true one.

    A knee that keeps its line has a flat curve, whose peak may lie anywhere: the rows from `enter_deg` count.
    """
    measured = [leg for leg in legs_of(clips) if leg.outcome == "measured"]
    clear = [leg for leg in measured if leg.peak.true >= enter_deg]
    title = f"true peak ≥ {enter_deg:g}°"
    rows = [_phase_row(title, phase, [leg for leg in clear if leg.true_phase == phase]) for phase in PHASES]
    rows += [_phase_row(title, "any", clear), _phase_row("all", "any", measured)]
    head = ["rep-legs", "true phase", *(f"found in {phase.replace('_', ' ')}" for phase in PHASES), "right"]
    return table(head, rows, texts=2)


def _phase_row(title: str, true: str, legs: Sequence[LegScore]) -> list[str]:
    found = Counter(leg.phase for leg in legs)
    right = sum(leg.phase == leg.true_phase for leg in legs)
    share = f"{right}/{len(legs)} ({percent(right / len(legs))})" if legs else "–"
    return [title, true.replace("_", " "), *(str(found[phase]) for phase in PHASES), share]


def clip_table(clips: Sequence[ClipScore]) -> str:
    """One row per clip."""
    rows = []
    for clip in clips:
        of = peaks(clip.legs)
        angles = (clip.yaw, clip.pitch, clip.roll)
        rows.append(
            [
                clip.clip,
                *(f"{number(angle.found, 0)} / {number(angle.true, 0)}" for angle in angles),
                f"{clip.reps_found} / {clip.reps_true}",
                clip.view_name if clip.usable else f"{clip.view_name}, refused",
                clip.quality,
                str(of.n),
                *map(number, (of.bias, of.rmse, of.worst)),
            ]
        )
    head = ["clip", "yaw", "pitch", "roll", "reps", "view", "quality", "n", "bias", "RMSE", "worst"]
    return table(head, rows)


def write_csv(path: Path, clips: Sequence[ClipScore]) -> None:
    """One row per true rep and leg; empty where there is no number."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = [_csv_row(clip, leg) for clip in clips for leg in clip.legs]
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _csv_row(clip: ClipScore, leg: LegScore) -> dict[str, str]:
    naive = {name: leg.naive.get(name, Measurement(leg.peak.true)).found for name in NAIVE}
    numbers = {
        "true_yaw_deg": clip.yaw_deg,
        "camera_height_m": clip.camera_height_m,
        "true_toe_out_deg": leg.toe_out_deg,
        "true_peak_deg": leg.peak.true,
        "peak_deg": leg.peak.found,
        "error_deg": leg.peak.error,
        "band_deg": leg.peak.band,
        **{f"{name} (deg)": value for name, value in naive.items()},
    }
    return {
        "clip": clip.clip,
        "body": clip.body,
        "rep": str(leg.rep),
        "leg": leg.leg,
        "outcome": leg.outcome,
        **{name: f"{value:.3f}" if isfinite(value) else "" for name, value in numbers.items()},
        "true_grade": leg.true_grade,
        "grade": leg.grade,
        "true_phase": leg.true_phase,
        "phase": leg.phase or "",
        "true_events": str(leg.events.true),
        "events": str(leg.events.found),
        "matched_events": str(leg.events.matched),
    }


def _errors(of: Agreement) -> list[str]:
    return [number(value) for value in (of.bias, of.rmse, of.mae, of.slope, of.r, of.worst)]


def _spread(of: Agreement, factor: float = 1.0, digits: int = 1) -> list[str]:
    return [number(factor * value, digits) for value in (of.bias, of.rmse, of.mae, of.p95, of.worst)]
