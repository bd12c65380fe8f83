"""The truth behind every accuracy claim, against closed-form geometry and what the renderer was told."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.truth import POINTS, Truth, load_truth
from knee_track.pose.skeleton import LEGS, Leg


def leaning_leg(leg: Leg, medial_deg: float, toe_out_deg: float = 20.0) -> Truth:
    """A leg with a 0.4 m shank that tilts 30° along the foot and leans `medial_deg` off its plane."""
    side = 1.0 if leg == "left" else -1.0
    out, lean, tilt = np.radians([toe_out_deg, medial_deg, 30.0])
    along = np.array([np.cos(out), side * np.sin(out), 0.0])
    medial = np.array([np.sin(out), -side * np.cos(out), 0.0])
    in_plane = np.sin(tilt) * along + np.cos(tilt) * np.array([0.0, 0.0, 1.0])
    points = np.zeros((1, 2, len(POINTS), 3))
    points[0, LEGS.index(leg), POINTS.index("third_toe")] = 0.2 * along
    points[0, LEGS.index(leg), POINTS.index("knee")] = 0.4 * (np.cos(lean) * in_plane + np.sin(lean) * medial)
    return Truth({}, {}, 1.75, [], np.zeros(1), points, np.zeros((1, 2, len(POINTS), 2)))


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("medial_deg", [-6.0, 0.0, 8.0])
def test_deviation_is_the_angle_off_the_third_toe_plane(leg: Leg, medial_deg: float) -> None:
    assert leaning_leg(leg, medial_deg).deviation_deg(leg) == pytest.approx([medial_deg], abs=1e-9)


def test_a_perfect_squat_is_on_the_line_at_depth_and_medial_in_standing(samples_dir: Path) -> None:
    truth = load_truth(samples_dir / "front_squat_good.truth.npz")
    for leg in LEGS:
        deviation = truth.deviation_deg(leg)
        assert np.abs(deviation[truth.depth > 0.3]).max() < 0.2
        assert 4.0 < np.median(deviation[truth.times_s < 1.0]) < 6.0


def test_depth_at_a_hundred_degrees_of_flexion(samples_dir: Path) -> None:
    truth = load_truth(samples_dir / "side_squat.truth.npz")
    assert truth.depth.max() == pytest.approx(0.39, abs=0.01)


@pytest.mark.parametrize("clip", ["front_squat_good", "front_squat_valgus", "side_squat"])
def test_the_compact_form_says_the_same(samples_dir: Path, shared_dir: Path, clip: str) -> None:
    compact = load_truth(samples_dir / f"{clip}.truth.npz")
    original = load_truth(shared_dir / "truth" / "samples" / f"{clip}.truth.json.gz")
    np.testing.assert_allclose(compact.p3d_m, original.p3d_m, atol=1e-6)
    np.testing.assert_allclose(compact.p2d_px, original.p2d_px, atol=1e-3)
    assert (compact.scene, compact.camera, compact.reps) == (original.scene, original.camera, original.reps)


def test_pixels_are_the_joints_seen_through_the_camera(samples_dir: Path) -> None:
    truth = load_truth(samples_dir / "front_squat_valgus.truth.npz")
    intrinsics, rotation, shift = (np.array(truth.camera[key]) for key in ("K", "R", "t"))
    seen = (truth.p3d_m @ rotation.T + shift) @ intrinsics.T
    np.testing.assert_allclose(seen[..., :2] / seen[..., 2:], truth.p2d_px, atol=0.02)
