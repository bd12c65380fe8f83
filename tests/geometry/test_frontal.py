import numpy as np
import pytest

from knee_track.geometry.frontal import (
    expected_kasr,
    fppa_deg,
    frontal_bands,
    hip_shift_pct_hips,
    kasr,
    left_sign,
    pelvic_drop_deg,
    trunk_lean_deg,
)
from knee_track.pose.skeleton import INDEX, mirror_order
from knee_track.settings import FrontalSettings, load_settings

SETTINGS = FrontalSettings()
# a front view of someone level and straight: the client's left is on the picture's right
UPRIGHT = {
    "shoulder": (80.0, 300.0),
    "hip": (50.0, 600.0),
    "knee": (50.0, 800.0),
    "ankle": (50.0, 1000.0),
}


def picture(**moved):
    """Landmarks (1, 33, 2) of the upright pose, some moved: left_knee=(dx, dy), both=(dx, dy) for a pair."""
    points = np.full((1, 33, 2), np.nan)
    for part, (x, y) in UPRIGHT.items():
        points[0, INDEX[f"left_{part}"]] = (400.0 + x, y)
        points[0, INDEX[f"right_{part}"]] = (400.0 - x, y)
    for name, shift in moved.items():
        names = [name] if name in INDEX else [f"left_{name}", f"right_{name}"]
        for one in names:
            points[0, INDEX[one]] += shift
    return points


def clip(**moved):
    """Two frames, the first standing upright, and the standing mask."""
    return np.concatenate([picture(), picture(**moved)]), np.array([True, False])


def rolled(points, roll_deg):
    """The same scene in a picture turned clockwise, about its centre."""
    roll = np.radians(roll_deg)
    offset = points - (360.0, 640.0)
    x = offset[..., 0] * np.cos(roll) - offset[..., 1] * np.sin(roll)
    y = offset[..., 0] * np.sin(roll) + offset[..., 1] * np.cos(roll)
    return np.stack([x, y], axis=-1) + (360.0, 640.0)


def flipped(points):
    """The mirrored client: picture flipped, sides renamed, so that left and right trade roles."""
    image = points[:, mirror_order()].copy()
    image[..., 0] = 720.0 - image[..., 0]
    return image


def test_turning_the_picture_clockwise_lowers_its_right_side():
    turned = rolled(picture(), 10.0)
    assert turned[0, INDEX["left_hip"], 1] > turned[0, INDEX["right_hip"], 1]


@pytest.mark.parametrize("leg", ["left", "right"])
def test_fppa_of_a_knee_that_falls_in_is_positive_on_either_leg(leg):
    inward = {"left": -1.0, "right": 1.0}[leg]
    shift = 200.0 * np.tan(np.radians(5.0))  # thigh and shank each 5° off the vertical
    for sign in (1.0, -1.0):
        points, standing = clip(**{f"{leg}_knee": (sign * inward * shift, 0.0)})
        for image in (points, rolled(points, 12.0)):
            angle = fppa_deg(image, leg, standing, np.zeros(2), SETTINGS)
            assert angle == pytest.approx([0.0, sign * 10.0], abs=1e-6)


def test_fppa_does_not_depend_on_which_way_the_client_faces_the_picture():
    points, standing = clip(left_knee=(-20.0, 0.0))
    other_side = points.copy()
    other_side[..., 0] = 720.0 - other_side[..., 0]  # a mirrored recording
    angles = [fppa_deg(image, "left", standing, np.zeros(2), SETTINGS)[1] for image in (points, other_side)]
    assert angles[0] == pytest.approx(angles[1]) and angles[0] > 0


def test_fppa_is_refused_where_depth_makes_it():
    points, standing = clip(hip=(0.0, 110.0))  # projected thigh 90 of 200 px
    assert np.isnan(fppa_deg(points, "left", standing, np.zeros(2), SETTINGS)).tolist() == [False, True]
    points, standing = clip()
    flexion = np.array([70.0, 71.0])
    assert np.isnan(fppa_deg(points, "left", standing, flexion, SETTINGS)).tolist() == [False, True]
    deeper = load_settings(None, ["frontal.fppa_max_flexion_deg=80"]).frontal
    assert np.isfinite(fppa_deg(points, "left", standing, flexion, deeper)).all()


def test_separation_ratio():
    assert kasr(picture()) == pytest.approx([1.0])
    assert kasr(picture(left_knee=(-15.0, 0.0), right_knee=(15.0, 0.0))) == pytest.approx([0.7])
    apart = picture(left_knee=(20.0, -30.0), right_knee=(-20.0, -30.0))
    assert kasr(rolled(apart, 7.0), roll_deg=7.0) == pytest.approx([1.4])
    assert np.isnan(kasr(np.full((1, 33, 2), np.nan))).all()


