"""Rough yaw, names and refusals of views."""

import numpy as np
import pytest

from knee_track.geometry.view import name_of, refusal, rough_yaw_deg
from knee_track.pose.skeleton import FOOT_INDEX, HEEL, HIP, SHOULDER
from knee_track.pose.track import PoseTrack
from knee_track.settings import Settings, ViewSettings

VIEW = Settings().view


def turned_person(yaw_deg):
    """World landmarks (camera axes: x right, y down, z away) of a person seen from this yaw."""
    yaw = np.radians(yaw_deg)
    # facing the camera the left side is right in the picture; seen from the left it comes nearer
    left, ahead = np.array([np.cos(yaw), 0.0, -np.sin(yaw)]), np.array([-np.sin(yaw), 0.0, -np.cos(yaw)])
    world = np.zeros((1, 33, 3))
    for pair in (HIP, SHOULDER):
        world[0, pair["left"]], world[0, pair["right"]] = 0.15 * left, -0.15 * left
    for leg in ("left", "right"):
        world[0, FOOT_INDEX[leg]] = 0.2 * ahead
        world[0, HEEL[leg]] = 0.0
    return PoseTrack(np.zeros(1), np.zeros((1, 33, 2)), world, np.ones((1, 33)), 720, 1280)


@pytest.mark.parametrize("yaw_deg", [0.0, 25.0, -40.0, 90.0, 150.0])
def test_rough_yaw_of_a_turned_person(yaw_deg):
    assert rough_yaw_deg(turned_person(yaw_deg))[0] == pytest.approx(yaw_deg)


@pytest.mark.parametrize(
    ("yaw_deg", "name"),
    [
        (0, "front"),
        (-19, "front"),
        (30, "oblique"),
        (80, "side"),
        (-95, "side"),
        (140, "oblique"),
        (-175, "back"),
    ],
)
def test_names(yaw_deg, name):
    assert name_of(yaw_deg, VIEW) == name
    assert name_of(float("nan"), VIEW) == "unknown"


def test_refusals_say_where_the_camera_stands_and_how_to_film():
    assert refusal(30.0, VIEW) is None
    assert refusal(-60.0, VIEW) == (
        "the camera stands 60° to the side; film from the front at knee height, 2.5 to 3 m away"
    )
    assert "behind" in refusal(170.0, VIEW)
    assert refusal(float("nan"), VIEW) is not None
    assert refusal(50.0, ViewSettings(max_yaw_deg=55.0)) is None
