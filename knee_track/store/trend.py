"""A client's progress: each leg over time, and which changes are more than the method's own noise.

The limits are those of `knee-track compare` (protocol/retest.py, docs/measurement.md §8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.library import Defaults
from knee_track.protocol.retest import LegChange, leg_change, measured_reps, obstacle
from knee_track.results import LegGrade, Movement
from knee_track.store.records import StoredClip


@dataclass(frozen=True)
class Point:
    """A leg in one clip.

    mean_deg : mean of its reps' peak deviations in degrees, medial positive; None when not measured
    band_deg : 95 % half-width
    obstacle : why the clip can be compared with no other, None when it can
    since_first, since_last : the change since the first, and since the last, clip that could be compared;
        None where there was none
    """

    clip: StoredClip
    mean_deg: float | None
    band_deg: float | None
    reps: int
    grade: LegGrade
    obstacle: str | None
    since_first: LegChange | None = None
    since_last: LegChange | None = None

    @property
    def comparable(self) -> bool:
        """Whether it stands in line with the first clip: the first itself, or one held against it."""
        return self.obstacle is None and (
            self.since_first is None or self.since_first.change != "not comparable"
        )


@dataclass(frozen=True)
class Trend:
    """One leg in all clips of one movement, oldest first; `first` is what the others are held against."""

    movement: Movement
    leg: Leg
    points: tuple[Point, ...]

    @property
    def first(self) -> Point | None:
        """The first clip that can be compared, None when there is none."""
        return next((point for point in self.points if point.obstacle is None), None)

    @property
    def now(self) -> Point | None:
        """The latest clip that could be held against the first, None when there is none."""
        return next(
            (point for point in reversed(self.points) if point.since_first and point.comparable), None
        )


def trends(clips: Sequence[StoredClip], defaults: Defaults) -> list[Trend]:
    """Per movement and leg, all clips of one client, given oldest first.

    Movements come in the order in which they were first filmed; a leg that no clip measured is left out.
    """
    found = []
    for movement in dict.fromkeys(clip.analysis.movement for clip in clips):
        own = [clip for clip in clips if clip.analysis.movement == movement]
        for leg in LEGS:
            if any(measured_reps(clip.analysis, leg) for clip in own):
                found.append(Trend(movement, leg, tuple(_points(own, leg, defaults))))
    return found


def _points(clips: Sequence[StoredClip], leg: Leg, defaults: Defaults) -> list[Point]:
    first: StoredClip | None = None
    last: StoredClip | None = None
    points = []
    for clip in clips:
        reason = _own_obstacle(clip, leg, defaults)
        measured = [getattr(rep.legs, leg).peak_deviation_deg for rep in measured_reps(clip.analysis, leg)]
        summary = getattr(clip.analysis.legs, leg)
        points.append(
            Point(
                clip,
                fmean(measured) if measured else None,
                summary.band_deg,
                len(measured),
                summary.grade,
                reason,
                *(
                    _change(one, clip, leg, defaults) if one and reason is None else None
                    for one in (first, last)
                ),
            )
        )
        if reason is None:
            first, last = first or clip, clip
    return points


def _change(before: StoredClip, after: StoredClip, leg: Leg, defaults: Defaults) -> LegChange:
    same = before.day == after.day
    return leg_change(before.analysis, after.analysis, leg, defaults, same)


def _own_obstacle(clip: StoredClip, leg: Leg, defaults: Defaults) -> str | None:
    """Why a clip can be compared with no other: view, quality or too few reps."""
    rule = defaults.retest
    pair = [("on that day", clip.analysis)] * 2
    return obstacle(pair, leg, reps=rule.reps, film=rule.reps, depth_within=None)
