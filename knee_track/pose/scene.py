"""Cuts and camera motion, from small grey pictures of each frame.

A cut is a frame that hardly correlates with the one before it. Camera motion is the median shift of
background corners (Lucas-Kanade) against an anchor frame, so that a camera at rest does not drift; the person
is left out.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from knee_track.pose.client import Box
from knee_track.pose.track import Floats

THUMB_PX: Final = 240
CUT_CORRELATION: Final = 0.5
FLAT_SD: Final = 2.0
MAX_CORNERS: Final = 80
MIN_CORNERS: Final = 12

Grey = NDArray[np.uint8]


class Scene:
    """Watches a clip frame by frame.

    Attributes
    ----------
    motion_px : one (x, y) per frame seen: how far the background has moved since the first frame, in
        full-size pixels; held where too little background is visible, and across cuts
    """

    def __init__(self, full_size_px: tuple[int, int]) -> None:
        self.motion_px: list[tuple[float, float]] = []
        self._full_size_px = full_size_px
        self._last: Grey | None = None
        self._anchor: _Anchor | None = None
        self._shift = np.zeros(2)
        self._base = np.zeros(2)

    def see(self, rgb: NDArray[np.uint8], person: Box | None) -> bool:
        """Take the next (height, width, 3) frame; True when a cut lies before it.

        `person` is where somebody was last seen, in full-size pixels; until there is one, motion is held.
        """
        grey = _thumb(rgb)
        x, y = grey.shape[1] / self._full_size_px[0], grey.shape[0] / self._full_size_px[1]
        cut = self._last is not None and _is_cut(self._last, grey)
        if cut:
            self._drop_anchor()
        if person is not None:
            self._follow(grey, person.scaled(x, y))
        self._last = grey
        right, down = self._base + self._shift
        self.motion_px.append((float(right / x), float(down / y)))
        return cut

    def _follow(self, grey: Grey, person: Box) -> None:
        shift = None if self._anchor is None else self._anchor.shift_to(grey, person, self._shift)
        if shift is None:
            self._drop_anchor()
            self._anchor = _Anchor.on(grey, person)
        else:
            self._shift = shift

    def _drop_anchor(self) -> None:
        self._base = self._base + self._shift
        self._shift = np.zeros(2)
        self._anchor = None


class _Anchor:
    """A frame and its background corners, against which later frames are measured."""

    def __init__(self, grey: Grey, corners: NDArray[np.float32]) -> None:
        self._grey = grey
        self._corners = corners

    @classmethod
    def on(cls, grey: Grey, person: Box) -> _Anchor | None:
        """Anchor on this frame, or None when it shows too little background."""
        mask = np.full(grey.shape, 255, np.uint8)
        mask[person.slices(grey.shape)] = 0
        corners = cv2.goodFeaturesToTrack(grey, MAX_CORNERS, 0.01, 5, mask=mask)
        if corners is None or len(corners) < MIN_CORNERS:
            return None
        return cls(grey, corners.astype(np.float32))

    def shift_to(self, grey: Grey, person: Box, guess: Floats) -> Floats | None:
        """Median (x, y) shift of the corners in thumb pixels, or None when most of them are lost."""
        start = self._corners + guess.astype(np.float32)
        found, status, _ = cv2.calcOpticalFlowPyrLK(
            self._grey,
            grey,
            self._corners,
            start,
            winSize=(15, 15),
            maxLevel=2,
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        height, width = grey.shape
        points = found[:, 0]
        kept = (status[:, 0] == 1) & ~person.holds(points)
        kept &= ((points >= 0) & (points < (width, height))).all(axis=1)
        if kept.sum() < max(MIN_CORNERS // 2, len(points) // 3):
            return None
        return np.asarray(np.median((points - self._corners[:, 0])[kept], axis=0), dtype=np.float64)


def _thumb(rgb: NDArray[np.uint8]) -> Grey:
    """Small grey picture: green stands for brightness, and pixels are skipped before the rest is averaged."""
    step = max(1, max(rgb.shape) // (2 * THUMB_PX))
    green = np.ascontiguousarray(rgb[::step, ::step, 1])
    scale = min(1.0, THUMB_PX / max(green.shape))
    return np.asarray(cv2.resize(green, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _is_cut(before: Grey, after: Grey) -> bool:
    """Whether two neighbouring pictures show different scenes; brightness and contrast do not count."""
    first, second = before[::4, ::4], after[::4, ::4]
    flat = first.std() < FLAT_SD, second.std() < FLAT_SD
    if any(flat):
        return not all(flat)
    return bool(np.corrcoef(first.ravel(), second.ravel())[0, 1] < CUT_CORRELATION)
