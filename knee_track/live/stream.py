"""A network stream: RTSP, MJPEG over HTTP, HLS; through PyAV.

PyAV rather than OpenCV: both give up on a silent server in time, but only PyAV says why (refused, no such
address, wrong password), and it writes nothing to the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import av
import numpy as np
from av.codec.context import Flags
from av.video.reformatter import Interpolation, VideoReformatter

from knee_track.live.connection import BACKOFF, Backoff, LostError, Reconnecting
from knee_track.live.sources import LONG_SIDE_PX, URL_SCHEMES, OnStatus, StatusKind, now_s, without_password
from knee_track.video.orientation import Image, Orientation

PROTOCOLS: Final = "http,https,httpproxy,tcp,tls,crypto,rtsp,rtsps,rtp,udp,srtp"
"""All that a stream may lead to; a playlist from the network must not open a file of this machine."""


@dataclass(frozen=True)
class Timeouts:
    """Longest waiting times: for a connection with its first picture, and for each picture after it.

    Phones and cheap cameras on wireless networks pause for a second now and then; three are a stall.
    """

    open_s: float = 6.0
    read_s: float = 3.0


TIMEOUTS: Final = Timeouts()

TIMED_OUT: Final = 0.9
"""Share of the time-out after which a read is called a stall, whatever it gave."""


class Stream(Reconnecting):
    """FrameSource of a network address; see `open_source`."""

    def __init__(
        self,
        url: str,
        *,
        on_status: OnStatus,
        long_side_px: int = LONG_SIDE_PX,
        timeouts: Timeouts = TIMEOUTS,
        backoff: Backoff = BACKOFF,
    ) -> None:
        super().__init__(
            f"The stream {without_password(url)}",
            lambda: StreamConnection(url, timeouts, long_side_px),
            on_status,
            backoff,
        )


class StreamConnection:
    """An open stream that has given its first picture."""

    def __init__(self, url: str, timeouts: Timeouts, long_side_px: int) -> None:
        if urlsplit(url).scheme.lower() not in URL_SCHEMES:
            raise LostError("missing", "is of no kind that is known here", f"use {', '.join(URL_SCHEMES)}")
        self._timeouts = timeouts
        self._long_side_px = long_side_px
        self._scaler = VideoReformatter()
        self._orientation: Orientation | None = None
        self._first: tuple[Image, float] | None = None
        try:
            self._container = av.open(
                url,
                timeout=(timeouts.open_s, timeouts.read_s),
                metadata_errors="replace",
                container_options=_options(url),
            )
        except (av.FFmpegError, ValueError) as error:
            raise _not_opened(error) from error
        try:
            self._pictures = self._decoded(url)
            self._first = self.read()
        except LostError:
            self.close()
            raise

    def read(self) -> tuple[Image, float]:
        """Next picture; the time is taken when its data have come, before they are decoded."""
        first, self._first = self._first, None
        return first or next(self._pictures)

    def close(self) -> None:
        """End the connection."""
        self._container.close()

    def _decoded(self, url: str) -> Iterator[tuple[Image, float]]:
        stream = next(iter(self._container.streams.video), None)
        if stream is None or stream.codec_context is None:
            raise LostError(
                "missing", "holds no picture that can be decoded", "check the address", permanent=True
            )
        if self._container.duration and url.lower().startswith("http"):
            raise LostError(
                "ended",
                "is a recorded video, no live stream",
                "download it and give the file",
                permanent=True,
            )
        stream.thread_type = "SLICE"  # frame threads would hold back as many pictures as there are threads
        stream.codec_context.flags |= Flags.low_delay  # nor pictures kept for an order that no camera sends
        packets = self._container.demux(stream)
        while True:
            asked_s = now_s()
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                packet = None
            captured_s = now_s()
            # After a time-out FFmpeg reports an error, or the end, or gives what its parser still held.
            timed_out = captured_s - asked_s >= TIMED_OUT * self._timeouts.read_s
            if timed_out or packet is None or packet.size == 0:
                raise _lost(timed_out)
            for picture in _pictures_in(packet):
                yield self._upright(picture), captured_s

    def _upright(self, picture: av.VideoFrame) -> Image:
        factor = min(1.0, self._long_side_px / max(picture.width, picture.height))
        width, height = (max(1, round(side * factor)) for side in (picture.width, picture.height))
        scaled = self._scaler.reformat(
            picture, width, height, "rgb24", interpolation=Interpolation.AREA, threads=1
        )
        if self._orientation is None:  # once: asking a picture for its side data keeps it until a collection
            self._orientation = Orientation.of(picture)
        return self._orientation.upright(np.asarray(scaled.to_ndarray(), dtype=np.uint8))


def _pictures_in(packet: av.Packet[av.VideoStream]) -> list[av.VideoFrame]:
    try:
        return packet.decode()
    except av.FFmpegError:  # a damaged picture: the next one follows at once
        return []


def _options(url: str) -> dict[str, str]:
    """Give pictures as they come, from the first on instead of timing some beforehand.

    RTSP over TCP, since a lost UDP packet smears the picture for seconds.
    """
    options = {"protocol_whitelist": PROTOCOLS, "fflags": "nobuffer", "fpsprobesize": "0"}
    if urlsplit(url).scheme.lower().startswith("rtsp"):
        options["rtsp_transport"] = "tcp"
    return options


def _not_opened(error: Exception) -> LostError:
    """Why a stream did not open, in words; FFmpeg's own text would show the password in the address."""
    kinds: tuple[tuple[type[Exception], str, str], ...] = (
        (av.error.ExitError, "does not answer", "check the address, the camera and the network"),
        (ConnectionRefusedError, "is refused", "check the port and whether the camera's server is running"),
        (av.error.HTTPUnauthorizedError, "wants a password", "write it as scheme://user:password@host/…"),
        (av.error.HTTPForbiddenError, "may not be seen by you", "check user and password"),
        (av.error.HTTPNotFoundError, "is not known to its server", "check the path in the address"),
        (av.error.InvalidDataError, "is no video stream", "give the address of the picture, not of its page"),
    )
    for kind, reason, remedy in kinds:
        if isinstance(error, kind):
            return LostError("missing", reason, remedy)
    reason = getattr(error, "strerror", None) or "not understood"
    return LostError(
        "missing", f"cannot be reached ({reason})", "check the address, the camera and the network"
    )


def _lost(timed_out: bool) -> LostError:
    kind: StatusKind = "stalled" if timed_out else "unplugged"
    reason = "sends no more pictures" if timed_out else "broke off"
    return LostError(kind, reason, "check the camera and the network")
