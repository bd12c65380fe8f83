"""Strictly rising times from the time stamps of a stream, whatever those look like."""

from __future__ import annotations

MIN_STEP_S = 0.001
"""Smallest step between two frames: MediaPipe counts whole milliseconds; 240 fps needs 4.2 ms."""

RESTART_S = 0.5
"""A jump back by more than this is a clock that began anew, not a pair of swapped stamps."""

STALL_FRAMES = 5
"""So many unusable stamps in a row mean that the clock stands still."""


class Clock:
    """Gives each frame a time later than the one before.

    A repeated stamp, or one that runs backward a little, goes halfway toward the time at which the next frame
    is due, so that the good stamp after it is still later. A missing stamp takes one frame interval. A clock
    that stands still or begins anew goes on at the nominal rate, its later differences kept.

    Attributes
    ----------
    repaired : how many stamps were not used as they were
    """

    def __init__(self, interval_s: float) -> None:
        self.repaired = 0
        self._interval_s = interval_s
        self._offset_s = 0.0
        self._last_s: float | None = None
        self._last_good_s = 0.0
        self._bad_in_a_row = 0

    def time_of(self, stamp_s: float | None) -> float:
        """Time in seconds of the next frame, given its own stamp (None when it has none)."""
        if self._last_s is None:
            self._last_s = self._last_good_s = stamp_s or 0.0
            self.repaired += stamp_s is None
            return self._last_s
        wanted_s = None if stamp_s is None else stamp_s + self._offset_s
        if wanted_s is not None and wanted_s >= self._last_s + MIN_STEP_S:
            self._last_s = self._last_good_s = wanted_s
            self._bad_in_a_row = 0
        else:
            self.repaired += 1
            self._bad_in_a_row += 1
            self._last_s = self._repair(wanted_s, self._last_s)
        return self._last_s

    def _repair(self, wanted_s: float | None, last_s: float) -> float:
        if wanted_s is None:
            return last_s + self._interval_s
        if last_s - wanted_s > RESTART_S or self._bad_in_a_row > STALL_FRAMES:
            repaired_s = last_s + self._interval_s
            self._offset_s += repaired_s - wanted_s
            self._last_good_s = repaired_s
            return repaired_s
        due_s = self._last_good_s + self._interval_s
        return max((last_s + due_s) / 2.0, last_s + MIN_STEP_S)
