"""Filters on sampled signals: pure functions along axis 0 that respect missing values.

Missing is NaN. Nothing here extrapolates, and no filter reaches across a gap that was left open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MAD_TO_SIGMA = 1.4826  # of a normal distribution
MAX_CUTOFF_SHARE = 0.4  # of the frame rate: a cut-off must stay clearly below Nyquist (0.5)


def spans(mask: Bools) -> Iterator[slice]:
    """Slices of consecutive True in a (n,) mask, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    for start, stop in edges.reshape(-1, 2):
        yield slice(int(start), int(stop))


def fill_gaps(times_s: Floats, values: Floats, max_gap_s: float) -> Floats:
    """Interpolate short gaps with a shape-preserving cubic (PCHIP); longer ones stay NaN.

    Parameters
    ----------
    times_s : (n,) rising
    values : (n, ...)
    max_gap_s : longest time without a value that is filled (a frame that is missing at 30 fps is 1/30 s)
    """
    from scipy.interpolate import PchipInterpolator

    filled = values.copy()
    if len(times_s) < 3:
        return filled
    frame_s = float(np.median(np.diff(times_s)))
    for column in filled.reshape(len(times_s), -1).T:  # views: writing to a column writes to `filled`
        known = np.isfinite(column)
        if known.all() or known.sum() < 2:
            continue
        curve = PchipInterpolator(times_s[known], column[known])
        for gap in spans(~known):
            inside = gap.start > 0 and gap.stop < len(times_s)
            if inside and times_s[gap.stop] - times_s[gap.start - 1] - frame_s <= max_gap_s + 1e-6:
                column[gap] = curve(times_s[gap])
    return filled


def hampel(values: Floats, window: int, mads: float) -> Floats:
    """Replace outliers by the median of their window (Hampel 1974).

    A value is an outlier when it lies more than `mads` scaled median absolute deviations from the median of
    the `window` values centred on it; the window is cut short at the ends and passes over NaN.

    Parameters
    ----------
    values : (n, ...)
    window : values per window, odd
    mads : cut-off in standard deviations of a normal distribution
    """
    half = window // 2
    padding = [(half, half)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, padding, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0)
    median = _median(windows)
    spread = _median(np.abs(windows - median[..., None]))
    outlier = np.abs(values - median) > mads * MAD_TO_SIGMA * spread
    return np.where(outlier, median, values)


def _median(windows: Floats) -> Floats:
    """Median over the last axis without NaN: `np.nanmedian`, in a third of its time for small windows."""
    ordered = np.sort(windows, axis=-1)  # NaN last: a window of nothing else has the median NaN
    known = np.isfinite(ordered).sum(axis=-1, keepdims=True)
    last = windows.shape[-1] - 1
    middle = np.concatenate([np.maximum(known - 1, 0) // 2, np.minimum(known, last) // 2], axis=-1)
    return np.asarray(np.take_along_axis(ordered, middle, axis=-1).mean(axis=-1))


def butterworth(times_s: Floats, values: Floats, cutoff_hz: float) -> Floats:
    """Zero-lag fourth-order low-pass: a second-order Butterworth run forward and backward.

    The gain is 1 / (1 + (f / cutoff)^4), a half at the cut-off, as in Pose2Sim. Each finite span is filtered
    by itself; a span shorter than one period of the cut-off is left as it is.

    Parameters
    ----------
    times_s : (n,) rising; uneven frame times are filtered on an even grid and read back at their own times
    values : (n, ...)
    cutoff_hz : lowered to 0.4 of the frame rate where that is less
    """
    smooth = values.copy()
    columns = smooth.reshape(len(times_s), -1)  # a view: writing to it writes to `smooth`
    # Columns with the same gaps go together: most have none, and a call costs more than a column.
    gaps, which = np.unique(np.isfinite(columns), axis=1, return_inverse=True)
    for number, known in enumerate(gaps.T):
        alike = np.flatnonzero(which.ravel() == number)
        for span in spans(known):
            columns[span, alike] = _butterworth_span(times_s[span], columns[span, alike], cutoff_hz)
    return smooth


def _butterworth_span(times_s: Floats, values: Floats, cutoff_hz: float) -> Floats:
    """`butterworth` for one (m, columns) span without NaN."""
    from scipy.interpolate import PchipInterpolator
    from scipy.signal import butter, sosfiltfilt

    if len(values) < 3:
        return values
    steps = round((times_s[-1] - times_s[0]) / float(np.median(np.diff(times_s))))
    grid = np.linspace(times_s[0], times_s[-1], steps + 1)  # on even frame times: the frame times themselves
    rate_hz = steps / (times_s[-1] - times_s[0])
    cutoff_hz = min(cutoff_hz, MAX_CUTOFF_SHARE * rate_hz)
    period = math.ceil(rate_hz / cutoff_hz)
    if len(grid) <= period:
        return values
    on_grid = PchipInterpolator(times_s, values, axis=0)(grid)
    low_pass = butter(2, cutoff_hz, fs=rate_hz, output="sos")
    smooth = sosfiltfilt(low_pass, on_grid, axis=0, padlen=min(len(grid) - 1, 3 * period))
    return np.asarray(PchipInterpolator(grid, smooth, axis=0)(times_s), dtype=np.float64)
