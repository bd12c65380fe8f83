"""After the set: the kept landmarks go the way of a recorded clip."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knee_track import results
from knee_track.errors import VideoError
from knee_track.judgement import Declared
from knee_track.live.review import recording_of
from knee_track.pipeline import analyze_track
from knee_track.pose.track import PoseTrack
from knee_track.results import Analysis
from knee_track.settings import Settings
from knee_track.video.reader import file_sha256

Floats = NDArray[np.float64]

NO_SET = "No set was recorded: nobody stood still or moved before the camera."


def webcam_name(moment: datetime) -> str:
    """What a set before a camera is called."""
    return moment.strftime("webcam_%Y%m%d_%H%M%S")


@dataclass(frozen=True)
class LiveSet:
    """A set as the camera saw it: plain data, which another process may analyse.

    Attributes
    ----------
    raw : landmarks as they came, times on the clock of the source
    motion_px : (n, 2) background travel since the first frame
    name : of the source in the results
    people : the most that were seen at once
    """

    raw: PoseTrack
    motion_px: Floats
    declared: Declared
    settings: Settings
    name: str
    people: int = 1
    smoothed_by_mediapipe: bool = True

    @property
    def begun_s(self) -> float:
        """Time of the first frame on the clock of the source."""
        return float(self.raw.times_s[0])

    def from_zero(self, clock_s: float | None = None) -> PoseTrack:
        """The landmarks with times from `clock_s` on the clock of the source, else from the first frame."""
        zero_s = self.begun_s if clock_s is None else clock_s
        return replace(self.raw, times_s=self.raw.times_s - zero_s)

    def analysis(
        self,
        *,
        model: results.Model | None = None,
        film: Path | None = None,
        clock_s: float | None = None,
    ) -> Analysis:
        """Analyse the set as `pipeline.analyze_track` does.

        film : a video of it, which becomes the source
        clock_s : second 0 of the analysis on the clock of the landmarks, that of the film's first picture;
            by default the first frame

        Raises VideoError when nobody was seen.
        """
        if len(self.raw) < 2 or not self.raw.seen.any():
            raise VideoError(NO_SET)
        raw = self.from_zero(clock_s)
        origin = recording_of(raw, self.motion_px, self.name if film is None else film.name, model)
        if film is not None:
            origin = replace(origin, source=origin.source.model_copy(update={"sha256": file_sha256(film)}))
        origin = replace(origin, people=self.people)
        return analyze_track(
            raw,
            origin,
            self.declared,
            self.settings,
            smoothed_by_mediapipe=self.smoothed_by_mediapipe,
        )
