"""Made-up clips of made-up clients: the numbers that a test says, in an analysis of the real types."""

from __future__ import annotations

import hashlib
import sys
from datetime import date
from pathlib import Path
from typing import Any

from knee_track.results import Analysis, Rep, RepLegs
from knee_track.store import ClipKey

# The made-up set of the report's tests; pytest knows that folder only when it runs those tests too.
sys.path.append(str(Path(__file__).parents[1] / "report"))
from report_fakes import make_analysis  # noqa: E402

BAND_DEG = 3.0
FIRST = date(2026, 5, 4)


def grade_of(peak_deg: float) -> str:
    """docs/measurement.md §8."""
    return "none" if peak_deg < 4 else "mild" if peak_deg < 7 else "moderate" if peak_deg < 11 else "severe"


def content(name: str) -> str:
    """A content hash of its own for each name."""
    return hashlib.sha256(name.encode()).hexdigest()


def key_of(name: str, **changes: str) -> ClipKey:
    return ClipKey(content(name), "settings", "model", "0.1.0")._replace(**changes)


def made(
    name: str,
    left: float | None = 12.0,
    right: float | None = 3.0,
    *,
    reps: int = 5,
    depth: float = 0.4,
    path: str = "/home/coach/clips/Anna Müller/anna squat.mp4",
    **changes: Any,
) -> Analysis:
    """Every rep peaks at `left` and `right` degrees; None is a leg that was not measured."""
    one = make_analysis(path, sha256=content(name))
    peaks = {"left": left, "right": right}
    legs = RepLegs(**{leg: _rep_leg(getattr(one.reps[0].legs, leg), peak) for leg, peak in peaks.items()})
    made_reps = [
        Rep(
            index=i + 1,
            start_s=3.0 * i,
            bottom_s=3.0 * i + 1,
            end_s=3.0 * i + 2,
            depth=depth,
            knee_flexion_deg=100.0,
            working_leg="both",
            legs=legs,
        )
        for i in range(reps)
    ]
    summaries = {leg: _summary(getattr(one.legs, leg), peak) for leg, peak in peaks.items()}
    events = [
        event.model_copy(
            update={"rep": i + 1, "peak_deviation_deg": peaks[event.leg], "grade": grade_of(peaks[event.leg])}
        )
        for i in range(reps)
        for event in one.events[:1]
        if (peaks[event.leg] or 0) >= 4
    ]
    update = {
        "reps": made_reps,
        "legs": one.legs.model_copy(update=summaries),
        "events": events,
        "source": one.source.model_copy(update={"recorded_at": None}),
    }
    return one.model_copy(update=update | changes)


def _rep_leg(like: Any, peak_deg: float | None) -> Any:
    if peak_deg is None:
        return None
    return like.model_copy(
        update={"peak_deviation_deg": peak_deg, "band_deg": BAND_DEG, "grade": grade_of(peak_deg)}
    )


def _summary(like: Any, peak_deg: float | None) -> Any:
    if peak_deg is None:
        return like.model_copy(
            update={"grade": "unknown", "median_peak_deviation_deg": None, "band_deg": None}
        )
    grade = grade_of(peak_deg)
    return like.model_copy(
        update={
            "grade": grade,
            "worst_grade": grade,
            "median_peak_deviation_deg": peak_deg,
            "band_deg": BAND_DEG,
        }
    )


def make_result(out: Path, client: str, name: str) -> str:
    """A result folder as `analyze` leaves it, with little in it; its path relative to `out`."""
    folder = out / client / f"{name}_kneetrack"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "analysis.json").write_text("{}", encoding="utf-8")
    (folder / "report.html").write_text(f"report of {client}", encoding="utf-8")
    return f"{client}/{name}_kneetrack"


def add(store: Any, out: Path, client: str, name: str, day: date, analysis: Analysis | None = None) -> bool:
    """Add a made-up clip with its result folder."""
    folder = make_result(out, client, name)
    return store.add_analysis(key_of(name), client, analysis or made(name), folder, day)
