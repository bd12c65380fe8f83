"""The set so far: raw landmarks, and the leg model and quality worked out of them beside the frames."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.judgement import Declared
from knee_track.live.beside import Beside, Done
from knee_track.live.buffer import Landmarks, Size, TrackBuffer
from knee_track.live.held import Held
from knee_track.live.recording import LiveSet, webcam_name
from knee_track.pose.track import PoseTrack
from knee_track.results import Level
from knee_track.settings import Settings

Floats = NDArray[np.float64]

SETUP_KEEP_S: Final = 20.0
"""Landmarks kept while nothing is measured yet."""


class SetSoFar:
    """What is kept of one set.

    Parameters
    ----------
    settings, declared, smoothed_by_mediapipe, inline : see `LiveEngine`

    Attributes
    ----------
    size : width and height of its pictures in pixels, (0, 0) before the first
    held : the leg model that new frames are solved with, None before one was fitted
    level : quality by the last review
    """

    def __init__(
        self, settings: Settings, declared: Declared, *, smoothed_by_mediapipe: bool, inline: bool
    ) -> None:
        self.size: Size = (0, 0)
        self.held: Held | None = None
        self.level: Level = "high"
        self._settings = settings
        self._declared = declared
        self._smoothed_by_mediapipe = smoothed_by_mediapipe
        self._raw = TrackBuffer(SETUP_KEEP_S)
        self._beside = Beside(inline=inline)
        self._from_s: float | None = None

    @property
    def has_begun(self) -> bool:
        """Whether its landmarks are kept for the analysis after it."""
        return self._from_s is not None

    def begin(self, from_s: float) -> None:
        """From here on landmarks are kept for the analysis after the set."""
        self._from_s = from_s
        self._raw.drop_before(from_s)
        self._raw.keep_s = self._settings.live.max_set_s

    def append(self, time_s: float, seen: Landmarks | None, moved_px: Floats) -> None:
        """Keep the next frame; see `TrackBuffer.append`."""
        self._raw.append(time_s, seen, moved_px)

    def hold(self, from_s: float, moved_px: Floats, *, quiet: bool) -> bool:
        """Have the leg model fitted to the frames since a moment; False when something else is under way."""
        return self._beside.hold_standing(
            self._raw.track(self.size, from_s),
            moved_px,
            self._settings,
            self._declared,
            quiet=quiet,
            smoothed_by_mediapipe=self._smoothed_by_mediapipe,
        )

    def review(self, now_s: float) -> None:
        """Have the set up to now measured as a recorded clip."""
        begun_s = -np.inf if self._from_s is None else self._from_s
        from_s = max(begun_s, now_s - self._settings.live.review_s)
        self._beside.review(
            self._raw.track(self.size, from_s),
            self._raw.motion_px(from_s),
            self._raw.moved_px,
            self._declared,
            self._settings,
            smoothed_by_mediapipe=self._smoothed_by_mediapipe,
        )

    def news(self, *, wait: bool = False) -> Done | None:
        """What was worked out since the last call, its leg model and quality taken over already.

        wait: for the work under way; None then says that there is none.
        """
        done = self._beside.wait() if wait else self._beside.poll()
        if done is None:
            return None
        if done.held is not None:
            known = self.held is not None and self.held.from_standing
            self.held = replace(done.held, from_standing=done.quiet or known, motion_px=done.motion_px)
        if done.analysis is not None:
            self.level = done.analysis.quality.level
        return done

    def kept(self, name: str | None, people: int) -> LiveSet | None:
        """The set from its beginning on; None when nothing began. See `LiveEngine.kept_set`."""
        if self._from_s is None:
            return None
        return LiveSet(
            self._raw.track(self.size, self._from_s),
            self._raw.motion_px(self._from_s),
            self._declared,
            self._settings,
            name or webcam_name(datetime.now()),
            people,
            self._smoothed_by_mediapipe,
        )

    def track(self) -> PoseTrack:
        """All raw landmarks that are kept, as they came."""
        return self._raw.track(self.size)

    def close(self) -> None:
        """End the work beside."""
        self._beside.close()
