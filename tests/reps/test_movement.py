"""Stick figures whose movement is known: what counts as a rep, of what, and on which leg."""

import numpy as np
import pytest
from moving_figure import FORWARD, SIDE, UP, Figure, clock, min_jerk, there_and_back

from knee_track.reps.depth import depth_signal
from knee_track.reps.movement import BENT, STEPPED, recognise_movement
from knee_track.reps.segmentation import ENDS_INSIDE, find_reps
from knee_track.settings import RepSettings


def recognise(track, settings=None, **declared):
    settings = settings or RepSettings()
    depth = depth_signal(track, settings)
    return recognise_movement(track, depth, find_reps(depth, track.times_s, settings), settings, **declared)


def dips(times, starts, length=2.0, hold=0.2):
    """0 to 1 and back, once after each start."""
    return sum(there_and_back(times, start, start + length, hold) for start in starts)


def squats(starts=(1, 4, 7), duration=10.0):
    times = clock(duration)
    return Figure(times).squat(0.35 * dips(times, starts))


@pytest.mark.parametrize("yaw_deg", [-30, 0, 45, 90, 180])
def test_squats_are_counted_from_any_side(yaw_deg):
    found = recognise(squats().film(yaw_deg=yaw_deg))
    assert (found.movement, found.working) == ("squat", ["both"] * 3)
    np.testing.assert_allclose([rep.bottom_s for rep in found.reps], [2, 5, 8], atol=0.05)
    assert not found.attempts
    assert not found.notes


def test_single_leg_squats_name_the_stance_leg_of_each_rep():
    times = clock(12)
    figure = Figure(times).squat(0.3 * dips(times, (2, 8)))
    for leg, start in (("left", 1.0), ("right", 7.0)):
        lifted = there_and_back(times, start, start + 4, hold=3)
        figure.foot[leg] += np.outer(lifted, 0.25 * UP - 0.3 * FORWARD)
    found = recognise(figure.film())
    assert (found.movement, found.working) == ("single_leg_squat", ["right", "left"])


@pytest.mark.parametrize("yaw_deg", [0, 30, 90])
def test_lunges_name_the_front_leg(yaw_deg):
    times = clock(9)
    figure = Figure(times)
    figure.depth = 0.35 * dips(times, (1, 5), length=3)
    for leg, start in (("left", 1.0), ("right", 5.0)):
        figure.foot[leg] += np.outer(there_and_back(times, start, start + 3, hold=1.5), 0.7 * FORWARD)
    found = recognise(figure.film(yaw_deg=yaw_deg))
    assert (found.movement, found.working) == ("lunge", ["left", "right"])


def test_front_leg_of_a_declared_lunge_is_refused_when_it_cannot_be_told():
    found = recognise(squats().film(), movement="lunge")
    assert found.working == [None] * 3
    assert "--leg" in found.notes[0]
    assert recognise(squats().film(), movement="lunge", leg="left").working == ["left"] * 3


def test_deadlift_may_start_and_end_on_the_floor():
    times = clock(4.2, fps=5)
    figure = Figure(times).hinge(1 - there_and_back(times, 0.2, 4.0, hold=0.5))
    found = recognise(figure.film())
    assert (found.movement, len(found.reps), found.working) == ("deadlift", 1, ["both"])
    assert [attempt.reason for attempt in found.attempts] == [ENDS_INSIDE]


def test_bending_for_something_is_no_squat():
    times = clock(13)
    figure = squats(duration=13).hinge(dips(times, (10,)))
    found = recognise(figure.film())
    assert (found.movement, len(found.reps)) == ("squat", 3)
    assert [attempt.reason for attempt in found.attempts] == [BENT]


def test_bending_for_something_with_one_hand_is_no_deadlift():
    times = clock(4)
    figure = Figure(times).hinge(dips(times, (1,)))
    figure.arm_deg["left"] = 90 * dips(times, (1,))
    found = recognise(figure.film())
    assert (found.movement, found.reps) == ("unknown", [])


def test_jumping_jacks_are_no_reps():
    times = clock(8)
    apart = dips(times, (1, 2.4, 3.8, 5.2), length=1.2, hold=0.1)
    figure = Figure(times)
    figure.depth = 0.18 * apart
    for leg in ("left", "right"):
        figure.foot[leg] += np.outer(0.35 * apart, SIDE[leg])
        figure.arm_deg[leg] = 170 * apart
    found = recognise(figure.film())
    assert (found.movement, found.reps) == ("unknown", [])
    assert {attempt.reason for attempt in found.attempts} == {STEPPED}


def test_arm_raises_are_no_reps():
    times = clock(8)
    figure = Figure(times)
    figure.arm_deg = {leg: 180 * dips(times, (1, 3, 5)) for leg in ("left", "right")}
    found = recognise(figure.film())
    assert not found.reps
    assert not found.attempts


