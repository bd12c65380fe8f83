"""Landmarks as a faultless BlazePose would give them for a rendered clip: exact joints, shifted to the places
where the landmarks sit, seen by the clip's own camera."""

import numpy as np

from benchmarks.truth import load_truth
from knee_track.geometry import anatomy
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HEEL, HIP, KNEE, LEGS
from knee_track.pose.track import PoseTrack


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def seen(truth, points_m):
    """Pixels (n, 2) of world points (n, 3)."""
    camera = truth.camera
    x_cam = points_m @ np.array(camera["R"]).T + np.array(camera["t"])
    focal, centre = camera["K"][0][0], np.array([camera["K"][0][2], camera["K"][1][2]])
    return x_cam[:, :2] / x_cam[:, 2:] * focal + centre


def landmark_points_m(truth, leg):
    """Where each landmark sits in the world, by part, each (n, 3)."""
    joint = {name: truth.point_m(leg, name) for name in ("hip", "knee", "ankle", "heel", "third_toe")}
    other = truth.point_m("right" if leg == "left" else "left", "hip")
    up = np.array([0.0, 0.0, 1.0])
    shank = joint["knee"] - joint["ankle"]
    size = np.linalg.norm(shank[0])
    forward = unit((joint["third_toe"] - joint["ankle"]) * [1.0, 1.0, 0.0])
    medial = np.cross(forward, up) * (1.0 if leg == "left" else -1.0)
    along = unit(shank)
    shank_medial = unit(medial - np.sum(medial * along, axis=1, keepdims=True) * along)
    shank_forward = np.cross(shank_medial, along) * (-1.0 if leg == "left" else 1.0)
    thigh = joint["hip"] - joint["knee"]
    bend = np.arccos(np.sum(unit(thigh) * along, axis=1))[:, None]
    inward = unit(other - joint["hip"])
    ahead = np.cross(inward, up) * (1.0 if leg == "left" else -1.0)
    hip = np.array(anatomy.OFFSETS["hip"]) + np.array(anatomy.HIP_OFFSET_PER_RADIAN) * bend

    def moved(name, part, axes):
        return joint[name] + size * sum(
            share * axis for share, axis in zip(anatomy.OFFSETS[part], axes, strict=True)
        )

    leg_axes, foot_axes = (shank_forward, shank_medial, along), (forward, medial, up)
    return {
        "hip": joint["hip"] + size * (hip[:, :1] * ahead + hip[:, 1:2] * inward + hip[:, 2:] * up),
        "knee": moved("knee", "knee", leg_axes),
        "ankle": moved("ankle", "ankle", leg_axes),
        "heel": moved("heel", "heel", foot_axes),
        "toe": moved("third_toe", "toe", foot_axes),
    }


def perfect_track(path):
    """(track, truth) of a rendered clip's truth file; points other than the legs' are missing."""
    truth = load_truth(path)
    n = len(truth.times_s)
    image = np.full((n, 33, 2), np.nan)
    index = {"hip": HIP, "knee": KNEE, "ankle": ANKLE, "heel": HEEL, "toe": FOOT_INDEX}
    for leg in LEGS:
        for part, points in landmark_points_m(truth, leg).items():
            image[:, index[part][leg]] = seen(truth, points)
    width, height = truth.camera["size"]
    return PoseTrack(
        truth.times_s, image, np.full((n, 33, 3), np.nan), np.ones((n, 33)), width, height
    ), truth
