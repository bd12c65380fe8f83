"""Pictures from the browser: JPEG, whose size is read before anything is decoded."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from knee_track.video.orientation import Image

LONGEST_PX: Final = 1920
"""Longest side taken: a few kilobytes of JPEG can announce 65,535 pixels each way, 12 GB of them."""

SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segments that hold the size."""


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) that a JPEG announces; None when it is none."""
    if data[:2] != b"\xff\xd8":
        return None
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker in SIZES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        place += 2 + max(2, length)
    return None


def decode(data: bytes) -> Image | None:
    """The picture (h, w, 3) in a JPEG, RGB; None when it is none, too large, or damaged."""
    size = jpeg_size(data)
    if size is None or not all(0 < side <= LONGEST_PX for side in size):
        return None
    import cv2

    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if bgr is None else np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)
