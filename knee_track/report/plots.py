"""The curves of the report as SVG geometry; the template draws them.

SVG made of numbers instead of a plotting library's picture: the page must know where every second lies for
its cursor and clicks, colours follow the page (light, dark, print), and a clip costs about 30 kB and 5 ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track.curves import Curves, Floats, LegCurves
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.report.words import PHASES, signed_band
from knee_track.results import Analysis, Event
from knee_track.settings import GradeSettings, Settings

WIDTH, MARGIN_LEFT, MARGIN_RIGHT = 760, 46, 80
TOP, GAP, LEG_HEIGHT, DEPTH_HEIGHT, AXIS_HEIGHT = 46, 30, 165, 75, 26
MAX_POINTS = 3000
DEVIATION_LIMITS_DEG = (-25.0, 35.0)  # wilder values are landmark failures and would flatten the curve
TICK_STEPS_S = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
MAX_TICKS = 12


@dataclass(frozen=True)
class Scale:
    """A straight map from data (low to high) to SVG units (start to end)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: Floats | float) -> Floats:
        """Values in SVG units; those beyond the ends are drawn at the ends, NaN stays NaN."""
        share = (np.clip(value, self.low, self.high) - self.low) / (self.high - self.low)
        return np.asarray(self.start + share * (self.end - self.start))


@dataclass(frozen=True)
class Mark:
    """A span of time with a name; `seek_s` is the moment a click on it jumps to."""

    x: float
    width: float
    name: str
    label: str
    seek_s: float


@dataclass(frozen=True)
class Panel:
    """One row of the chart: a curve with its error ribbon, horizontal lines and events."""

    name: str
    title: str
    top: float
    height: float
    ticks: Sequence[tuple[float, str]]
    levels: Sequence[tuple[float, str]]
    ribbon: str
    faint: str
    strong: str
    events: Sequence[Mark]


@dataclass(frozen=True)
class Chart:
    """All panels over one time axis, in SVG units of a `width` × `height` picture."""

    width: float
    height: float
    time: Scale
    panels: Sequence[Panel]
    reps: Sequence[Mark]
    phases: Sequence[Mark]
    ticks: Sequence[tuple[float, str]]


def make_chart(analysis: Analysis, curves: Curves) -> Chart:
    """The deviation of each measured leg and the depth, over time, with reps, phases and events."""
    grades = Settings.model_validate(analysis.changed_settings).grade
    start, end = float(curves.time_s[0]), float(curves.time_s[-1])
    time = Scale(start, max(end, start + 0.1), MARGIN_LEFT, WIDTH - MARGIN_RIGHT)
    legs = [leg for leg in LEGS if np.isfinite(curves.legs[leg].deviation_deg).any()]
    loaded = (curves.rep > 0) & (curves.depth >= grades.loaded_depth)
    low, high = _deviation_range([curves.legs[leg] for leg in legs], loaded, grades)
    panels, top = [], float(TOP)
    for leg in legs:
        scale = Scale(low, high, top + LEG_HEIGHT, top)
        panels.append(_leg_panel(analysis, curves, leg, loaded, time, scale))
        top += LEG_HEIGHT + GAP
    panels.append(_depth_panel(curves, time, Scale(0.0, _depth_top(curves), top + DEPTH_HEIGHT, top)))
    return Chart(
        width=WIDTH,
        height=top + DEPTH_HEIGHT + AXIS_HEIGHT,
        time=time,
        panels=panels,
        reps=[
            _mark(time, rep.start_s, rep.end_s, "rep", f"{rep.index}", rep.start_s) for rep in analysis.reps
        ],
        phases=list(_phases(curves, time)),
        ticks=[(float(time(second)), f"{second:g}") for second in _tick_seconds(start, end)],
    )


def _leg_panel(
    analysis: Analysis, curves: Curves, leg: Leg, loaded: NDArray[np.bool_], time: Scale, scale: Scale
) -> Panel:
    grades = Settings.model_validate(analysis.changed_settings).grade
    x, everywhere, band = time(curves.time_s), curves.legs[leg].deviation_deg, curves.legs[leg].band_deg
    graded = np.where(loaded, everywhere, np.nan)
    lines = [("mild", grades.mild_deg), ("moderate", grades.moderate_deg), ("severe", grades.severe_deg)]
    step = 5
    ticks = range(int(np.ceil(scale.low / step)) * step, int(scale.high) + 1, step)
    return Panel(
        name=leg,
        title=f"{leg.capitalize()} knee: degrees inside (+) the third-toe line",
        top=scale.end,
        height=scale.start - scale.end,
        ticks=[(float(scale(tick)), f"{tick}°".replace("-", "−")) for tick in ticks],
        levels=[(float(scale(value)), name) for name, value in lines if value < scale.high],
        ribbon=_ribbon(x, scale(graded + band), scale(graded - band)),
        faint=_path(x, scale(everywhere)),
        strong=_path(x, scale(graded)),
        events=[_event_mark(time, event) for event in analysis.events if event.leg == leg],
    )


