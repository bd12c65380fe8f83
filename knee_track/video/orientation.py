"""Turning decoded pictures upright, as the display matrix of the stream says."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Orientation:
    """How a stored picture becomes upright: flipped left to right first (if so), then turned clockwise.

    Attributes
    ----------
    clockwise_deg : 0, 90, 180 or 270
    flipped : True when the display matrix mirrors the picture
    """

    clockwise_deg: int = 0
    flipped: bool = False

    @classmethod
    def of(cls, picture: av.VideoFrame) -> Orientation:
        """Orientation from a decoded picture's display matrix; upright without one."""
        side_data = cast("Mapping[str, bytes]", picture.side_data)  # PyAV's stub knows motion vectors only
        if "DISPLAYMATRIX" not in side_data:
            return cls()
        matrix = struct.unpack("=9i", bytes(side_data["DISPLAYMATRIX"]))
        return cls.from_matrix(*matrix[0:2], *matrix[3:5])

    @classmethod
    def from_matrix(cls, a: int, b: int, c: int, d: int) -> Orientation:
        """Orientation from the linear part of a display matrix, which moves (x, y) to (ax + cy, bx + dy).

        x points right and y down, so a positive angle turns clockwise. The angle is rounded to a quarter
        turn. Source: libavutil/display.h; ISO/IEC 14496-12, track header matrix.
        """
        flipped = a * d - b * c < 0
        if flipped:
            a, b = -a, -b
        return cls(round(math.degrees(math.atan2(b, a)) / 90.0) * 90 % 360, flipped)

    @property
    def swaps_sides(self) -> bool:
        """True when width and height change places."""
        return self.clockwise_deg in (90, 270)

    def upright(self, rgb: Image) -> Image:
        """Picture (h, w, 3) turned upright, C-contiguous."""
        if self == Orientation():
            return np.ascontiguousarray(rgb)
        import cv2  # twelve times faster than numpy's rot90 with a copy

        turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
        turned: Image = cv2.flip(rgb, 1) if self.flipped else rgb
        return cv2.rotate(turned, turns[self.clockwise_deg]) if self.clockwise_deg else turned
