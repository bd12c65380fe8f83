"""Every unusable file gets one sentence that names it, the reason and the remedy."""

import os
from pathlib import Path

import av
import numpy as np
import pytest
from video_clips import numbered, packet_places, write_clip

from knee_track.errors import VideoError
from knee_track.video.reader import VideoReader, file_sha256


def refusal(path: Path) -> str:
    with pytest.raises(VideoError) as error, VideoReader(path):
        pass
    sentence = str(error.value)
    assert sentence.startswith(f"{path}: ")
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


def test_no_such_file_a_folder_and_an_empty_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "missing.mp4")
    assert "is a folder" in refusal(tmp_path)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    assert "is empty" in refusal(empty)


@pytest.mark.parametrize("name", ["clip.mp4", "notes.txt", "12:30 squat.mp4"])
def test_text_is_not_a_video(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("Squat session of Tuesday, three sets of five.\n" * 50)
    assert "is not a video" in refusal(path)


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "clip.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    refusal(path)


def test_sound_without_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(path, "w") as out:
        stream = out.add_stream("aac", rate=44100, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 44100
        out.mux(stream.encode(silence))
        out.mux(stream.encode(None))
    assert "no video stream" in refusal(path)


def test_a_recording_cut_off_before_its_index(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", (numbered(i) for i in range(30)))
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 100])
    sentence = refusal(path)
    assert "moov" in sentence and "copy it again" in sentence


def test_a_clip_without_a_decodable_frame(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", [numbered(1)] * 3)
    content = bytearray(path.read_bytes())
    for offset, size in packet_places(path):
        content[offset : offset + size] = bytes(size)
    path.write_bytes(content)
    assert "no frame" in refusal(path)


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may read everything")
def test_a_file_without_read_permission(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", [numbered(1)] * 3)
    path.chmod(0)
    assert "may not be read" in refusal(path)


def test_a_name_with_a_colon_is_a_file(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "plain.mp4", [numbered(5)] * 3).rename(tmp_path / "12:30 squat.mp4")
    with VideoReader(path) as reader:
        assert len(list(reader)) == 3


def test_what_the_camera_wrote_about_the_recording(tmp_path: Path) -> None:
    tags = {
        "com.apple.quicktime.creationdate": "2023-08-03T10:03:01-0700",
        "com.apple.quicktime.camera.focal_length.35mm_equivalent": "26",
    }
    path = write_clip(tmp_path / "phone.mov", [numbered(1)] * 30, movflags="use_metadata_tags", tags=tags)
    with VideoReader(path) as reader:
        info = reader.info
    assert info.recorded_at == "2023-08-03T10:03:01-07:00"
    assert info.focal_length_35mm == 26.0
    assert (info.codec, info.frame_count, info.duration_s) == ("h264", 30, pytest.approx(1.0, abs=0.02))

    with VideoReader(write_clip(tmp_path / "bare.mp4", [numbered(1)])) as reader:
        assert (reader.info.recorded_at, reader.info.focal_length_35mm) == (None, None)


def test_file_digest(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")  # digest: FIPS 180-2, appendix B.1
    assert file_sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(VideoError, match="cannot be read"):
        file_sha256(tmp_path / "missing")
