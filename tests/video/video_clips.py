"""Clips that tests make for themselves; each frame carries its number as a row of bright and dark blocks."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
BITS = 8
WIDTH, HEIGHT = 128, 96


def numbered(number: int, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """Picture showing `number` in binary, lowest bit on the left."""
    bits = (number >> (np.arange(width) * BITS // width)) & 1
    row = (40 + 170 * bits).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, width, 3)))


def number_in(rgb: Image) -> int:
    """The number that a picture shows, at any scale."""
    columns = (np.arange(BITS) + 0.5) * rgb.shape[1] / BITS
    bits = rgb[rgb.shape[0] // 2, columns.astype(int)].mean(axis=1) > 125
    return int((bits << np.arange(BITS)).sum())


def corners(width: int, height: int) -> Image:
    """Grey picture with corners red and green (top), blue and white (bottom)."""
    rgb = np.full((height, width, 3), 90, np.uint8)
    size = min(width, height) // 3
    rgb[:size, :size] = (230, 20, 20)
    rgb[:size, -size:] = (20, 230, 20)
    rgb[-size:, :size] = (20, 20, 230)
    rgb[-size:, -size:] = (240, 240, 240)
    return rgb


def write_clip(
    path: Path,
    pictures: Iterable[Image],
    times_s: Sequence[float] | None = None,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    container: str | None = None,
    movflags: str = "",
    options: dict[str, str] | None = None,
    time_base: Fraction = Fraction(1, 90_000),
    turn: tuple[int, bool] | None = None,
    aspect: Fraction | None = None,
    tags: dict[str, str] | None = None,
) -> Path:
    """Encode pictures shown at the given times (default: 30 per second) and return the path."""
    pictures = list(pictures)
    height, width = pictures[0].shape[:2]
    with av.open(path, "w", format=container, options={"movflags": movflags} if movflags else {}) as out:
        out.metadata.update(tags or {})
        stream = out.add_stream(
            codec, rate=30, width=width, height=height, pix_fmt=pix_fmt, options=options, time_base=time_base
        )
        if turn is not None:
            stream.set_display_rotation(turn[0], hflip=turn[1])
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        for i, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pix_fmt)
            time_s = i / 30 if times_s is None else times_s[i]
            frame.pts, frame.time_base = round(time_s / time_base), time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def packet_places(path: Path) -> list[tuple[int, int]]:
    """(offset, size) in the file of each video packet."""
    with av.open(path) as clip:
        return [(p.pos, p.size) for p in clip.demux(video=0) if p.size and p.pos is not None]
