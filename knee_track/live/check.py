"""A live check from the first picture to the last saved set, for whoever shows it.

    with LiveCheck(source, session, keeping, tell=print) as check:
        while not check.wait(0.1):
            ...

Sets are ended and saved in a thread of their own, one after the other, so that the picture goes on meanwhile.
What is under way at the end is saved too, whatever ended it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from knee_track.errors import KneeTrackError
from knee_track.live.film import Film
from knee_track.live.happenings import Happening, Happenings, set_happening, status_happening
from knee_track.live.newest import Newest
from knee_track.live.pace import Pace
from knee_track.live.poses import MakePose, make_pose
from knee_track.live.recording import NO_SET, LiveSet
from knee_track.live.runner import LiveRunner
from knee_track.live.saving import Saved, save_set
from knee_track.live.session import EndedSet, LiveSession
from knee_track.live.sets import Sets
from knee_track.live.sources import Frame, FrameSource, Status
from knee_track.live.state import LiveState
from knee_track.live.timings import Summary, Timing
from knee_track.pipeline import model_of
from knee_track.pose.bundles import find_bundle
from knee_track.results import Analysis
from knee_track.results import Protocol as Plan

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Keeping:
    """How sets are kept. out: folder for their folders. record: keep a video too. plan: see `save_set`."""

    out: Path
    record: bool = False
    plan: Callable[[Analysis], Plan] | None = None


@dataclass(frozen=True)
class Shown:
    """A picture and what was decided about it."""

    frame: Frame
    state: LiveState
    timing: Timing


class Face(Protocol):
    """What shows a check to a person or a program; context manager, entered before the source."""

    def __enter__(self) -> Self:
        """Open it; raises UsageError with the remedy where that is not possible."""
        ...

    def __exit__(self, *error: object) -> None:
        """Close it."""
        ...

    def tell(self, happening: Happening) -> None:
        """Take a happening; from any thread, and quickly."""
        ...

    def run(self, check: LiveCheck) -> None:
        """Show the check, from the main thread, until its source ends or the user wants to."""
        ...

    def finish(self, check: LiveCheck) -> None:
        """Say what came of it, once all sets are saved."""
        ...


class LiveCheck:
    """Context manager; started on entering.

    Parameters
    ----------
    source : entered already
    session : decides; closed with the check
    keeping : where sets go
    tell : told every happening, from any thread: must be quick
    make_pose, pace : see `LiveRunner`

    Attributes
    ----------
    newest : the picture to be shown now
    saved : sets so far
    error : why a set could not be saved, the last such; None while all is well
    """

    def __init__(
        self,
        source: FrameSource,
        session: LiveSession,
        keeping: Keeping,
        tell: Callable[[Happening], None],
        *,
        make_pose: MakePose = make_pose,
        pace: Pace | None = None,
    ) -> None:
        self.session = session
        self.newest: Newest[Shown] = Newest()
        self.saved: list[Saved] = []
        self.error: KneeTrackError | None = None
        self._keeping = keeping
        self._tell = tell
        self._happenings = Happenings()
        source.on_status = self._on_status
        self._runner = LiveRunner(source, session, self._decided, make_pose=make_pose, pace=pace)
        self._unexpected: Exception | None = None
        self._sets = Sets(
            self._runner,
            session,
            keeping.out,
            film_place=self._film_place,
            take=self._take,
            failed=self._on_failure,
        )

    def __enter__(self) -> Self:
        try:
            self._sets.begin()
            self._runner.__enter__()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.__exit__()
        self.newest.close()
        self._sets.close()
        self.session.close()
        if error is None and self._unexpected is not None:
            raise self._unexpected

    @property
    def saving(self) -> bool:
        """Whether a set is being saved."""
        return self._sets.ending

    @property
    def timings(self) -> Summary:
        """Where the time went so far."""
        return self._runner.statistics.summary()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the source; False when the time is over first. Raises what ended the run."""
        return self._runner.wait(timeout_s)

    def stop(self) -> None:
        """Let the run end soon, as if the source had; from any thread."""
        self._runner.stop()

    def end_set(self) -> None:
        """End the set and have it saved; the next one begins at once."""
        self._sets.end()

    def _film_place(self) -> Path | None:
        if not self._keeping.record:
            return None
        self._keeping.out.mkdir(parents=True, exist_ok=True)
        return self._keeping.out

    def _take(self, ended: EndedSet, film: Film | None) -> None:
        self._tell_all(ended.last)
        if ended.kept is not None:
            self._save(ended, ended.kept, film)
            return
        if film is not None:
            film.path.unlink(missing_ok=True)
        if not self.saved:
            self._on_status(Status("unkept", NO_SET))

    def _save(self, ended: EndedSet, kept: LiveSet, film: Film | None) -> None:
        try:
            model = model_of(find_bundle(self._runner.step.variant, offline=True), version("mediapipe"))
            video = None if film is None else film.kept()
            saved = save_set(kept, self._keeping.out, model=model, film=video, plan=self._keeping.plan)
        except Exception as error:
            text = f"The set could not be analysed ({str(error).rstrip('.')}); {self._rescue(kept)}"
            self.error = KneeTrackError(text)
            self._on_status(Status("unkept", text))
            if not isinstance(error, KneeTrackError):
                raise
            return
        self._tell_all(ended.concluded(saved.analysis, saved.clock_s))
        self.saved.append(saved)
        self._tell(set_happening(saved))

    def _on_failure(self, error: Exception) -> None:
        """A mistake of ours: told with its traceback when the check ends, after everything else is saved."""
        self._unexpected = error

    def _rescue(self, kept: LiveSet) -> str:
        """Keep the landmarks of a set that was not analysed; what to do with them."""
        path = self._keeping.out / f"{kept.name}_landmarks.npz"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            kept.from_zero().save(path)
        except OSError as error:
            return f"its landmarks could not be kept either ({(error.strerror or str(error)).lower()})."
        return f"its landmarks are in {path}, for knee-track analyze --pose."

    def _decided(self, frame: Frame, state: LiveState, timing: Timing) -> None:
        self.newest.put(Shown(frame, state, timing))
        self._tell_all(state)

    def _tell_all(self, state: LiveState) -> None:
        for happening in self._happenings.of(state):
            self._tell(happening)

    def _on_status(self, status: Status) -> None:
        self._tell(status_happening(status))
