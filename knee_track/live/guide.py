"""Which of the set-up's instructions is shown now; see `setup` for what they are."""

from __future__ import annotations

import numpy as np

from knee_track.geometry.measure import usual_deg
from knee_track.geometry.view import rough_yaw_deg
from knee_track.live.held import Held
from knee_track.live.motion import Motion
from knee_track.live.setup import BEGIN, STAND_STILL, Look, camera_advice, next_instruction
from knee_track.live.state import Instruction
from knee_track.pose.track import PoseTrack
from knee_track.settings import Settings

STILL_SHOWN_S = 0.5
"""Whoever has stood still for so long is asked to go on doing so, not to move the lamp."""


class Guide:
    """Looks now and then at what is to be put right, while nobody moves.

    Attributes
    ----------
    advice : what is to be put right, None when all is well
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._looked_s = -np.inf
        self.advice: Instruction | None = None

    def step(
        self,
        now: PoseTrack | None,
        size: tuple[int, int],
        time_s: float,
        motion: Motion,
        held: Held | None,
        people: int,
        brightness: float | None,
    ) -> None:
        """Take the next frame: the client in it, the picture's width and height, how they move and stand."""
        if motion.under_way or time_s - self._looked_s < self._settings.live.refresh_s:
            return
        self._looked_s = time_s
        look = Look(
            None if now is None else now.image_px[0],
            None if now is None else now.visibility[0],
            size,
            float("nan") if now is None else usual_deg(rough_yaw_deg(now)),
            people,
            brightness,
        )
        self.advice = next_instruction(look, self._settings)
        if self.advice is None and held is not None and motion.at_home:
            self.advice = camera_advice(held.fit, self._settings)

    def instruction(self, motion: Motion, held: Held | None, *, any_reps: bool) -> Instruction | None:
        """The one thing to do now."""
        if motion.unsettled:
            return None
        if self.advice is not None and self.advice.blocking:
            return self.advice
        if held is None or not motion.at_home:
            calibrating = motion.still_s > STILL_SHOWN_S or any_reps
            return STAND_STILL if calibrating or self.advice is None else self.advice
        return self.advice or (None if any_reps else BEGIN)
