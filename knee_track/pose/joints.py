"""Joint centres in space: what mocap markers, or any other 3-D landmarks, come down to.

Axes: metres, Z up, right- or left-handed as the laboratory made them; nothing below depends on which way X
and Y point. Missing is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import LEGS, Leg

Floats = NDArray[np.float64]
Part = Literal["hip", "knee", "ankle", "third_toe", "heel", "shoulder"]
PARTS: Final[tuple[Part, ...]] = ("hip", "knee", "ankle", "third_toe", "heel", "shoulder")
NEEDED: Final[tuple[Part, ...]] = ("hip", "knee", "ankle", "third_toe")
UP: Final = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Joints:
    """Joint centres of one person over time.

    Attributes
    ----------
    times_s : (n,) seconds from the first frame, strictly rising
    points_m : (n, 2, 6, 3) metres, Z up; legs as in LEGS, points as in PARTS; heel and shoulder may be NaN
    placement_sd_m : how far one of these points may lie from the joint, standard deviation per axis; None
        leaves it to the settings
    toe_axis_sd_deg : what is unsure of the third toe's direction beside that, standard deviation
    notes : what the reader should be warned of, plain sentences
    """

    times_s: Floats
    points_m: Floats
    placement_sd_m: float | None = None
    toe_axis_sd_deg: float = 0.0
    notes: tuple[str, ...] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        wanted = (len(self.times_s), len(LEGS), len(PARTS), 3)
        if self.points_m.shape != wanted:
            raise ValueError(f"points_m has shape {self.points_m.shape}, expected {wanted}")

    def __len__(self) -> int:
        return len(self.times_s)

    def between(self, start_s: float | None, end_s: float | None) -> Joints:
        """Only the frames between two moments, both included; their times stay."""
        first = -np.inf if start_s is None else start_s
        last = np.inf if end_s is None else end_s
        inside = (self.times_s >= first) & (self.times_s <= last)
        return replace(self, times_s=self.times_s[inside], points_m=self.points_m[inside])

    def of(self, leg: Leg, part: Part) -> Floats:
        """(n, 3) one point of one leg, metres."""
        return self.points_m[:, LEGS.index(leg), PARTS.index(part)]


def level_unit(vectors: Floats) -> Floats:
    """Horizontal unit vectors (..., 3) along the level part of `vectors` (..., 3); NaN for upright ones."""
    level = vectors * [1.0, 1.0, 0.0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(level / np.linalg.norm(level, axis=-1, keepdims=True))


def square_to(forward: Floats, toward: Floats) -> Floats:
    """Horizontal unit vectors (n, 3) square to level `forward` (n, 3), on the side of `toward` (n, 3).

    The side is the one that holds over the clip, so that the axes may be right- or left-handed and a frame in
    which `toward` points along the foot does not flip it.
    """
    square = np.cross(forward, UP)
    side = np.sum(square * toward, axis=-1)
    known = side[np.isfinite(side)]
    return np.asarray(square * (1.0 if known.size == 0 or np.median(known) >= 0.0 else -1.0))
