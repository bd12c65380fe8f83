"""The sets of a live run, one after another: their names, their films, their ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from knee_track.live.film import Film
from knee_track.live.runner import LiveRunner
from knee_track.live.saving import free_name
from knee_track.live.session import EndedSet, LiveSession


class Sets:
    """Ends sets in a thread of its own, so that the pictures go on meanwhile.

    Parameters
    ----------
    runner, session : of the run
    out : where results go, which decides about names
    film_place : gives the folder for the film of the set that begins, None when none is to be kept
    take : told each ended set and its film, which is closed; whose file it is from then on
    failed : told what went wrong in ending a set or in `take`
    """

    def __init__(
        self,
        runner: LiveRunner[Any],
        session: LiveSession,
        out: Path,
        *,
        film_place: Callable[[], Path | None],
        take: Callable[[EndedSet, Film | None], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._runner, self._session, self._out = runner, session, out
        self._film_place, self._take, self._failed = film_place, take, failed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live-sets")
        self._last: Future[None] | None = None
        self._name = ""
        self._film: Film | None = None

    @property
    def ending(self) -> bool:
        """Whether a set is being ended."""
        return self._last is not None and not self._last.done()

    def begin(self) -> None:
        """Begin a set: a name, and a film if one is to be kept."""
        self._name = free_name(self._out, datetime.now())
        place = self._film_place()
        self._film = None if place is None else Film(place / f"{self._name}.mp4")
        self._runner.film = self._film

    def end(self) -> None:
        """End the set and begin the next; returns at once."""
        self._last = self._thread.submit(self._end, go_on=True)

    def close(self) -> None:
        """End the last set, and wait until all are taken."""
        self._thread.submit(self._end, go_on=False)
        self._thread.shutdown()

    def _end(self, *, go_on: bool) -> None:
        name, film = self._name, self._film
        try:
            if go_on:
                self.begin()  # before the next set's first landmarks, whose times its film must know
            ended = self._session.end_set(name=name, go_on=go_on)
            if film is not None:
                film.close()
            self._take(ended, film)
        except Exception as error:
            self._failed(error)
