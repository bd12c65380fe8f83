"""The 35 mm equivalent focal length, from the places where cameras write it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from video_clips import numbered, write_clip

from knee_track.video.quicktime import track_tags
from knee_track.video.reader import VideoReader

APPLE = "com.apple.quicktime.camera.focal_length.35mm_equivalent"


def focal_length_of(path: Path) -> float | None:
    with VideoReader(path) as reader:
        return reader.info.focal_length_35mm


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def meta(kind: int, value: bytes, *, iso: bool = False) -> bytes:
    """A meta box with a model name and the focal length as its second key."""
    keys = [("com.apple.quicktime.camera.lens_model", 1, b"iPhone 13 back camera"), (APPLE, kind, value)]
    names = b"".join(box(b"mdta", name.encode()) for name, _, _ in keys)
    items = b"".join(
        box(struct.pack(">I", i), box(b"data", struct.pack(">II", kind, 0) + value))
        for i, (_, kind, value) in enumerate(keys, start=1)
    )
    handler = box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
    content = handler + box(b"keys", struct.pack(">II", 0, len(keys)) + names) + box(b"ilst", items)
    return box(b"meta", bytes(4) * iso + content)


def with_track_meta(path: Path, extra: bytes) -> Path:
    """The clip with a box more at the end of its first track; the index must be the file's last box."""
    content = path.read_bytes()
    moov, trak = content.index(b"moov") - 4, content.index(b"trak") - 4
    moov_size, trak_size = (struct.unpack_from(">I", content, at)[0] for at in (moov, trak))
    assert moov + moov_size == len(content)
    grown = bytearray(content)
    grown[moov : moov + 4] = struct.pack(">I", moov_size + len(extra))
    grown[trak : trak + 4] = struct.pack(">I", trak_size + len(extra))
    grown[trak + trak_size : trak + trak_size] = extra
    path.write_bytes(grown)
    return path


@pytest.mark.parametrize(
    ("tag", "text", "millimetres"),
    [
        (APPLE, "26", 26.0),
        ("FocalLengthIn35mmFilm", "28 mm", 28.0),
        ("com.maker.FocalLengthIn35mmFormat", "52/2", 26.0),
        (APPLE, "0", None),
        (APPLE, "unknown", None),
        ("com.apple.quicktime.camera.focal_length", "5.1", None),
    ],
)
def test_tags_of_the_file(tmp_path: Path, tag: str, text: str, millimetres: float | None) -> None:
    path = tmp_path / "clip.mov"
    write_clip(path, [numbered(1)] * 3, movflags="use_metadata_tags", tags={tag: text})
    assert focal_length_of(path) == millimetres


@pytest.mark.parametrize("iso", [False, True])
@pytest.mark.parametrize(
    ("kind", "value", "millimetres"),
    [
        (1, b"26", 26.0),
        (1, b"50.00mm", 50.0),
        (21, struct.pack(">i", 27), 27.0),
        (67, struct.pack(">q", 27), 27.0),
        (23, struct.pack(">f", 13.5), 13.5),
        (13, b"a picture", None),
    ],
)
def test_tags_of_the_video_track_as_phones_write_them(
    tmp_path: Path, kind: int, value: bytes, millimetres: float | None, iso: bool
) -> None:
    path = write_clip(tmp_path / "phone.mov", [numbered(1)] * 3)
    assert focal_length_of(with_track_meta(path, meta(kind, value, iso=iso))) == millimetres


@pytest.mark.parametrize("name", ["bare.mp4", "bare.mkv"])
def test_most_clips_tell_none(tmp_path: Path, name: str) -> None:
    assert focal_length_of(write_clip(tmp_path / name, [numbered(1)] * 3)) is None


@pytest.mark.parametrize(
    "content", [b"", b"short", b"\0\0\0\1moov\0\0", box(b"moov", b"\0\0\0\4trak"), bytes(100)]
)
def test_broken_files_tell_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mov"
    path.write_bytes(content)
    assert track_tags(path) == {}
