"""Reps while they happen: the causal form of `reps.segmentation.find_reps`.

A small state machine with the same thresholds says where in a movement the client is. When the movement has
come back to standing, its start, bottom, end and verdict are those of `find_reps` itself, asked of the depths
since the standing before it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from knee_track.reps.segmentation import RepSpan, find_reps
from knee_track.results import Phase
from knee_track.settings import LiveSettings, RepSettings

Floats = NDArray[np.float64]
Where = Literal["standing", "down", "returned"]

LEAD_S = 2.0
"""Depths kept from before a movement: its start lies there."""
SPEED_S = 0.1
"""Time over which the speed is read."""


@dataclass(frozen=True)
class Sample:
    """Depth (a fraction) at a moment."""

    time_s: float
    depth: float


class RepMachine:
    """Depth in, movements out.

    Attributes
    ----------
    where : standing; down: deeper than enter_depth; returned: up again from a real descent, to be confirmed
    moving : a movement that reached rearm_depth is under way
    """

    def __init__(self, reps: RepSettings, live: LiveSettings) -> None:
        self._reps, self._live = reps, live
        self.restart()

    def restart(self) -> None:
        """Forget the movement under way."""
        self._past: deque[Sample] = deque()
        self.where: Where = "standing"
        self.moving = False
        self._returned_s = 0.0
        self._deepest = 0.0
        self._fastest = 0.0
        self._phase: Phase | None = None

    @property
    def phase(self) -> Phase | None:
        """Phase of the movement under way, None while standing."""
        return self._phase if self.where == "down" and self.moving else None

    def step(self, depth: float | None, time_s: float) -> RepSpan | None:
        """Take the next frame; the movement that it completes, if any, as `find_reps` sees it by itself."""
        if depth is None or not np.isfinite(depth):
            return None
        if self._past and time_s - self._past[-1].time_s > self._reps.max_blind_s:
            self.restart()
        below = depth < self._reps.enter_depth
        again = self.where == "returned" and not below
        over = self.where == "returned" and time_s - self._returned_s >= self._live.confirm_s
        span = self._finish() if again or over else None
        self._past.append(Sample(time_s, depth))
        self._move(depth, time_s, below)
        self._forget()
        return span

    def flush(self) -> RepSpan | None:
        """No more frames come: the movement that is over but for its confirmation."""
        return self._finish() if self.where == "returned" else None

    def _move(self, depth: float, time_s: float, below: bool) -> None:
        """Next state and phase."""
        if self.where == "standing" and not below:
            self.where, self.moving, self._phase = "down", False, "descent"
            self._deepest = self._fastest = 0.0
        if self.where != "down":
            return
        self._deepest = max(self._deepest, depth)
        self.moving |= self._deepest >= self._reps.rearm_depth
        if below:
            self.where = "returned" if self.moving else "standing"
            self._returned_s = time_s
            return
        self._phase = self._next_phase(depth, self._sinking())

    def _next_phase(self, depth: float, sinking: float) -> Phase:
        """Phase by depth and speed: `phase_labels` as far as it can be known before the rep ends."""
        self._fastest = max(self._fastest, sinking)
        bottom = self._reps.bottom_share * self._deepest
        if depth >= bottom:
            still_sinking = sinking > self._live.bottom_speed_share * self._fastest
            return "descent" if still_sinking or self._phase is None else "bottom"
        if self._phase == "descent" and sinking > 0:
            return "descent"
        return "early_ascent" if depth >= bottom / 2 else "late_ascent"

    def _sinking(self) -> float:
        """Depth gained per second over the last moments."""
        last = self._past[-1]
        first = next(sample for sample in self._past if last.time_s - sample.time_s <= SPEED_S)
        elapsed_s = last.time_s - first.time_s
        return (last.depth - first.depth) / elapsed_s if elapsed_s > 0 else 0.0

    def _finish(self) -> RepSpan | None:
        """The movement that has come back to standing; the standing after it begins the next one."""
        times_s, depth = np.array([(sample.time_s, sample.depth) for sample in self._past]).T
        found = find_reps(depth, times_s, self._reps)
        spans = sorted([*found.reps, *found.attempts], key=lambda span: span.start_s)
        returned_s = self._returned_s
        self.where, self.moving, self._phase = "standing", False, None
        while self._past and self._past[0].time_s < returned_s:
            self._past.popleft()
        return spans[-1] if spans else None

    def _forget(self) -> None:
        """Keep what a movement's start may need; give up on one that takes three times too long."""
        while self.where == "standing" and self._past[-1].time_s - self._past[0].time_s > LEAD_S:
            self._past.popleft()
        if self._past[-1].time_s - self._past[0].time_s > 3 * self._reps.max_duration_s:
            last = self._past[-1]
            self.restart()
            self._past.append(last)
