"""Tags of a QuickTime video track, which FFmpeg does not read: there iPhones say what lens they used.

The file is a tree of boxes (QuickTime File Format, "Metadata"): moov / trak / meta holds `keys`,
names counted from 1, and `ilst`, values by those numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LARGEST_INDEX = 256 * 2**20
"""Bytes of a moov box that are still read; hours of video take a few MB."""
TEXT = 1
FLOATS = {23: ">f", 24: ">d"}
INTEGERS = {21: True, 22: False, 65: True, 66: True, 67: True, 75: False}
"""Types of values that are understood: UTF-8, floats with their format, integers: True when signed."""


def track_tags(path: Path) -> dict[str, str]:
    """Tags of all tracks of a QuickTime or MP4 file as text; empty for others, and for broken ones."""
    tags: dict[str, str] = {}
    try:
        with path.open("rb") as file:
            moov = _index_of(file)
        for name, track in _boxes(moov):
            if name == b"trak":
                for inner, meta in _boxes(track):
                    if inner == b"meta":
                        tags.update(_meta_tags(meta))
    except (OSError, struct.error, ValueError):
        return {}
    return tags


def _index_of(file: BinaryIO) -> bytes:
    """Content of the file's moov box; empty when there is none."""
    while len(head := file.read(8)) == 8:
        size, name = struct.unpack(">I4s", head)
        left = size - 8
        if size == 1:
            left = struct.unpack(">Q", file.read(8))[0] - 16
        if left < 0 or not name.strip().isalnum():
            return b""
        if name == b"moov":
            return file.read(left) if left <= LARGEST_INDEX else b""
        file.seek(left, 1)
    return b""


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each box."""
    start = 0
    while start + 8 <= len(content):
        size, name = struct.unpack_from(">I4s", content, start)
        if size < 8:
            return
        yield name, content[start + 8 : start + size]
        start += size


def _meta_tags(meta: bytes) -> dict[str, str]:
    """Tags of a meta box; ISO files put a version of four bytes in front, QuickTime does not."""
    inside = dict(_boxes(meta if meta[4:8] == b"hdlr" else meta[4:]))
    names = [content for _, content in _boxes(inside.get(b"keys", b"")[8:])]
    tags = {}
    for number, item in _boxes(inside.get(b"ilst", b"")):
        index = int.from_bytes(number) - 1
        data = dict(_boxes(item)).get(b"data", b"")
        value = _text_of(data)
        if 0 <= index < len(names) and value is not None:
            tags[names[index].decode("utf-8", "replace")] = value
    return tags


def _text_of(data: bytes) -> str | None:
    """A value as text; None for a kind that is not understood."""
    if len(data) <= 8:
        return None
    kind, value = int.from_bytes(data[:4]), data[8:]
    if kind == TEXT:
        return value.decode("utf-8", "replace")
    if kind in INTEGERS:
        return str(int.from_bytes(value, signed=INTEGERS[kind]))
    if kind in FLOATS:
        return str(struct.unpack(FLOATS[kind], value)[0])
    return None
