"""Joints in space as an ideal picture of them: from straight ahead, level, without perspective.

Recognising a movement and the frontal measures beside the deviation work on a pose track. Seen like this they
read the true lengths and angles; a pixel is a millimetre.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from knee_track.geometry.spatial import heading
from knee_track.pose import skeleton
from knee_track.pose.joints import UP, Joints, Part
from knee_track.pose.skeleton import LEGS, N_LANDMARKS, Leg
from knee_track.pose.track import PoseTrack

PX_PER_M: Final = 1000.0
MARGIN_PX: Final = 100.0
INDEX: Final[dict[Part, dict[Leg, int]]] = {
    "hip": skeleton.HIP,
    "knee": skeleton.KNEE,
    "ankle": skeleton.ANKLE,
    "third_toe": skeleton.FOOT_INDEX,
    "heel": skeleton.HEEL,
    "shoulder": skeleton.SHOULDER,
}


def front_track(joints: Joints) -> PoseTrack:
    """Pose track of the joints, seen along the client's usual forward direction; visible is what is known.

    The client's left is on the picture's right, as a camera in front sees it; world landmarks have
    MediaPipe's axes (x right, y down, z away from the viewer) from mid-hip.
    """
    n = len(joints)
    forward = np.nanmedian(heading(joints), axis=0)
    forward = forward / np.linalg.norm(forward)
    hips = joints.of("left", "hip") - joints.of("right", "hip")
    left = np.cross(UP, forward)
    left = left * np.sign(np.nanmedian(hips @ left))
    axes = np.stack([left, -UP, -forward], axis=1)
    seen = np.full((n, N_LANDMARKS, 3), np.nan)
    for part, index in INDEX.items():
        for leg in LEGS:
            seen[:, index[leg]] = joints.of(leg, part) @ axes
    middle = (seen[:, skeleton.HIP["left"]] + seen[:, skeleton.HIP["right"]]) / 2.0
    image_px = PX_PER_M * seen[..., :2]
    image_px = image_px - np.nanmin(image_px, axis=(0, 1)) + MARGIN_PX
    width_px, height_px = np.ceil(np.nanmax(image_px, axis=(0, 1)) + MARGIN_PX).astype(int)
    return PoseTrack(
        times_s=joints.times_s,
        image_px=image_px,
        world_m=seen - middle[:, None],
        visibility=np.isfinite(seen).all(axis=-1).astype(np.float64),
        width_px=int(width_px),
        height_px=int(height_px),
        kind="joints",
    )
