"""Smoothing landmarks while they come.

Casiez, Roussel, Vogel: "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive
Systems", CHI 2012. A first-order low-pass whose cut-off rises with speed, so that a body at rest does not
tremble and a moving one is not late:

    cut-off = min_cutoff + beta * |speed|,  alpha = 1 / (1 + 1 / (2 pi cut-off step)),  y += alpha (x - y)

where the speed itself is low-passed at a fixed cut-off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.lag import IMAGE_FILTER, WORLD_FILTER, InverseOneEuro, OneEuro, roi_side_px

Floats = NDArray[np.float64]


class OneEuroFilter:
    """A One-Euro filter on an array of values, true time stamps, NaN-safe.

    A value that is missing stays missing, and when it comes back the filter starts anew from it.
    """

    def __init__(self, constants: OneEuro) -> None:
        self._constants = constants
        self._time_s = 0.0
        self._raw: Floats | None = None
        self._smooth = self._speed = np.empty(0)

    def step(self, values: Floats, time_s: float, scale: float = 1.0) -> Floats:
        """Smoothed values (same shape); `scale` is the length that speeds are divided by, in their unit."""
        if self._raw is None:
            self._smooth, self._speed = values.copy(), np.zeros_like(values)
        else:
            step_s = max(time_s - self._time_s, 1e-6)
            fresh = ~np.isfinite(self._smooth)
            change = np.where(fresh, 0.0, (values - self._raw) / (scale * step_s))
            speed = self._speed + _alpha(self._constants.speed_cutoff_hz, step_s) * (change - self._speed)
            self._speed = np.where(np.isfinite(speed), speed, 0.0)
            cutoff_hz = self._constants.min_cutoff_hz + self._constants.beta * np.abs(self._speed)
            smooth = self._smooth + _alpha(cutoff_hz, step_s) * (values - self._smooth)
            self._smooth = np.where(fresh, values, smooth)
        self._time_s, self._raw = time_s, values
        return self._smooth


class LandmarkSmoother:
    """One person's landmarks without the pose network's tremble, and without MediaPipe's own smoothing.

    Nothing is smoothed twice: VIDEO mode's filter is taken out first, frame by frame, as the recorded
    analysis does.
    """

    def __init__(self, constants: OneEuro, *, smoothed_by_mediapipe: bool = True) -> None:
        self._constants = constants
        self._invert = smoothed_by_mediapipe
        self.restart()

    def restart(self) -> None:
        """Forget the past: the person was lost."""
        self._time_s = -np.inf
        self._inverse_image, self._inverse_world = InverseOneEuro(IMAGE_FILTER), InverseOneEuro(WORLD_FILTER)
        self._image, self._world = OneEuroFilter(self._constants), OneEuroFilter(self._constants)

    def step(
        self, image_px: Floats, world_m: Floats, hidden: NDArray[np.bool_], time_s: float
    ) -> tuple[Floats, Floats]:
        """Smoothed image (33, 2) and world (33, 3) landmarks; NaN where `hidden` (33,)."""
        side_px = float(roi_side_px(image_px[None])[0])
        if self._invert:
            step_s = (
                max(round(time_s * 1000) - round(self._time_s * 1000), 1) / 1000
                if np.isfinite(self._time_s)
                else np.inf
            )
            image_px = self._inverse_image.step(image_px, step_s, side_px)
            world_m = self._inverse_world.step(world_m, step_s, 1.0)
        self._time_s = time_s
        gone = hidden[:, None]
        return (
            self._image.step(np.where(gone, np.nan, image_px), time_s, side_px),
            self._world.step(np.where(gone, np.nan, world_m), time_s),
        )


def _alpha(cutoff_hz: Floats | float, step_s: float) -> Floats:
    return np.asarray(1.0 / (1.0 + 1.0 / (2.0 * np.pi * np.asarray(cutoff_hz) * step_s)))
