"""From COCO's body and feet (OpenPose BODY_25, Halpe-26) to a pose track whose toe is the third one.

Big toe, small toe and heel are known; the third toe's tip lies at half way from big to small toe, and 4 % of
the foot's length further forward (docs/measurement.md §1.5). On rendered people that comes to within 2 % of
the shank of the true tip.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HEEL, INDEX, KNEE, LEGS, N_LANDMARKS, Leg
from knee_track.pose.track import Floats, PoseTrack

BODY_25: Final = [
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist", "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee",
    "left_ankle", "right_eye", "left_eye", "right_ear", "left_ear", "left_big_toe", "left_small_toe",
    "left_heel", "right_big_toe", "right_small_toe", "right_heel",
]  # fmt: skip
HALPE_26: Final = [
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle", "head", "neck", "mid_hip", "left_big_toe", "right_big_toe",
    "left_small_toe", "right_small_toe", "left_heel", "right_heel",
]  # fmt: skip

BETWEEN_TOES: Final = 0.5
TIP_AHEAD: Final = 0.04 / 0.925
"""The tip's lead, in lengths from the heel to the middle of the toes (92.5 % of the foot)."""
MERGED_TOES: Final = 0.15
"""Big and small toe closer than this share of the foot are one point guessed twice."""
FOOT_PER_SHANK: Final = 0.61
"""Heel to big toe over ankle to knee; COCO's points on four rendered bodies: 0.60 to 0.63."""
THIRD_TOE_AXIS_DEG: Final = 8.5
THIRD_TOE_REACH: Final = 0.96
"""The third toe's tip about the heel: angle off the big toe, lateral, and its share of the foot's length."""
STEEPEST_TURN: Final = 0.95
"""Sine of the largest angle between foot and camera at which the floor can be told from the foot."""
FULL_TRUST: Final = 0.5
"""Confidence that counts as fully visible: then 0.3, where Pose2Sim and Sports2D begin to trust a point,
becomes the 0.6 that an event asks for."""


def coco_track(
    times_s: Floats, points_px: Floats, confidence: Floats, names: list[str], size_px: tuple[int, int]
) -> PoseTrack:
    """Pose track of keypoints (n, k, 2) in pixels, NaN where missing, and their confidences (n, k)."""
    n = len(times_s)
    image = np.full((n, N_LANDMARKS, 2), np.nan)
    sure = np.full((n, N_LANDMARKS), np.nan)
    visible = np.clip(confidence / FULL_TRUST, 0.0, 1.0)
    for k, name in enumerate(names):
        if name in INDEX:
            image[:, INDEX[name]], sure[:, INDEX[name]] = points_px[:, k], visible[:, k]
    for leg in LEGS:
        big, small = names.index(f"{leg}_big_toe"), names.index(f"{leg}_small_toe")
        shank_px = np.linalg.norm(image[:, KNEE[leg]] - image[:, ANKLE[leg]], axis=1)
        known = shank_px[np.isfinite(shank_px)]
        foot_px = FOOT_PER_SHANK * float(np.percentile(known, 90)) if known.size else np.nan
        toes = points_px[:, big], points_px[:, small]
        image[:, FOOT_INDEX[leg]] = third_toe_px(*toes, image[:, HEEL[leg]], foot_px, leg)
        both = np.where(np.isfinite(visible[:, small]), visible[:, small], visible[:, big])
        sure[:, FOOT_INDEX[leg]] = np.fmin(visible[:, big], both)
    sure = np.where(np.isfinite(image).all(axis=2), sure, np.nan)
    return PoseTrack(times_s, image, np.full((n, N_LANDMARKS, 3), np.nan), sure, *size_px, kind="coco_feet")


def third_toe_px(big: Floats, small: Floats, heel: Floats, foot_px: float, leg: Leg) -> Floats:
    """Tip of the third toe (n, 2) from big toe, small toe and heel (n, 2) each.

    foot_px: length of the whole foot at the client's distance. When the two toes are merged through the whole
    clip, and where the small toe is missing, the tip is found by turning the foot on the floor instead.
    """
    middle = big + BETWEEN_TOES * (small - big)
    ahead = np.where(np.isfinite(heel), TIP_AHEAD * (middle - heel), 0.0)
    turned = turned_foot_px(big, heel, foot_px, leg)
    if toes_are_merged(big, small, heel, foot_px):
        return turned
    return np.where(np.isfinite(middle), middle + ahead, turned)


def toes_are_merged(big: Floats, small: Floats, heel: Floats, foot_px: float) -> bool:
    """Whether big and small toe usually coincide although the foot points at the camera.

    A foot seen from its side shows them together too, but then half way between them is right all the same.
    """
    apart, length = np.linalg.norm(big - small, axis=1), np.linalg.norm(big - heel, axis=1)
    known = np.isfinite(apart) & np.isfinite(length)
    if not known.any():
        return False
    facing = np.median(length[known]) < 0.7 * foot_px
    return bool(facing and np.median(apart[known]) < MERGED_TOES * foot_px)


def turned_foot_px(big: Floats, heel: Floats, foot_px: float, leg: Leg) -> Floats:
    """Tip of the third toe (n, 2) by turning heel→big toe outward by 8.5° on the floor.

    The picture gives the foot's sideways part; its known length gives the part toward the camera, and so how
    many pixels down in the picture the floor runs per foot length. That holds for a camera in front that
    stands level, and for the usual foot length; a foot 10 % longer moves the tip by less than 2 % of it.
    """
    sideways = np.clip((big[:, 0] - heel[:, 0]) / foot_px, -STEEPEST_TURN, STEEPEST_TURN)
    nearer = np.sqrt(1.0 - sideways**2)
    down_px = (big[:, 1] - heel[:, 1]) / nearer
    out = np.radians(THIRD_TOE_AXIS_DEG) * (1.0 if leg == "left" else -1.0)
    turned_sideways = np.cos(out) * sideways + np.sin(out) * nearer
    turned_nearer = np.cos(out) * nearer - np.sin(out) * sideways
    step = np.stack([foot_px * turned_sideways, down_px * turned_nearer], axis=1)
    return np.asarray(heel + THIRD_TOE_REACH * step)
