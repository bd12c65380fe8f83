"""Where live pictures come from: a camera, a stream, or a clip played at its own speed.

    with open_source("rtsp://192.168.1.20/front", on_status=say) as source:
        for frame in source:
            ...

A source yields frames until it is closed or ends. What goes wrong on the way is told as a `Status`, one
sentence each, and mended by itself where it can be; only what never opened raises.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol, Self
from urllib.parse import urlsplit

from knee_track.video.orientation import Image

LONG_SIDE_PX: Final = 1280
"""Longest side of live pictures: what most webcams give; the pose network sees 256 px of it."""

URL_SCHEMES: Final = ("rtsp", "rtsps", "http", "https")

StatusKind = Literal["missing", "busy", "unplugged", "stalled", "slow", "unkept", "back", "ended"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Frame:
    """One live picture.

    Attributes
    ----------
    rgb : (h, w, 3) uint8, upright, C-contiguous, not mirrored
    captured_s : `time.monotonic()` when the picture came from the camera or the stream, before it was decoded
    time_s : seconds on the clock of the source, strictly rising: for cameras and streams from the first
        picture on, for a clip its own time stamp
    number : counts the captured pictures from 0; gaps are pictures that somebody skipped
    """

    rgb: Image
    captured_s: float
    time_s: float
    number: int


@dataclass(frozen=True)
class Status:
    """A change that the user should know of.

    Attributes
    ----------
    kind : `missing` there is no such camera or address; `busy` another program has it; `unplugged` it went
        away; `stalled` it is there but gives no pictures; `slow` fewer pictures than they should be;
        `unkept` the video is not kept any more; `back` pictures come again; `ended` nothing more will come
    sentence : for the user, whole
    """

    kind: StatusKind
    sentence: str


OnStatus = Callable[[Status], None]


class FrameSource(Protocol):
    """Context manager that yields frames, once, from one thread; `close` may be called from any other.

    Attributes
    ----------
    name : for the user, without passwords; begins a sentence
    on_status : told each change, from the thread that iterates
    waits : nothing is lost before it is iterated; False for what goes on by itself
    """

    name: str
    on_status: OnStatus
    waits: bool

    def __enter__(self) -> Self:
        """Open it; raises VideoError with the remedy when that is not possible."""
        ...

    def __exit__(self, *error: object) -> None:
        """Close it."""
        ...

    def __iter__(self) -> Iterator[Frame]:
        """Frames until the source is closed or ends."""
        ...

    def close(self) -> None:
        """Let the iteration end soon: at the next picture, or when a running time-out is over."""
        ...


def open_source(
    spec: int | str | Path,
    *,
    on_status: OnStatus | None = None,
    long_side_px: int = LONG_SIDE_PX,
    real_time: bool = True,
    loop: bool = False,
) -> FrameSource:
    """The source that `spec` names, to be entered as a context manager.

    Parameters
    ----------
    spec : camera index (also as digits), RTSP or HTTP address (MJPEG too), or a video file
    on_status : told each change, from the thread that iterates; by default they are logged
    long_side_px : longest side of the pictures; smaller ones keep their size
    real_time, loop : for files: wait for the time of each frame; begin again at the end

    Raises
    ------
    VideoError : on entering, when the source cannot be opened
    """
    from knee_track.live.camera import Camera
    from knee_track.live.playback import Playback
    from knee_track.live.stream import Stream

    tell = on_status or log_status
    if not isinstance(spec, Path):
        if re.fullmatch(r"[0-9]+", str(spec)):
            return Camera(int(spec), on_status=tell, long_side_px=long_side_px)
        if "://" in str(spec):
            return Stream(str(spec), on_status=tell, long_side_px=long_side_px)
        spec = Path(str(spec))
    return Playback(spec, on_status=tell, long_side_px=long_side_px, real_time=real_time, loop=loop)


def log_status(status: Status) -> None:
    """Log what a source tells."""
    log.log(logging.INFO if status.kind in ("back", "ended") else logging.WARNING, "%s", status.sentence)


def without_password(url: str) -> str:
    """Address for the user's eyes: without user, password and query, which may hold a token."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def now_s() -> float:
    """The clock of `captured_s`."""
    return time.monotonic()
