"""When to say something: at most once per rep, and ever less often as the client learns.

Faded feedback lasts longer than a word in every rep (docs/measurement.md §0 and §4).
"""

from __future__ import annotations

from knee_track.live.events_online import EventWatch
from knee_track.live.state import Cue, Feedback, LegNow
from knee_track.pose.skeleton import LEGS, Leg


class CueGate:
    """Decides the cue of a rep: the legs whose event lasts and whose deviation stands out of the noise."""

    def __init__(self, feedback: Feedback) -> None:
        self.feedback = feedback
        self._given_in = 0

    def step(self, time_s: float, rep: int, watch: EventWatch, legs: dict[Leg, LegNow]) -> Cue | None:
        """The cue that this frame decides, None without one.

        A leg that stands knock-kneed already is not cued: its bones are no fault of movement.
        """
        if rep == self._given_in or not self._in_turn(rep):
            return None
        bad = [
            leg
            for leg in LEGS
            if (event := watch.open_event(leg))
            and not event.static
            and legs[leg].grade not in ("none", "unknown")
        ]
        if not bad:
            return None
        self._given_in = rep
        deviation, band = max((legs[leg].deviation_deg or 0.0, legs[leg].band_deg or 0.0) for leg in bad)
        return Cue("both" if len(bad) == 2 else bad[0], rep, time_s, deviation, band)

    def _in_turn(self, rep: int) -> bool:
        """Whether this rep may be cued at all; in alternate mode the first, third and so on."""
        return self.feedback == "every" or (self.feedback == "alternate" and rep % 2 == 1)