def walk(figure, start, metres, step_s=0.6):
    """Walk forward, or back when negative, in steps of 0.3 m, hips bobbing, from `start` on."""
    times = figure.times
    count = round(abs(metres) / 0.3)
    end = start + count * step_s
    advance = metres * np.clip((times - start) / (end - start), 0, 1)
    figure.travel += np.outer(advance, FORWARD)
    for k in range(count):
        begin = start + k * step_s
        leg = ("left", "right")[k % 2]
        lift = there_and_back(times, begin, begin + step_s)
        figure.foot[leg] += np.outer(lift, 0.08 * UP)
        figure.depth = figure.depth + 0.04 * lift


@pytest.mark.parametrize("yaw_deg", [0, 90])
def test_unracking_and_walking_out_are_no_reps(yaw_deg):
    figure = squats(starts=(7, 10, 13), duration=19)
    times = figure.times
    figure.squat(0.09 * dips(times, (0.5,), length=1.2))
    walk(figure, 2.5, -0.9)
    walk(figure, 16.0, 0.9)
    found = recognise(figure.film(yaw_deg=yaw_deg, distance=3.5))
    np.testing.assert_allclose([rep.bottom_s for rep in found.reps], [8, 11, 14], atol=0.05)


def test_client_who_walks_back_from_the_phone_and_returns():
    times = clock(20)
    figure = squats(starts=(5, 8, 11), duration=20)
    distance = 1.5 + 1.8 * (min_jerk(times, 0.5, 4) - min_jerk(times, 15, 19))
    found = recognise(figure.film(distance=distance))
    np.testing.assert_allclose([rep.bottom_s for rep in found.reps], [6, 9, 12], atol=0.05)
    np.testing.assert_allclose([rep.depth for rep in found.reps], 0.35, atol=0.03)


def test_declared_movement_is_believed_and_the_difference_noted():
    found = recognise(squats().film(), movement="deadlift")
    assert (found.movement, len(found.reps)) == ("deadlift", 3)
    assert "looks like squat" in found.notes[0]


@pytest.mark.parametrize(
    ("stance", "says"),
    [(["left"] * 3, None), (["left", "left", "right"], None), (["left", "right"], "1 of 2 reps"),
     (["right", "right", "left"], "2 of 3 reps")],
)  # fmt: skip
def test_a_declared_leg_is_believed_and_noted_when_the_client_stands_on_the_other(stance, says):
    starts = [1 + 6 * i for i in range(len(stance))]
    times = clock(starts[-1] + 6)
    figure = Figure(times).squat(0.3 * dips(times, [start + 1 for start in starts]))
    for leg, start in zip(stance, starts, strict=True):
        lifted = np.outer(there_and_back(times, start, start + 4, hold=3), 0.25 * UP - 0.3 * FORWARD)
        figure.foot["right" if leg == "left" else "left"] += lifted
    found = recognise(figure.film(), movement="single_leg_squat", leg="left")
    assert found.working == ["left"] * len(stance)
    expected = [f"The working leg was declared as left, but looks like right in {says}."] if says else []
    assert found.notes == expected


def narrow_step():
    """A squat into which one foot is set 0.3 m forward."""
    times = clock(4)
    figure = Figure(times).squat(0.35 * dips(times, (1,)))
    figure.foot["left"] += np.outer(dips(times, (1,)), 0.3 * FORWARD)
    return figure


def heel_raise():
    """A squat in which one ankle rises by 5 cm."""
    times = clock(4)
    figure = Figure(times).squat(0.35 * dips(times, (1,)))
    figure.foot["left"] += np.outer(dips(times, (1,)), 0.05 * UP)
    return figure


def hop_apart():
    """A squat into which both feet slide 12 cm outward."""
    times = clock(4)
    figure = Figure(times).squat(0.35 * dips(times, (1,)))
    for leg in ("left", "right"):
        figure.foot[leg] += np.outer(dips(times, (1,)), 0.12 * SIDE[leg])
    return figure


def deadlift():
    times = clock(4)
    return Figure(times).hinge(dips(times, (1,)))


@pytest.mark.parametrize(
    ("figure", "usual", "name", "value", "changed"),
    [
        (narrow_step(), "squat", "lunge_gap_m", 0.2, "lunge"),
        (heel_raise(), "squat", "lifted_foot", 0.03, "single_leg_squat"),
        (hop_apart(), "squat", "stepped", 0.08, "unknown"),
        (deadlift(), "deadlift", "hinge_trunk_deg", 85.0, "squat"),
        (deadlift(), "deadlift", "hinge_excess_deg", 90.0, "squat"),
    ],
)
def test_every_threshold_decides(figure, usual, name, value, changed):
    track = figure.film()
    assert recognise(track).movement == usual
    assert recognise(track, RepSettings(**{name: value})).movement == changed
