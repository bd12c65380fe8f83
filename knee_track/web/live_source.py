"""The browser's camera as a source of live pictures: what comes over the WebSocket, the newest only.

A message is 8 bytes of the page's own clock (milliseconds, float64, little-endian), 4 bytes of the picture's
number (uint32, little-endian), and a JPEG.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from knee_track.live.newest import Newest
from knee_track.live.sources import Frame, OnStatus, log_status, now_s
from knee_track.web.jpeg import decode

HEAD: Final = struct.Struct("<dI")

SOON_S: Final = 0.01
"""Least time between the last picture of a connection and the first of the next, should clocks disagree."""


@dataclass(frozen=True)
class Message:
    """A picture as it came; epoch: which connection it came over."""

    epoch: int
    arrived_s: float
    page_s: float
    number: int
    jpeg: bytes


class BrowserCamera:
    """FrameSource fed by `put`, from any thread; see `knee_track.live.sources`.

    Times follow the page's clock within a connection, which the network does not shake, and this machine's
    clock across connections.

    Parameters
    ----------
    refused : told the number of a picture that cannot be used, so that the page need not wait for its answer
    """

    name = "The browser's camera"
    waits = False

    def __init__(self, refused: Callable[[int], None]) -> None:
        self.on_status: OnStatus = log_status
        self._refused = refused
        self._box: Newest[Message] = Newest()
        self._epoch = 0
        self._zero_s = now_s()

    def connect(self) -> None:
        """From here on pictures come over another connection, whose clock and numbers begin anew."""
        self._epoch += 1

    def put(self, data: bytes) -> None:
        """Leave a message; a newer one replaces it. Raises ValueError when it is none."""
        if len(data) <= HEAD.size:
            raise ValueError("too short for a picture")
        page_ms, number = HEAD.unpack_from(data)
        if not math.isfinite(page_ms):
            raise ValueError("no time of capture")
        self._box.put(Message(self._epoch, now_s(), page_ms / 1000, number, data[HEAD.size :]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the iteration end."""
        self._box.close()

    def __iter__(self) -> Iterator[Frame]:
        epoch, offset_s, last_s = 0, 0.0, -math.inf
        while not self._box.closed:
            message = self._box.take()
            if message is None:
                return
            if message.epoch != epoch:
                epoch = message.epoch
                offset_s = max(message.arrived_s - self._zero_s, last_s + SOON_S) - message.page_s
            time_s = message.page_s + offset_s
            rgb = decode(message.jpeg)
            if rgb is None or time_s <= last_s:
                self._refused(message.number)
                continue
            last_s = time_s
            yield Frame(rgb, message.arrived_s, time_s, message.number)
