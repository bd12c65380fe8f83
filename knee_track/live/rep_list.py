"""The finished reps: counted at once, measured a moment later, taken back when they were none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knee_track import results
from knee_track.live.state import LiveRep, RepLegResult
from knee_track.pose.skeleton import LEGS
from knee_track.reps.segmentation import RepSpan
from knee_track.results import Analysis


class RepList:
    """Reps in order of time."""

    def __init__(self) -> None:
        self._reps: list[LiveRep] = []

    @property
    def all(self) -> tuple[LiveRep, ...]:
        """Finished reps, numbered from 1."""
        return tuple(self._reps)

    def judge(self, spans: Sequence[RepSpan]) -> None:
        """Take over what the state machine counts now; a rep among much deeper ones may be gone."""
        known = {rep.start_s: rep for rep in self._reps}
        counted = [span for span in spans if span.reason is None]
        self._reps = [
            replace(known.get(span.start_s) or _counted(span), number=number)
            for number, span in enumerate(counted, start=1)
        ]

    def fill(self, analysis: Analysis, from_s: float, until_s: float) -> tuple[list[LiveRep], list[LiveRep]]:
        """Give the reps that lie in a reviewed stretch their numbers; returns those, and those that were none.

        A rep that has its numbers keeps them.
        """
        fresh, refused = [], []
        for number, rep in enumerate(self._reps):
            if rep.measured or not from_s <= rep.bottom_s or rep.end_s > until_s:
                continue
            match = next(
                (found for found in analysis.reps if found.start_s < rep.bottom_s < found.end_s), None
            )
            if match is None:
                refused.append(rep)
                continue
            self._reps[number] = _measured(rep, match)
            fresh.append(self._reps[number])
        gone = {rep.start_s for rep in refused}
        self._reps = [
            replace(rep, number=number)
            for number, rep in enumerate((rep for rep in self._reps if rep.start_s not in gone), start=1)
        ]
        return fresh, refused


def _counted(span: RepSpan) -> LiveRep:
    return LiveRep(0, span.start_s, span.bottom_s, span.end_s, span.depth)


def _measured(rep: LiveRep, found: results.Rep) -> LiveRep:
    """The rep with the numbers of the analysis."""
    legs = {
        leg: RepLegResult(record.peak_deviation_deg, record.band_deg, record.grade, record.peak_phase)
        for leg in LEGS
        if (record := getattr(found.legs, leg)) is not None
    }
    return replace(
        rep,
        start_s=rep.start_s,
        bottom_s=found.bottom_s,
        end_s=found.end_s,
        depth=found.depth,
        legs=legs,
        measured=True,
    )
