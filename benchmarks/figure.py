"""The figure of the accuracy benchmark: found against true, Bland–Altman, and errors against their bands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.conditions import legs_of
from benchmarks.scoring import ClipScore

Floats = NDArray[np.float64]

GROUPS: Final[dict[str, tuple[str, Callable[[float], bool]]]] = {
    "yaw to 10°": ("#0072b2", lambda yaw: abs(yaw) <= 10.0),
    "yaw 10–30°": ("#e69f00", lambda yaw: 10.0 < abs(yaw) <= 30.0),
    "yaw over 30°": ("#cc79a7", lambda yaw: abs(yaw) > 30.0),
}
"""Title: colour (told apart by colour-blind people, too), and which yaw belongs to it."""
STYLE: Final[Any] = {
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
}


def draw(path: Path, clips: Sequence[ClipScore]) -> None:
    """Write the figure of the measured rep-legs; the ending of `path` chooses the format."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(12.0, 4.4), layout="constrained")
        panels = figure.subplots(1, 3)
        groups = {title: _rows(clips, holds) for title, (_, holds) in GROUPS.items()}
        for title, rows in groups.items():
            if len(rows):
                _scatter(panels, rows, GROUPS[title][0], f"{title} ({len(rows)})")
        every = np.concatenate(list(groups.values()))
        if len(every):
            _identity(panels[0], every)
            _limits_of_agreement(panels[1], every)
            _bands(panels[2], every)
        figure.savefig(path, dpi=110)


def _rows(clips: Sequence[ClipScore], holds: Callable[[float], bool]) -> Floats:
    """True peak, found peak and band (n, 3) of the measured rep-legs of one group."""
    legs = legs_of(clip for clip in clips if holds(clip.yaw_deg))
    rows = [(x.peak.true, x.peak.found, x.peak.band) for x in legs if x.outcome == "measured"]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _scatter(panels: Any, rows: Floats, colour: str, label: str) -> None:
    """The points of one group in all panels."""
    true, found, band = rows.T
    style = {"color": colour, "label": label, "s": 13, "alpha": 0.65, "linewidths": 0}
    panels[0].scatter(true, found, **style)
    panels[1].scatter((true + found) / 2, found - true, **style)
    panels[2].scatter(band, np.abs(found - true), **style)


def _identity(axes: Any, rows: Floats) -> None:
    """The line on which found equals true, and the fitted one."""
    true, found = rows[:, 0], rows[:, 1]
    ends = np.array([rows[:, :2].min() - 1.0, rows[:, :2].max() + 1.0])
    axes.plot(ends, ends, color="0.4", linewidth=1)
    axes.set(xlabel="true peak deviation, °", ylabel="found peak deviation, °", xlim=ends, ylim=ends)
    axes.set(aspect="equal", title="Found against true")
    axes.legend(frameon=False, loc="upper left", title="camera (rep-legs)", alignment="left")
    if np.ptp(true) > 0.0:
        slope, offset = np.polyfit(true, found, 1)
        axes.plot(ends, slope * ends + offset, color="0.4", linewidth=1, linestyle=":")
        _note(axes, f"line: found = true\ndotted: slope {slope:.2f}", (0.98, 0.03))


def _limits_of_agreement(axes: Any, rows: Floats) -> None:
    """Mean difference and the range that holds 95 % of the differences, were they normal."""
    errors = rows[:, 1] - rows[:, 0]
    bias, reach = errors.mean(), 1.96 * errors.std(ddof=1) if len(errors) > 1 else 0.0
    low, high = axes.get_xlim()
    axes.set_xlim(low, high + 0.28 * (high - low))  # room for the words beside the lines
    for level, name in ((bias, "mean"), (bias - reach, "−1.96 SD"), (bias + reach, "+1.96 SD")):
        axes.axhline(level, color="0.4", linewidth=1, linestyle="-" if level == bias else "--")
        text = f"{name} {level:+.1f}°".replace("-", "−")
        place = (0.995, level), ("axes fraction", "data")
        axes.annotate(text, place[0], xycoords=place[1], ha="right", va="bottom", fontsize=8.5)
    axes.set(xlabel="mean of true and found, °", ylabel="found − true, °", title="Bland–Altman")
    axes.set_box_aspect(1)


def _bands(axes: Any, rows: Floats) -> None:
    """The line under which the true value lies inside the band."""
    errors, band = np.abs(rows[:, 1] - rows[:, 0]), rows[:, 2]
    known = np.isfinite(band)
    if not known.any():
        return
    top = 1.08 * max(errors[known].max(), band[known].max())
    axes.fill_between([0.0, top], [0.0, top], color="0.93", zorder=0, linewidth=0)
    axes.plot([0.0, top], [0.0, top], color="0.4", linewidth=1)
    axes.set(xlim=(0.0, top), ylim=(0.0, top), aspect="equal")
    axes.set(
        xlabel="half-width of the band, °", ylabel="size of the error, °", title="Errors and their bands"
    )
    inside = np.mean(errors[known] <= band[known])
    _note(axes, f"grey: true value inside the band\n{100 * inside:.0f} % of {known.sum()}", (0.03, 0.97))


def _note(axes: Any, text: str, place: tuple[float, float]) -> None:
    """Words in a corner of a panel."""
    ha, va = ("right" if place[0] > 0.5 else "left"), ("top" if place[1] > 0.5 else "bottom")
    axes.annotate(text, place, xycoords="axes fraction", ha=ha, va=va, fontsize=8.5)
