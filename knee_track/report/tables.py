"""The CSV tables: one row per frame, rep and event; names carry their units, missing is an empty cell."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from knee_track.curves import Curves, LegCurves
from knee_track.pose.skeleton import LEGS
from knee_track.results import Event, Frontal, Rep, RepLeg

LEG_CURVES = (
    "deviation_deg",
    "band_deg",
    "offset_pct_shank",
    "ray_angle_deg",
    "knee_flexion_deg",
    "fppa_deg",
)
WHOLE_CURVES = ("pelvic_drop_deg", "trunk_lean_deg", "hip_shift_pct_hips", "kasr", "kasr_expected")


def write_frames_csv(path: Path, curves: Curves) -> None:
    """One row per frame, counted from 0; `rep` counts from 1 and is empty outside reps."""
    columns: dict[str, Sequence[Any]] = {
        "frame": range(len(curves.time_s)),
        "time_s": curves.time_s.tolist(),
        "depth": curves.depth.tolist(),
        "phase": curves.phase.tolist(),
        "rep": [number or None for number in curves.rep.tolist()],
    }
    for side in LEGS:
        leg: LegCurves = curves.legs[side]
        columns |= {f"{side}_{name}": getattr(leg, name).tolist() for name in LEG_CURVES}
    columns |= {name: getattr(curves, name).tolist() for name in WHOLE_CURVES}
    write_table(path, list(columns), zip(*columns.values(), strict=True))


def write_reps_csv(path: Path, reps: Sequence[Rep]) -> None:
    """One row per rep: its own values, then `left_…` and `right_…`, then the other frontal measures."""
    own = [name for name in Rep.model_fields if name not in ("legs", "frontal")]
    header = ["rep", *own[1:]]
    header += [f"{side}_{name}" for side in LEGS for name in RepLeg.model_fields]
    header += list(Frontal.model_fields)

    def row(rep: Rep) -> Iterator[Any]:
        yield from _values(rep, own)
        for side in LEGS:
            yield from _values(getattr(rep.legs, side), RepLeg.model_fields)
        yield from _values(rep.frontal, Frontal.model_fields)

    write_table(path, header, map(row, reps))


def write_events_csv(path: Path, events: Sequence[Event]) -> None:
    """One row per valgus event, counted from 1."""
    fields = list(Event.model_fields)
    rows = ([number, *_values(event, fields)] for number, event in enumerate(events, start=1))
    write_table(path, ["event", *fields], rows)


def _values(record: BaseModel | None, fields: Iterable[str]) -> list[Any]:
    return [getattr(record, name, None) for name in fields]


def write_table(path: Path, header: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """A CSV file: lists as words, truth as true and false, seven digits, what is missing empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(map(_cell, row) for row in rows)


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, list):
        return " ".join(map(_cell, value))
    return str(value)
