"""Least squares for a clip: a few unknowns shared by all frames, a few of each frame's own.

The normal equations have the shape of an arrow, so the frames' unknowns are eliminated block by block (Schur
complement) and the cost grows with the number of frames, not with its cube. Levenberg-Marquardt with Huber
weights; derivatives by forward differences, all frames at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FrameResiduals = Callable[[Floats, Floats], Floats]
SharedResiduals = Callable[[Floats], Floats]

STEP = 1e-6
HUBER = 2.0


@dataclass(frozen=True)
class Problem:
    """Residuals in units of their own standard deviation.

    frames(shared (g,), own (n, p)) -> (n, m): row i depends on the shared unknowns and on own[i] only.
    prior(shared (g,)) -> (k,).
    frame_weight: each frame's information counts this much (errors that repeat are not independent).
    linear (n, m, k): derivatives with respect to the last k shared unknowns, where these enter linearly.
    repeated: of a single frame, the residuals as `frames` gives them for that frame p times over, so that its
    derivatives take one call instead of p.
    """

    frames: FrameResiduals
    prior: SharedResiduals
    frame_weight: float
    linear: Floats | None = None
    repeated: FrameResiduals | None = None


@dataclass(frozen=True)
class Solution:
    """shared (g,), own (n, p), cost, covariance (g, g) of the shared unknowns, converged."""

    shared: Floats
    own: Floats
    cost: float
    covariance: Floats
    converged: bool


@dataclass(frozen=True)
class Normal:
    """Blocks of the normal equations: shared (g, g), mixed (n, g, p), own (n, p, p), and the gradients."""

    shared: Floats
    mixed: Floats
    own: Floats
    shared_gradient: Floats
    own_gradient: Floats


def huber_weight(residuals: Floats) -> Floats:
    """Weight of each squared residual: 1 inside HUBER sigmas, falling as 1/|r| outside."""
    return HUBER / np.maximum(np.abs(residuals), HUBER)


def huber_cost(residuals: Floats) -> Floats:
    """Huber loss, equal to the square inside HUBER sigmas."""
    size = np.abs(residuals)
    return np.where(size < HUBER, size**2, 2 * HUBER * size - HUBER**2)


def own_jacobian(problem: Problem, shared: Floats, own: Floats, base: Floats) -> Floats:
    """(n, m, p) derivatives with respect to each frame's own unknowns."""
    if problem.repeated is not None:
        rows = problem.repeated(shared, own + STEP * np.eye(own.shape[1]))
        return np.asarray((rows - base).T[None] / STEP)
    columns = []
    for step in STEP * np.eye(own.shape[1]):
        columns.append((problem.frames(shared, own + step) - base) / STEP)
    return np.stack(columns, axis=-1)


def shared_jacobian(problem: Problem, shared: Floats, own: Floats, base: Floats) -> Floats:
    """(n, m, g) derivatives with respect to the shared unknowns."""
    known = 0 if problem.linear is None else problem.linear.shape[-1]
    columns = []
    for step in STEP * np.eye(len(shared))[: len(shared) - known]:
        columns.append((problem.frames(shared + step, own) - base) / STEP)
    searched = np.stack(columns, axis=-1)
    return searched if problem.linear is None else np.concatenate([searched, problem.linear], axis=-1)


def normal_equations(problem: Problem, shared: Floats, own: Floats) -> Normal:
    """Linearise at (shared, own)."""
    base = problem.frames(shared, own)
    weight = problem.frame_weight * huber_weight(base)
    by_own = own_jacobian(problem, shared, own, base)
    by_shared = shared_jacobian(problem, shared, own, base)
    prior = problem.prior(shared)
    prior_jacobian = np.stack(
        [(problem.prior(shared + s) - prior) / STEP for s in STEP * np.eye(len(shared))], -1
    )
    weighted = by_shared * weight[..., None]
    n, m, g = by_shared.shape
    flat = by_shared.reshape(n * m, g)
    return Normal(
        shared=weighted.reshape(n * m, g).T @ flat + prior_jacobian.T @ prior_jacobian,
        mixed=weighted.transpose(0, 2, 1) @ by_own,
        own=(by_own * weight[..., None]).transpose(0, 2, 1) @ by_own,
        shared_gradient=weighted.reshape(n * m, g).T @ base.reshape(n * m) + prior_jacobian.T @ prior,
        own_gradient=np.einsum("nmp,nm->np", by_own, weight * base),
    )


