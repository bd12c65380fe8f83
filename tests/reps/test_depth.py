"""Depth of stick figures against the depth they were posed with."""

import numpy as np
import pytest
from moving_figure import Figure, clock, min_jerk, there_and_back

from knee_track.pose import skeleton as sk
from knee_track.reps.depth import depth_signal
from knee_track.settings import RepSettings


def squatting(duration=12.0, starts=(2, 5, 8)):
    times = clock(duration)
    return Figure(times).squat(0.35 * sum(there_and_back(times, s, s + 2, hold=0.3) for s in starts))


def assert_depth(track, figure, atol=0.02):
    np.testing.assert_allclose(depth_signal(track, RepSettings()), figure.depth, atol=atol)


@pytest.mark.parametrize("yaw_deg", [0, 45, 90])
def test_depth_is_that_of_the_figure(yaw_deg):
    figure = squatting()
    # The hips move back, away from the axis of turning: perspective costs up to 0.02 of depth.
    assert_depth(figure.film(yaw_deg=yaw_deg), figure, atol=0.03)


def test_clip_that_starts_and_ends_in_mid_squat():
    figure = squatting(duration=9.0, starts=(-1, 3, 8))
    assert_depth(figure.film(), figure)


def test_camera_that_comes_nearer():
    figure = squatting()
    # A fixed standing height would be 0.25 off at the end.
    assert_depth(figure.film(distance=3.0 - 0.6 * min_jerk(figure.times, 0, 12)), figure, atol=0.03)


def test_a_raised_foot_does_not_shorten_the_leg():
    figure = squatting()
    figure.foot["right"][:, 2] += 0.2 * there_and_back(figure.times, 4, 8, hold=3)
    assert_depth(figure.film(), figure)


def test_ankles_out_of_the_picture_stand_still():
    figure = squatting()
    track = figure.film()
    hidden = (figure.times > 5.5) & (figure.times < 7.5)
    track.image_px[np.ix_(hidden, [sk.ANKLE["left"], sk.ANKLE["right"]])] = np.nan
    assert_depth(track, figure)


def test_missing_hips_are_missing_depth():
    track = squatting().film()
    track.image_px[10:20] = np.nan
    depth = depth_signal(track, RepSettings())
    assert np.flatnonzero(np.isnan(depth)).tolist() == list(range(10, 20))
    track.image_px[:] = np.nan
    assert np.isnan(depth_signal(track, RepSettings())).all()


def test_standing_is_read_anew_every_standing_window():
    figure = squatting(starts=())
    nearer = figure.film(distance=3.0 - 0.6 * there_and_back(figure.times, 1, 11))
    errors = [np.abs(depth_signal(nearer, RepSettings(standing_window_s=w))).max() for w in (1.5, 12.0)]
    assert errors[0] < 0.03
    assert errors[1] > 0.1


def test_standing_bend_decides_what_is_standing():
    times = clock(12)
    track = Figure(times).squat(0.35 * there_and_back(times, 3, 9, hold=4)).film()
    usual, lax = (depth_signal(track, RepSettings(standing_bend_deg=bend))[180] for bend in (15.0, 120.0))
    assert usual == pytest.approx(0.35, abs=0.02)
    assert lax == pytest.approx(0, abs=0.02)
