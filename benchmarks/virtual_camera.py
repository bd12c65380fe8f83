"""Cameras that were never there: joints in space seen from a chosen place, with or without landmark noise.

Client axes, metres: forward, to the client's left, up; origin on the floor between the ankles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from knee_track.geometry.anatomy import SHANK_SHARE_OF_HEIGHT
from knee_track.geometry.front_view import INDEX
from knee_track.geometry.spatial import heading, shank_m
from knee_track.pose.joints import PARTS, UP, Joints, Part
from knee_track.pose.skeleton import LEGS, N_LANDMARKS
from knee_track.pose.track import PoseTrack

Floats = NDArray[np.float64]

WIDTH_PX: Final = 720
HEIGHT_PX: Final = 1280
LIMITS: Final = np.array([(-40.0, 40.0), (0.3, 1.6), (2.0, 5.0), (0.75, 1.1), (-2.0, 2.0)])
"""Of a place's fields in their order; focal lengths are those of phones' video (geometry.anatomy)."""
AIMED_AT: Final = 0.5
"""Share of the body height that the camera points at."""

CLIP_SD: Final[dict[Part, tuple[float, float]]] = {
    "hip": (0.0039, 0.0070),
    "knee": (0.0050, 0.0050),
    "ankle": (0.0027, 0.0032),
    "heel": (0.0042, 0.0046),
    "third_toe": (0.0042, 0.0019),
}
"""Spread between clips of BlazePose's landmarks against the joints, across and down, in body heights: mean of
standing and deep at yaw up to 10°, 35 rendered clips. At yaw 15 to 30° knee and ankle are alike, the hip is
three times worse across."""
JITTER_SD: Final = 0.0006
"""From frame to frame, in body heights: 0.57 px of a person 1,000 px tall."""
ROUGH_YAW_SD_DEG: Final = 6.0
"""Of the yaw from which the fit starts (geometry.view.rough_yaw_deg: SD 4 to 8)."""


@dataclass(frozen=True)
class Place:
    """Where a camera stands: yaw positive toward the client's left, height above the floor, distance from the
    middle of the feet; focal length over the picture's height; roll positive for a picture turned clockwise.
    """

    yaw_deg: float
    height_m: float
    distance_m: float
    focal_share: float
    roll_deg: float


def places(count: int, seed: int) -> list[Place]:
    """Places spread evenly over each of their limits (a Latin hypercube)."""
    shares = qmc.LatinHypercube(d=len(LIMITS), rng=np.random.default_rng(seed)).random(count)
    return [Place(*row) for row in (LIMITS[:, 0] + shares * np.ptp(LIMITS, axis=1)).tolist()]


def film(joints: Joints, place: Place, noise: np.random.Generator | None = None) -> PoseTrack:
    """Track of the joints' pixels; with `noise`, displaced as BlazePose's landmarks are.

    World landmarks stay missing: nothing that is tried with such a track reads them.
    """
    image = np.full((len(joints), N_LANDMARKS, 2), np.nan)
    points, height_m = in_client_axes(joints), body_height_m(joints)
    pixels, scale = project(points, place, AIMED_AT * height_m)
    if noise is not None:
        pixels = pixels + _errors(noise, len(joints)) * (height_m * scale)[..., None]
    for part, index in INDEX.items():
        for side, leg in enumerate(LEGS):
            image[:, index[leg]] = pixels[:, side, PARTS.index(part)]
    return PoseTrack(
        times_s=joints.times_s,
        image_px=image,
        world_m=np.full((len(joints), N_LANDMARKS, 3), np.nan),
        visibility=np.isfinite(image).all(axis=-1).astype(np.float64),
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        kind="joints",
    )


def project(points: Floats, place: Place, aim_m: float) -> tuple[Floats, Floats]:
    """Client-axes points (..., 3) to pixels (..., 2), and pixels per metre there (...)."""
    yaw, roll = np.radians(place.yaw_deg), np.radians(place.roll_deg)
    position = np.array([place.distance_m * np.cos(yaw), place.distance_m * np.sin(yaw), place.height_m])
    view = aim_m * UP - position
    view = view / np.linalg.norm(view)
    right = np.cross(view, UP)
    right = right / np.linalg.norm(right)
    down = np.cross(view, right)
    turned = np.stack(
        [np.cos(roll) * right - np.sin(roll) * down, np.cos(roll) * down + np.sin(roll) * right, view]
    )
    seen = (points - position) @ turned.T
    scale = place.focal_share * HEIGHT_PX / seen[..., 2]
    return seen[..., :2] * scale[..., None] + [WIDTH_PX / 2, HEIGHT_PX / 2], scale


def in_client_axes(joints: Joints) -> Floats:
    """(n, 2, 6, 3) points in client axes; right-handed whatever the laboratory's were."""
    forward = np.nanmedian(heading(joints), axis=0)
    forward = forward / np.linalg.norm(forward)
    hips = joints.of("left", "hip") - joints.of("right", "hip")
    left = np.cross(UP, forward)
    left = left * np.sign(np.nanmedian(hips @ left))
    middle = np.nanmedian([joints.of(leg, "ankle") for leg in LEGS], axis=(0, 1))
    feet = joints.points_m[:, :, [PARTS.index("third_toe"), PARTS.index("heel")], 2]
    floor = np.nanmin(feet[np.isfinite(feet)])
    origin = np.array([middle[0], middle[1], floor])
    return np.asarray((joints.points_m - origin) @ np.stack([forward, left, UP], axis=1))


def body_height_m(joints: Joints) -> float:
    """Stature from the shanks."""
    return float(np.mean([shank_m(joints, leg) for leg in LEGS])) / SHANK_SHARE_OF_HEIGHT


def _errors(noise: np.random.Generator, n: int) -> Floats:
    """(n, 2, 6, 2) displacements in body heights: one per landmark and clip, and jitter."""
    spread = np.array([CLIP_SD.get(part, (0.0, 0.0)) for part in PARTS])
    constant = noise.normal(size=(len(LEGS), len(PARTS), 2)) * spread
    return np.asarray(constant + JITTER_SD * noise.normal(size=(n, len(LEGS), len(PARTS), 2)))
