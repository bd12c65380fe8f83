"""The camera against the renderer's own projection."""

import numpy as np
import pytest

from benchmarks.truth import load_truth
from knee_track.geometry.camera import Camera

CLIPS = ["front_squat_good", "front_squat_valgus", "side_squat"]


@pytest.mark.parametrize("clip", CLIPS)
def test_projects_like_the_renderer(samples_dir, clip):
    truth = load_truth(samples_dir / f"{clip}.truth.npz")
    yaw = np.radians(truth.scene["yaw"])
    away = np.array([-np.cos(yaw), -np.sin(yaw), 0.0])
    axes = np.stack([away, np.cross([0.0, 0.0, 1.0], away), [0.0, 0.0, 1.0]])
    under_camera = np.array([*truth.camera["position"][:2], 0.0])
    camera = Camera(
        pitch=np.radians(truth.camera["pitch_deg"]),
        roll=0.0,
        focal_px=truth.camera["K"][0][0],
        height=truth.camera["position"][2],
        centre_px=np.array([truth.camera["K"][0][2], truth.camera["K"][1][2]]),
    )
    pixels, depth = camera.project((truth.p3d_m - under_camera) @ axes.T)
    assert pixels == pytest.approx(truth.p2d_px, abs=0.05)
    assert depth.min() > 2.0


def test_positive_pitch_looks_down_and_positive_roll_turns_what_is_seen_clockwise():
    ahead, above = np.array([5.0, 0.0, 1.0]), np.array([5.0, 0.0, 2.0])
    middle = np.array([100.0, 100.0])
    level = Camera(0.0, 0.0, 100.0, 1.0, middle)
    assert level.project(ahead)[0] == pytest.approx(middle)
    looking_down = Camera(0.1, 0.0, 100.0, 1.0, middle)
    assert looking_down.project(ahead)[0][1] < 100.0
    rolled = Camera(0.0, 0.1, 100.0, 1.0, middle)
    assert rolled.project(above)[0][0] > 100.0
