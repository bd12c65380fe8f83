"""Checked against the ffmpeg programs, which know nothing of this code."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from video_clips import corners, write_clip

from knee_track.video.reader import VideoReader

needs_ffmpeg = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("ffprobe")), reason="the ffmpeg programs are not installed"
)


def probe(path: Path) -> dict[str, str]:
    command = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-of", "json"]
    command += ["-show_entries", "stream=nb_read_frames,width,height,start_time", str(path)]
    streams = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    return streams[0]


@needs_ffmpeg
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_pictures_are_turned_as_ffmpeg_turns_them(tmp_path: Path, degrees: int, flipped: bool) -> None:
    path = write_clip(tmp_path / "turned.mp4", [corners(96, 64)] * 3, turn=(degrees, flipped))
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(path),
        "-frames:v",
        "1",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    with VideoReader(path) as reader:
        rgb = next(iter(reader)).rgb
    expected = np.frombuffer(raw, np.uint8).reshape(rgb.shape)
    assert np.abs(rgb.astype(int) - expected).mean() < 3


@needs_ffmpeg
def test_every_real_clip_gives_the_frames_that_ffprobe_counts(shared_dir: Path) -> None:
    clips = sorted(p for p in (shared_dir / "real").iterdir() if p.suffix in (".mp4", ".mov", ".gif"))
    assert clips
    for clip in clips:
        facts = probe(clip)
        with VideoReader(clip, long_side_px=64) as reader:
            frames = [(f.index, f.time_s) for f in reader]
        assert len(frames) == int(facts["nb_read_frames"]), clip
        assert (reader.info.width_px, reader.info.height_px) == (facts["width"], facts["height"]), clip
        assert frames[0] == (0, 0.0) and np.all(np.diff([t for _, t in frames]) > 0), clip
        assert reader.warnings == [], clip


def test_a_transport_stream_with_dropped_frames_keeps_its_gaps(shared_dir: Path) -> None:
    with VideoReader(shared_dir / "real" / "tux_hyva7.mp4", long_side_px=64) as reader:
        times_s = np.array([f.time_s for f in reader])
    steps = np.diff(times_s)
    assert times_s[0] == 0.0
    assert times_s[-1] == pytest.approx(26.92, abs=1e-6)  # 26.96 s announced, less the last frame at 25 fps
    assert steps.min() == pytest.approx(0.04) and steps.max() == pytest.approx(0.08)
