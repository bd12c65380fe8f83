"""When measuring stops by itself, and when it goes on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track.live.held import Held
from knee_track.live.state import PauseReason
from knee_track.settings import Settings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Picture:
    """What decides about a pause in one frame; motion_px (2,): where the background has moved to."""

    time_s: float
    seen: bool
    people: int
    motion_px: Floats


class Pauses:
    """Pauses for a lost client, a second person or a moved camera; on again when it is over for a while.

    Attributes
    ----------
    by_user : paused on request, until taken back
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.by_user = False
        self._reason: PauseReason | None = None
        self._seen_s = -np.inf
        self._clear_since_s: float | None = None
        self._rest_px: Floats | None = None

    def step(
        self, picture: Picture, held: Held | None, *, measuring: bool, in_rep: bool = False
    ) -> PauseReason | None:
        """Why this frame is not measured, None when it is.

        measuring: something is under way that can be paused; before that, the set-up help says it. in_rep: a
        rep is, which a camera that moves does not break off: whether it counts is for its review to say.
        """
        if picture.seen:
            self._seen_s = picture.time_s
        if self.by_user:
            return "user"
        trouble = self._trouble(picture, held) if measuring or self._reason else None
        if in_rep and trouble == "camera_moved" and self._reason is None:
            trouble = None
        if trouble is not None:
            self._reason, self._clear_since_s = trouble, None
        elif self._reason is not None:
            if self._clear_since_s is None:
                self._clear_since_s = picture.time_s
            if picture.time_s - self._clear_since_s >= self._settings.live.resume_s:
                self._reason = None
        return self._reason

    def _trouble(self, picture: Picture, held: Held | None) -> PauseReason | None:
        if picture.time_s - self._seen_s > self._settings.reps.max_blind_s or (
            self._reason == "lost" and not picture.seen
        ):
            return "lost"
        if picture.people > 1:
            return "second_person"
        return "camera_moved" if self._camera_moves(picture.motion_px, held) else None

    def _camera_moves(self, motion_px: Floats, held: Held | None) -> bool:
        """Whether the camera has left its place, or, once it has, is still on the way."""
        if held is None:
            return False
        shank_px = held.limit_px / self._settings.view.foot_moved_share
        limit_px = self._settings.live.camera_moved * shank_px
        home_px = held.motion_px if self._rest_px is None else self._rest_px
        moves = bool(np.linalg.norm(motion_px - home_px) > limit_px)
        self._rest_px = motion_px if moves else self._rest_px
        return moves

    def settle(self) -> None:
        """A leg model was fitted where the camera is now."""
        self._rest_px = None
