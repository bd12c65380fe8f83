"""Scores as Markdown tables and as CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import Final, get_args

import numpy as np

from benchmarks.agreement import Agreement, Measurement
from benchmarks.conditions import (
    conditions,
    events,
    is_scored,
    legs_of,
    naive_peaks,
    peaks,
    rep_measure,
    view_angle,
)
from benchmarks.naive import NAIVE
from benchmarks.scoring import ClipScore, LegScore
from knee_track.results import Grade
from knee_track.settings import Settings

Cells = Sequence[str]
REP_MEASURES: Final = {
    "start": ("start_s", 1000.0, "ms"),
    "bottom": ("bottom_s", 1000.0, "ms"),
    "end": ("end_s", 1000.0, "ms"),
    "depth": ("depth", 100.0, "%"),
    "knee flexion": ("knee_flexion_deg", 1.0, "°"),
}
"""Title: name in RepScore, factor for print, unit."""


def document(clips: Sequence[ClipScore], settings: Settings) -> str:
    """All tables, ready to read."""
    groups = conditions(clips)
    sections = {
        "Peak deviation per rep and leg (degrees; error = found − true)": peak_table(groups),
        f"Events (true peak over 1° from {settings.events.enter_deg:g}°; refused legs left out) and reps": (
            event_table(groups, settings)
        ),
        "The same legs by naive measures (degrees)": naive_table(groups),
        "Grades (rows: true, columns: found)": grade_table(clips),
        "Camera angles of the accepted clips (degrees)": view_table(groups),
        "Reps: times, depth, knee flexion": rep_table(clips),
        "Clips (found / true)": clip_table(clips),
    }
    return "\n\n".join(f"## {title}\n\n{table}" for title, table in sections.items())


def peak_table(groups: dict[str, list[ClipScore]]) -> str:
    """Agreement of the peak deviation, one row per condition."""
    head = ("condition", "clips", "n", "refused", "missed", "bias", "RMSE", "MAE", "slope", "r", "worst")
    rows = []
    for title, clips in groups.items():
        outcomes = Counter(leg.outcome for leg in legs_of(clips))
        of = peaks(clips)
        counts = (len(clips), of.n, outcomes["refused"], outcomes["missed"])
        rows.append(
            [
                title,
                *map(str, counts),
                *_errors(of),
                _percent(of.coverage),
                _number(of.median_band),
            ]
        )
    return _table([*head, "in band", "median band"], rows)


def agreement_table(rows: dict[str, Agreement]) -> str:
    """Agreement of one measure, one row per title, in the columns of `peak_table`."""
    head = ("condition", "n", "missed", "bias", "RMSE", "MAE", "slope", "r", "worst")
    cells = [
        [
            title,
            str(of.n),
            str(of.missing),
            *_errors(of),
            _percent(of.coverage),
            _number(of.median_band),
        ]
        for title, of in rows.items()
    ]
    return _table([*head, "in band", "median band"], cells)


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
                *map(_number, (of.precision, of.recall, of.f1)),
                f"{onset_ms.mean():+.0f}" if onset_ms.size else "–",
                f"{np.abs(onset_ms).mean():.0f}" if onset_ms.size else "–",
                f"{exact}/{len(clips)}",
            ]
        )
    return _table([*head, "onset bias ms", "onset MAE ms", "reps exact"], rows)


def naive_table(groups: dict[str, list[ClipScore]]) -> str:
    """Ours and the naive measures on the same legs."""
    rows = []
    for title in ("yaw ≤ 15°", "all"):
        if clips := groups.get(title):
            measures = {"knee-track": peaks(clips)} | {name: naive_peaks(clips, name) for name in NAIVE}
            rows += [[title, name, str(of.n), *_errors(of)] for name, of in measures.items()]
    return _table(["clips", "measure", "n", "bias", "RMSE", "MAE", "slope", "r", "worst"], rows)


def grade_table(clips: Sequence[ClipScore]) -> str:
    """How often each grade was found for each true one, over the measured legs."""
    found = Counter((leg.true_grade, leg.grade) for leg in legs_of(clips) if leg.outcome == "measured")
    grades = [grade for grade in get_args(Grade) if grade != "unknown"]
    rows = [[true, *(str(found[true, grade]) for grade in grades)] for true in grades]
    return _table(["", *grades], rows)


def view_table(groups: dict[str, list[ClipScore]]) -> str:
    """Agreement of the camera angles."""
    rows = []
    for title in ("yaw ≤ 15°", "yaw 15–30°", "all"):
        for angle in ("yaw", "pitch", "roll"):
            of = view_angle(groups.get(title, []), angle)
            if of.n:
                rows.append([title, angle, str(of.n), *_spread(of), _percent(of.coverage)])
    return _table(["clips", "angle", "n", "bias", "RMSE", "MAE", "p95", "worst", "in band"], rows)


def rep_table(clips: Sequence[ClipScore]) -> str:
    """Agreement of what a rep says of itself, over all clips."""
    rows = []
    for title, (name, factor, unit) in REP_MEASURES.items():
        of = rep_measure(clips, name)
        spread = _spread(of, factor, 0 if unit == "ms" else 1)
        rows.append([f"{title}, {unit}", str(of.n), *spread, _percent(of.coverage)])
    return _table(["", "n", "bias", "RMSE", "MAE", "p95", "worst", "in band"], rows)


def clip_table(clips: Sequence[ClipScore]) -> str:
    """One row per clip."""
    rows = []
    for clip in clips:
        of = peaks([clip])
        angles = (clip.yaw, clip.pitch, clip.roll)
        rows.append(
            [
                clip.clip,
                *(f"{_number(angle.found, 0)} / {_number(angle.true, 0)}" for angle in angles),
                f"{clip.reps_found} / {clip.reps_true}",
                clip.view_name if clip.usable else f"{clip.view_name}, refused",
                clip.quality,
                str(of.n),
                *map(_number, (of.bias, of.rmse, of.worst)),
            ]
        )
    head = ["clip", "yaw", "pitch", "roll", "reps", "view", "quality", "n", "bias", "RMSE", "worst"]
    return _table(head, rows)


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
        "true_events": str(leg.events.true),
        "events": str(leg.events.found),
        "matched_events": str(leg.events.matched),
    }


def _errors(of: Agreement) -> list[str]:
    return [_number(value) for value in (of.bias, of.rmse, of.mae, of.slope, of.r, of.worst)]


def _spread(of: Agreement, factor: float = 1.0, digits: int = 1) -> list[str]:
    return [_number(factor * value, digits) for value in (of.bias, of.rmse, of.mae, of.p95, of.worst)]


def _number(value: float, digits: int = 2) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}" if isfinite(value) else "–"  # + 0.0: no "-0"


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %" if isfinite(share) else "–"


def _table(head: Cells, rows: Iterable[Cells]) -> str:
    """A Markdown table, first column left, the others right."""
    rule = [":--", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
