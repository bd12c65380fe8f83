"""A client's progress, as sentences for the terminal and as a page that loads nothing from anywhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from knee_track.protocol.library import load_library
from knee_track.protocol.retest import LegChange
from knee_track.report.html import environment
from knee_track.report.summary import verdict as leg_verdict
from knee_track.report.words import TITLES, count, signed, signed_band
from knee_track.store.charts import progress_chart
from knee_track.store.files import write_private
from knee_track.store.records import StoredClip, result_folder
from knee_track.store.trend import Point, Trend, trends

FILE_NAME = "history.html"


def progress(clips: Sequence[StoredClip]) -> list[Trend]:
    """Per movement and leg, a client's clips held against each other by the shipped rules of re-test."""
    return trends(clips, load_library().defaults)


def verdict(trend: Trend) -> str:
    """A leg's progress in one sentence: its latest comparable clip held against the first.

    "Left knee: improved since 2026-05-04, from +12.0° to +3.0°, change −9.0° ± 4.2° (…)."
    """
    name = f"{trend.leg.capitalize()} knee"
    if trend.first is None:
        return f"{name}: no clip that can be compared yet; {trend.points[-1].obstacle}."
    now = trend.now
    if now is None or now.since_first is None:
        later = trend.points[-1]
        if later is trend.first:
            return f"{name}: one clip so far; the next one will be held against it."
        return f"{name}: not comparable with {trend.first.clip.day}; {later.obstacle or reason(later)}."
    change = now.since_first
    words = f"{name}: {change.change} since {trend.first.clip.day}"
    if now is not trend.points[-1]:
        words += f" (as of {now.clip.day}; what came later cannot be compared)"
    return (
        f"{words}, from {signed(change.before_deg or 0.0)}° to {signed(change.after_deg or 0.0)}°, "
        f"change {signed_band(change.change_deg or 0.0, change.band_deg)} "
        f"(a change counts above {change.detectable_deg:g}°)."
    )


def reason(point: Point) -> str:
    """Why a point could not be held against the first one, "" when it could."""
    return (point.since_first.reason or "") if point.since_first else ""


def since(change: LegChange | None) -> str:
    """A change in a table: "improved (−9.0° ± 4.2°)"; "–" where there is nothing to compare with."""
    if change is None:
        return "–"
    if change.change_deg is None:
        return "not comparable"
    return f"{change.change} ({signed_band(change.change_deg, change.band_deg)})"


def write_history(path: Path, client: str, clips: Sequence[StoredClip], home: Path | None) -> Path:
    """Write the page of a client's progress, mode 0600, and return its path.

    It names the client by their id alone. `home` is the folder of the store's file, for the links.
    Raises OutputError when the place cannot be written.
    """
    found = progress(clips)
    panels = [_panel(trend, path.parent, home) for trend in found]
    page = environment("store").get_template("history.html.j2")
    return write_private(
        path,
        page.render(
            client=client,
            panels=panels,
            rule=load_library().defaults.retest,
            clips=count(len(clips), "clip"),
            days=[f"{clip.day}" for clip in clips],
            movements={trend.movement: TITLES[trend.movement] for trend in found},
        ),
    )


def _panel(trend: Trend, beside: Path, home: Path | None) -> dict[str, object]:
    words = [_label(point) for point in trend.points]
    rows = [
        {
            "day": point.clip.day,
            "reps": point.reps,
            "number": "–" if point.mean_deg is None else signed_band(point.mean_deg, point.band_deg),
            "verdict": leg_verdict(point.clip.analysis, trend.leg),
            "since_first": "first" if point is trend.first else since(point.since_first),
            "since_last": since(point.since_last),
            "note": point.obstacle or reason(point),
            "link": report_link(point.clip.place, point.clip.folder, beside, home),
        }
        for point in trend.points
    ]
    return {
        "movement": trend.movement,
        "leg": trend.leg,
        "verdict": verdict(trend),
        "chart": progress_chart(trend, words),
        "rows": rows[::-1],
    }


def _label(point: Point) -> str:
    if point.mean_deg is None:
        return f"{point.clip.day}: not measured"
    words = (
        f"{point.clip.day}: {signed_band(point.mean_deg, point.band_deg)}, mean of {count(point.reps, 'rep')}"
    )
    return f"{words}, {point.since_first.change} since the first clip" if point.since_first else words


def report_link(
    place: str, folder: str, beside: Path, home: Path | None, at: str | None = None
) -> str | None:
    """Relative URL of a result's report from a page in the folder `beside`; None when it is not there.

    `at` is the URL at which the page will lie, when it is one; a result that has rows is there.
    """
    if at is not None:
        return quote(f"{folder}/report.html") if place == at else None
    where = result_folder(home, place, folder)
    if where is None or not (where / "report.html").is_file():
        return None
    return quote(Path(os.path.relpath(where / "report.html", beside.resolve())).as_posix())
