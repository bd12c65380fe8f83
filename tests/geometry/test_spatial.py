"""Knee measures in space against closed-form bodies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from marker_files import ANKLE_UP_M, FOOT_M, SHANK_M, joints

from knee_track.geometry import spatial
from knee_track.geometry.front_view import front_track
from knee_track.pose.joints import PARTS
from knee_track.pose.skeleton import ANKLE, HIP, LEGS
from knee_track.settings import RepSettings


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("medial_deg", [-6.0, 0.0, 8.0])
@pytest.mark.parametrize("toe_out_deg", [0.0, 25.0])
def test_a_shank_tilted_and_leaning_by_known_angles(leg, medial_deg, toe_out_deg):
    tilt_deg = np.array([2.0, 20.0, 40.0])
    curves = spatial.leg_curves(joints(tilt_deg, medial_deg, toe_out_deg), leg, 0.005)
    np.testing.assert_allclose(curves.deviation_deg, medial_deg, atol=1e-9)
    np.testing.assert_allclose(curves.offset_pct_shank, 100 * np.sin(np.radians(medial_deg)), atol=1e-9)
    lean, tilt = np.radians(medial_deg), np.radians(tilt_deg)
    ray = np.degrees(np.arctan2(np.sin(lean), np.cos(lean) * np.sin(tilt)))
    np.testing.assert_allclose(curves.ray_angle_deg[1:], ray[1:], atol=1e-9)
    assert np.isnan(curves.ray_angle_deg[0])  # hardly any travel


def test_handedness_of_the_laboratory_does_not_matter():
    figure = joints(np.array([10.0, 30.0]), 5.0, 20.0)
    mirrored = replace(figure, points_m=figure.points_m * [1.0, -1.0, 1.0])
    for leg in LEGS:
        np.testing.assert_allclose(spatial.leg_curves(mirrored, leg, 0.005).deviation_deg, 5.0, atol=1e-9)
        np.testing.assert_allclose(spatial.toe_out_deg(mirrored, leg), 20.0, atol=1e-9)
    assert front_track(mirrored).image_px == pytest.approx(front_track(figure).image_px, nan_ok=True)


def test_flexion_toe_out_and_standing_alignment():
    figure = joints(np.zeros(3), 0.0, 18.0)
    quiet = np.ones(3, dtype=bool)
    for leg in LEGS:
        found = spatial.posture(figure, leg, quiet, 0.005)
        assert found.deviation_deg == pytest.approx(0.0, abs=1e-9)
        assert found.toe_out_deg == pytest.approx(18.0)
        # the thigh leans 7 cm in 42 cm to the middle, seen along a foot that is turned 18° out
        lean = np.arcsin(0.07 / 0.42)
        assert spatial.knee_flexion_deg(figure, leg) == pytest.approx(np.degrees(lean))
        seen = np.degrees(np.arctan2(0.07 * np.cos(np.radians(18.0)), 0.42 * np.cos(lean)))
        assert found.hka_deg == pytest.approx(-seen)
    assert spatial.posture(figure, "left", ~quiet, 0.005).hka_deg is None


def test_depth_is_how_far_the_hips_sink_over_the_ankles():
    figure = joints(np.zeros(100), 0.0, 10.0)
    points = figure.points_m.copy()
    height = points[0, 0, PARTS.index("hip"), 2] - ANKLE_UP_M
    sunk = np.concatenate([np.zeros(40), np.linspace(0.0, 0.4, 30), np.linspace(0.4, 0.0, 30)])
    points[:, :, PARTS.index("hip"), 2] -= (height * sunk)[:, None]
    points[50, 0, PARTS.index("hip")] = np.nan
    depth = spatial.depth_of(replace(figure, points_m=points), RepSettings())
    assert np.isnan(depth[50])
    np.testing.assert_allclose(np.delete(depth, 50), np.delete(sunk, 50), atol=0.005)


def test_with_a_foot_off_the_floor_the_lower_ankle_carries():
    figure = joints(np.zeros(60), 0.0, 10.0)
    points = figure.points_m.copy()
    points[20:40, 1, PARTS.index("ankle"), 2] += 0.3
    depth = spatial.depth_of(replace(figure, points_m=points), RepSettings())
    np.testing.assert_allclose(depth, 0.0, atol=1e-9)


def test_the_band_is_what_placement_errors_do():
    """Monte Carlo: every point displaced by a normal error; 95 % of the deviations lie inside the band."""
    figure = joints(np.array([30.0]), 5.0, 15.0)
    noise, sd_m, errors = np.random.default_rng(1), 0.007, []
    for _ in range(4000):
        shifted = replace(figure, points_m=figure.points_m + noise.normal(0, sd_m, figure.points_m.shape))
        errors.append(spatial.leg_curves(shifted, "left", sd_m).deviation_deg[0] - 5.0)
    band = spatial.leg_curves(figure, "left", sd_m).band_deg[0]
    assert np.percentile(np.abs(errors), 95) == pytest.approx(band, rel=0.06)
    ahead = np.sin(np.radians(30.0)) * np.cos(np.radians(5.0)) * SHANK_M / FOOT_M
    by_hand = 1.96 * np.degrees(sd_m / SHANK_M) * np.sqrt(1 + ahead**2 + (1 - ahead) ** 2)
    assert band == pytest.approx(by_hand)
    unsure = spatial.band_deg(replace(figure, toe_axis_sd_deg=3.0), "left", sd_m)[0]
    assert unsure == pytest.approx(
        np.hypot(band, 1.96 * 3.0 * np.sin(np.radians(30)) * np.cos(np.radians(5)))
    )


def test_the_front_view_shows_true_lengths_with_left_on_the_right():
    track = front_track(joints(np.array([0.0, 20.0]), 0.0, 10.0))
    assert track.kind == "joints"
    ankles = track.image_px[:, ANKLE["left"]] - track.image_px[:, ANKLE["right"]]
    np.testing.assert_allclose(ankles, [[340.0, 0.0]] * 2, atol=1e-6)
    assert (track.image_px[:, HIP["left"], 1] < track.image_px[:, ANKLE["left"], 1]).all()  # up is less y
    assert np.nanmin(track.image_px) >= 0.0
    toes = track.world_m[:, 31] - track.world_m[:, ANKLE["left"]]
    assert (toes[:, 2] < 0).all()  # toward the viewer
