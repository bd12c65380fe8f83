"""Phases of a rep: descent, bottom, early ascent, late ascent (measurement.md §2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knee_track.reps.segmentation import RepSpan
from knee_track.settings import GradeSettings, RepSettings

Floats = NDArray[np.float64]


def phase_labels(
    depth: Floats, reps: Sequence[RepSpan], settings: RepSettings
) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Phase and rep number of every frame.

    Bottom: from the first to the last frame of the rep at `bottom_share` of its depth or deeper. Early
    ascent: the first half of the rise after it; late ascent: the rest.

    Returns
    -------
    phase : (n,) "standing" outside reps, "descent", "bottom", "early_ascent", "late_ascent"
    number : (n,) 1-based number of the rep, 0 outside
    """
    phase = np.full(len(depth), "standing", dtype="<U12")
    number = np.zeros(len(depth), dtype=np.int64)
    for index, rep in enumerate(reps, start=1):
        inside = depth[rep.frames]
        low = rep.start_i + np.flatnonzero(inside >= settings.bottom_share * rep.depth)
        half = (depth[low[-1]] + depth[rep.end_i]) / 2
        upper = np.flatnonzero(depth[low[-1] : rep.end_i + 1] < half)
        late = low[-1] + int(upper[0]) if upper.size else rep.end_i + 1
        number[rep.frames] = index
        phase[rep.start_i : low[0]] = "descent"
        phase[low[0] : low[-1] + 1] = "bottom"
        phase[low[-1] + 1 : late] = "early_ascent"
        phase[late : rep.end_i + 1] = "late_ascent"
    return phase, number


def loaded_window(depth: Floats, number: NDArray[np.int64], settings: GradeSettings) -> NDArray[np.bool_]:
    """(n,) True in the frames of reps that are graded: inside a rep, at `loaded_depth` or deeper."""
    with np.errstate(invalid="ignore"):
        return np.asarray((number > 0) & (depth >= settings.loaded_depth))
