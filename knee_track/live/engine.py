"""The live check, frame by frame: landmarks in, a `LiveState` out.

    landmarks ─▶ pause? ─▶ smooth ─▶ depth & rep ─▶ legs with the model held ─▶ events ─▶ cue

What takes longer than a frame (fitting the leg model on quiet standing, measuring a finished rep) runs beside
it on a copy of the raw landmarks, by the recorded analysis' own functions, and is swapped in when it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import VideoError
from knee_track.findings.quality import LEVELS
from knee_track.judgement import Declared
from knee_track.live.beside import Done
from knee_track.live.buffer import Landmarks, Size
from knee_track.live.cues import CueGate
from knee_track.live.events_online import EventWatch
from knee_track.live.guide import Guide
from knee_track.live.held import Held, SolvedFrame, solve_frame
from knee_track.live.legs_now import as_filmed, in_size, leg_now, leg_samples, points_as_filmed
from knee_track.live.motion import Motion
from knee_track.live.one_euro import LandmarkSmoother
from knee_track.live.pauses import Pauses, Picture
from knee_track.live.recording import NO_SET, LiveSet
from knee_track.live.rep_list import RepList
from knee_track.live.reps_online import LEAD_S
from knee_track.live.set_so_far import SetSoFar
from knee_track.live.setup import BEGIN, PAUSED, STAND_STILL
from knee_track.live.state import Feedback, Instruction, LegNow, LiveEvent, LiveRep, LiveState, Stage
from knee_track.pose.lag import OneEuro
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.pose.track import PoseTrack
from knee_track.reps.segmentation import RepSpan
from knee_track.results import Analysis, Level
from knee_track.settings import Settings

Floats = NDArray[np.float64]


class LiveEngine:
    """Watches one client; give it every frame that was looked at, in order of time.

    Parameters
    ----------
    settings : thresholds, those of the recorded analysis and `live`
    declared : movement, leg, mirrored, height and client, as for a recorded clip
    feedback : how often cues are given; may be changed at any time through `engine.feedback`
    smoothed_by_mediapipe : landmarks come from VIDEO mode with one pose
    inline : do the slow work within `step`, so that results depend on nothing but the frames (tests, replays)
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        declared: Declared | None = None,
        feedback: Feedback = "every",
        smoothed_by_mediapipe: bool = True,
        inline: bool = False,
    ) -> None:
        self.settings = settings or Settings()
        self.declared = declared or Declared()
        live = self.settings.live
        self._smoother = LandmarkSmoother(
            OneEuro(live.min_cutoff_hz, live.beta), smoothed_by_mediapipe=smoothed_by_mediapipe
        )
        self._set = SetSoFar(
            self.settings, self.declared, smoothed_by_mediapipe=smoothed_by_mediapipe, inline=inline
        )
        self._motion = Motion(self.settings)
        self._reps = RepList(self.settings.reps)
        self._watch = EventWatch(self.settings)
        self._gate = CueGate(feedback)
        self._pauses = Pauses(self.settings)
        self._own: Floats | None = None
        self._guide = Guide(self.settings)
        self._last_s = -np.inf
        self._state = LiveState(time_s=-np.inf, stage="setup")

    @property
    def feedback(self) -> Feedback:
        """How often cues are given."""
        return self._gate.feedback

    @feedback.setter
    def feedback(self, mode: Feedback) -> None:
        self._gate.feedback = mode

    @property
    def resting(self) -> bool:
        """Whether nothing moves that may become a rep."""
        return not self._motion.unsettled

    @property
    def held(self) -> Held | None:
        """The leg model that new frames are solved with."""
        return self._set.held

    @property
    def _number(self) -> int:
        """Of the rep under way or the next one, from 1."""
        return len(self._reps.all) + 1

    @property
    def paused(self) -> bool:
        """Paused by the user, until set to False."""
        return self._pauses.by_user

    @paused.setter
    def paused(self, wanted: bool) -> None:
        self._pauses.by_user = wanted

    def close(self) -> None:
        """End the work beside; the engine must not be used after."""
        self._set.close()

    def step(
        self,
        seen: Landmarks | None,
        time_s: float,
        size: Size,
        *,
        people: int = 1,
        brightness: float | None = None,
        motion_px: Sequence[float] = (0.0, 0.0),
    ) -> LiveState:
        """Take the next frame.

        Parameters
        ----------
        seen : the client, None when not found
        time_s : of the capture, rising; one that is not later than the last changes nothing
        size : width and height of the picture in pixels
        people : seen at the last look for everybody
        brightness : mean of the picture, 0 to 255, where somebody measures it
        motion_px : how far the background has moved since the start, see `pose.scene.Scene`
        """
        if time_s <= self._last_s:
            return replace(self._state, new_reps=(), opened=(), closed=(), cue=None)
        self._last_s = time_s
        self._set.size = self._set.size if self._set.size[0] else size
        seen = in_size(seen, size, self._set.size)
        moved = np.asarray(motion_px, dtype=np.float64)
        new_reps = self._take_in(self._set.news())
        picture = Picture(time_s, seen is not None, people, moved)
        measuring = self._stage() in ("ready", "measuring")
        reason = self._pauses.step(picture, self.held, measuring=measuring, in_rep=self._motion.under_way)
        self._set.append(time_s, None if reason in ("user", "second_person") else seen, moved)
        if seen is None or reason is not None:
            state = self._without(time_s, seen, people, brightness)
        else:
            state = self._with(seen, time_s, people, brightness, moved)
        if reason is not None:
            state = replace(state, stage="paused", paused_by=reason, instruction=PAUSED[reason])
        new_reps += self._take_in(self._set.news())
        self._state = replace(
            state,
            reps=self._reps.all,
            new_reps=new_reps,
            calibrated=self.held is not None,
            quality=self._quality(state.instruction),
        )
        return self._state

    def flush(self) -> LiveState:
        """No more frames come: what is over but for its confirmation counts. Waits for the work beside."""
        state = self.end()
        new_reps: tuple[LiveRep, ...] = ()
        while (done := self._set.news(wait=True)) is not None:
            new_reps += self._take_in(done)
        return self._at_the_end(new_reps, state.closed)

    def end(self) -> LiveState:
        """As `flush`, without waiting: numbers that are not there yet come with `conclude`, or never."""
        closed = tuple(self._watch.finish())
        self._finished(self._motion.machine.flush())
        return self._at_the_end((), closed)

    def conclude(self, analysis: Analysis) -> LiveState:
        """Take the whole set's analysis, with times on the clock of the source, for reps without numbers."""
        return self._at_the_end(self._reps.fill(analysis), ())

    def _at_the_end(self, new_reps: tuple[LiveRep, ...], closed: tuple[LiveEvent, ...]) -> LiveState:
        return LiveState(
            time_s=self._last_s,
            stage=self._stage(),
            reps=self._reps.all,
            new_reps=new_reps,
            closed=closed,
            calibrated=self.held is not None,
            quality=self._quality(None),
        )

    def kept_set(self, *, name: str | None = None, people: int = 1) -> LiveSet | None:
        """The set so far, from quiet standing or the first movement on; None when nothing began.

        name: of the source, by default webcam_YYYYmmdd_HHMMSS of now. people: the most seen at once.
        """
        return self._set.kept(name, people)

    def finish(self, *, name: str | None = None) -> Analysis:
        """The set as a recorded clip; ends the work beside. Raises VideoError without a set."""
        self.close()
        kept = self.kept_set(name=name)
        if kept is None:
            raise VideoError(NO_SET)
        return kept.analysis()

    def raw_track(self) -> PoseTrack:
        """The raw landmarks that are kept, as they came."""
        return self._set.track()

    def _without(
        self, time_s: float, seen: Landmarks | None, people: int, brightness: float | None
    ) -> LiveState:
        """A frame that measures nothing: nobody there, or paused."""
        self._smoother.restart()
        self._own = None
        closed = self._watch.finish()
        self._motion.interrupt()
        if seen is None:
            self._guide.step(None, self._set.size, time_s, self._motion, self.held, people, brightness)
        stage = self._stage()
        return LiveState(
            time_s=time_s,
            stage=stage,
            instruction=self._guide.advice if stage == "setup" else None,
            closed=tuple(closed),
            landmarks_px=None if seen is None else seen.image_px,
        )

    def _with(
        self, seen: Landmarks, time_s: float, people: int, brightness: float | None, moved: Floats
    ) -> LiveState:
        """A frame that shows the client."""
        now = self._smoothed(seen, time_s)
        finished = self._motion.step(now, time_s, self._at_home(now))
        closed: list[LiveEvent] = []
        if not self._motion.under_way:
            closed = self._watch.finish()
        self._finished(finished)
        self._guide.step(now, self._set.size, time_s, self._motion, self.held, people, brightness)
        self._calibrate(time_s, moved)
        solved = self._solve(now)
        legs = self._legs(solved, now)
        opened, over = self._events(solved, legs, now, time_s)
        cue = self._gate.step(time_s, self._number, self._watch, legs) if self._motion.phase else None
        legs = {
            leg: replace(now_leg, event=self._watch.open_event(leg) is not None)
            for leg, now_leg in legs.items()
        }
        depth = solved.depth if solved else self._motion.depth
        return LiveState(
            time_s=time_s,
            stage=self._stage(),
            instruction=self._instruction,
            standing_s=min(self._motion.still_s, self.settings.live.standing_s),
            legs={leg: as_filmed(now_leg, self._mirror_px) for leg, now_leg in legs.items()},
            depth=depth,
            phase=self._motion.phase,
            rep=self._number if self._motion.phase else None,
            opened=tuple(opened),
            closed=(*closed, *over),
            cue=cue,
            landmarks_px=points_as_filmed(now.image_px[0], self._mirror_px),
        )

    def _finished(self, span: RepSpan | None) -> None:
        """Count a movement that is over and have it measured, also a deep one that does not count."""
        if span is None:
            return
        if span.reason is None:
            self._reps.count(span)
        if span.depth >= self.settings.reps.min_depth:
            self._set.review(self._last_s)

    def _smoothed(self, seen: Landmarks, time_s: float) -> PoseTrack:
        """A track of this one frame: smoothed, un-mirrored, hidden landmarks missing."""
        hidden = ~(seen.visibility >= self.settings.clean.min_visibility)
        image_px, world_m = self._smoother.step(seen.image_px, seen.world_m, hidden, time_s)
        now = Landmarks(image_px, seen.visibility, world_m).track(time_s, self._set.size)
        return now.mirrored() if self.declared.mirrored else now

    def _at_home(self, now: PoseTrack) -> tuple[Leg, ...] | None:
        """Legs whose foot stands where it was measured, None without a leg model."""
        return None if self.held is None else self.held.at_home(now)

    def _calibrate(self, time_s: float, moved: Floats) -> None:
        """Once the client has stood still for long enough, fit the leg model to it."""
        if self._motion.under_way and not self._set.has_begun:
            self._set.begin(time_s - LEAD_S)
            if self.held is None:  # nobody stood still: what was seen so far is better than nothing
                self._set.hold(time_s - LEAD_S, moved, quiet=False)
            return
        blocked = self._guide.advice is not None and self._guide.advice.blocking
        wanted = self.held is None or not self.held.from_standing or not self._motion.at_home
        if blocked or not wanted or self._motion.still_s < self.settings.live.standing_s:
            return
        from_s = time_s - self._motion.still_s
        if self._set.hold(from_s, moved, quiet=True):
            if not self._set.has_begun:
                self._set.begin(from_s)
            self._motion.stand_anew(time_s)

    def _take_in(self, done: Done | None) -> tuple[LiveRep, ...]:
        """Swap in what was worked out beside; the reps whose numbers came with it."""
        if done is None:
            return ()
        if done.held is not None:
            self._own = None
            self._pauses.settle()
        if done.analysis is None:
            return ()
        return self._reps.fill(done.analysis, done.from_s, done.until_s)

    def _solve(self, now: PoseTrack) -> SolvedFrame | None:
        """The legs of this frame, None without a leg model, a depth, or a foot in its place."""
        depth = self._motion.depth
        if self.held is None or depth is None or not self._motion.at_home:
            return None
        solved = solve_frame(
            self.held, now, depth, self._motion.quiet, self._own, self.settings.live.solve_steps
        )
        self._own = solved.own
        return solved

    def _legs(self, solved: SolvedFrame | None, now: PoseTrack) -> dict[Leg, LegNow]:
        if solved is None or self.held is None:
            return {leg: LegNow() for leg in LEGS}
        in_rep = self._motion.under_way
        return {leg: leg_now(leg, solved, self.held, self.settings, in_rep=in_rep) for leg in LEGS}

    def _events(
        self, solved: SolvedFrame | None, legs: dict[Leg, LegNow], now: PoseTrack, time_s: float
    ) -> tuple[list[LiveEvent], list[LiveEvent]]:
        phase = self._motion.phase
        if phase is None or solved is None or self.held is None:
            return [], []
        samples = leg_samples(legs, now, solved.depth, self.held, self.settings)
        return self._watch.step(time_s, samples, self._number, phase)

    def _stage(self) -> Stage:
        if self._motion.unsettled or self._reps.all:
            return "measuring"
        if self.held is not None and self._motion.at_home:
            return "ready"
        return "standing" if self._instruction is STAND_STILL else "setup"

    @property
    def _instruction(self) -> Instruction | None:
        """The one thing to do now."""
        return self._guide.instruction(self._motion, self.held, any_reps=bool(self._reps.all))

    def _quality(self, instruction: Instruction | None) -> Level:
        """How far the numbers can be trusted: by the last review; lowered without quiet standing."""
        if self.held is None:
            return "low"
        asked = instruction is not None and instruction not in (BEGIN, STAND_STILL)
        lowered = asked or not self.held.from_standing
        return LEVELS[max(LEVELS.index(self._set.level), int(lowered))]

    @property
    def _mirror_px(self) -> int | None:
        """Width of a mirrored picture, None of another."""
        return self._set.size[0] if self.declared.mirrored else None
