"""Truth of a rendered clip: exact joints, camera and commanded reps, and the measures that follow from them.

Read from the renderer's `.truth.json.gz` or from the compact `.truth.npz` beside the sample clips; both give
the same object. World: X forward, Y the person's left, Z up, metres. Pixels: x right, y down.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import LEGS, Leg

Floats = NDArray[np.float64]

POINTS: Final = ("hip", "knee", "ankle", "heel", "big_toe", "second_toe", "third_toe")


@dataclass(frozen=True)
class Truth:
    """One rendered clip, n frames.

    Attributes
    ----------
    scene : parameters of the renderer; `yaw` positive = camera toward the person's left
    camera : `K`, `R`, `t` with x_cam = R X + t and pixel = K x_cam; `pitch_deg`, `position`, `size`
    body_height_m : standing height
    reps : commanded reps in order, with `start`, `bottom`, `end` in seconds
    times_s : (n,) seconds
    p3d_m : (n, 2, 7, 3) left then right leg, points as in POINTS
    p2d_px : (n, 2, 7, 2) the same in the picture
    """

    scene: dict[str, Any]
    camera: dict[str, Any]
    body_height_m: float
    reps: list[dict[str, Any]]
    times_s: Floats
    p3d_m: Floats
    p2d_px: Floats

    def point_m(self, leg: Leg, name: str) -> Floats:
        """(n, 3) one point of one leg in the world, metres."""
        return self.p3d_m[:, LEGS.index(leg), POINTS.index(name)]

    def point_px(self, leg: Leg, name: str) -> Floats:
        """(n, 2) one point of one leg in the picture, pixels."""
        return self.p2d_px[:, LEGS.index(leg), POINTS.index(name)]

    def deviation_deg(self, leg: Leg) -> Floats:
        """(n,) angle of the shank off the third-toe plane, medial positive (measurement §1.3).

        The plane holds the ankle centre, the tip of the third toe and the vertical.
        """
        ankle, knee, toe = (self.point_m(leg, name) for name in ("ankle", "knee", "third_toe"))
        forward = (toe - ankle)[:, :2] / np.linalg.norm((toe - ankle)[:, :2], axis=1, keepdims=True)
        toward_right = np.stack([forward[:, 1], -forward[:, 0]], axis=1)
        medial = toward_right if leg == "left" else -toward_right
        shank = knee - ankle
        distance_m = np.sum(shank[:, :2] * medial, axis=1)
        return np.asarray(np.degrees(np.arcsin(distance_m / np.linalg.norm(shank, axis=1))))

    def toe_out_deg(self, leg: Leg) -> Floats:
        """(n,) direction from ankle to third toe against straight ahead, outward positive, degrees."""
        foot = self.point_m(leg, "third_toe") - self.point_m(leg, "ankle")
        outward = foot[:, 1] if leg == "left" else -foot[:, 1]
        return np.asarray(np.degrees(np.arctan2(outward, foot[:, 0])))

    @property
    def depth(self) -> Floats:
        """(n,) 1 - mid-hip height above the ankles as a share of its value before the first rep."""
        heights = self.p3d_m[..., 2].mean(axis=1)
        height_m = heights[:, POINTS.index("hip")] - heights[:, POINTS.index("ankle")]
        standing_m = np.median(height_m[self.times_s < self.reps[0]["start"]])
        return np.asarray(1.0 - height_m / standing_m)

    def save(self, path: Path) -> None:
        """Write the compact form, `.truth.npz`."""
        facts = {name: getattr(self, name) for name in ("scene", "camera", "body_height_m", "reps")}
        np.savez_compressed(
            path,
            facts=json.dumps(facts),
            times_s=self.times_s,
            p3d_m=self.p3d_m.astype(np.float32),
            p2d_px=self.p2d_px.astype(np.float32),
        )


def load_truth(path: Path) -> Truth:
    """Read `CLIP.truth.npz` or `CLIP.truth.json.gz`."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as data:
            arrays = {name: data[name].astype(np.float64) for name in ("times_s", "p3d_m", "p2d_px")}
            return Truth(**json.loads(str(data["facts"])), **arrays)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        document = json.load(file)
    frames = document["frames"]
    return Truth(
        scene=document["scene"],
        camera=document["camera"],
        body_height_m=document["body_height_m"],
        reps=document["reps"],
        times_s=np.array([frame["t"] for frame in frames]),
        p3d_m=_points(frames, "p3d"),
        p2d_px=_points(frames, "p2d"),
    )


def _points(frames: list[dict[str, Any]], kind: str) -> Floats:
    """(n, 2, 7, 2 or 3) from the renderer's frames."""
    return np.array([[[frame[leg][kind][name] for name in POINTS] for leg in LEGS] for frame in frames])


def find_truth(clip: Path) -> Path:
    """The truth file beside a rendered clip; raises FileNotFoundError when there is none."""
    for ending in (".truth.npz", ".truth.json.gz"):
        path = clip.with_name(f"{clip.stem}{ending}")
        if path.is_file():
            return path
    raise FileNotFoundError(f"{clip}: no truth file beside it")