def damped(matrix: Floats, damping: float | Floats) -> Floats:
    """Matrix or stack of matrices with its diagonal raised by a share of itself."""
    diagonal = np.einsum("...ii->...i", matrix)
    lift = np.asarray(damping)[..., None] * diagonal + 1e-12
    return np.asarray(matrix + np.eye(matrix.shape[-1]) * lift[..., None, :])


def schur(normal: Normal, damping: float) -> tuple[Floats, Floats]:
    """Shared block after eliminating the frames (g, g), and mixed @ own^-1 (n, g, p)."""
    own = damped(normal.own, damping)
    gain = np.asarray(np.linalg.solve(own, normal.mixed.transpose(0, 2, 1))).transpose(0, 2, 1)
    eliminated = np.asarray(np.einsum("ngp,nhp->gh", gain, normal.mixed))
    return damped(normal.shared, damping) - eliminated, np.asarray(gain, dtype=np.float64)


def step_of(normal: Normal, damping: float) -> tuple[Floats, Floats]:
    """Levenberg-Marquardt step for the shared and the frames' own unknowns."""
    reduced, gain = schur(normal, damping)
    rhs = normal.shared_gradient - np.einsum("ngp,np->g", gain, normal.own_gradient)
    shared = -np.linalg.solve(reduced, rhs)
    left = normal.own_gradient + np.einsum("ngp,g->np", normal.mixed, shared)
    own = -np.linalg.solve(damped(normal.own, damping), left[..., None])[..., 0]
    return shared, own


def total_cost(problem: Problem, shared: Floats, own: Floats) -> float:
    """Robust cost of all frames plus the prior."""
    frames = huber_cost(problem.frames(shared, own)).sum() * problem.frame_weight
    return float(frames + (problem.prior(shared) ** 2).sum())


def solve(problem: Problem, shared: Floats, own: Floats, max_steps: int = 100) -> Solution:
    """Minimise from a start (shared (g,), own (n, p)); never returns anything worse than the start."""
    cost = total_cost(problem, shared, own)
    damping, converged = 1e-3, False
    for _ in range(max_steps):
        normal = normal_equations(problem, shared, own)
        gained = 0.0
        while damping < 1e6 and gained <= 0.0:
            d_shared, d_own = step_of(normal, damping)
            new_cost = total_cost(problem, shared + d_shared, own + d_own)
            gained = cost - new_cost if np.isfinite(new_cost) else 0.0
            damping *= 0.2 if gained > 0.0 else 8.0
        if gained > 0.0:
            shared, own, cost = shared + d_shared, own + d_own, cost - gained
        if gained < 1e-4 * cost:
            converged = damping < 1e6 or gained == 0.0
            break
    reduced, _ = schur(normal_equations(problem, shared, own), 0.0)
    return Solution(shared, own, cost, np.asarray(np.linalg.inv(reduced)), converged)


def solve_frames(problem: Problem, shared: Floats, own: Floats, steps: int = 8) -> Floats:
    """Each frame's own unknowns (n, p) with the shared ones held, all frames side by side."""
    base = problem.frames(shared, own)
    cost = huber_cost(base).sum(axis=1)
    damping = np.full(len(own), 1e-3)
    for _ in range(steps):
        jacobian = own_jacobian(problem, shared, own, base)
        weighted = jacobian * huber_weight(base)[..., None]
        left = damped(weighted.transpose(0, 2, 1) @ jacobian, damping)
        gradient = np.einsum("nmp,nm->np", weighted, base)
        trial = own - np.linalg.solve(left, gradient[..., None])[..., 0]
        residuals = problem.frames(shared, trial)
        trial_cost = huber_cost(residuals).sum(axis=1)
        better = trial_cost < cost
        own = np.where(better[:, None], trial, own)
        base = np.where(better[:, None], residuals, base)
        cost = np.where(better, trial_cost, cost)
        damping = np.where(better, damping * 0.2, damping * 8.0)
    return own
