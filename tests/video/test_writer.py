from pathlib import Path

import av
import numpy as np
import pytest
from video_clips import corners, number_in, numbered

from knee_track.errors import OutputError
from knee_track.video.reader import VideoReader
from knee_track.video.writer import VideoWriter


def test_frames_keep_their_times_numbers_and_colours(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    times_s = [5.0, 5.033, 5.05, 5.2, 5.21, 6.0]
    with VideoWriter(path, 128, 96) as writer:
        for i, time_s in enumerate(times_s):
            writer.write(numbered(i), time_s)
    with VideoReader(path) as reader:
        frames = list(reader)
    assert [number_in(f.rgb) for f in frames] == list(range(6))
    np.testing.assert_allclose([f.time_s for f in frames], np.array(times_s) - 5.0, atol=2e-5)
    assert reader.info.duration_s == pytest.approx(1.0 + 1 / 30, abs=0.01)

    picture = corners(160, 120)
    with VideoWriter(path, 160, 120) as writer:
        writer.write(picture, 0.0)
    with VideoReader(path) as reader:
        written = next(iter(reader)).rgb
    assert np.abs(written.astype(int) - picture).mean() < 4


def test_the_file_is_what_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with VideoWriter(path, 203, 101) as writer:
        for i in range(90):
            writer.write(numbered(i, 203, 101), i / 30)
    with av.open(path) as clip:
        stream = clip.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (202, 100)
        assert stream.codec_context.color_range == 1 and stream.codec_context.colorspace == 6
        key_frames = [float(p.pts * p.time_base) for p in clip.demux(stream) if p.is_keyframe]
    assert np.diff([*key_frames, 3.0]).max() <= 2.01
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_an_error_leaves_no_file_and_spares_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), VideoWriter(path, 128, 96) as writer:
        writer.write(numbered(1), 0.0)
        raise ZeroDivisionError
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]
    assert path.read_bytes() == b"old"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "out.mp4"
    with (
        pytest.raises(OutputError, match="cannot be written .*No such file") as error,
        VideoWriter(path, 64, 64),
    ):
        pass
    assert str(error.value).startswith(f"{path}: ")


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="file size limits need a Unix system")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        noise = np.random.default_rng(0).integers(0, 255, (96, 128, 3), dtype=np.uint8)
        with (
            pytest.raises(OutputError, match="cannot be written"),
            VideoWriter(tmp_path / "out.mp4", 128, 96) as writer,
        ):
            for i in range(100):
                writer.write(np.roll(noise, 7 * i, axis=1), i / 30)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_wrong_shapes_and_times_are_refused(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4", 128, 96) as writer:
        writer.write(numbered(0), 0.0)
        with pytest.raises(ValueError, match="shape"):
            writer.write(numbered(0, 64, 64), 0.1)
        with pytest.raises(ValueError, match="not later"):
            writer.write(numbered(0), 0.0)
