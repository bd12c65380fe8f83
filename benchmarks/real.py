"""Real clips against hand labels: reps, view, events, and whether one person was followed throughout.

    python benchmarks/real.py FOLDER [CLIP ...]

FOLDER holds clips and their `labels.csv`. Prints what was found and what was wanted, per clip and column, and
exits with 1 when any cell fails. Cells that the labels leave open are printed without a verdict.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from knee_track import Analysis, analyze
from knee_track.errors import KneeTrackError
from knee_track.pose.skeleton import HIP, LEGS
from knee_track.pose.track import PoseTrack

MAX_HIP_SPEED: Final = 2.0
"""Body heights per second; quick squats reach 0.9, a change to somebody beside the client more than 3."""
LONGEST_STEP_S: Final = 0.1
"""Out of sight for longer than this, the hips may still only turn up where they would be after this time."""
BAD: Final = ("moderate", "severe")


@dataclass(frozen=True)
class Label:
    """What a person saw in a clip: columns of `labels.csv`."""

    file: str
    reps_expected: int
    reps_sure: str
    view_ok: str
    events_wanted: str


@dataclass(frozen=True)
class Cell:
    """One thing looked at: found, wanted, and whether it passed (None: the label asks nothing)."""

    found: str
    wanted: str
    passed: bool | None


def read_labels(folder: Path) -> list[Label]:
    """The labels of a folder, in their order."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [
            Label(
                file=row["file"],
                reps_expected=int(row["reps_expected"]),
                reps_sure=row["reps_sure"],
                view_ok=row["view_ok"],
                events_wanted=row["events_wanted"],
            )
            for row in csv.DictReader(file)
        ]


def check_reps(analysis: Analysis, label: Label) -> Cell:
    """The count must be exact where the person who counted was sure."""
    count = len(analysis.reps)
    passed = count == label.reps_expected if label.reps_sure == "yes" else None
    return Cell(str(count), str(label.reps_expected), passed)


def check_view(analysis: Analysis, label: Label) -> Cell:
    """Knees measured, refused, or measured in some reps and refused in others, with the reason."""
    view = analysis.view
    found = "no" if not view.usable else "changes" if view.reasons else "yes"
    told = found != "no" or bool(view.reasons)
    wanted = {"yes": ("yes",), "no": ("no",), "changes": ("changes", "no")}.get(label.view_ok)
    passed = None if wanted is None else found in wanted and told
    yaw = "" if view.yaw_deg is None else f" ({view.yaw_deg:+.0f}°)"
    return Cell(f"{found}{yaw}", label.view_ok, passed)


def check_events(analysis: Analysis, label: Label) -> Cell:
    """The events that a person would have flagged; none at all where knees are refused."""
    events = analysis.events
    bad = [event for event in events if event.grade in BAD]
    passed: bool | None
    match label.events_wanted:
        case "right leg wanted":
            passed = any(event.leg == "right" for event in events) and all(e.leg == "right" for e in bad)
        case "none of moderate or more":
            passed = not bad
        case "refused":
            passed = not events and all(getattr(analysis.legs, leg).grade == "unknown" for leg in LEGS)
        case "any where accepted":
            passed = {(event.rep, event.leg) for event in events} <= _measured(analysis)
        case "any" | "":
            passed = None
        case other:
            raise ValueError(f"labels.csv: events_wanted '{other}' is not known")
    found = ", ".join(f"{e.leg[0].upper()}{e.rep} {e.peak_deviation_deg:.0f}° {e.grade}" for e in events)
    return Cell(found or "none", label.events_wanted, passed)


def check_person(analysis: Analysis, label: Label) -> Cell:
    """One person is followed: the hips never jump."""
    assert analysis.track is not None
    speed = largest_hip_speed(analysis.track)
    return Cell(f"{speed:.1f} heights/s", f"up to {MAX_HIP_SPEED}", speed <= MAX_HIP_SPEED)


COLUMNS: Final[dict[str, Callable[[Analysis, Label], Cell]]] = {
    "reps": check_reps,
    "view": check_view,
    "events": check_events,
    "person": check_person,
}


def largest_hip_speed(track: PoseTrack) -> float:
    """Fastest travel of the mid-hip between two frames that show the client, in body heights per second."""
    hips = track.image_px[:, [HIP[leg] for leg in LEGS]].mean(axis=1)
    seen = np.isfinite(hips).all(axis=1)
    height_px = float(np.nanmedian(np.ptp(track.image_px[track.seen, :, 1], axis=1)))
    steps = np.linalg.norm(np.diff(hips[seen], axis=0), axis=1) / height_px
    times_s = np.minimum(np.diff(track.times_s[seen]), LONGEST_STEP_S)
    return float((steps / times_s).max(initial=0.0))


def _measured(analysis: Analysis) -> set[tuple[int, str]]:
    """(rep number, leg) wherever a knee has a number."""
    records = {(rep.index, leg): getattr(rep.legs, leg) for rep in analysis.reps for leg in LEGS}
    return {key for key, record in records.items() if record and record.peak_deviation_deg is not None}


def _row(folder: Path, label: Label) -> list[Cell]:
    """Every cell of one clip; an analysis that ends in an error fails them all."""
    try:
        analysis = analyze(folder / label.file)
    except KneeTrackError as error:
        return [Cell(str(error), "an analysis", False) for _ in COLUMNS]
    return [check(analysis, label) for check in COLUMNS.values()]


def _printed(cell: Cell) -> str:
    verdict = {None: "", True: "[green]PASS[/] ", False: "[bold red]FAIL[/] "}[cell.passed]
    wanted = f" [dim](wanted: {cell.wanted})[/]" if cell.wanted else ""
    return f"{verdict}{cell.found}{wanted}"


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 when any cell fails."""
    if not arguments:
        sys.exit(__doc__)
    folder, chosen = Path(arguments[0]), set(arguments[1:])
    labels = [label for label in read_labels(folder) if not chosen or label.file in chosen]
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table("clip", *COLUMNS, title=f"{len(labels)} clips of {folder}", show_lines=True)
    cells: list[Cell] = []
    for label in labels:
        console.print(f"[dim]{label.file} …[/]")
        row = _row(folder, label)
        table.add_row(label.file, *map(_printed, row))
        cells += row
    console.print(table)
    failed = sum(cell.passed is False for cell in cells)
    console.print(f"{sum(cell.passed is True for cell in cells)} cells pass, {failed} fail.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
