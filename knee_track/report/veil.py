"""A veil over the client's head: what is under it cannot be brought back."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import EAR, HIP, LEGS, NOSE, SHOULDER, Leg
from knee_track.pose.track import PoseTrack
from knee_track.report.brush import Rgb

Floats = NDArray[np.float64]

HEAD: Final = range(11)
"""Nose, eyes, ears and mouth; BlazePose places them inside the head also when it is turned away."""
SHARE_OF_TRUNK: Final = 0.42
"""Radius as a share of shoulder to hip, about 50 cm: 21 cm, a head with its hair from any side."""
SHARE_OF_SHOULDERS: Final = 0.55
"""The same of the shoulders' width, 35 to 40 cm; it stays when the trunk is foreshortened in a deep squat."""
WIDER: Final = 1.3
"""How much larger where the head is not seen in a frame and its place is reckoned from others."""
CELLS: Final = 5
"""The head is left as so many dots across, each of four or five centimetres: no face is known by them."""


class Veil:
    """Covers the head in each frame of a track, in pictures of any size.

    Where the client is not found, the head is sought between the places before and after. Others in the
    picture are not covered. Nothing is covered in a clip without any landmarks.
    """

    def __init__(self, track: PoseTrack) -> None:
        self._size = np.array([track.width_px, track.height_px], dtype=np.float64)
        points = track.image_px
        centre = _mean(points[:, list(HEAD)])
        radius = _radius(points)
        seen = np.isfinite(centre).all(axis=1) & np.isfinite(radius)
        self.centre_px: Floats = np.column_stack([_filled(centre[:, axis], seen) for axis in (0, 1)])
        self.radius_px: Floats = _filled(radius, seen) * np.where(seen, 1.0, WIDER)

    def hide(self, picture: Rgb, index: int) -> None:
        """Veil the head of frame `index`, in place."""
        scale = np.array(picture.shape[1::-1]) / self._size
        x, y = self.centre_px[index] * scale
        radius = float(self.radius_px[index] * scale.max())
        if not np.isfinite([x, y, radius]).all():
            return
        height, width = picture.shape[:2]
        left, right = (int(np.clip(x + side * radius, 0, width)) for side in (-1, 1))
        top, bottom = (int(np.clip(y + side * radius, 0, height)) for side in (-1, 1))
        part = picture[top:bottom, left:right]
        if part.size == 0:
            return
        dots = cv2.resize(part, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        smooth = cv2.resize(dots, part.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        rows, columns = np.ogrid[top:bottom, left:right]
        inside = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
        part[inside] = smooth[inside]


def _radius(points: Floats) -> Floats:
    """(n,) pixels, from what tells the size of a head; never less than reaches all of the face's points."""
    trunk = np.linalg.norm(_middle(points, SHOULDER) - _middle(points, HIP), axis=1)
    shoulders = np.linalg.norm(points[:, SHOULDER["left"]] - points[:, SHOULDER["right"]], axis=1)
    centre = _mean(points[:, list(HEAD)])
    ears = np.stack([np.linalg.norm(points[:, i] - centre, axis=1) for i in (NOSE, *EAR.values())])
    sizes = np.vstack([SHARE_OF_TRUNK * trunk, SHARE_OF_SHOULDERS * shoulders, 1.8 * ears])
    known = np.isfinite(sizes).any(axis=0)
    radius = np.full(len(points), np.nan)
    radius[known] = np.nanmax(sizes[:, known], axis=0)
    # Landmarks tremble: the size of a head does not change from frame to frame.
    return np.fmax(radius, np.nanmedian(radius)) if known.any() else radius


def _middle(points: Floats, part: dict[Leg, int]) -> Floats:
    return np.asarray(points[:, [part[leg] for leg in LEGS]].mean(axis=1), dtype=np.float64)


def _mean(points: Floats) -> Floats:
    """Mean over the points (n, k, 2) that are there; NaN where none is."""
    count = np.isfinite(points).all(axis=2).sum(axis=1)
    total = np.where(np.isfinite(points), points, 0.0).sum(axis=1)
    return np.asarray(np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], np.nan))


def _filled(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Values with those that were not seen on the line between their neighbours."""
    if not seen.any():
        return np.full(len(values), np.nan)
    at = np.arange(len(values))
    return np.asarray(np.interp(at, at[seen], values[seen]), dtype=np.float64)
