"""Small pictures of numbers over time, as SVG geometry; the templates draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from knee_track.report.plots import Scale
from knee_track.settings import GradeSettings
from knee_track.store.trend import Point, Trend

SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 110.0, 30.0, 4.0
# A sparkline shows at least this range, so that differences below what can be detected look small.
SPARK_RANGE_DEG: Final = (-5.0, 15.0)
WIDTH, HEIGHT = 620.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 50.0, 100.0, 14.0, 32.0
ROOM_DEG: Final = 1.5  # above and below what is drawn
SAME_DAY: Final = 0.6  # the share of a day over which clips of one day are spread, so that all are seen
MAX_DATES: Final = 4


@dataclass(frozen=True)
class Spark:
    """A line of a few values in SVG units of a fixed box; `last` its end, `zero` the third-toe line."""

    path: str
    last: tuple[float, float]
    zero: float
    words: str
    width: float = SPARK_WIDTH
    height: float = SPARK_HEIGHT


@dataclass(frozen=True)
class Dot:
    """One clip: its place, the ends of its band, whether it is compared, and what it says."""

    x: float
    y: float
    low: float
    high: float
    kind: str
    label: str


@dataclass(frozen=True)
class Progress:
    """A leg over time. `shade` is the area in which a change is no more than the method's own noise."""

    dots: Sequence[Dot]
    line: str
    shade: str
    ticks: Sequence[tuple[float, str]]
    levels: Sequence[tuple[float, str]]
    dates: Sequence[tuple[float, str]]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def sparkline(values: Sequence[float], words: str) -> Spark | None:
    """Values in degrees from old to new; None without any."""
    if not values:
        return None
    low, high = min(SPARK_RANGE_DEG[0], *values), max(SPARK_RANGE_DEG[1], *values)
    x = Scale(0, max(len(values) - 1, 1), SPARK_EDGE, SPARK_WIDTH - SPARK_EDGE)
    y = Scale(low, high, SPARK_HEIGHT - SPARK_EDGE, SPARK_EDGE)
    places = [(float(x(i)), float(y(value))) for i, value in enumerate(values)]
    return Spark(_line(places), places[-1], float(y(0.0)), words)


def progress_chart(trend: Trend, words: Sequence[str]) -> Progress:
    """A leg's mean peak deviation over the days, with bands; `words` say what each point tells."""
    measured = [point for point in trend.points if point.mean_deg is not None]
    y = Scale(*_range(trend, measured), HEIGHT - BOTTOM, TOP)
    days = _days(trend.points)
    x = Scale(min(days), max(max(days), min(days) + 1), LEFT + 14, WIDTH - RIGHT - 14)
    at = {id(point): float(x(day)) for point, day in zip(trend.points, days, strict=True)}
    told = {id(point): text for point, text in zip(trend.points, words, strict=True)}
    dots = [_dot(point, at[id(point)], y, told[id(point)]) for point in measured]
    grade = GradeSettings()
    levels = [("mild", grade.mild_deg), ("moderate", grade.moderate_deg), ("severe", grade.severe_deg)]
    ticks = range(-45, 50, 5)
    return Progress(
        dots,
        _line([(at[id(point)], float(y(point.mean_deg or 0.0))) for point in measured if point.comparable]),
        _shade(trend, at, y),
        [(float(y(tick)), f"{tick}°".replace("-", "−")) for tick in ticks if y.low <= tick <= y.high],
        [(float(y(value)), name) for name, value in levels if y.low <= value <= y.high],
        _dates([point.clip.day for point in trend.points], [at[id(point)] for point in trend.points]),
    )


def _range(trend: Trend, measured: Sequence[Point]) -> tuple[float, float]:
    """Room for every band, the shaded area, the line itself and the first grades."""
    edges = [
        (point.mean_deg or 0.0) + side * (point.band_deg or 0.0) for point in measured for side in (-1, 1)
    ]
    if trend.first is not None and trend.first.mean_deg is not None:
        limits = [point.since_first.detectable_deg for point in trend.points if point.since_first]
        edges += [trend.first.mean_deg + side * limit for limit in limits for side in (-1, 1)]
    grade = GradeSettings()
    return min(0.0, *edges) - ROOM_DEG, max(grade.moderate_deg, *edges) + ROOM_DEG


def _days(points: Sequence[Point]) -> list[float]:
    """Days as numbers; clips of one day follow each other within it."""
    days = [point.clip.day.toordinal() for point in points]
    return [day + SAME_DAY * days[:i].count(day) / days.count(day) for i, day in enumerate(days)]


def _dot(point: Point, x: float, y: Scale, label: str) -> Dot:
    mean, band = point.mean_deg or 0.0, point.band_deg or 0.0
    change = point.since_first.change if point.since_first else "first"
    kind = change.replace(" ", "-") if point.obstacle is None else "not-comparable"
    return Dot(x, float(y(mean)), float(y(mean - band)), float(y(mean + band)), kind, label)


def _shade(trend: Trend, at: dict[int, float], y: Scale) -> str:
    """The area around the first clip's value within which a later one counts as unchanged."""
    first = trend.first
    later = [point for point in trend.points if point.since_first]
    if first is None or first.mean_deg is None or not later:
        return ""
    limits = [(at[id(point)], point.since_first.detectable_deg) for point in later if point.since_first]
    limits = [(at[id(first)], limits[0][1]), *limits]
    upper = [(x, float(y(first.mean_deg + limit))) for x, limit in limits]
    lower = [(x, float(y(first.mean_deg - limit))) for x, limit in reversed(limits)]
    return _line(upper + lower) + "Z"


def _dates(days: Sequence[date], places: Sequence[float]) -> list[tuple[float, str]]:
    """Dates under the axis: at most a handful, none over another."""
    first = {day: place for day, place in zip(reversed(days), reversed(places), strict=True)}
    order = sorted(first)
    step = -(-len(order) // MAX_DATES)
    shown: list[tuple[float, str]] = []
    for day in order[::step]:
        if not shown or first[day] - shown[-1][0] >= (WIDTH - LEFT - RIGHT) / MAX_DATES:
            shown.append((first[day], f"{day:%Y-%m-%d}"))
    return shown


def _line(places: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(places))
