"""Fit the leg model to a stretch of the clip in which the feet stand still.

A few dozen frames spread over the movement settle camera, feet and proportions; then every frame's joints are
solved with those held. Monocular scale is unknown, so all lengths are in shanks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry import anatomy, arrow, legmodel
from knee_track.geometry.calibration import Calibration
from knee_track.geometry.camera import Camera
from knee_track.geometry.legmodel import Legs, Observations, Own, Shared
from knee_track.pose import skeleton
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.pose.track import PoseTrack

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FIT_FRAMES = 24
STANDING_DEPTH = 0.04
STANDING_SPEED = 0.06
"""Change of depth per second below which standing is quiet; a slow squat moves at 0.2."""
PART_INDEX = {
    "hip": skeleton.HIP,
    "knee": skeleton.KNEE,
    "ankle": skeleton.ANKLE,
    "heel": skeleton.HEEL,
    "toe": skeleton.FOOT_INDEX,
}


@dataclass(frozen=True)
class LegFit:
    """The fitted scene for n frames.

    shared (42,), own (n, 8), covariance (42, 42): see legmodel. misfit: root mean square of the reprojection
    residuals in their expected spreads (about 0.5 to 1 when the model holds). residual_share: the same
    distance in body heights.
    """

    shared: Floats
    own: Floats
    covariance: Floats
    observations: Observations
    misfit: float
    residual_share: float
    converged: bool

    @cached_property
    def camera(self) -> Camera:
        """The fitted camera."""
        return legmodel.camera_of(self.shared, self.observations)

    @cached_property
    def legs(self) -> Legs:
        """Joints of all frames."""
        return legmodel.pose_legs(self.shared, self.own, self.observations.marks)


def observe(
    track: PoseTrack, depth: Floats, planted: tuple[Leg, ...], yaw_deg: float, *, mirrored: bool = False
) -> Observations:
    """Collect the leg landmarks of a track; legs that are not planted get no weight."""
    index = np.array([[PART_INDEX[part][leg] for part in anatomy.PARTS] for leg in LEGS])
    points = track.image_px[:, index]
    weight = np.clip(track.visibility[:, index], 0.0, 1.0)
    weight = np.where(np.isfinite(points).all(axis=-1), weight, 0.0)
    weight = weight * np.array([leg in planted for leg in LEGS])[:, None]
    return Observations(
        points_px=np.nan_to_num(points),
        weight=weight,
        standing=quiet_standing(depth, track.times_s).astype(np.float64),
        long_side_px=float(max(track.width_px, track.height_px)),
        centre_px=np.array([track.width_px / 2, track.height_px / 2]),
        rough_yaw_deg=yaw_deg,
        depth=np.nan_to_num(depth),
        marks=anatomy.MARKS[track.kind],
        mirrored=mirrored,
    )


def quiet_standing(depth: Floats, times_s: Floats) -> Bools:
    """(n,) True where the client stands still: hardly any depth, and not on the way down or up."""
    if len(depth) < 2:
        return np.zeros(len(depth), dtype=bool)
    with np.errstate(invalid="ignore"):
        still = np.abs(np.gradient(depth, times_s)) < STANDING_SPEED
        return np.asarray((depth < STANDING_DEPTH) & still)


def choose_frames(depth: Floats, standing: Bools, usable: Bools) -> NDArray[np.intp]:
    """A quarter standing frames, the rest spread evenly over the order of depth."""

    def spread(frames: NDArray[np.intp], count: int) -> NDArray[np.intp]:
        if len(frames) == 0:
            return frames
        picked = np.linspace(0, len(frames) - 1, min(count, len(frames))).astype(int)
        return np.asarray(frames[picked])

    quiet = np.flatnonzero(usable & standing)
    moving = np.flatnonzero(usable & ~standing)
    moving = moving[np.argsort(depth[moving], kind="stable")]
    quarter = FIT_FRAMES // 4
    return np.unique(np.concatenate([spread(quiet, quarter), spread(moving, FIT_FRAMES - quarter)]))


def subset(seen: Observations, frames: NDArray[np.intp]) -> Observations:
    """The same picture, only some frames."""
    return replace(
        seen,
        points_px=seen.points_px[frames],
        weight=seen.weight[frames],
        standing=seen.standing[frames],
        depth=seen.depth[frames],
    )


def start(seen: Observations, depth: Floats) -> tuple[Floats, Floats]:
    """A first guess: level camera, straight feet turned out a little, hips dropping with depth."""
    knee, ankle = anatomy.PARTS.index("knee"), anatomy.PARTS.index("ankle")
    shank_px = np.linalg.norm(seen.points_px[:, :, knee] - seen.points_px[:, :, ankle], axis=-1)
    seen_both = (seen.weight[:, :, knee] > 0) & (seen.weight[:, :, ankle] > 0)
    shank = float(np.percentile(shank_px[seen_both], 90)) * 1.05
    known = legmodel.proportions(seen)
    focal = np.exp(dict(known)[Shared.LOG_FOCAL].mean) * seen.long_side_px
    distance = focal / shank
    shared = np.zeros(legmodel.N_SHARED)
    for index, prior in known:
        shared[index] = prior.mean
    centre = seen.centre_px
    for leg in range(2):
        visible = seen.weight[:, leg, ankle] > 0
        x_px, y_px = np.median(seen.points_px[visible, leg, ankle], axis=0) if visible.any() else centre
        shared[legmodel.ANKLE_X[leg]] = distance
        shared[legmodel.ANKLE_Y[leg]] = -(x_px - centre[0]) / focal * distance
        if visible.any():
            shared[Shared.HEIGHT] = (y_px - centre[1]) / focal * distance
    shared[Shared.HEADING] = np.pi - np.radians(seen.rough_yaw_deg)
    shared[legmodel.AZIMUTH] = shared[Shared.HEADING] + legmodel.SIDE_SIGN * np.radians(
        anatomy.TOE_OUT_DEG.mean
    )

    sunk = np.clip(depth, 0.0, 0.6)
    own = np.zeros((len(depth), len(Own)))
    own[:, legmodel.TILT] = np.clip(np.sqrt(sunk), 0.05, 0.8)[:, None]
    behind = legmodel.unit_azimuth(shared[Shared.HEADING])[:2] * 0.9
    middle = np.array([distance, shared[legmodel.ANKLE_Y].mean()])
    own[:, [Own.HIP_X, Own.HIP_Y]] = middle - np.outer(sunk, behind)
    own[:, Own.HIP_Z] = 1.9 * (1.0 - sunk)
    return shared, own


def problem_for(seen: Observations, count: int) -> arrow.Problem:
    """The least-squares problem of some frames."""
    return arrow.Problem(
        frames=partial(legmodel.frame_residuals, seen=seen),
        prior=partial(legmodel.prior_residuals, seen=seen),
        frame_weight=min(anatomy.EFFECTIVE_POSES / max(count, 1), 1.0),
        linear=legmodel.constant_error_derivatives(seen),
    )


def problem_of_one(seen: Observations) -> arrow.Problem:
    """The least-squares problem of a single frame, quick to solve for its own unknowns."""
    copies = subset(seen, np.zeros(len(Own), dtype=np.intp))
    return replace(problem_for(seen, 1), repeated=partial(legmodel.frame_residuals, seen=copies))


def fit_legs(
    track: PoseTrack,
    depth: Floats,
    planted: tuple[Leg, ...],
    yaw_deg: float,
    usable: Bools | None = None,
    *,
    calibration: Calibration | None = None,
    mirrored: bool = False,
    marks: anatomy.Marks | None = None,
) -> LegFit | None:
    """Fit camera, feet, proportions and joints to a cleaned track whose planted feet stand still.

    depth (n,): fraction of standing height. planted: the legs to measure. yaw_deg: a rough view to start
    from; usable (n,): frames that may settle the shared unknowns. calibration: what was measured beside the
    clip, in this track's pixels. mirrored: the network saw the scene the other way round. marks: what the
    landmarks are, where the track's kind does not say it. None when too few frames show the legs.
    """
    seen = observe(track, depth, planted, yaw_deg, mirrored=mirrored)
    seen = replace(seen, calibration=calibration, marks=marks or seen.marks)
    legs_seen = [LEGS.index(leg) for leg in planted]
    visible = (seen.weight[:, legs_seen] > 0).all(axis=(1, 2)) & np.isfinite(depth)
    used = visible if usable is None else visible & usable
    frames = choose_frames(np.nan_to_num(depth), seen.standing > 0, used)
    if len(frames) < 4:
        return None
    few = subset(seen, frames)
    solution = arrow.solve(problem_for(few, len(frames)), *start(few, depth[frames]))
    nearest = np.abs(np.nan_to_num(depth)[:, None] - depth[frames]).argmin(axis=1)
    own = arrow.solve_frames(problem_for(seen, len(depth)), solution.shared, solution.own[nearest])
    misfit, residual_share = misfits(solution.shared, own[frames], few)
    return LegFit(
        shared=solution.shared,
        own=own,
        covariance=solution.covariance,
        observations=seen,
        misfit=misfit,
        residual_share=residual_share,
        converged=solution.converged,
    )


def misfits(shared: Floats, own: Floats, seen: Observations) -> tuple[float, float]:
    """RMS distance of the model from the landmarks per picture axis: in expected spreads, and in body
    heights.
    """
    count = seen.weight[0].size
    residuals = legmodel.frame_residuals(shared, own, seen)[:, : 2 * count].reshape(len(own), count, 2)
    used = seen.weight.reshape(len(own), count) > 0
    scatter = np.tile([seen.marks[part].scatter for part in anatomy.PARTS], (2, 1))
    in_heights = residuals * scatter * anatomy.SHANK_SHARE_OF_HEIGHT
    return float(np.sqrt((residuals[used] ** 2).mean())), float(np.sqrt((in_heights[used] ** 2).mean()))
