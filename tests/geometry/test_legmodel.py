"""The leg model against the definition of what it parametrises."""

from dataclasses import replace

import numpy as np
import pytest

from knee_track.geometry import anatomy, legmodel
from knee_track.geometry.legmodel import Own, Shared


def scene(deviation_deg=(6.0, -3.0), tilt_deg=(30.0, 20.0), toe_out_deg=(25.0, 10.0), yaw_deg=0.0):
    """A client straight in front of the camera, facing it."""
    shared = np.zeros(legmodel.N_SHARED)
    heading = np.pi - np.radians(yaw_deg)
    shared[Shared.HEADING] = heading
    shared[legmodel.ANKLE_X] = 7.0
    shared[legmodel.ANKLE_Y] = [-0.4, 0.4]
    shared[legmodel.AZIMUTH] = heading + np.radians(toe_out_deg) * [1.0, -1.0]
    shared[[Shared.THIGH, Shared.HALF_PELVIS, Shared.FOOT]] = [0.95, 0.25, 0.45]
    own = np.zeros((1, len(Own)))
    own[0, legmodel.DEVIATION] = np.radians(deviation_deg)
    own[0, legmodel.TILT] = np.radians(tilt_deg)
    own[0, [Own.HIP_X, Own.HIP_Z]] = [7.3, 1.4]
    return shared, own


def test_the_shank_leaves_the_third_toe_plane_by_the_deviation():
    legs = legmodel.pose_legs(*scene(), anatomy.JOINTS)
    for side, deviation in enumerate((6.0, -3.0)):
        shank = legs.knee[0, side] - legs.ankle[side]
        other_hip = legs.hip[0, 1 - side] - legs.hip[0, side]
        forward = legs.forward[side]
        normal = np.cross(forward, [0.0, 0.0, 1.0])
        normal *= np.sign(normal @ other_hip)  # medial: toward the other leg (measurement.md 1.3 step 4)
        assert np.linalg.norm(shank) == pytest.approx(1.0)
        assert np.degrees(np.arcsin(shank @ normal)) == pytest.approx(deviation)


def test_left_is_the_clients_left_and_toes_point_outward():
    legs = legmodel.pose_legs(*scene(), anatomy.JOINTS)
    camera = legmodel.camera_of(scene()[0], observations())
    (left, right), _ = camera.project(legs.ankle)
    assert left[0] > right[0]  # the client faces the camera
    assert np.degrees(legmodel.toe_out(scene()[0])) == pytest.approx([25.0, 10.0])
    assert legs.forward[0, 1] < 0.0 < legs.forward[1, 1]  # world y points to the picture's left


@pytest.mark.parametrize("yaw_deg", [-30.0, 0.0, 20.0])
def test_yaw_is_positive_toward_the_clients_left(yaw_deg):
    shared, own = scene(yaw_deg=yaw_deg)
    assert legmodel.yaw_of(shared) == pytest.approx(yaw_deg)
    # from the left the left ankle-to-hip side comes nearer: the left hip is nearer to the camera
    left_hip, right_hip = legmodel.pose_legs(shared, own, anatomy.JOINTS).hip[0]
    assert np.sign(right_hip[0] - left_hip[0]) == np.sign(yaw_deg)


@pytest.mark.parametrize("flexion_deg", [20.0, 60.0, 100.0])
def test_knee_flexion_follows_from_the_hip_ankle_distance(flexion_deg):
    shared, _ = scene()
    bend = np.radians(flexion_deg)
    distance = np.sqrt(1.0 + 0.95**2 + 2 * 0.95 * np.cos(bend))
    hip = np.array([[[0.0, 0.0, distance]]])
    assert np.degrees(legmodel.knee_flexion(shared, np.zeros(3), hip)) == pytest.approx(flexion_deg, abs=0.01)


def observations():
    return legmodel.Observations(
        np.zeros((1, 2, 5, 2)),
        np.ones((1, 2, 5)),
        np.zeros(1),
        1280.0,
        np.array([360.0, 640.0]),
        0.0,
        np.zeros(1),
        anatomy.JOINTS,
    )


def test_standing_height_in_a_wide_stance():
    shared, _ = scene()
    shared[legmodel.ANKLE_Y] = [-0.85, 0.85]  # ankles 1.7 apart, hips 0.5 apart: legs lean in by 0.6
    assert legmodel.standing_height(shared) == pytest.approx(np.sqrt((0.999 * 1.95) ** 2 - 0.6**2))


def test_constant_errors_move_the_residuals_as_said():
    """The derivatives that are written down are those that small steps give, whatever the errors are."""
    shared, own = scene()
    seen = replace(observations(), marks=anatomy.BLAZEPOSE, weight=np.linspace(0.2, 1.0, 10).reshape(1, 2, 5))
    base = legmodel.frame_residuals(shared, own, seen)
    steps = 0.01 * np.eye(len(shared))[len(Shared) :]
    seen_steps = [(legmodel.frame_residuals(shared + step, own, seen) - base) / 0.01 for step in steps]
    np.testing.assert_allclose(
        legmodel.constant_error_derivatives(seen), np.stack(seen_steps, axis=-1), atol=1e-6
    )
