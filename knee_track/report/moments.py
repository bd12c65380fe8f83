"""Which moments of the clip are worth a picture."""

from __future__ import annotations

from dataclasses import dataclass

from knee_track.report.words import PHASES, signed_band
from knee_track.results import Analysis, Event, Grade

MAX_MOMENTS = 4


@dataclass(frozen=True)
class Moment:
    """A moment worth a picture: when it is and what is seen."""

    time_s: float
    title: str
    text: str
    grade: Grade


def key_moments(analysis: Analysis) -> list[Moment]:
    """The worst reps at the peak of their worst event, worst first; without events the deepest bottom."""
    by_rep: dict[int, list[Event]] = {}
    for event in sorted(analysis.events, key=lambda event: -event.peak_deviation_deg):
        by_rep.setdefault(event.rep, []).append(event)
    if by_rep:
        return [_event_moment(events) for events in by_rep.values()][:MAX_MOMENTS]
    if not analysis.reps:
        return []
    return [_deepest_moment(analysis)]


def _deepest_moment(analysis: Analysis) -> Moment:
    """The deepest bottom of a clip without events; graded when knees were measured."""
    rep = max(analysis.reps, key=lambda rep: rep.depth)
    text = f"the hips sink {100 * rep.depth:.0f} % of their standing height"
    grade: Grade = "unknown"
    if any(finding.id == "lateral_knee" for finding in analysis.findings):
        text += ", a knee too far out in this clip"
    elif analysis.view.usable:
        text += ", no valgus event in this clip"
        grade = "none"
    return Moment(rep.bottom_s, f"Rep {rep.index}, deepest point", text, grade)


def _event_moment(events: list[Event]) -> Moment:
    """The moment of the first and worst event of a rep; the text also tells the other events' peaks."""
    worst = events[0]
    peaks = [f"{one.leg} knee {signed_band(one.peak_deviation_deg, one.band_deg)}" for one in events]
    return Moment(worst.peak_s, f"Rep {worst.rep}, {PHASES[worst.phase]}", ", ".join(peaks), worst.grade)
