"""Messages on their way to a page: of the states only the newest, of everything else each one."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

MOST: Final = 200
"""Words that wait at most: a page that takes nothing for so long has lost its connection."""

Words = dict[str, Any]


class Outbox:
    """Filled from any thread, emptied by the event loop in which it was made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._filled = asyncio.Event()
        self._each: deque[Words] = deque(maxlen=MOST)
        self._newest: Words | None = None
        self._closed = False

    def put(self, words: Words) -> None:
        """Leave words; those of type "state" replace each other."""
        if words["type"] == "state":
            self._newest = words
        else:
            self._each.append(words)
        self._wake()

    def close(self) -> None:
        """Nothing more comes; what is there is still taken."""
        self._closed = True
        self._wake()

    async def take(self) -> list[Words] | None:
        """All that waits, waited for; None when closed and empty."""
        while not (self._each or self._newest or self._closed):
            self._filled.clear()
            await self._filled.wait()
        taken = [self._each.popleft() for _ in range(len(self._each))]
        newest, self._newest = self._newest, None
        taken += [newest] if newest else []
        return taken or (None if self._closed else [])

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._filled.set)
