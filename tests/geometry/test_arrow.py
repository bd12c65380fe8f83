"""The solver against textbook least squares."""

import numpy as np
import pytest

from knee_track.geometry.arrow import Problem, huber_cost, huber_weight, solve, solve_frames


def line_problem(values, prior_sd=1e3):
    """values (n, m) = slope * column + offset of the row; the slope is shared, the offset a row's own."""
    columns = np.arange(values.shape[1])
    return Problem(
        frames=lambda shared, own: shared[0] * columns + own[:, :1] - values,
        prior=lambda shared: shared / prior_sd,
        frame_weight=1.0,
    )


def test_a_linear_problem_gives_the_textbook_estimate_and_covariance():
    noise = np.random.default_rng(1).normal(0.0, 0.3, (6, 5))
    values = 0.7 * np.arange(5) + np.arange(6.0)[:, None] + noise
    solution = solve(line_problem(values), np.zeros(1), np.zeros((6, 1)))
    centred = np.arange(5) - 2.0
    slope = (values @ centred).mean() / (centred @ centred)
    assert solution.converged
    assert solution.shared[0] == pytest.approx(slope, abs=1e-5)
    assert solution.own[:, 0] == pytest.approx(values.mean(axis=1) - 2.0 * slope, abs=1e-5)
    assert solution.covariance[0, 0] == pytest.approx(1.0 / (6 * centred @ centred), rel=1e-3)


def test_the_prior_decides_where_the_data_are_silent():
    problem = Problem(lambda shared, own: own - 1.0, lambda shared: (shared - 4.0) / 0.5, 1.0)
    solution = solve(problem, np.zeros(1), np.zeros((3, 1)))
    assert solution.shared[0] == pytest.approx(4.0)
    assert solution.covariance[0, 0] == pytest.approx(0.25, rel=1e-3)


def test_a_gross_outlier_hardly_moves_the_estimate():
    values = 0.5 * np.arange(8) + np.zeros((4, 1))
    values[0, 7] += 100.0
    solution = solve(line_problem(values), np.zeros(1), np.zeros((4, 1)))
    assert solution.shared[0] == pytest.approx(0.5, abs=0.06)


def test_frames_alone_are_solved_with_the_shared_held():
    values = 0.7 * np.arange(5) + np.arange(6.0)[:, None]
    own = solve_frames(line_problem(values), np.array([0.7]), np.zeros((6, 1)))
    assert own[:, 0] == pytest.approx(np.arange(6.0), abs=1e-6)


def test_huber_is_the_square_inside_and_grows_linearly_outside():
    assert huber_cost(np.array([-1.5, 0.5])) == pytest.approx([2.25, 0.25])
    assert huber_cost(np.array([12.0]))[0] - huber_cost(np.array([11.0]))[0] == pytest.approx(4.0)
    assert huber_weight(np.array([1.0, -8.0])) == pytest.approx([1.0, 0.25])
