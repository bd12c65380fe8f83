"""A source that may go away and come back: connect, read, report the loss once, connect again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol, Self

from knee_track.errors import VideoError
from knee_track.live.sources import Frame, OnStatus, Status, StatusKind
from knee_track.video.clock import MIN_STEP_S
from knee_track.video.orientation import Image


class LostError(Exception):
    """A connection could not be made or broke.

    Attributes
    ----------
    kind, reason : of the status to tell; the reason is a clause that fits behind the name of the source
    remedy : what to do about it when it never opened
    permanent : connecting again is of no use
    """

    def __init__(self, kind: StatusKind, reason: str, remedy: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.kind: StatusKind = kind
        self.reason = reason
        self.remedy = remedy
        self.permanent = permanent


class Connection(Protocol):
    """An open camera or stream."""

    def read(self) -> tuple[Image, float]:
        """Next picture, upright RGB, and the monotonic time at which it came; raises LostError."""
        ...

    def close(self) -> None:
        """Let go of the device or the address."""
        ...


@dataclass(frozen=True)
class Backoff:
    """Waiting times between attempts to connect: doubled from `first_s` up to `longest_s`.

    Short at first, since a cable is put back within seconds; never long, since somebody stands there waiting.
    """

    first_s: float = 0.5
    longest_s: float = 5.0

    def __iter__(self) -> Iterator[float]:
        wait_s = self.first_s
        while True:
            yield wait_s
            wait_s = min(2.0 * wait_s, self.longest_s)


BACKOFF: Final = Backoff()

HUNG_S: Final = 10.0
"""A read that takes longer is not coming back: V4L2 gives up after 10 s, streams after 3."""


class Reconnecting:
    """FrameSource over connections: one sentence per loss, one when pictures come again.

    Parameters
    ----------
    name : begins each sentence, e.g. "Camera 0"
    connect : makes a connection or raises LostError; a first picture has come when it returns
    on_status : told each change
    backoff : between attempts
    """

    waits = False

    def __init__(
        self,
        name: str,
        connect: Callable[[], Connection],
        on_status: OnStatus,
        backoff: Backoff = BACKOFF,
    ) -> None:
        self.name = name
        self._connect = connect
        self.on_status = on_status
        self._backoff = backoff
        self._closed = threading.Event()
        self._connection: Connection | None = None
        self._in_use = threading.Lock()

    def __enter__(self) -> Self:
        try:
            self._connection = self._connect()
        except LostError as lost:
            raise VideoError(f"{self.name} {lost.reason}; {lost.remedy}.") from lost
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
        # A driver that hangs in a read keeps its connection: letting go of it under the read would crash.
        if self._in_use.acquire(timeout=HUNG_S):
            self._disconnect()
            self._in_use.release()

    def close(self) -> None:
        """Let the iteration end soon."""
        self._closed.set()

    def __iter__(self) -> Iterator[Frame]:
        number, first_s, last_s = 0, None, float("-inf")
        try:
            while (read := self._read()) is not None:
                rgb, captured_s = read
                first_s = captured_s if first_s is None else first_s
                last_s = max(captured_s - first_s, last_s + MIN_STEP_S)
                yield Frame(rgb, captured_s, last_s, number)
                number += 1
        finally:
            self._disconnect()

    def _read(self) -> tuple[Image, float] | None:
        """Next picture, after however many losses; None when closed or when nothing more can come."""
        while not self._closed.is_set() and self._connection is not None:
            try:
                with self._in_use:
                    return self._connection.read()
            except LostError as lost:
                self._disconnect()
                if lost.permanent:
                    self.on_status(Status("ended", f"{self.name} {lost.reason}."))
                    return None
                self.on_status(Status(lost.kind, f"{self.name} {lost.reason}; trying to get it back."))
                self._reconnect()
        return None

    def _reconnect(self) -> None:
        for wait_s in self._backoff:
            if self._closed.wait(wait_s):
                return
            with suppress(LostError):
                self._connection = self._connect()
                self.on_status(Status("back", f"{self.name} is back."))
                return

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