def test_expected_separation_ratio_meets_the_worked_numbers():
    # measurement.md: 90° flexion, toe-out 15°, W = 0.36 m, shank 0.415 m, camera at 3 m: 1.44. Its tilt
    # follows from the error table: 5° of foot axis make 2.8° there, so sin θ = 0.56.
    tilt = np.degrees(np.arcsin([0.56]))
    assert expected_kasr(0.415, 0.36, tilt, 15.0, 3.0) == pytest.approx([1.44], abs=0.005)
    assert expected_kasr(0.415, 0.36, tilt, 15.0) == pytest.approx([1.334], abs=0.001)
    assert expected_kasr(0.415, 0.36, np.zeros(1), 15.0) == pytest.approx([1.0])
    assert expected_kasr(0.415, 0.36, tilt, 0.0) == pytest.approx([1.0])


def test_expected_separation_ratio_is_the_projection_of_knees_on_their_lines():
    shank, width, tilt, toe_out, distance = 0.4, 0.3, np.radians(40.0), np.radians(25.0), 2.5
    knee_forward = shank * np.sin(tilt) * np.cos(toe_out)
    knee_outward = width / 2 + shank * np.sin(tilt) * np.sin(toe_out)
    projected = (knee_outward / (distance - knee_forward)) / (width / 2 / distance)
    assert expected_kasr(shank, width, np.array([40.0]), 25.0, distance) == pytest.approx([projected])


@pytest.mark.parametrize("roll_deg", [0.0, 8.0, -8.0])
def test_pelvic_drop_is_left_lower_positive_and_free_of_roll(roll_deg):
    points, standing = clip(left_hip=(0.0, 10.0))  # 100 px apart
    expected = np.degrees(np.arctan(0.1))
    image = rolled(points, roll_deg)
    assert pelvic_drop_deg(image, standing, roll_deg) == pytest.approx([0.0, expected], abs=1e-6)
    mirrored = rolled(flipped(points), roll_deg)
    assert pelvic_drop_deg(mirrored, standing, roll_deg) == pytest.approx([0.0, -expected], abs=1e-6)


def test_pelvic_drop_is_measured_from_standing():
    points, standing = clip(left_hip=(0.0, 10.0))
    points[0, INDEX["left_hip"], 1] += 10.0
    assert pelvic_drop_deg(points, standing) == pytest.approx([0.0, 0.0])
    assert np.isnan(pelvic_drop_deg(points, np.zeros(2, dtype=bool))).all()


@pytest.mark.parametrize("roll_deg", [0.0, 8.0])
def test_trunk_lean_is_toward_the_clients_left_positive(roll_deg):
    points, standing = clip(shoulder=(300.0 * np.tan(np.radians(6.0)), 0.0))
    for image, lean in ((points, 6.0), (flipped(points), -6.0)):
        measured = trunk_lean_deg(rolled(image, roll_deg), standing, SETTINGS, roll_deg)
        assert measured == pytest.approx([0.0, lean], abs=1e-6)


@pytest.mark.parametrize("yaw_deg", [15.0, -15.0])
def test_forward_lean_seen_from_the_side_is_not_side_lean(yaw_deg):
    yaw, bend, side = np.radians([yaw_deg, 35.0, 4.0])
    trunk = np.array([np.tan(side) * np.cos(bend), np.cos(bend), np.sin(bend)])  # left, up, forward
    leftward, upward, forward = 300.0 * trunk / np.linalg.norm(trunk)
    # camera toward the client's left: his forward points to the picture's left
    sideways = leftward * np.cos(yaw) - forward * np.sin(yaw)
    points, standing = clip(shoulder=(sideways, 300.0 - upward))
    exact = load_settings(None, ["frontal.trunk_length_share=1"]).frontal
    assert trunk_lean_deg(points, standing, exact, yaw_deg=yaw_deg)[1] == pytest.approx(4.0)
    assert abs(trunk_lean_deg(points, standing, exact)[1] - 4.0) > 8.0


@pytest.mark.parametrize("roll_deg", [0.0, 8.0])
def test_hip_shift_is_in_percent_of_hip_width(roll_deg):
    points, standing = clip(hip=(15.0, 100.0))
    for image, shift in ((points, 15.0), (flipped(points), -15.0)):
        measured = hip_shift_pct_hips(rolled(image, roll_deg), standing, roll_deg)
        assert measured == pytest.approx([0.0, shift], abs=1e-6)


def test_left_sign():
    assert left_sign(picture()) == 1.0
    assert left_sign(picture() * (-1.0, 1.0)) == -1.0


def test_bands_grow_off_axis():
    front, oblique = frontal_bands(0.0, SETTINGS), frontal_bands(-30.0, SETTINGS)
    assert (front.fppa_deg, front.trunk_lean_deg, front.hip_shift_pct_hips) == (5.6, 1.5, 6.0)
    assert oblique.trunk_lean_deg == pytest.approx(np.hypot(1.5, 9.0))
    assert oblique.hip_shift_pct_hips == pytest.approx(np.hypot(6.0, 27.5))
    assert oblique.fppa_deg == pytest.approx(np.hypot(5.6, 30.0))
    wider = load_settings(None, ["frontal.pelvic_drop_band_deg=9"]).frontal
    assert frontal_bands(0.0, wider).pelvic_drop_deg == 9.0
