"""Stances: where the feet stand still, and how a camera moves."""

from dataclasses import replace

import numpy as np
import pytest

from knee_track.geometry.stance import camera_speed, find_stances, legs_of, sway_px
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, KNEE, LEGS
from knee_track.pose.track import PoseTrack
from knee_track.reps.segmentation import RepSpan
from knee_track.settings import Settings

VIEW = Settings().view
SHANK_PX = 200.0


def standing_track(n=300, fps=30.0):
    """Feet 200 px apart, shanks upright and 200 px long."""
    image = np.full((n, 33, 2), np.nan)
    for leg, x in (("left", 460.0), ("right", 260.0)):
        image[:, ANKLE[leg]] = [x, 1000.0]
        image[:, FOOT_INDEX[leg]] = [x, 1040.0]
        image[:, KNEE[leg]] = [x, 1000.0 - SHANK_PX]
    return PoseTrack(np.arange(n) / fps, image, np.zeros((n, 33, 3)), np.ones((n, 33)), 720, 1280)


def spans(*frames):
    return [RepSpan(a, (a + b) // 2, b, a / 30, (a + b) / 60, b / 30, 0.4) for a, b in frames]


REPS = spans((30, 90), (120, 180), (210, 270))


def moved(track, first, shift_px, leg="left"):
    image = track.image_px.copy()
    image[first:, [ANKLE[leg], FOOT_INDEX[leg]]] += shift_px
    return replace(track, image_px=image)


def test_feet_that_stay_make_one_stance_of_the_whole_clip():
    (stance,) = find_stances(standing_track(), REPS, ["both"] * 3, VIEW)
    assert stance.reps == (0, 1, 2)
    assert stance.legs == LEGS
    assert stance.frames.all()


@pytest.mark.parametrize(("shift", "stances"), [(0.10, 1), (0.14, 2)])
def test_a_foot_set_anew_starts_another_stance(shift, stances):
    track = moved(standing_track(), 195, [shift * SHANK_PX, 0.0])
    found = find_stances(track, REPS, ["both"] * 3, VIEW)
    assert len(found) == stances
    if stances == 2:
        assert [s.reps for s in found] == [(0, 1), (2,)]
        assert not (found[0].frames & found[1].frames).any()
        assert found[0].frames[194] and not found[0].frames[195]


def test_each_working_leg_has_its_own_stance():
    found = find_stances(standing_track(), REPS, ["left", "right", "right"], VIEW)
    assert [(s.legs, s.reps) for s in found] == [(("left",), (0,)), (("right",), (1, 2))]
    assert legs_of(None) == ()


def test_sway_is_read_from_the_feet_and_small_movements_are_not_sway():
    still = standing_track()
    (stance,) = find_stances(still, REPS, ["both"] * 3, VIEW)
    shift = 0.1 * SHANK_PX * np.sin(np.arange(300) / 20.0)[:, None] * [1.0, 0.5]
    swaying = replace(still, image_px=still.image_px + shift[:, None])
    assert sway_px(swaying, stance, VIEW) == pytest.approx(shift - np.median(shift, axis=0), abs=1e-6)
    barely = replace(still, image_px=still.image_px + 0.2 * shift[:, None])
    assert not sway_px(barely, stance, VIEW).any()


def test_camera_speed_in_shanks_per_second():
    track = standing_track()
    (stance,) = find_stances(track, REPS, ["both"] * 3, VIEW)
    motion = np.stack([np.arange(300) * 4.0, np.zeros(300)], axis=1)  # 120 px a second
    assert camera_speed(motion, track, stance) == pytest.approx(120.0 / SHANK_PX)
