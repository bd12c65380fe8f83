"""How long each live picture took, and the distribution of it over the last minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

KEPT: Final = 18_000
"""Pictures in the statistics: 10 minutes at 30 per second, 0.7 MB."""

FPS_FRAMES: Final = 24
"""Decisions over which the shown rate is taken: about a second."""


@dataclass(frozen=True)
class Timing:
    """The way of one picture; all times on the clock of `Frame.captured_s`.

    Attributes
    ----------
    captured_s : it came from the camera, before it was decoded
    taken_s : it was taken out of the mailbox
    sent_s : the pose process had it
    answered_s : its landmarks were there
    decided_s : the engine had decided
    behind : pictures captured meanwhile: how old the decision is, counted in pictures
    skipped : pictures skipped since the start
    fps : decisions per second, lately
    """

    captured_s: float
    taken_s: float
    sent_s: float
    answered_s: float
    decided_s: float
    behind: int
    skipped: int
    fps: float

    @property
    def total_s(self) -> float:
        """From capture to decision."""
        return self.decided_s - self.captured_s

    @property
    def inference_s(self) -> float:
        """In the pose process, its answer included."""
        return self.answered_s - self.sent_s

    @property
    def overhead_s(self) -> float:
        """All but the inference: decoding, waiting, scaling, sending, deciding."""
        return self.total_s - self.inference_s


@dataclass(frozen=True)
class Percentiles:
    """p50, p95 and p99 of something; NaN before there is anything."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Percentiles:
        """Percentiles of an array (n,)."""
        return cls(*np.percentile(values, (50, 95, 99)).tolist()) if len(values) else cls(*[float("nan")] * 3)


@dataclass(frozen=True)
class Summary:
    """Where the time went, over the pictures kept; seconds, and pictures for `behind`.

    Attributes
    ----------
    frames : decided since the start
    skipped : captured but never looked at, since the start
    fps : decisions per second over the pictures kept
    """

    frames: int
    skipped: int
    fps: float
    total_s: Percentiles
    inference_s: Percentiles
    overhead_s: Percentiles
    behind: Percentiles


class Statistics:
    """Timings of the last pictures, in a ring of fixed size.

    Written by one thread; `summary` may be called from any other.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._rows = np.zeros((kept, 5))
        self._count = 0
        self._skipped = 0

    def add(self, timing: Timing) -> None:
        """Count one picture."""
        self._rows[self._count % len(self._rows)] = (
            timing.decided_s,
            timing.total_s,
            timing.inference_s,
            timing.overhead_s,
            timing.behind,
        )
        self._skipped = timing.skipped
        self._count += 1

    def lately_fps(self, now_s: float) -> float:
        """Decisions per second over the last second or so, the one at `now_s` included; 0 before two."""
        back = min(self._count, FPS_FRAMES)
        if back == 0:
            return 0.0
        since_s = self._rows[(self._count - back) % len(self._rows), 0]
        return back / max(now_s - float(since_s), 1e-6)

    def summary(self) -> Summary:
        """What the kept pictures say."""
        count = self._count
        rows = self._rows[: min(count, len(self._rows))].copy()
        spread_s = float(np.ptp(rows[:, 0])) if len(rows) > 1 else 0.0
        return Summary(
            frames=count,
            skipped=self._skipped,
            fps=(len(rows) - 1) / spread_s if spread_s > 0 else 0.0,
            total_s=Percentiles.of(rows[:, 1]),
            inference_s=Percentiles.of(rows[:, 2]),
            overhead_s=Percentiles.of(rows[:, 3]),
            behind=Percentiles.of(rows[:, 4]),
        )
