"""Landmarks as a faultless BlazePose would give them for a rendered clip: exact joints, shifted to the places
where the landmarks sit, seen by the clip's own camera."""

import numpy as np

from benchmarks.landmark_bias import CAUSES, body_axes, causes_of
from benchmarks.truth import load_truth
from knee_track.geometry import anatomy
from knee_track.geometry.legfit import PART_INDEX
from knee_track.pose.skeleton import LEGS
from knee_track.pose.track import PoseTrack


def seen(truth, points_m):
    """Pixels (n, 2) of world points (n, 3)."""
    camera = truth.camera
    x_cam = points_m @ np.array(camera["R"]).T + np.array(camera["t"])
    focal, centre = camera["K"][0][0], np.array([camera["K"][0][2], camera["K"][1][2]])
    return x_cam[:, :2] / x_cam[:, 2:] * focal + centre


def shank_px(truth):
    """Shank length in pixels where the client stands."""
    shank_m = np.linalg.norm(truth.point_m("left", "knee") - truth.point_m("left", "ankle"), axis=1).mean()
    return shank_m * truth.camera["K"][0][0] / np.linalg.norm(truth.camera["position"][:2])


def landmark_points_m(truth, marks):
    """Where each landmark sits in the world, by part, each (n, 2, 3)."""
    names = ("hip", "knee", "ankle", "heel", "third_toe")
    joint = {
        part: np.stack([truth.point_m(leg, name) for leg in LEGS], axis=1)
        for part, name in zip(anatomy.PARTS, names, strict=True)
    }
    shank_m = np.linalg.norm(joint["knee"] - joint["ankle"], axis=-1).mean()
    axes, causes = body_axes(joint), causes_of(joint, truth, shank_m)
    points = {}
    for part in anatomy.PARTS:
        offset = shank_m * causes @ np.array([getattr(marks[part], cause) for cause in CAUSES])
        points[part] = joint[part] + sum(offset[..., i, None] * axis for i, axis in enumerate(axes[part]))
    return points


def perfect_track(path, kind="blazepose"):
    """(track, truth) of a rendered clip's truth file; points other than the legs' are missing."""
    truth = load_truth(path)
    n = len(truth.times_s)
    image = np.full((n, 33, 2), np.nan)
    marks = anatomy.MARKS[kind]
    for part, points in landmark_points_m(truth, marks).items():
        for side, leg in enumerate(LEGS):
            medial, down = marks[part].lopsided
            turned = np.array(
                [-medial, (1 - 2 * side) * down]
            )  # medial of the left leg is to the picture's left
            image[:, PART_INDEX[part][leg]] = seen(truth, points[:, side]) + turned * shank_px(truth)
    width, height = truth.camera["size"]
    return PoseTrack(
        truth.times_s, image, np.full((n, 33, 3), np.nan), np.ones((n, 33)), width, height, kind
    ), truth
