"""The live check as the runner's engine: what the frames need beside landmarks, and one set after another.

    session = LiveSession(settings, declared=Declared(height_m=1.75))
    with open_source(0) as source, LiveRunner(source, session, show):
        ...
        ended = session.end_set()       # from any thread; the next set begins at once

An engine holds one set. The session keeps what outlives a set: the background's motion, how many people are
there, whether the user paused, how often cues are given.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from knee_track.judgement import Declared
from knee_track.live.buffer import Landmarks
from knee_track.live.engine import LiveEngine
from knee_track.live.recording import LiveSet
from knee_track.live.sources import Frame
from knee_track.live.state import Feedback, LiveState
from knee_track.pose.client import MIN_LOOKS, Box, Figure, Sighting
from knee_track.pose.follow import BACKGROUND_MARGIN
from knee_track.pose.landmarker import People
from knee_track.pose.scene import Scene
from knee_track.results import Analysis
from knee_track.settings import Settings
from knee_track.video.orientation import Image

LIGHT_STEP_PX: Final = 16
"""Every so many rows and columns are enough to tell how bright a picture is."""


@dataclass(frozen=True)
class EndedSet:
    """What a set came to.

    last: with the rep that was still to be confirmed. kept: its landmarks, None when nothing began.
    """

    last: LiveState
    kept: LiveSet | None
    _engine: LiveEngine

    def concluded(self, analysis: Analysis, clock_s: float) -> LiveState:
        """With the numbers of the reps that had none yet, from the analysis of `kept`.

        clock_s: second 0 of the analysis on the clock of the source.
        """
        reps = [
            rep.model_copy(
                update={name: getattr(rep, name) + clock_s for name in ("start_s", "bottom_s", "end_s")}
            )
            for rep in analysis.reps
        ]
        return self._engine.conclude(analysis.model_copy(update={"reps": reps}))


class LiveSession:
    """An `Engine` for `LiveRunner`. `step`, `watch` and `see_everybody` come from the thread that decides,
    everything else may come from any.

    Parameters
    ----------
    settings, declared, feedback, inline : see `LiveEngine`
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        declared: Declared | None = None,
        feedback: Feedback = "every",
        inline: bool = False,
    ) -> None:
        self._settings = settings or Settings()
        self._declared = declared or Declared()
        self._inline = inline
        self._lock = threading.Lock()
        self._surroundings = _Surroundings()
        self._people = self._most_people = 1
        self._crowded_looks = 0
        self._engine = self._new_engine(feedback)

    @property
    def feedback(self) -> Feedback:
        """How often cues are given."""
        return self._engine.feedback

    @feedback.setter
    def feedback(self, mode: Feedback) -> None:
        with self._lock:
            self._engine.feedback = mode

    @property
    def paused(self) -> bool:
        """Whether the user has paused the measuring."""
        return self._engine.paused

    @paused.setter
    def paused(self, wanted: bool) -> None:
        with self._lock:
            self._engine.paused = wanted

    @property
    def resting(self) -> bool:
        """Whether nothing moves that may become a rep."""
        return self._engine.resting

    def watch(self, frame: Frame) -> None:
        """Look at the picture itself, while the pose process does."""
        self._surroundings.see(frame.rgb)

    def step(self, people: People, time_s: float, size: tuple[int, int]) -> LiveState:
        """Take the landmarks of the picture that was watched last."""
        client = Landmarks.of(people)
        around = self._surroundings
        if client is not None:
            around.client = Box.around(client.image_px).padded(BACKGROUND_MARGIN)
        with self._lock:
            return self._engine.step(
                client,
                time_s,
                size,
                people=self._people,
                brightness=around.brightness,
                motion_px=around.motion_px,
            )

    def see_everybody(self, people: People, time_s: float, size: tuple[int, int]) -> None:
        """Take everybody in a picture; people who look small in it are far in the background and left out."""
        figures = Sighting.of(time_s, [Figure.of(points) for points in people.image_px]).figures
        self._crowded_looks = self._crowded_looks + 1 if len(figures) > 1 else 0
        self._people = len(figures) if self._crowded_looks >= MIN_LOOKS else min(1, len(figures))
        self._most_people = max(self._most_people, self._people)

    def end_set(self, *, name: str | None = None, go_on: bool = True) -> EndedSet:
        """End the set and begin the next.

        name: of the source in the results, by default webcam_YYYYmmdd_HHMMSS of now. go_on: False when no
        next set is wanted; then the session is closed.
        """
        over = self._engine
        if go_on:
            fresh = self._new_engine(over.feedback)
            with self._lock:
                self._engine = fresh
                fresh.feedback, fresh.paused = over.feedback, over.paused
        people, self._most_people = self._most_people, self._people
        last = over.end()
        over.close()
        return EndedSet(last, over.kept_set(name=name, people=people), over)

    def close(self) -> None:
        """End the work beside; the session must not be used after."""
        with self._lock:
            self._engine.close()

    def _new_engine(self, feedback: Feedback) -> LiveEngine:
        return LiveEngine(self._settings, declared=self._declared, feedback=feedback, inline=self._inline)


class _Surroundings:
    """What the picture tells beside the client.

    client : where the client was last seen. brightness : mean of the newest picture, 0 to 255.
    motion_px : how far the background has moved since the start.
    """

    def __init__(self) -> None:
        self.client: Box | None = None
        self.brightness: float | None = None
        self.motion_px: Sequence[float] = (0.0, 0.0)
        self._base_px: Sequence[float] = (0.0, 0.0)
        self._scene: Scene | None = None
        self._size: tuple[int, int] | None = None

    def see(self, rgb: Image) -> None:
        """Take the next picture (h, w, 3)."""
        size = (rgb.shape[1], rgb.shape[0])
        if self._scene is None or size != self._size:  # a camera may come back with another size
            self._scene, self._size, self._base_px = Scene(size), size, self.motion_px
        self.brightness = float(np.mean(rgb[::LIGHT_STEP_PX, ::LIGHT_STEP_PX]))
        self._scene.see(rgb, self.client)
        x_px, y_px = self._scene.motion_px.pop()  # it would keep them all
        self.motion_px = (self._base_px[0] + x_px, self._base_px[1] + y_px)
