"""How the client moves: standing still, depth on the standing height last seen, and the rep under way."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry.legfit import quiet_standing
from knee_track.live.reps_online import RepMachine
from knee_track.pose.skeleton import ANKLE, Leg
from knee_track.pose.track import PoseTrack
from knee_track.reps.depth import StandingScale, depth_on, standing_scale
from knee_track.reps.segmentation import RepSpan
from knee_track.results import Phase
from knee_track.settings import Settings

Floats = NDArray[np.float64]

QUIET_STEP_S = 0.1
"""Stillness is judged over steps of about this length, longer than the tremble of landmarks."""
RESTING_ANKLE = 0.04
"""Travel of an ankle over two such steps, in standing hip heights, that is no step."""


class Motion:
    """Smoothed frames in; depth, stillness and movements out.

    Attributes
    ----------
    machine : the online rep state machine
    depth : of this frame, a fraction, None where unknown
    quiet : the client stands still in this frame
    still_s : and has done so for this long
    at_home : a measured foot stands in its place; True without any
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.machine = RepMachine(settings.reps, settings.live)
        self._frames: deque[PoseTrack] = deque()
        self._depths: deque[tuple[float, float]] = deque()
        self._scale: StandingScale | None = None
        self._scaled_s = -np.inf
        self._away_since_s: float | None = None
        self.at_home = True
        self.interrupt()

    @property
    def under_way(self) -> bool:
        """Whether a movement that may become a rep is under way."""
        return self.machine.where == "down" and self.machine.moving

    @property
    def unsettled(self) -> bool:
        """Whether a movement is under way, or over and not yet confirmed."""
        return self.under_way or self.machine.where == "returned"

    @property
    def phase(self) -> Phase | None:
        """Of the movement under way."""
        return self.machine.phase

    def interrupt(self) -> None:
        """The client was lost, or nothing is to be measured: the movement under way is given up."""
        self.machine.restart()
        self._depths.clear()
        self.depth: float | None = None
        self.quiet = False
        self._still_since_s: float | None = None
        self._restless = self._counted = 0
        self.still_s = 0.0

    def stand_anew(self, time_s: float) -> None:
        """Count stillness from now."""
        self._still_since_s, self._restless, self._counted, self.still_s = time_s, 0, 0, 0.0

    def step(self, now: PoseTrack, time_s: float, at_home: tuple[Leg, ...] | None) -> RepSpan | None:
        """Take a track of one smoothed frame; the movement that it completes, if any."""
        self._remember(now, time_s)
        self._rescale(time_s)
        depth = float("nan") if self._scale is None else float(depth_on(now, self._scale)[0])
        self.depth = depth if np.isfinite(depth) else None
        finished = self.machine.step(self.depth, time_s)
        self._stand(time_s)
        self._place(at_home, time_s)
        return finished

    def _remember(self, now: PoseTrack, time_s: float) -> None:
        self._frames.append(now)
        while time_s - self._frames[0].times_s[0] > self._settings.live.scale_window_s:
            self._frames.popleft()

    def _rescale(self, time_s: float) -> None:
        """Read the standing height anew, now and then, while the client does not squat."""
        settled = self.machine.where == "standing" or self._scale is None
        if not settled or time_s - self._scaled_s < self._settings.live.refresh_s:
            return
        self._scaled_s = time_s
        first = self._frames[0].times_s[0]
        if time_s - first < self._settings.reps.min_standing_s:
            return
        scale = standing_scale(joined(self._frames), self._settings.reps)
        if scale.known:
            self._scale = scale

    def _stand(self, time_s: float) -> None:
        """Whether the client stands still, and since when; a few restless frames are forgiven."""
        if self.depth is None:
            return
        self._depths.append((time_s, self.depth))
        while time_s - self._depths[0][0] > 3.5 * QUIET_STEP_S:
            self._depths.popleft()
        times_s, depth = np.array(self._depths).T
        moments = np.searchsorted(times_s, time_s - QUIET_STEP_S * np.array([2.0, 1.0, 0.0]) - 1e-6)
        moments = np.unique(moments)
        self.quiet = bool(quiet_standing(depth[moments], times_s[moments])[-1]) and self._feet_rest(time_s)
        if self._still_since_s is None:
            if self.quiet:
                self.stand_anew(time_s)
            return
        self._counted += 1
        self._restless += not self.quiet
        allowed = (1.0 - self._settings.live.quiet_share) * max(self._counted, 10)
        if self._restless > allowed:
            self._still_since_s, self.still_s = None, 0.0
        else:
            self.still_s = time_s - self._still_since_s

    def _feet_rest(self, time_s: float) -> bool:
        """Whether no ankle has moved just now; a hidden one has not."""
        ankles = list(ANKLE.values())
        recent = [frame for frame in self._frames if time_s - frame.times_s[0] <= 2 * QUIET_STEP_S + 1e-6]
        now, then = recent[-1].image_px[0], recent[0].image_px[0]
        moved_px = np.nan_to_num(np.linalg.norm(now[ankles] - then[ankles], axis=-1)).max()
        tall_px = 0.0 if self._scale is None else float(self._scale.heights_px[-1])
        return bool(moved_px <= RESTING_ANKLE * tall_px)

    def _place(self, at_home: tuple[Leg, ...] | None, time_s: float) -> None:
        """Whether the feet are where they were measured; a step that is taken back at once is none."""
        if at_home is None or at_home:
            self._away_since_s, self.at_home = None, True
            return
        if self._away_since_s is None:
            self._away_since_s = time_s
        if time_s - self._away_since_s > self._settings.live.resume_s:
            if self.at_home:
                self.stand_anew(self._away_since_s)
            self.at_home = False


def joined(frames: deque[PoseTrack]) -> PoseTrack:
    """One track of single frames."""
    first = frames[0]
    return PoseTrack(
        np.concatenate([frame.times_s for frame in frames]),
        np.concatenate([frame.image_px for frame in frames]),
        np.concatenate([frame.world_m for frame in frames]),
        np.concatenate([frame.visibility for frame in frames]),
        first.width_px,
        first.height_px,
    )
