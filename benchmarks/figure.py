"""The figure of the accuracy benchmark: found against true, and Bland–Altman."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.conditions import conditions, legs_of
from benchmarks.scoring import ClipScore

COLOURS: Final = {"yaw ≤ 15°": "#0072b2", "yaw 15–30°": "#e69f00", "yaw > 30°": "#cc79a7"}


def draw(path: Path, clips: Sequence[ClipScore]) -> None:
    """Write the figure of the measured rep-legs; the ending of `path` chooses the format."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 4.6), layout="constrained")
    against, difference = figure.subplots(1, 2)
    every = []
    for title, group in conditions(clips).items():
        pairs = np.array([(leg.peak.true, leg.peak.found) for leg in legs_of(group)]).reshape(-1, 2)
        pairs = pairs[np.isfinite(pairs[:, 1])]
        if title in COLOURS and pairs.size:
            every.append(pairs)
            style = {"color": COLOURS[title], "label": f"{title} ({len(pairs)})", "s": 14, "alpha": 0.7}
            against.scatter(*pairs.T, **style)
            difference.scatter(pairs.mean(axis=1), pairs[:, 1] - pairs[:, 0], **style)
    if every:
        _finish(against, difference, np.concatenate(every))
    figure.savefig(path, dpi=150)


def _finish(against: Any, difference: Any, pairs: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    """Identity line, limits of agreement, labels."""
    ends = [pairs.min() - 1.0, pairs.max() + 1.0]
    against.plot(ends, ends, color="0.5", linewidth=1)
    against.set(xlabel="true peak deviation, °", ylabel="found, °", xlim=ends, ylim=ends, aspect="equal")
    against.legend(frameon=False)
    errors = pairs[:, 1] - pairs[:, 0]
    bias, reach = errors.mean(), 1.96 * errors.std(ddof=1)
    for level, name in ((bias, "bias"), (bias - reach, "−1.96 SD"), (bias + reach, "+1.96 SD")):
        difference.axhline(level, color="0.5", linewidth=1, linestyle="-" if level == bias else "--")
        difference.annotate(
            f"{name} {level:+.1f}°".replace("-", "−"),
            (1.0, level),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
        )
    difference.set(xlabel="mean of true and found, °", ylabel="found − true, °")