def _depth_panel(curves: Curves, time: Scale, scale: Scale) -> Panel:
    x = time(curves.time_s)
    ticks = np.arange(0.0, scale.high, 0.2)
    return Panel(
        name="depth",
        title="Depth: how far the hips sink",
        top=scale.end,
        height=scale.start - scale.end,
        ticks=[(float(scale(tick)), f"{tick:.0%}") for tick in ticks],
        levels=[],
        ribbon="",
        faint="",
        strong=_path(x, scale(curves.depth)),
        events=[],
    )


def _deviation_range(
    legs: Sequence[LegCurves], loaded: NDArray[np.bool_], grades: GradeSettings
) -> tuple[float, float]:
    """Common range of all legs in degrees: wide enough for every grade line and every graded ribbon."""
    edges = [leg.deviation_deg + side * leg.band_deg for leg in legs for side in (-1, 1)]
    values = np.concatenate([np.zeros(1), *(edge[loaded] for edge in edges)])
    lowest, highest = DEVIATION_LIMITS_DEG
    low = max(lowest, min(-5.0, float(np.nanmin(values)) - 1))
    high = min(highest, max(grades.severe_deg + 2, float(np.nanmax(values)) + 1))
    return low, high


def _depth_top(curves: Curves) -> float:
    deepest = float(np.nanmax(curves.depth, initial=0.0))
    return max(0.3, deepest * 1.15)


def _phases(curves: Curves, time: Scale) -> Iterator[Mark]:
    """One mark per unbroken stretch of the same phase of the same rep."""
    changes = (
        np.flatnonzero((curves.phase[1:] != curves.phase[:-1]) | (curves.rep[1:] != curves.rep[:-1])) + 1
    )
    edges = [0, *changes.tolist(), len(curves.time_s) - 1]
    for first, last in zip(edges[:-1], edges[1:], strict=True):
        phase = str(curves.phase[first])
        if curves.rep[first]:
            start, end = float(curves.time_s[first]), float(curves.time_s[last])
            yield _mark(time, start, end, phase, PHASES.get(phase, phase), start)


def _event_mark(time: Scale, event: Event) -> Mark:
    number = signed_band(event.peak_deviation_deg, event.band_deg)
    what = f"{event.grade} valgus event, peak {number} at {event.peak_s:.1f} s"
    label = f"Rep {event.rep}, {event.leg} knee: {what}"
    return _mark(time, event.start_s, event.end_s, event.grade, label, event.peak_s)


def _mark(time: Scale, start_s: float, end_s: float, name: str, label: str, seek_s: float) -> Mark:
    x = float(time(start_s))
    return Mark(x, max(1.0, float(time(end_s)) - x), name, label, seek_s)


def _tick_seconds(start: float, end: float) -> NDArray[np.float64]:
    step = next((step for step in TICK_STEPS_S if (end - start) / step <= MAX_TICKS), TICK_STEPS_S[-1])
    return np.arange(np.ceil(start / step) * step, end + 1e-6, step)


def _path(x: Floats, y: Floats) -> str:
    """SVG path of a curve, broken where y is NaN."""
    step = -(-len(x) // MAX_POINTS)
    parts, drawing = [], False
    for px, py in zip(x[::step], y[::step], strict=True):
        known = bool(np.isfinite(py))
        if known:
            parts.append(f"{'L' if drawing else 'M'}{px:.1f} {py:.1f}")
        drawing = known
    return "".join(parts)


def _ribbon(x: Floats, upper: Floats, lower: Floats) -> str:
    """SVG path of the area between two curves, one closed piece per unbroken stretch."""
    step = -(-len(x) // MAX_POINTS)
    x, upper, lower = x[::step], upper[::step], lower[::step]
    known = np.flatnonzero(np.isfinite(upper) & np.isfinite(lower))
    pieces = []
    for piece in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
        there = [f"{x[i]:.1f} {upper[i]:.1f}" for i in piece]
        back = [f"{x[i]:.1f} {lower[i]:.1f}" for i in reversed(piece)]
        if len(piece) > 1:
            pieces.append("M" + "L".join(there + back) + "Z")
    return "".join(pieces)
