"""A recorded clip, or a saved pose track, fed through the live engine as fast as it goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from knee_track.judgement import Declared
from knee_track.live.buffer import Landmarks
from knee_track.live.engine import LiveEngine
from knee_track.live.state import Cue, Feedback, LiveEvent, LiveRep, LiveState
from knee_track.pose.bundles import find_bundle
from knee_track.pose.estimate import estimate_track
from knee_track.pose.track import Floats, PoseTrack
from knee_track.results import Analysis
from knee_track.settings import Settings


@dataclass(frozen=True)
class Replay:
    """What the engine said of a clip, last of all when no more frames came.

    step_s (n,): how long each frame took, slow work included.
    """

    states: list[LiveState]
    engine: LiveEngine
    step_s: Floats

    @property
    def reps(self) -> tuple[LiveRep, ...]:
        """All reps, as they stood at the end."""
        return self.states[-1].reps

    @property
    def events(self) -> list[LiveEvent]:
        """All events that were seen."""
        return [event for state in self.states for event in state.opened]

    @property
    def cues(self) -> list[Cue]:
        """All cues that were given."""
        return [state.cue for state in self.states if state.cue is not None]

    def finish(self) -> Analysis:
        """The analysis after the set."""
        return self.engine.finish(name="replay")


def replay(
    source: Path | str | PoseTrack,
    settings: Settings | None = None,
    *,
    declared: Declared | None = None,
    feedback: Feedback = "every",
    motion_px: Floats | None = None,
    inline: bool = True,
    smoothed_by_mediapipe: bool = True,
) -> Replay:
    """Run a clip through the engine, its work beside done at once.

    source: a raw pose track of VIDEO mode, the `landmarks.npz` of one, or a video. motion_px (n, 2): of the
    background. Raises KneeTrackError as `analyze` does.
    """
    settings = settings or Settings()
    track, moved = _raw(source, settings)
    moved = moved if motion_px is None else motion_px
    if track.cleaned:
        raise ValueError("cleaned landmarks cannot be replayed: the live path smooths raw ones by itself")
    engine = LiveEngine(
        settings,
        declared=declared,
        feedback=feedback,
        inline=inline,
        smoothed_by_mediapipe=smoothed_by_mediapipe,
    )
    size, seen = (track.width_px, track.height_px), track.seen
    states, step_s = [], []
    for i, time_s in enumerate(track.times_s):
        there = Landmarks(track.image_px[i], track.visibility[i], track.world_m[i]) if seen[i] else None
        began = perf_counter()
        states.append(engine.step(there, float(time_s), size, motion_px=moved[i]))
        step_s.append(perf_counter() - began)
    states.append(engine.flush())
    return Replay(states, engine, np.array(step_s))


def _raw(source: Path | str | PoseTrack, settings: Settings) -> tuple[PoseTrack, Floats]:
    """The raw track behind a source, and how far its background has moved (n, 2)."""
    if isinstance(source, PoseTrack):
        return source, np.zeros((len(source), 2))
    path = Path(source)
    if path.suffix == ".npz":
        track = PoseTrack.load(path)
        return track, np.zeros((len(track), 2))
    pose = estimate_track(path, find_bundle("full"), settings.pose)
    return pose.track, pose.camera_motion_px
