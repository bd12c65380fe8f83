"""A pinhole camera over a level floor.

World axes: X away from the camera along the floor, Y to the picture's left, Z up; origin on the floor plane
through the ankles, right under the camera. Lengths in shank lengths, angles in radians.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEAREST = 0.2


def rotation(pitch: float, roll: float) -> Floats:
    """World-to-camera rotation (3, 3), rows: picture right, picture down, view direction.

    Positive pitch looks down; positive roll turns what is seen clockwise in the picture.
    """
    view = np.array([np.cos(pitch), 0.0, -np.sin(pitch)])
    right = np.array([0.0, -1.0, 0.0])
    down = np.array([-np.sin(pitch), 0.0, -np.cos(pitch)])
    c, s = np.cos(roll), np.sin(roll)
    return np.stack([c * right - s * down, c * down + s * right, view])


@dataclass(frozen=True)
class Camera:
    """pitch, roll [rad]; focal_px; height above the ankle plane [shank]; centre_px (2,) principal point."""

    pitch: float
    roll: float
    focal_px: float
    height: float
    centre_px: Floats

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """World points (..., 3) to pixels (..., 2) and depth along the view direction (...)."""
        seen = (points - np.array([0.0, 0.0, self.height])) @ rotation(self.pitch, self.roll).T
        depth = np.maximum(seen[..., 2], NEAREST)
        return seen[..., :2] / depth[..., None] * self.focal_px + self.centre_px, depth
