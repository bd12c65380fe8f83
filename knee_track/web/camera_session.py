"""A camera session: the live check behind one page, from its first picture to its last saved set."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from knee_track.errors import KneeTrackError
from knee_track.judgement import Declared
from knee_track.live.cue_words import live_cue, spoken_cue
from knee_track.live.film import Film
from knee_track.live.happenings import Happenings
from knee_track.live.recording import NO_SET, LiveSet
from knee_track.live.runner import LiveRunner
from knee_track.live.session import EndedSet, LiveSession
from knee_track.live.sets import Sets
from knee_track.live.sources import Frame, Status
from knee_track.live.state import Feedback, LiveState
from knee_track.live.timings import Timing
from knee_track.web.jobs import Job
from knee_track.web.live_source import BrowserCamera
from knee_track.web.live_words import state_words
from knee_track.web.set_work import SetWork
from knee_track.web.site import Site
from knee_track.web.uploads import discard

UNEXPECTED: Final = "Something unexpected went wrong; the terminal of 'knee-track serve' shows what."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wishes:
    """What the page asked for; record: keep a video of each set, too."""

    declared: Declared = field(default_factory=Declared)
    feedback: Feedback = "every"
    record: bool = False


class CameraSession:
    """Runs in threads of its own from `start` to `end`.

    Parameters
    ----------
    tell : told words for the page, from any thread: must be quick
    told_job : told each analysis that was begun, and the words for the page about it

    Attributes
    ----------
    id : known to the page that began it, which may come back with it
    """

    def __init__(
        self, site: Site, wishes: Wishes, tell: Callable[[dict[str, Any]], None], words: Callable[[Job], Any]
    ) -> None:
        self.id = secrets.token_urlsafe(12)
        self.camera = BrowserCamera(lambda number: tell({"type": "answer", "number": number}))
        self.camera.on_status = self._on_status
        self._site, self._wishes, self._tell, self._words = site, wishes, tell, words
        self._session = LiveSession(site.settings, declared=wishes.declared, feedback=wishes.feedback)
        self._runner = LiveRunner(self.camera, self._session, self._decided)
        self._happenings = Happenings()
        self._cue = live_cue()
        self._record, self._over = wishes.record, False
        self._sets = Sets(
            self._runner,
            self._session,
            site.out,
            film_place=lambda: site.uploads.new_place() if self._record else None,
            take=self._take,
            failed=self._on_failure,
        )
        self._sets.begin()
        self._thread = threading.Thread(target=self._run, name="live-session", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it still takes pictures."""
        return self._thread.is_alive() and not self._over

    def start(self) -> None:
        """Begin; pictures may come already."""
        self._thread.start()

    def end(self) -> None:
        """End it; a set with a finished rep is analysed. Waits a moment; harmless when it has ended."""
        self.camera.close()
        self._runner.stop()
        self._thread.join()

    def obey(self, order: dict[str, Any]) -> None:
        """Follow an order of the page; raises ValueError when it is none."""
        match order:
            case {"type": "pause", "on": bool(wanted)}:
                self._session.paused = wanted
            case {"type": "feedback", "mode": "every" | "alternate" | "summary" | "off" as mode}:
                self._session.feedback = mode
            case {"type": "record", "on": bool(wanted)}:
                self._record = wanted  # from the next set on; a film does not begin in the middle
            case {"type": "finish"}:
                self._sets.end()
            case _:
                raise ValueError("no such order")

    def _run(self) -> None:
        try:
            with self.camera, self._runner:
                self._tell({"type": "ready"})
                self._runner.wait()
        except KneeTrackError as error:
            self._tell({"type": "failed", "text": str(error)})
        except Exception:
            log.exception("the live check has ended")
            self._tell({"type": "failed", "text": UNEXPECTED})
        finally:
            self._over = True
            self._sets.close()
            self._session.close()

    def _decided(self, frame: Frame, state: LiveState, timing: Timing) -> None:
        for happening in self._happenings.of(state):
            if happening["type"] == "cue":
                happening["text"] = spoken_cue(happening["leg"], self._cue)
            self._tell(happening)
        self._tell(state_words(frame, state, timing))

    def _on_status(self, status: Status) -> None:
        self._tell({"type": "status", "kind": status.kind, "text": status.sentence})

    def _take(self, ended: EndedSet, film: Film | None) -> None:
        """Have an ended set analysed; at the end of the session only if a rep is in it."""
        if ended.kept is None or (self._over and not ended.last.reps):
            if film is not None:
                discard(film.path.parent)
            self._tell({"type": "no_set", "text": NO_SET})
            return
        self._tell({"type": "set", "job": self._words(self._save(ended.kept, film))})

    def _on_failure(self, error: Exception) -> None:
        if isinstance(error, KneeTrackError):
            self._tell({"type": "failed", "text": str(error)})
            return
        log.error("a set could not be ended", exc_info=error)
        self._tell({"type": "failed", "text": UNEXPECTED})

    def _save(self, kept: LiveSet, film: Film | None) -> Job:
        work = SetWork(kept, self._site.out, self._runner.step.variant)
        if film is None:
            return self._site.jobs.add(kept.name, work, precious=True)
        work = replace(work, film=film.kept())
        return self._site.jobs.add(kept.name, work, partial(discard, film.path.parent), precious=True)
