"""Stick figures without world landmarks: the picture alone tells reps, movement and working leg."""

from dataclasses import replace

import numpy as np
import pytest
from moving_figure import FORWARD, UP, Figure, clock, min_jerk, there_and_back

from knee_track.reps.depth import depth_signal
from knee_track.reps.movement import BENT, recognise_movement
from knee_track.reps.picture import knee_bend_of_depth_deg, trunk_deg
from knee_track.reps.segmentation import find_reps
from knee_track.settings import RepSettings


def filmed(figure, **camera):
    track = figure.film(**camera)
    return replace(track, world_m=np.full_like(track.world_m, np.nan))


def recognise(track, settings=None, **declared):
    settings = settings or RepSettings()
    depth = depth_signal(track, settings)
    return recognise_movement(track, depth, find_reps(depth, track.times_s, settings), settings, **declared)


def dips(times, starts, length=2.0, hold=0.2):
    return sum(there_and_back(times, start, start + length, hold) for start in starts)


def squats(starts=(1, 4, 7), duration=10.0):
    times = clock(duration)
    return Figure(times).squat(0.35 * dips(times, starts))


def lunges(starts=(1, 5), metres=0.7):
    times = clock(9)
    figure = Figure(times)
    figure.depth = 0.35 * dips(times, starts, length=3)
    for leg, start in zip(("left", "right"), starts, strict=True):
        figure.foot[leg] += np.outer(there_and_back(times, start, start + 3, hold=1.5), metres * FORWARD)
    return figure


@pytest.mark.parametrize("yaw_deg", [-30, 0, 45, 90, 180])
@pytest.mark.parametrize("camera_height", [0.4, 1.3])
def test_squats_are_counted_from_any_side(yaw_deg, camera_height):
    found = recognise(filmed(squats(), yaw_deg=yaw_deg, camera_height=camera_height))
    assert (found.movement, found.working) == ("squat", ["both"] * 3)
    np.testing.assert_allclose([rep.bottom_s for rep in found.reps], [2, 5, 8], atol=0.05)
    assert not found.attempts


def test_a_clip_may_start_and_end_in_mid_squat():
    times = clock(6)
    found = recognise(filmed(Figure(times).squat(0.35 * (1 - dips(times, (1, 4), length=1.8, hold=1.0)))))
    assert len(found.reps) == 1


def test_single_leg_squats_name_the_stance_leg():
    times = clock(12)
    figure = Figure(times).squat(0.3 * dips(times, (2, 8)))
    for leg, start in (("left", 1.0), ("right", 7.0)):
        lifted = there_and_back(times, start, start + 4, hold=3)
        figure.foot[leg] += np.outer(lifted, 0.25 * UP - 0.3 * FORWARD)
    found = recognise(filmed(figure))
    assert (found.movement, found.working) == ("single_leg_squat", ["right", "left"])


@pytest.mark.parametrize("yaw_deg", [0, 30, 90])
def test_lunges_name_the_front_leg(yaw_deg):
    found = recognise(filmed(lunges(), yaw_deg=yaw_deg))
    assert (found.movement, found.working) == ("lunge", ["left", "right"])


def test_deadlift_and_bending_are_told_from_squats():
    times = clock(4)
    assert recognise(filmed(Figure(times).hinge(dips(times, (1,))))).movement == "deadlift"
    figure = squats(duration=13)
    found = recognise(filmed(figure.hinge(dips(figure.times, (10,)))))
    assert (found.movement, len(found.reps)) == ("squat", 3)
    assert [attempt.reason for attempt in found.attempts] == [BENT]


def test_client_who_walks_back_from_the_phone_and_returns():
    times = clock(20)
    distance = 1.5 + 1.8 * (min_jerk(times, 0.5, 4) - min_jerk(times, 15, 19))
    found = recognise(filmed(squats(starts=(5, 8, 11), duration=20), distance=distance))
    np.testing.assert_allclose([rep.bottom_s for rep in found.reps], [6, 9, 12], atol=0.05)
    np.testing.assert_allclose([rep.depth for rep in found.reps], 0.35, atol=0.03)


def test_the_knee_lead_decides_what_is_a_lunge():
    assert recognise(filmed(lunges()), RepSettings(lunge_knee_lead=3.0)).movement != "lunge"


def test_the_standing_height_decides_what_is_standing():
    """Of a clip that begins and ends deep down: with a low limit that counts as standing too."""
    times = clock(12)
    track = filmed(Figure(times).squat(0.3 * (1 - there_and_back(times, 4, 8, hold=2.0))))
    strict, lax = (depth_signal(track, RepSettings(standing_height=limit)) for limit in (0.97, 0.5))
    assert strict[0] == pytest.approx(0.3, abs=0.03)
    assert lax[0] == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize(("bend_deg", "depth"), [(0.0, 0.0), (60.0, 0.134), (90.0, 0.293)])
def test_knee_bend_of_two_equal_links(bend_deg, depth):
    """Of two links of one length the reach is the cosine of half the bend."""
    assert knee_bend_of_depth_deg(depth) == pytest.approx(bend_deg, abs=1.0)


def test_trunk_lean_is_read_from_the_front():
    times = clock(4)
    figure = Figure(times)
    figure.lean_deg = 60 * dips(times, (1,), hold=0.5)
    assert trunk_deg(filmed(figure))[60] == pytest.approx(60, abs=10)
