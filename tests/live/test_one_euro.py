"""One-Euro in closed form: a first-order low-pass at rest, hardly late in motion, blind to missing values."""

import numpy as np
import pytest

from knee_track.live.one_euro import LandmarkSmoother, OneEuroFilter
from knee_track.pose.lag import OneEuro


def run(values, times, min_cutoff=1.0, beta=0.0):
    one_euro = OneEuroFilter(OneEuro(min_cutoff, beta))
    return np.array([one_euro.step(np.atleast_1d(v), t) for v, t in zip(values, times, strict=True)])[:, 0]


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_without_beta_a_step_is_answered_as_by_a_first_order_low_pass(fps):
    times = np.arange(30) / fps
    out = run(np.r_[0.0, np.ones(29)], times)
    tau = 1 / (2 * np.pi * 1.0)
    keep = tau / (tau + 1 / fps)  # share of the distance that is left after a frame (backward Euler)
    np.testing.assert_allclose(1 - out, keep ** np.arange(30), atol=1e-12)


def test_uneven_time_stamps_count():
    out = run([0.0, 1.0, 1.0], [0.0, 0.1, 0.4])
    tau = 1 / (2 * np.pi)
    assert out[2] == pytest.approx(1 - (tau / (tau + 0.1)) * (tau / (tau + 0.3)))


def test_beta_takes_the_lag_out_of_motion_and_leaves_rest_quiet():
    times = np.arange(120) / 30
    ramp = 2.0 * times
    assert ramp[-1] - run(ramp, times)[-1] > 0.2
    assert ramp[-1] - run(ramp, times, beta=10.0)[-1] < 0.02
    noise = np.random.default_rng(0).normal(0, 0.001, 300)
    assert np.std(run(noise, np.arange(300) / 30, beta=10.0)[30:]) < 0.6 * np.std(noise)


def test_a_missing_value_stays_missing_and_comes_back_fresh():
    one_euro = OneEuroFilter(OneEuro(1.0, 0.0))
    rows = [[0.0, 0.0], [np.nan, 1.0], [5.0, 1.0], [5.0, 1.0]]
    out = np.array([one_euro.step(np.array(row), i / 30) for i, row in enumerate(rows)])
    assert np.isnan(out[1, 0])
    assert out[2, 0] == 5.0
    assert np.isfinite(out[:, 1]).all()


def test_hidden_landmarks_are_missing_and_the_others_are_not():
    smoother = LandmarkSmoother(OneEuro(1.0, 40.0), smoothed_by_mediapipe=False)
    image, world = np.random.default_rng(1).uniform(0, 700, (33, 2)), np.zeros((33, 3))
    hidden = np.arange(33) == 27
    for i in range(5):
        out, _ = smoother.step(image, world, hidden, i / 30)
    assert np.isnan(out[27]).all()
    np.testing.assert_allclose(np.delete(out, 27, axis=0), np.delete(image, 27, axis=0))
