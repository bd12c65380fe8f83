"""Undo the smoothing that MediaPipe applies to a single tracked person.

With `num_poses=1` in VIDEO mode the pose landmarker passes every coordinate through a One-Euro filter and
every visibility through a first-order low-pass (pose_landmarks_detector_graph.cc, one_euro_filter.cc). They
look only backward, so a moving knee comes about one frame late. Both filters can be inverted, because their
state is known from their own output; the zero-lag low-pass of the cleaning then removes the noise that comes
back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry.filters import spans
from knee_track.pose.skeleton import HIP
from knee_track.pose.track import PoseTrack

Floats = NDArray[np.float64]

# The filter divides pixel speeds by the side of MediaPipe's square region of interest: 1.25 times the
# diameter of the circle about the hips that holds the body. The circle is not given out; the landmark
# farthest from the hips stands in for its rim (a side 30 % off moves the knee by 0.2 frames).
ROI_SIDE_PER_RADIUS = 2 * 1.25
VISIBILITY_ALPHA = 0.1
# A filter's first output is its input; the second is too when the first time stamp was 0.
UNFILTERED_FRAMES = 2


@dataclass(frozen=True)
class OneEuro:
    """Constants of a One-Euro filter (Casiez 2012): cut-off = min_cutoff_hz + beta * |speed|."""

    min_cutoff_hz: float
    beta: float
    speed_cutoff_hz: float = 1.0


IMAGE_FILTER = OneEuro(min_cutoff_hz=0.05, beta=80.0)
WORLD_FILTER = OneEuro(min_cutoff_hz=0.1, beta=40.0)


def remove_smoothing_lag(track: PoseTrack) -> PoseTrack:
    """Track as the pose network saw it, without MediaPipe's built-in smoothing.

    The filters start anew wherever the person was lost.
    """
    milliseconds = np.round(track.times_s * 1000)  # the only time stamps that MediaPipe takes
    image, world = track.image_px.copy(), track.world_m.copy()
    visibility = track.visibility.copy()
    for run in spans(track.seen):
        steps_s = np.maximum(np.diff(milliseconds[run]), 1) / 1000
        image[run] = invert_one_euro(image[run], steps_s, roi_side_px(image[run]), IMAGE_FILTER)
        world[run] = invert_one_euro(world[run], steps_s, np.ones(len(world[run])), WORLD_FILTER)
        visibility[run] = _invert_low_pass(visibility[run], VISIBILITY_ALPHA)
    return replace(track, image_px=image, world_m=world, visibility=visibility)


def invert_one_euro(smoothed: Floats, steps_s: Floats, scale: Floats, constants: OneEuro) -> Floats:
    """Input of a One-Euro filter from its output, frame by frame.

    Parameters
    ----------
    smoothed : (n, ...) output of the filter
    steps_s : (n - 1,) time between frames
    scale : (n,) length that speeds are divided by, in the unit of `smoothed`

    Returns
    -------
    (n, ...) the input; the first two frames are taken as unfiltered
    """
    inverse = InverseOneEuro(constants)
    steps = np.concatenate([[np.inf], steps_s])
    return np.array([inverse.step(*now) for now in zip(smoothed, steps, scale, strict=True)])


class InverseOneEuro:
    """The same frame by frame: what went into the filter, as soon as its output is there."""

    def __init__(self, constants: OneEuro) -> None:
        self._constants = constants
        self._taken = 0
        self._smoothed = self._raw = self._speed = np.empty(0)

    def step(self, smoothed: Floats, step_s: float, scale: float) -> Floats:
        """Input of the next frame, `step_s` after the last one; see invert_one_euro."""
        if self._taken < UNFILTERED_FRAMES:
            raw, speed = smoothed, np.zeros_like(smoothed)  # speed of the input, in scales per second
        else:
            rate_hz = 1 / step_s
            alpha = 1 / (1 + rate_hz / (2 * np.pi * self._constants.speed_cutoff_hz))
            slope = alpha * rate_hz / scale
            offset = slope * (self._smoothed - self._raw) + (1 - alpha) * self._speed
            moved = smoothed - self._smoothed
            jump = _input_jump(moved, slope, offset, rate_hz / (2 * np.pi), self._constants)
            raw, speed = self._smoothed + jump, slope * jump + offset
        self._taken += 1
        self._smoothed, self._raw, self._speed = smoothed, raw, speed
        return raw


def _input_jump(moved: Floats, slope: float, offset: Floats, rate: float, constants: OneEuro) -> Floats:
    """Distance d of the new input from the last output, given how far the output moved.

    moved = d * c / (c + rate) with the cut-off c = min_cutoff + beta * |speed|, speed = slope * d + offset
    and rate = frame rate / 2 pi: a quadratic in d for either sign of the speed. While the output still moves
    against the speed (a turning point) both signs can hold; the one that asks for the smaller jump is taken.
    """

    def root(sign: Floats) -> Floats:
        curvature = sign * constants.beta * slope
        resting = constants.min_cutoff_hz + sign * constants.beta * offset
        half = (resting - curvature * moved) / 2
        constant = moved * (resting + rate)
        return np.asarray(constant / (half + np.sqrt(half**2 + curvature * constant)))

    along = np.where(moved < 0, -1.0, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):  # a sign without a root gives NaN
        against = root(-along)
        holds = -along * (slope * against + offset) >= 0
        return np.where(holds, against, root(along))


def _invert_low_pass(smoothed: Floats, alpha: float) -> Floats:
    """Input (n, ...) of s[i] = alpha * x[i] + (1 - alpha) * s[i - 1], for values from 0 to 1."""
    raw = smoothed.copy()
    raw[1:] = (smoothed[1:] - (1 - alpha) * smoothed[:-1]) / alpha
    return np.clip(raw, 0.0, 1.0)


def roi_side_px(image_px: Floats) -> Floats:
    """(n,) side of MediaPipe's region of interest, estimated from the landmarks."""
    hips = image_px[:, list(HIP.values())].mean(axis=1, keepdims=True)
    radius = np.linalg.norm(image_px - hips, axis=-1).max(axis=1)
    return np.asarray(ROI_SIDE_PER_RADIUS * np.maximum(radius, 1.0))
