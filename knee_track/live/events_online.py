"""Valgus events while they last: `findings.events.spans_above` asked of the rep so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from knee_track.findings.events import spans_above
from knee_track.findings.severity import grade_of
from knee_track.live.state import LiveEvent
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.results import Phase
from knee_track.settings import Settings

Floats = NDArray[np.float64]


@dataclass
class _LegSoFar:
    """One leg in the rep under way: its curve, and the events that have opened."""

    time_s: list[float] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    band: list[float] = field(default_factory=list)
    usable: list[bool] = field(default_factory=list)
    events: list[LiveEvent] = field(default_factory=list)


@dataclass(frozen=True)
class LegSample:
    """One leg in one frame. usable: in the loaded window and visible enough. enter_deg: see Held."""

    deviation_deg: float
    usable: bool
    enter_deg: float
    static: bool
    band_deg: float


class EventWatch:
    """Events of the rep under way; an event opens once it has lasted `events.min_duration_s`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Begin a new rep."""
        self._legs: dict[Leg, _LegSoFar] = {leg: _LegSoFar() for leg in LEGS}

    def open_event(self, leg: Leg) -> LiveEvent | None:
        """The event of this leg that lasts."""
        events = self._legs[leg].events
        return events[-1] if events and events[-1].end_s is None else None

    def step(
        self, time_s: float, samples: dict[Leg, LegSample], rep: int, phase: Phase
    ) -> tuple[list[LiveEvent], list[LiveEvent]]:
        """Take the next frame of the rep; the events that open and those that close with it."""
        opened: list[LiveEvent] = []
        closed: list[LiveEvent] = []
        for leg, sample in samples.items():
            here = self._legs[leg]
            here.time_s.append(time_s)
            here.value.append(sample.deviation_deg)
            here.band.append(sample.band_deg)
            here.usable.append(sample.usable)
            fresh, over = self._look(leg, sample, rep, phase)
            opened += fresh
            closed += over
        return opened, closed

    def finish(self) -> list[LiveEvent]:
        """Close what is open: the rep is over."""
        closed = []
        for here in self._legs.values():
            if here.events and here.events[-1].end_s is None:
                here.events[-1] = replace(here.events[-1], end_s=here.time_s[-1])
                closed.append(here.events[-1])
        self.restart()
        return closed

    def _look(
        self, leg: Leg, sample: LegSample, rep: int, phase: Phase
    ) -> tuple[list[LiveEvent], list[LiveEvent]]:
        rules, here = self._settings.events, self._legs[leg]
        times, values = np.array(here.time_s), np.array(here.value)
        usable = np.array(here.usable)
        spans = spans_above(
            times,
            values,
            usable,
            enter=sample.enter_deg,
            leave=sample.enter_deg - rules.hysteresis_deg,
            merge_gap_s=rules.merge_gap_s,
        )
        lasting = [span for span in spans if span.end_s - span.start_s >= rules.min_duration_s - 1e-9]
        opened, closed = [], []
        for number, span in enumerate(lasting):
            inside = usable & np.isfinite(values) & (times >= span.start_s) & (times <= span.end_s)
            peak = float(np.percentile(values[inside], self._settings.grade.percentile))
            over = times[-1] - span.end_s > rules.merge_gap_s
            event = LiveEvent(
                leg=leg,
                rep=rep,
                phase=here.events[number].phase if number < len(here.events) else phase,
                start_s=span.start_s,
                end_s=span.end_s if over else None,
                peak_deviation_deg=peak,
                band_deg=float(np.max(np.array(here.band)[inside])),
                grade=grade_of(peak, self._settings.grade),
                static=sample.static,
            )
            if number == len(here.events):
                here.events.append(event)
                opened.append(event)
            elif over and here.events[number].end_s is None:
                closed.append(event)
            here.events[number] = event
        return opened, closed
