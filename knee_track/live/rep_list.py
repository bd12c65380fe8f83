"""The finished reps: counted at once, measured a moment later, taken back when they were none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knee_track import results
from knee_track.live.state import LiveRep, RepLegResult
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.reps.segmentation import RepSpan, refuse_shallow_among_deep
from knee_track.results import Analysis
from knee_track.settings import RepSettings


@dataclass(frozen=True)
class _Known:
    """A movement that counts, and its legs once they are measured."""

    span: RepSpan
    legs: dict[Leg, RepLegResult] | None = None


class RepList:
    """Reps in order of time.

    Attributes
    ----------
    all : finished reps, numbered from 1
    """

    def __init__(self, settings: RepSettings) -> None:
        self._settings = settings
        self._known: list[_Known] = []
        self.all: tuple[LiveRep, ...] = ()

    def _number(self) -> None:
        """Leave out what turned out much shallower than the others, and number the rest."""
        judged = refuse_shallow_among_deep([known.span for known in self._known], self._settings)
        kept = [known for known, span in zip(self._known, judged, strict=True) if span.reason is None]
        self.all = tuple(_live(number, known) for number, known in enumerate(kept, start=1))

    def count(self, span: RepSpan) -> None:
        """Take in a finished movement that is a rep by itself."""
        self._known.append(_Known(span))
        self._number()

    def fill(
        self, analysis: Analysis, from_s: float = -np.inf, until_s: float = np.inf
    ) -> tuple[LiveRep, ...]:
        """Give the reps of a reviewed stretch their numbers; returns those that had none.

        A rep that has its numbers keeps them. One that the review refuses (a step, a bow) is taken back; one
        that only the review can tell (a deadlift from the floor) is added.
        """
        before = {known.span.start_s for known in self._known if known.legs is not None}
        kept = []
        for known in self._known:
            inside = from_s <= known.span.bottom_s and known.span.end_s <= until_s
            if known.legs is not None or not inside:
                kept.append(known)
            elif match := _same(analysis, known.span):
                kept.append(_measured(match))
        added = [
            _measured(rep)
            for rep in analysis.reps
            if not any(known.span.start_s < rep.bottom_s < known.span.end_s for known in kept)
        ]
        self._known = sorted([*kept, *added], key=lambda known: known.span.start_s)
        self._number()
        return tuple(rep for rep in self.all if rep.measured and rep.start_s not in before)


def _same(analysis: Analysis, span: RepSpan) -> results.Rep | None:
    """The rep of an analysis at the bottom of which a span lies."""
    return next((rep for rep in analysis.reps if rep.start_s < span.bottom_s < rep.end_s), None)


def _measured(found: results.Rep) -> _Known:
    legs = {
        leg: RepLegResult(record.peak_deviation_deg, record.band_deg, record.grade, record.peak_phase)
        for leg in LEGS
        if (record := getattr(found.legs, leg)) is not None
    }
    return _Known(RepSpan(0, 0, 0, found.start_s, found.bottom_s, found.end_s, found.depth), legs)


def _live(number: int, known: _Known) -> LiveRep:
    span = known.span
    return LiveRep(
        number,
        span.start_s,
        span.bottom_s,
        span.end_s,
        span.depth,
        legs=known.legs or {},
        measured=known.legs is not None,
    )
