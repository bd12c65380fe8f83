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
    """The worst event's peak of the worst reps, worst first; without events the deepest bottom."""
    worst: dict[int, Event] = {}
    for event in sorted(analysis.events, key=lambda event: -event.peak_deviation_deg):
        worst.setdefault(event.rep, event)
    if worst:
        return [_event_moment(event) for event in worst.values()][:MAX_MOMENTS]
    if not analysis.reps:
        return []
    deepest = max(analysis.reps, key=lambda rep: rep.depth)
    text = f"depth {deepest.depth:.0%}"
    if not analysis.view.usable:
        return [Moment(deepest.bottom_s, f"Rep {deepest.index}, deepest point", text, "unknown")]
    text += ", no valgus event in this clip"
    return [Moment(deepest.bottom_s, f"Rep {deepest.index}, deepest point", text, "none")]


def _event_moment(event: Event) -> Moment:
    number = signed_band(event.peak_deviation_deg, event.band_deg)
    text = f"{number} inside the third-toe line, {PHASES[event.phase]}"
    return Moment(event.peak_s, f"Rep {event.rep}, {event.leg} knee", text, event.grade)
