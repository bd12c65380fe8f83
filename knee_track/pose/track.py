"""The pose track: one person's landmarks over time, as plain arrays that can be saved and read again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import VideoError
from knee_track.pose.skeleton import N_LANDMARKS, mirror_order

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PoseTrack:
    """Landmarks of one person over time. Missing is NaN.

    Attributes
    ----------
    times_s : (n,) seconds from the first frame's own timestamp, strictly rising
    image_px : (n, 33, 2) pixels of the upright, full-size picture; x right, y down
    world_m : (n, 33, 3) metres from mid-hip; unfit for measuring knees, kept for export
    visibility : (n, 33) 0 to 1
    width_px, height_px : size of the upright picture
    kind : what the landmarks mark: "blazepose" points on the body's surface, or "joints", their centres, with
        the third toe's tip as foot index
    """

    times_s: Floats
    image_px: Floats
    world_m: Floats
    visibility: Floats
    width_px: int
    height_px: int
    kind: str = "blazepose"

    def __post_init__(self) -> None:
        n = len(self.times_s)
        shapes = {
            "image_px": (self.image_px.shape, (n, N_LANDMARKS, 2)),
            "world_m": (self.world_m.shape, (n, N_LANDMARKS, 3)),
            "visibility": (self.visibility.shape, (n, N_LANDMARKS)),
        }
        for name, (found, wanted) in shapes.items():
            if found != wanted:
                raise ValueError(f"{name} has shape {found}, expected {wanted}")

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def fps(self) -> float:
        """Mean frame rate in frames per second (30 for a track of one frame)."""
        if len(self) < 2:
            return 30.0
        return float((len(self) - 1) / (self.times_s[-1] - self.times_s[0]))

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(n,) True where the person was found."""
        return np.asarray(np.isfinite(self.image_px).any(axis=(1, 2)))

    def mirrored(self) -> PoseTrack:
        """Track of the un-mirrored scene: picture flipped left to right and sides swapped."""
        order = mirror_order()
        image = self.image_px[:, order].copy()
        image[..., 0] = self.width_px - image[..., 0]
        world = self.world_m[:, order] * np.array([-1.0, 1.0, 1.0])
        return replace(self, image_px=image, world_m=world, visibility=self.visibility[:, order])

    def save(self, path: Path) -> None:
        """Write `landmarks.npz`."""
        np.savez_compressed(
            path,
            times_s=self.times_s,
            image_px=self.image_px.astype(np.float32),
            world_m=self.world_m.astype(np.float32),
            visibility=self.visibility.astype(np.float32),
            size_px=np.array([self.width_px, self.height_px]),
        )

    @classmethod
    def load(cls, path: Path) -> PoseTrack:
        """Read `landmarks.npz`; raises VideoError when the file is not one of ours."""
        try:
            with np.load(path, allow_pickle=False) as data:
                width, height = (int(v) for v in data["size_px"])
                arrays = {
                    k: data[k].astype(np.float64) for k in ("times_s", "image_px", "world_m", "visibility")
                }
        except (OSError, ValueError, KeyError) as error:
            raise VideoError(f"{path} is not a landmark file written by knee-track: {error}.") from error
        return cls(width_px=width, height_px=height, **arrays)
