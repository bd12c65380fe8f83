"""Lines, circles and letters on a picture of any size, as cv2 draws them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
Colour = tuple[int, int, int]

SHADOW: Colour = (18, 20, 24)
SUBPIXEL_BITS = 4  # cv2 draws at sixteenths of a pixel, so that lines glide instead of jumping


class Brush:
    """Draws on pictures of one size, in place. Lengths and letters follow the picture's shorter side."""

    def __init__(self, width_px: int, height_px: int) -> None:
        shorter = min(width_px, height_px)
        self._unit = max(shorter, min(360, width_px)) / 720

    def px(self, length: float) -> int:
        """Length in pixels of this picture, given for a shorter side of 720 pixels."""
        return max(1, round(length * self._unit))

    def line(self, picture: Rgb, a: NDArray[Any], b: NDArray[Any], colour: Colour, width: int) -> None:
        """Outlined line between two points (2,) in pixels; nothing when one is missing."""
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            return
        start, end = _subpixel(a), _subpixel(b)
        outline = self.px(width) + 2 * self.px(1.5)
        cv2.line(picture, start, end, SHADOW, outline, cv2.LINE_AA, SUBPIXEL_BITS)
        cv2.line(picture, start, end, colour, self.px(width), cv2.LINE_AA, SUBPIXEL_BITS)

    def circle(self, picture: Rgb, at: NDArray[Any], radius: float, colour: Colour, width: int) -> None:
        """Circle about a point (2,) in pixels; a negative width fills it."""
        thickness = width if width < 0 else self.px(width)
        size = self.px(radius) << SUBPIXEL_BITS
        cv2.circle(picture, _subpixel(at), size, colour, thickness, cv2.LINE_AA, SUBPIXEL_BITS)

    def text(
        self,
        picture: Rgb,
        text: str,
        x: int,
        y: float,
        colour: Colour,
        size: float,
        weight: int,
        *,
        centred: bool = False,
    ) -> int:
        """Draw text with its baseline at y (in units of 720) and return where it ends."""
        width = self.width(picture, text, size, weight)
        start = x - width // 2 if centred else x
        cv2.putText(picture, text, (start, self.px(y)), colour, cv2.FontFace("sans"), self.px(size), weight)
        return start + width

    def width(self, picture: Rgb, text: str, size: float, weight: int) -> int:
        """How many pixels a text would take."""
        font = cv2.FontFace("sans")
        _, _, width, _ = cv2.getTextSize(picture.shape[1::-1], text, (0, 0), font, self.px(size), weight)
        return int(width)


def _subpixel(point: NDArray[Any]) -> tuple[int, int]:
    x, y = np.rint(point * (1 << SUBPIXEL_BITS)).astype(int)
    return int(x), int(y)
