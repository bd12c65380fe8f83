"""The measures that others take from the same landmarks, for comparison only; the pipeline uses none of them.

Each takes a cleaned track of n frames and a mask (n,) of quiet standing and gives degrees (n,), medial
positive. Section numbers: docs/measurement.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry.frontal import fppa_deg
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HIP, KNEE, Leg
from knee_track.pose.track import PoseTrack
from knee_track.settings import FrontalSettings

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

THIRD_TOE_LATERAL_DEG: Final = 6.0
"""From ankle → foot index to ankle → third toe (measurement §1.3 step 3)."""
UNLIMITED: Final = FrontalSettings(fppa_max_flexion_deg=180.0, fppa_min_thigh_share=0.0)


def knee_over_toe_x_deg(track: PoseTrack, leg: Leg, standing: Mask) -> Floats:
    """Knee x minus foot-index x in the picture as a share of the standing shank, as an angle (§1.2)."""
    image = track.image_px
    medial = np.sign(image[:, HIP[_other(leg)], 0] - image[:, HIP[leg], 0])
    distance_px = medial * (image[:, KNEE[leg], 0] - image[:, FOOT_INDEX[leg], 0])
    return _angle_deg(distance_px, image[:, KNEE[leg]] - image[:, ANKLE[leg]], standing)


def world_plane_deg(track: PoseTrack, leg: Leg, standing: Mask) -> Floats:
    """World landmarks off the vertical plane through ankle and third toe (§1.3 steps 1 to 5).

    The camera is taken to be level; the foot's direction is the median over the clip, from the ankle.
    """
    world = track.world_m[..., [0, 2]]  # seen from above: right, and away from the camera
    foot = np.nanmedian(world[:, FOOT_INDEX[leg]] - world[:, ANKLE[leg]], axis=0)
    foot /= np.linalg.norm(foot)
    medial = np.array([-foot[1], foot[0]])
    across = np.nanmedian(world[:, HIP[_other(leg)]] - world[:, HIP[leg]], axis=0)
    medial *= np.sign(medial @ across)
    turn = np.radians(THIRD_TOE_LATERAL_DEG)
    medial = np.cos(turn) * medial + np.sin(turn) * foot
    distance_m = (world[:, KNEE[leg]] - world[:, ANKLE[leg]]) @ medial
    return _angle_deg(distance_m, track.world_m[:, KNEE[leg]] - track.world_m[:, ANKLE[leg]], standing)


def projection_angle_deg(track: PoseTrack, leg: Leg, standing: Mask) -> Floats:
    """FPPA at every depth, as the many apps that report it do (§1.1)."""
    return fppa_deg(track.image_px, leg, standing, np.zeros(len(track)), UNLIMITED)


NAIVE: Final[dict[str, Callable[[PoseTrack, Leg, Mask], Floats]]] = {
    "knee x − toe x": knee_over_toe_x_deg,
    "world-landmark plane": world_plane_deg,
    "FPPA": projection_angle_deg,
}


def _angle_deg(distance: Floats, shank: Floats, standing: Mask) -> Floats:
    """Distance off the line (n,) as an angle of the shank (n, 2 or 3), whose standing length counts."""
    length = np.nanmedian(np.linalg.norm(shank[standing], axis=1))
    return np.asarray(np.degrees(np.arcsin(np.clip(distance / length, -1.0, 1.0))))


def _other(leg: Leg) -> Leg:
    return "right" if leg == "left" else "left"
