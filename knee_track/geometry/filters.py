"""Filters on sampled signals: pure functions along axis 0 that respect missing values.

Missing is NaN. Nothing here extrapolates, and no filter reaches across a gap that was left open.
"""

from __future__ import annotations

import math
import warnings
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a window of nothing but NaN has the median NaN
        median = np.nanmedian(windows, axis=-1)
        spread = np.nanmedian(np.abs(windows - median[..., None]), axis=-1)
    outlier = np.abs(values - median) > mads * MAD_TO_SIGMA * spread
    return np.where(outlier, median, values)


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
    for column in smooth.reshape(len(times_s), -1).T:  # views, as in fill_gaps
        for span in spans(np.isfinite(column)):
            column[span] = _butterworth_span(times_s[span], column[span], cutoff_hz)
    return smooth


def _butterworth_span(times_s: Floats, values: Floats, cutoff_hz: float) -> Floats:
    """`butterworth` for one (m,) span without NaN."""
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
    on_grid = PchipInterpolator(times_s, values)(grid)
    low_pass = butter(2, cutoff_hz, fs=rate_hz, output="sos")
    smooth = sosfiltfilt(low_pass, on_grid, padlen=min(len(grid) - 1, 3 * period))
    return np.asarray(PchipInterpolator(grid, smooth)(times_s), dtype=np.float64)
