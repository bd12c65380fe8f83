"""The targets, each line with its numbers, its limits and a verdict.

A line passes when all its numbers are within their limits, fails when one is not, and is "too few to tell"
when none fails but one could not be made. What was refused or missed is counted beside every line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from benchmarks.conditions import ACCEPTED, NEAR, OFF_AXIS, conditions, events, legs_of, peaks, view_angle
from benchmarks.markdown import Cells, number, percent, table
from benchmarks.scoring import ClipScore
from knee_track.settings import Settings

Verdict = bool | None
WORDS: Final = {True: "PASS", False: "FAIL", None: "too few to tell"}

COVERAGE: Final = (0.90, 0.99)
COVERAGE_LEAST_LEGS: Final = 40
COVERAGE_LEAST_CLIPS: Final = 8
VIEW_RMSE_DEG: Final = {"yaw": 4.0, "pitch": 3.0}
MUST_ACCEPT_YAW_DEG: Final = 30.0
MUST_ACCEPT_CAMERA_M: Final = (0.4, 1.7)


@dataclass(frozen=True)
class Limits:
    """The targets of one condition: largest RMSE, bias and median band [degrees], slope, least event F1."""

    rmse: float
    bias: float
    f1: float
    slope: tuple[float, float] | None = None
    band: float | None = None


TARGETS: Final = {
    NEAR: Limits(rmse=1.5, bias=0.5, slope=(0.95, 1.05), band=3.0, f1=0.95),
    OFF_AXIS: Limits(rmse=2.0, bias=0.8, slope=(0.92, 1.08), band=4.0, f1=0.92),
    ACCEPTED: Limits(rmse=2.5, bias=1.0, f1=0.90),
}


@dataclass(frozen=True)
class Check:
    """One line: its cells without the verdict, and the verdict (None: too few to tell)."""

    cells: Cells
    passed: Verdict


@dataclass(frozen=True)
class Targets:
    """All lines: of the accuracy table, and of the table of everything else."""

    accuracy: list[Check]
    others: list[Check]

    @property
    def met(self) -> bool:
        """Whether every line passes."""
        return all(check.passed for check in self.checks)

    @property
    def checks(self) -> list[Check]:
        """The lines of both tables."""
        return [*self.accuracy, *self.others]


def check_targets(clips: Sequence[ClipScore], settings: Settings) -> Targets:
    """Hold the scores against the targets."""
    groups = conditions(clips)
    return Targets(
        accuracy=[
            accuracy_check(title, groups.get(title, []), limits, settings)
            for title, limits in TARGETS.items()
        ],
        others=[
            *(coverage_check(title, groups.get(title, [])) for title in TARGETS),
            *(view_check(clips, angle) for angle in VIEW_RMSE_DEG),
            acceptance_check(clips),
        ],
    )


def targets_text(targets: Targets) -> str:
    """Both tables as Markdown."""
    head = ("condition", "clips", "measured", "refused", "missed", "RMSE", "bias", "slope")
    accuracy = table(
        [*head, "median half-width of the band", "event F1", "verdict"], map(_row, targets.accuracy)
    )
    others = table(["what", "found", "wanted", "of", "verdict"], map(_row, targets.others))
    return f"{accuracy}\n\n{others}"


def accuracy_check(title: str, clips: Sequence[ClipScore], limits: Limits, settings: Settings) -> Check:
    """Peak deviation and events under one condition; a number outside its limit is set in bold."""
    legs = legs_of(clips)
    of = peaks(legs)
    outcomes = Counter(leg.outcome for leg in legs)
    counts = (len(clips), of.n, outcomes["refused"], outcomes["missed"])
    figures = [
        _at_most(of.rmse, limits.rmse, "°"),
        _within(of.bias, (-limits.bias, limits.bias), f"±{limits.bias:g}°", "°"),
        _within(of.slope, limits.slope, "{:g}–{:g}".format(*limits.slope)) if limits.slope else NO_LIMIT,
        _at_most(of.median_band, limits.band, "°") if limits.band else NO_LIMIT,
        _within(events(clips, settings).f1, (limits.f1, 1.0), f"≥ {limits.f1:.2f}"),
    ]
    cells = [title, *map(str, counts), *(text for text, _ in figures)]
    return Check(cells, _all([passed for _, passed in figures]))


def coverage_check(title: str, clips: Sequence[ClipScore]) -> Check:
    """How often the truth lay inside the band, where there is enough to tell."""
    of = peaks(legs_of(clips))
    measured = sum(any(leg.outcome == "measured" for leg in clip.legs) for clip in clips)
    enough = of.n >= COVERAGE_LEAST_LEGS and measured >= COVERAGE_LEAST_CLIPS
    low, high = COVERAGE
    return Check(
        (
            f"truth inside the band, {title}",
            percent(of.coverage),
            f"{100 * low:g}–{100 * high:g} %",
            f"{of.n} rep-legs of {measured} clips",
        ),
        low <= of.coverage <= high if enough else None,
    )


def view_check(clips: Sequence[ClipScore], angle: str) -> Check:
    """RMSE of a camera angle over the accepted clips."""
    of = view_angle(clips, angle)
    limit = VIEW_RMSE_DEG[angle]
    refused = sum(not clip.usable for clip in clips)
    return Check(
        (
            f"RMSE of the camera's {angle}",
            f"{number(of.rmse)}°",
            f"≤ {limit:g}°",
            f"{of.n} accepted clips, {refused} refused",
        ),
        of.rmse <= limit if isfinite(of.rmse) else None,
    )


def acceptance_check(clips: Sequence[ClipScore]) -> Check:
    """Whether every view that the program must accept was accepted; the refused clips by name."""
    wanted = [clip for clip in clips if must_accept(clip)]
    refused = [clip.clip for clip in wanted if is_refused(clip)]
    low, high = MUST_ACCEPT_CAMERA_M
    names = f", refused: {', '.join(refused)}" if refused else ""
    return Check(
        (
            f"accepted: yaw to {MUST_ACCEPT_YAW_DEG:g}°, camera {low:g}–{high:g} m",
            f"{len(wanted) - len(refused)}{names}",
            "all",
            f"{len(wanted)} clips",
        ),
        not refused if wanted else None,
    )


def must_accept(clip: ClipScore) -> bool:
    """Whether the program promises to measure knees from where this clip's camera stood."""
    low, high = MUST_ACCEPT_CAMERA_M
    return abs(clip.yaw_deg) <= MUST_ACCEPT_YAW_DEG and low <= clip.camera_height_m <= high


def is_refused(clip: ClipScore) -> bool:
    """Whether the view was refused, or reps were found and every knee in them refused."""
    outcomes = {leg.outcome for leg in clip.legs}
    return not clip.usable or ("refused" in outcomes and "measured" not in outcomes)


Figure = tuple[str, Verdict]
"""A cell, and whether its number is within the limit."""
NO_LIMIT: Final[Figure] = ("", True)


def _at_most(value: float, limit: float, unit: str) -> Figure:
    return _within(value, (0.0, limit), f"≤ {limit:g}{unit}", unit)


def _within(value: float, limits: tuple[float, float], words: str, unit: str = "") -> Figure:
    """A number with its limits in words; ones that cannot be made are neither in nor out."""
    if not isfinite(value):
        return f"– ({words})", None
    passed = limits[0] <= value <= limits[1]
    text = f"{number(value, 2 if unit else 3)}{unit}"
    return f"{text if passed else f'**{text}**'} ({words})", passed


def _all(verdicts: Sequence[Verdict]) -> Verdict:
    """False when one is false, else None when one could not be told."""
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _row(check: Check) -> Cells:
    return [*check.cells, WORDS[check.passed]]
