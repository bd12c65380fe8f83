"""Rough yaw, names and refusals of views."""

from dataclasses import replace

import numpy as np
import pytest
from landmark_files import rendered

from knee_track.geometry.view import name_of, refusal, rough_yaw_deg
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HEEL, HIP, INDEX, KNEE, LEGS, SHOULDER
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


def picture_of(yaw_deg, toe_out_deg=16.0):
    """A standing person in the picture from far away, without world landmarks; the shank is 200 px long."""
    yaw, toe_out = np.radians(yaw_deg), np.radians(toe_out_deg)
    image = np.full((2, 33, 2), np.nan)
    for leg, sign in (("left", 1.0), ("right", -1.0)):
        for part, half, height in (
            (SHOULDER, 0.44, 900),
            (HIP, 0.235, 400),
            (KNEE, 0.3, 200),
            (ANKLE, 0.4, 0),
        ):
            image[:, part[leg]] = [360 + sign * 200 * half * np.cos(yaw), 1100 - height]
        azimuth = sign * toe_out - yaw
        image[:, HEEL[leg]] = image[:, ANKLE[leg]]
        image[:, FOOT_INDEX[leg]] = image[:, ANKLE[leg]] + [0.57 * 200 * np.sin(azimuth), 10]
    return PoseTrack(np.arange(2.0), image, np.full((2, 33, 3), np.nan), np.ones((2, 33)), 720, 1280)


@pytest.mark.parametrize("yaw_deg", [0.0, 30.0, -30.0, 60.0, 90.0, -90.0, 180.0])
def test_rough_yaw_without_world_landmarks(yaw_deg):
    turn = (rough_yaw_deg(picture_of(yaw_deg))[0] - yaw_deg + 180.0) % 360.0 - 180.0
    assert abs(turn) < 6.0


def test_rough_yaw_without_feet_is_front_or_back_and_without_a_body_unknown():
    track = picture_of(20.0)
    hidden = track.image_px.copy()
    hidden[:, list(HEEL.values())] = np.nan
    assert rough_yaw_deg(replace(track, image_px=hidden))[0] == 0.0
    hidden[:, [*HIP.values(), *SHOULDER.values()]] = np.nan
    assert np.isnan(rough_yaw_deg(replace(track, image_px=hidden))).all()


@pytest.mark.parametrize(
    ("name", "yaw_deg"),
    [
        ("sym_woman_y0", 0),
        ("sym_heavy_y15", 15),
        ("sym_slimf_y30", 30),
        ("var_man_yawm30", -30),
        ("var_man_yaw90", 90),
    ],
)
def test_rough_yaw_of_rendered_people(shared_dir, name, yaw_deg):
    clip = rendered(shared_dir / "truth" / "dev" / f"{name}.truth.json.gz")
    n = len(clip.truth.times_s)
    image = np.full((n, 33, 2), np.nan)
    for point, place in clip.points.items():
        if point in INDEX:
            image[:, INDEX[point]] = place
    for leg in LEGS:
        image[:, FOOT_INDEX[leg]] = clip.truth.point_px(leg, "third_toe")
    track = PoseTrack(clip.truth.times_s, image, np.full((n, 33, 3), np.nan), np.ones((n, 33)), *clip.size)
    assert np.median(rough_yaw_deg(track)) == pytest.approx(yaw_deg, abs=6.0)
