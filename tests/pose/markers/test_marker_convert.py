"""From markers to joints: which way is up, regressed hips, toes and skin markers moved to the joints."""

from __future__ import annotations

import numpy as np
import pytest
from marker_files import joints, named
from scipy.spatial.transform import Rotation

from knee_track.errors import MarkerError
from knee_track.geometry.spatial import leg_curves
from knee_track.pose.markers.convert import find_up, joints_of, upright
from knee_track.pose.markers.data import UPS, Markers
from knee_track.pose.markers.hips import hip_centres
from knee_track.pose.markers.mapping import Mapping, presets
from knee_track.pose.skeleton import LEGS

TO_LAB = {
    "z": np.eye(3),
    "y": [[1, 0, 0], [0, 0, 1], [0, -1, 0]],  # forward, up, right: OpenSim
    "x": [[0, 0, 1], [1, 0, 0], [0, 1, 0]],
    "-z": [[1, 0, 0], [0, -1, 0], [0, 0, -1]],
    "-y": [[0, -1, 0], [0, 0, -1], [1, 0, 0]],  # a camera's: right, down, ahead
    "-x": [[0, 0, -1], [0, 1, 0], [1, 0, 0]],
}
"""Rows: the laboratory's axes in those of the figure (forward, left, up)."""


@pytest.mark.parametrize("up", UPS)
def test_up_is_found_and_the_deviation_does_not_depend_on_the_axes(up):
    lab = np.array(TO_LAB[up], dtype=float)
    assert np.linalg.det(lab) == pytest.approx(1.0)
    figure = joints(np.linspace(5.0, 35.0, 20), 7.0, 20.0)
    names, points = named(figure)
    turned = points @ Rotation.from_euler("z", 40, degrees=True).as_matrix().T @ lab.T
    markers = Markers(tuple(names), figure.times_s, turned)
    assert find_up(turned.reshape(figure.points_m.shape)) == up
    for asked in (None, up):
        read = joints_of(markers, presets()["joints"], asked)
        np.testing.assert_allclose(read.points_m[..., 2], figure.points_m[..., 2], atol=1e-12)
        for leg in LEGS:
            np.testing.assert_allclose(leg_curves(read, leg, 0.005).deviation_deg, 7.0, atol=1e-9)


@pytest.mark.parametrize("up", UPS)
def test_turning_upright_keeps_handedness(up):
    axes = upright(np.eye(3), up)
    assert np.linalg.det(axes) == pytest.approx(1.0)


def test_a_tilted_laboratory_is_refused_unless_up_is_said():
    figure = joints(np.zeros(5), 0.0, 10.0)
    names, points = named(figure)
    tilted = points @ Rotation.from_euler("x", 40, degrees=True).as_matrix().T
    markers = Markers(tuple(names), figure.times_s, tilted)
    with pytest.raises(MarkerError, match="say it with --up"):
        joints_of(markers, presets()["joints"])
    joints_of(markers, presets()["joints"], "z")


def test_a_joint_that_is_never_seen_is_named():
    figure = joints(np.zeros(5), 0.0, 10.0)
    names, points = named(figure)
    points[:, names.index("right_third_toe")] = np.nan
    with pytest.raises(MarkerError, match="right third toe is in no frame"):
        joints_of(Markers(tuple(names), figure.times_s, points), presets()["joints"])


def test_legs_that_are_never_whole_together_are_refused():
    figure = joints(np.zeros(6), 0.0, 10.0)
    names, points = named(figure)
    points[:3, names.index("right_knee")] = np.nan
    points[3:, names.index("left_ankle")] = np.nan
    with pytest.raises(MarkerError, match="No frame holds hips, knees, ankles and toes"):
        joints_of(Markers(tuple(names), figure.times_s, points), presets()["joints"])


def test_optional_markers_may_be_lacking():
    figure = joints(np.zeros(5), 3.0, 10.0)
    names, points = named(figure)
    kept = [i for i, name in enumerate(names) if not name.endswith(("heel", "shoulder"))]
    markers = Markers(tuple(names[i] for i in kept), figure.times_s, points[:, kept])
    read = joints_of(markers, presets()["joints"])
    assert np.isnan(read.of("left", "heel")).all()
    np.testing.assert_allclose(leg_curves(read, "right", 0.005).deviation_deg, 3.0, atol=1e-9)


def test_hip_centres_by_harringtons_numbers():
    # A pelvis 240 mm wide and 150 mm deep, X forward, Y left, Z up; by hand: 45.9 back, 82.9 down, 86.5 out.
    front = np.array([[[0.0, 0.12, 1.0], [0.0, -0.12, 1.0]]])
    back = np.array([[[-0.15, 0.05, 1.0], [-0.15, -0.05, 1.0]]])
    for down in ([[0.0, 0.0, -1.0]], [[0.3, 0.1, -0.2]]):
        centres = hip_centres(front, back, np.array(down))
        expected = [[[-0.0459, 0.0865, 0.9171], [-0.0459, -0.0865, 0.9171]]]
        np.testing.assert_allclose(centres, expected, atol=1e-6)


def outer_markers(figure, toe_medial_deg):
    """Markers on the outer skin 59 and 43 mm beside knee and ankle, and a toe marker inside the third toe."""
    points, names = [], []
    for leg in LEGS:
        toe, heel, ankle = (figure.of(leg, part) for part in ("third_toe", "heel", "ankle"))
        sign = 1.0 if leg == "left" else -1.0
        foot = toe - ankle
        turn = Rotation.from_euler("z", -sign * toe_medial_deg, degrees=True).as_matrix()
        seen_toe = ankle + foot @ turn.T
        line = (seen_toe - heel)[0] * [1, 1, 0]
        outward = sign * np.cross([0, 0, 1.0], line / np.linalg.norm(line))
        side = "L" if leg == "left" else "R"
        made = {
            "H": figure.of(leg, "hip"),
            "KNE": figure.of(leg, "knee") + 0.059 * outward,
            "ANK": ankle + 0.043 * outward,
            "TOE": seen_toe,
            "HEE": heel,
        }
        names += [side + name for name in made]
        points += made.values()
    return Markers(tuple(names), figure.times_s, np.stack(points, axis=1))


def test_outer_skin_markers_are_moved_to_the_joints_and_the_toe_to_the_third():
    preset = presets()["plug_in_gait_outer"].model_dump()
    preset |= {"pelvis": None, "points": preset["points"] | {"hip": "{side}H"}}
    figure = joints(np.linspace(5.0, 35.0, 10), 6.0, 15.0)
    read = joints_of(outer_markers(figure, 6.0), Mapping.model_validate(preset))
    for part in ("knee", "ankle", "third_toe"):
        np.testing.assert_allclose(read.of("left", part), figure.of("left", part), atol=1e-9)
    for leg in LEGS:
        np.testing.assert_allclose(leg_curves(read, leg, 0.01).deviation_deg, 6.0, atol=1e-6)
    assert read.placement_sd_m == 0.012
    assert any("guessed from the outer markers" in note for note in read.notes)
