"""The live run: capture goes on beside inference and decision, and the newest picture wins.

    with open_source(0) as source, LiveRunner(source, engine, sink) as run:
        run.wait()

One thread captures, into a mailbox of one place. Another takes the newest picture, sends it to the pose
process, looks at the picture itself meanwhile, lets the engine decide and tells the sink; whoever draws does
so in a thread of its own. One picture is on its way at a time. To send the next one before this one is
decided gains nothing on two cores: network and decision slow each other, and then the next picture waits
(measured: decisions of 9 instead of 4 ms, 28 instead of 30 a second). So a decision is never late by more
than the work on its own picture, whatever the speeds are.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, Generic, Protocol, Self, TypeVar

from knee_track.errors import PoseError
from knee_track.live.film import Film
from knee_track.live.newest import Newest
from knee_track.live.pace import Pace, Step, ladder
from knee_track.live.poses import MakePose, Poses, available_variants, make_pose
from knee_track.live.sources import Frame, FrameSource, Status, now_s
from knee_track.live.timings import Statistics, Timing
from knee_track.pose.landmarker import People
from knee_track.system import one_thread

STALL_S: Final = 4.0
"""No picture for so long is told, if the source itself said nothing: streams do after 3 s."""

FRESH_S: Final = 0.015
"""A picture that waited longer is passed over when the next is nearly due: 20 ms are allowed from capture to
decision beside the inference (issue 5), and scaling, sending and deciding take some."""

NEARLY_DUE_S: Final = 0.02
"""How long to wait for that next picture: at most a third of the frame rate is lost, and that rarely."""

LOOK_AROUND_S: Final = 2.0
"""Time between looks for other people. Each costs the time of one decision: one in 48 at 24 per second."""

JOIN_S: Final = 10.0
"""Longest wait for a thread at the end: V4L2 gives a hanging camera up after 10 s, streams after 6."""

HANG_S: Final = 3.0
"""An inference that takes longer at the end is cut off."""

State = TypeVar("State")
StateOut = TypeVar("StateOut", covariant=True)

log = logging.getLogger(__name__)


class Engine(Protocol[StateOut]):
    """What decides. Three more things are used where it has them.

    `resting` (bool): changes of model and size wait while it is False.
    `watch(frame)`: called with each picture that will be decided, while the pose process works on it.
    `see_everybody(people, time_s, size)`: called every LOOK_AROUND_S with all people found in a picture, at
    the cost of one more inference; `step` gets the one who is followed.
    """

    def step(self, people: People, time_s: float, size: tuple[int, int]) -> StateOut:
        """Decide about one picture: the people in it in full-size pixels, its time, its (width, height)."""
        ...


Sink = Callable[[Frame, State, Timing], object]
"""Told every decision, in order, from the deciding thread: must be quick. Whoever draws puts it into a
`Newest` and draws in a thread of its own (the main one, for windows)."""


@dataclass(frozen=True)
class _Answered:
    """A picture back from the pose process."""

    frame: Frame
    people: People
    taken_s: float
    sent_s: float
    answered_s: float


class LiveRunner(Generic[State]):
    """Runs a source through pose and engine into a sink; context manager, started on entering.

    Parameters
    ----------
    source : entered already; its `on_status` is also told what the runner notices, from any of its threads
    engine : decides
    sink : told each decision
    make_pose : makes a pose process of a variant
    pace : chooses model and picture size; by default `full` and what is lighter, as far as it is here
    film : to keep the pictures in; none by default

    Attributes
    ----------
    statistics : timings so far
    film : may be exchanged at any time; whoever made it closes it
    """

    def __init__(
        self,
        source: FrameSource,
        engine: Engine[State],
        sink: Sink[State],
        *,
        make_pose: MakePose = make_pose,
        pace: Pace | None = None,
        film: Film | None = None,
    ) -> None:
        self.film = film
        self.statistics = Statistics()
        self._source = source
        self._tell_user = source.on_status
        source.on_status = self._on_source_status
        self._engine = engine
        self._sink = sink
        self._make_pose = make_pose
        self._pace = pace or Pace(ladder(available_variants()) or ladder(["full"]), camera=not source.waits)
        self._told_film: Film | None = None
        self._box: Newest[Frame] = Newest()
        self._newest_number = 0
        self._interval_s = 0.0
        self._source_is_away = False
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._error: BaseException | None = None
        self._poses: Poses | None = None
        self._limits = ExitStack()
        self._passed_over = 0
        self._see_everybody = getattr(engine, "see_everybody", None)
        self._watch: Callable[[Frame], None] | None = getattr(engine, "watch", None)
        self._looked_s = float("-inf")
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), name=f"live-{name}", daemon=True)
            for name, work in (("capture", self._capture), ("decide", self._decide))
        ]

    def __enter__(self) -> Self:
        capture, decide = self._threads
        self._limits.enter_context(one_thread())
        if not self._source.waits:
            capture.start()  # before the pose process is warm, which takes a second: no backlog builds up
        try:
            self._poses = Poses(self._make_pose, self._pace.step, probes=self._see_everybody is not None)
        except BaseException:
            self.__exit__()
            raise
        self._passed_over = -self._box.skipped
        decide.start()
        if self._source.waits:
            capture.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        capture, decide = self._threads
        if self._poses is not None:
            decide.join(HANG_S)
            self._poses.close()  # ends an inference that hangs, and with it the thread
            decide.join(JOIN_S)
        if capture.ident is not None:
            capture.join(JOIN_S)
        self._limits.close()
        if capture.is_alive():
            log.warning("%s does not let go; it is left to the end of the program.", self._source.name)

    @property
    def step(self) -> Step:
        """Pose model and picture size in use."""
        return self._pace.step

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the run; False when the time is over first.

        Raises what ended it: PoseError, VideoError, or an error of the engine or the sink.
        """
        over = self._over.wait(timeout_s)
        if self._error is not None:
            raise self._error
        return over

    def stop(self) -> None:
        """Let the run end soon; from any thread."""
        self._stopping.set()
        self._source.close()
        self._box.close()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            cut_off = isinstance(error, (PoseError, OSError, ValueError)) and self._stopping.is_set()
            if not cut_off:  # at the end the pose process is killed under whoever waits for it
                self._error = self._error or error
            self.stop()
            self._over.set()

    def _capture(self) -> None:
        last: Frame | None = None
        for frame in self._source:
            if last is not None:
                self._interval_s = frame.captured_s - last.captured_s
            if self._source_is_away and last is not None:
                self._source_is_away = False
                self._tell_user(Status("back", f"{self._source.name} is back."))
            self._newest_number = frame.number
            if not self._box.put(frame):
                break
            if (film := self.film) is not None:
                film.add(frame)
                self._tell_problem(film)
            last = frame
        self._box.close()

    def _decide(self) -> None:
        assert self._poses is not None
        while (frame := self._next()) is not None:
            taken_s = now_s()
            self._poses.send(frame.rgb, frame.time_s)
            sent_s = now_s()
            if self._watch is not None:
                self._watch(frame)  # beside the inference, so that it costs no delay
            people = self._poses.receive()
            self._finish(_Answered(frame, people, taken_s, sent_s, now_s()))
            self._poses.exchange()
            if self._wants_to_look_around():
                self._look_around(frame)
        self._over.set()

    def _next(self) -> Frame | None:
        """Newest picture, or the next one where that is nearly due; None when nothing more will come."""
        while (frame := self._box.take(STALL_S)) is None and not self._box.closed:
            self._tell_stall()
        if self._stopping.is_set() or frame is None:
            return None
        if self._is_fresh(frame):
            return frame
        newer = self._box.take(NEARLY_DUE_S)
        self._passed_over += newer is not None
        return newer or frame

    def _is_fresh(self, frame: Frame) -> bool:
        age_s = now_s() - frame.captured_s
        return age_s <= FRESH_S or self._interval_s - age_s > NEARLY_DUE_S

    def _finish(self, answered: _Answered) -> None:
        frame = answered.frame
        height, width = frame.rgb.shape[:2]
        state = self._engine.step(answered.people, frame.time_s, (width, height))
        decided_s = now_s()
        timing = Timing(
            captured_s=frame.captured_s,
            taken_s=answered.taken_s,
            sent_s=answered.sent_s,
            answered_s=answered.answered_s,
            decided_s=decided_s,
            behind=self._newest_number - frame.number,
            skipped=self._box.skipped + self._passed_over,
            fps=self.statistics.lately_fps(decided_s),
        )
        self.statistics.add(timing)
        self._sink(frame, state, timing)
        self._keep_pace(decided_s - answered.taken_s, frame)

    def _wants_to_look_around(self) -> bool:
        return self._see_everybody is not None and now_s() - self._looked_s >= LOOK_AROUND_S

    def _look_around(self, frame: Frame) -> None:
        """Show the engine everybody in a picture; meanwhile newer pictures replace each other."""
        assert self._poses is not None and self._see_everybody is not None
        self._looked_s = now_s()
        self._poses.send_for_everybody(frame.rgb)
        height, width = frame.rgb.shape[:2]
        self._see_everybody(self._poses.receive(), frame.time_s, (width, height))

    def _keep_pace(self, busy_s: float, frame: Frame) -> None:
        if not getattr(self._engine, "resting", True):
            return
        change = self._pace.note(busy_s, frame.captured_s, frame.number)
        if change is None:
            return
        if change.step is not None and self._poses is not None:
            log.info("Pose model '%s', pictures of %d px.", change.step.variant, change.step.long_side_px)
            self._poses.turn_to(change.step)
        if change.notice is not None:
            self._tell_user(Status("slow", change.notice))

    def _on_source_status(self, status: Status) -> None:
        """Status of the source, told in the thread that captures."""
        self._source_is_away = status.kind not in ("back", "slow")
        self._tell_user(status)

    def _tell_stall(self) -> None:
        if not self._source_is_away:
            self._source_is_away = True
            self._tell_user(
                Status("stalled", f"{self._source.name} has given no picture for {STALL_S:.0f} s.")
            )

    def _tell_problem(self, film: Film) -> None:
        if film.problem is not None and self._told_film is not film:
            self._told_film = film
            self._tell_user(Status("unkept", f"The video is not kept: {film.problem}"))
