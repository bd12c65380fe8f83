"""How well measured numbers agree with the truth: statistics over pairs, spans and counts, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import linear_sum_assignment

from knee_track.findings.events import Span

Floats = NDArray[np.float64]

FEWEST_FOR_A_LINE = 3


@dataclass(frozen=True)
class Measurement:
    """A true number, the one that was found (NaN: none), and the half-width of its band (NaN: none)."""

    true: float
    found: float = nan
    band: float = nan

    @classmethod
    def of(cls, true: float, found: float | None, band: float | None = None) -> Measurement:
        """The same from numbers that may be missing as None."""
        return cls(true, nan if found is None else found, nan if band is None else band)

    @property
    def error(self) -> float:
        """Found minus true."""
        return self.found - self.true


@dataclass(frozen=True)
class Agreement:
    """Errors (found minus true) of `n` measurements; `missing` have no number and take no part.

    bias: mean. rmse, mae. p95: 95th percentile of the absolute error. worst: the error largest in size, with
    its sign. slope, r: least-squares line and Pearson correlation of found on true, NaN below three pairs or
    for a constant truth. coverage: share of errors within their band. median_band: half-width.
    """

    n: int
    missing: int
    bias: float = nan
    rmse: float = nan
    mae: float = nan
    p95: float = nan
    worst: float = nan
    slope: float = nan
    r: float = nan
    coverage: float = nan
    median_band: float = nan


def agreement(measurements: Iterable[Measurement]) -> Agreement:
    """Statistics of the measurements that hold a number."""
    rows = np.array([(m.true, m.found, m.band) for m in measurements]).reshape(-1, 3)
    known = np.isfinite(rows[:, 1])
    missing = int(np.count_nonzero(~known))
    true, found, band = rows[known].T
    if not true.size:
        return Agreement(0, missing)
    errors = found - true
    slope, r = _line(true, found)
    banded = np.isfinite(band)
    return Agreement(
        n=true.size,
        missing=missing,
        bias=float(errors.mean()),
        rmse=float(np.sqrt(np.mean(errors**2))),
        mae=float(np.abs(errors).mean()),
        p95=float(np.percentile(np.abs(errors), 95)),
        worst=float(errors[np.abs(errors).argmax()]),
        slope=slope,
        r=r,
        coverage=float(np.mean(np.abs(errors[banded]) <= band[banded])) if banded.any() else nan,
        median_band=float(np.median(band[banded])) if banded.any() else nan,
    )


def _line(true: Floats, found: Floats) -> tuple[float, float]:
    """Slope and correlation of found on true."""
    if true.size < FEWEST_FOR_A_LINE or np.ptp(true) == 0.0:
        return nan, nan
    line = stats.linregress(true, found)
    return float(line.slope), float(line.rvalue)


@dataclass(frozen=True)
class EventTally:
    """Events that are there, that were found, and how much too late each matched one was found to begin."""

    true: int
    found: int
    onset_errors_s: tuple[float, ...] = ()

    @property
    def matched(self) -> int:
        """True events that were found."""
        return len(self.onset_errors_s)

    @property
    def precision(self) -> float:
        """Share of the found events that are true; NaN when none was found."""
        return self.matched / self.found if self.found else nan

    @property
    def recall(self) -> float:
        """Share of the true events that were found; NaN when there is none."""
        return self.matched / self.true if self.true else nan

    @property
    def f1(self) -> float:
        """Harmonic mean of both; NaN when nothing was there and nothing found."""
        return 2 * self.matched / (self.true + self.found) if self.true + self.found else nan


def tally(true: Sequence[Span], found: Sequence[Span], least_iou: float) -> EventTally:
    """Compare the events of one leg in one rep; a match overlaps by `least_iou`."""
    pairs = match_spans(true, found, least_iou)
    errors = tuple(found[j].start_s - true[i].start_s for i, j in pairs.items())
    return EventTally(len(true), len(found), errors)


def add_up(tallies: Iterable[EventTally]) -> EventTally:
    """One tally of many."""
    every = list(tallies)
    return EventTally(
        true=sum(one.true for one in every),
        found=sum(one.found for one in every),
        onset_errors_s=tuple(error for one in every for error in one.onset_errors_s),
    )


def match_spans(true: Sequence[Span], found: Sequence[Span], least_iou: float = 0.0) -> dict[int, int]:
    """Index of the found span that belongs to each true one, one to one, with the greatest sum of overlaps.

    Only spans that overlap, and by `least_iou` (intersection over union) or more, can be pairs.
    """
    if not (true and found):
        return {}
    overlap = np.array([[iou(a, b) for b in found] for a in true])
    overlap[overlap < least_iou] = 0.0
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    return {int(i): int(j) for i, j in zip(rows, columns, strict=True) if overlap[i, j] > 0.0}


def iou(one: Span, other: Span) -> float:
    """Intersection over union of two spans of time, 0 to 1."""
    shared = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    union = max(one.end_s, other.end_s) - min(one.start_s, other.start_s)
    return max(0.0, shared) / union if union > 0.0 else 0.0
