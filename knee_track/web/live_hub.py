"""Who has the camera session: one page at a time, and a moment's patience for one that has lost touch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from knee_track.web.camera_session import CameraSession, Wishes
from knee_track.web.jobs import Job
from knee_track.web.outbox import Outbox
from knee_track.web.site import Site

GRACE_S: Final = 20.0
"""A page that is gone for longer has its set finished and saved: enough to load it again."""

log = logging.getLogger(__name__)


@dataclass
class Holder:
    """A page that has the camera session, or wants it.

    who : what others are told of it. outbox : words on their way to it
    """

    who: str
    outbox: Outbox = field(default_factory=Outbox)


class LiveHub:
    """Belongs to one event loop.

    Parameters
    ----------
    words : what a page is told of an analysis
    grace_s : see GRACE_S
    """

    def __init__(self, site: Site, words: Callable[[Job], Any], grace_s: float = GRACE_S) -> None:
        self._site, self._words, self._grace_s = site, words, grace_s
        self._holder: Holder | None = None
        self._session: CameraSession | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def held_by(self) -> str | None:
        """Who has the session now; None when nobody has."""
        return self._holder.who if self._holder is not None else None

    async def enter(
        self, holder: Holder, wishes: Wishes, *, known: str | None = None, take_over: bool = False
    ) -> CameraSession | None:
        """Give a page the session; None when another has it and is not to be replaced.

        known : id of the session that this page had before: it goes on as it was
        """
        async with self._changing:
            before = self._session
            comes_back = before is not None and before.alive and known == before.id
            if self._holder is not None and not (take_over or comes_back):
                return None
            self._stop_waiting()
            if self._holder is not None:
                self._holder.outbox.put({"type": "taken", "who": holder.who})
                self._holder.outbox.close()
            self._holder = holder
            if not comes_back:
                await self._end_session()
                self._session = CameraSession(self._site, wishes, self._tell, self._words)
                self._session.start()
            assert self._session is not None
            self._session.camera.connect()
            return self._session

    async def leave(self, holder: Holder, *, for_good: bool = False) -> None:
        """A page has gone; its session goes on for a while in case it comes back, unless it left for good."""
        async with self._changing:
            if self._holder is not holder:
                return
            if for_good:
                await self._end_session()  # what comes of it is still told
                holder.outbox.close()
            self._holder = None
            if not for_good and self._session is not None:
                self._waiting = asyncio.create_task(self._wait_and_end(self._session))

    async def close(self) -> None:
        """End the session; its set is saved."""
        async with self._changing:
            self._stop_waiting()
            if self._holder is not None:
                self._holder.outbox.close()
            await self._end_session()
            if self._ending:
                await asyncio.wait(self._ending)

    async def _wait_and_end(self, session: CameraSession) -> None:
        await asyncio.sleep(self._grace_s)
        async with self._changing:
            self._waiting = None
            if self._holder is None and self._session is session:
                await self._end_session()

    async def _end_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            ending = asyncio.create_task(asyncio.to_thread(session.end))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
            await asyncio.shield(ending)  # a connection that is cut off does not cut this off

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = None

    def _tell(self, words: dict[str, Any]) -> None:
        """Words of the session for whoever has it, from any thread; lost when nobody has."""
        holder = self._holder
        if holder is not None:
            holder.outbox.put(words)
