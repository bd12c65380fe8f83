from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from video_clips import HEIGHT, WIDTH, corners, number_in, numbered, packet_places, write_clip

from knee_track.errors import UsageError, VideoError
from knee_track.video.reader import Frame, VideoReader, grab_frames

N = 40


def read(path: Path, **options: float) -> tuple[list[Frame], VideoReader]:
    with VideoReader(path, **options) as reader:
        return list(reader), reader


def plain_clip(path: Path, n: int = N, **options: object) -> Path:
    return write_clip(path, (numbered(i) for i in range(n)), **options)


FORMATS = {
    "clip.mp4": {"codec": "libx264"},
    "clip.mov": {"codec": "libx265", "options": {"x265-params": "log-level=none"}},
    "clip_10bit.mp4": {
        "codec": "libx265",
        "pix_fmt": "yuv420p10le",
        "options": {"x265-params": "log-level=none"},
    },
    "clip.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "clip.mkv": {"codec": "libsvtav1", "options": {"preset": "12"}},
    "transport_stream.mp4": {"codec": "libx264", "container": "mpegts"},
    "clip.avi": {"codec": "mpeg4", "options": {"bf": "2"}, "time_base": Fraction(1, 30)},
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_its_frames_in_order_at_their_times(tmp_path: Path, name: str) -> None:
    if FORMATS[name]["codec"] not in av.codecs_available:
        pytest.skip(f"this PyAV has no encoder {FORMATS[name]['codec']} to make the clip")
    frames, reader = read(plain_clip(tmp_path / name, **FORMATS[name]))
    assert [number_in(f.rgb) for f in frames] == list(range(N))
    assert [f.index for f in frames] == list(range(N))
    np.testing.assert_allclose([f.time_s for f in frames], np.arange(N) / 30, atol=6e-4)
    assert reader.info.nominal_fps == pytest.approx(30, rel=0.03)
    assert reader.warnings == []


def test_gif_pictures_become_plain_rgb(tmp_path: Path) -> None:
    pictures = [numbered(i, width=527, height=101) for i in range(5)]
    path = write_clip(
        tmp_path / "clip.gif",
        pictures,
        [0, 0.2, 0.3, 0.9, 1.0],
        codec="gif",
        pix_fmt="rgb8",
        time_base=Fraction(1, 100),
    )
    frames, _ = read(path)
    assert [number_in(f.rgb) for f in frames] == list(range(5))
    assert all(f.rgb.shape == (101, 527, 3) and f.rgb.flags.c_contiguous for f in frames)
    np.testing.assert_allclose([f.time_s for f in frames], [0, 0.2, 0.3, 0.9, 1.0], atol=1e-9)


@pytest.mark.parametrize("container", ["mp4", "mpegts"])
def test_times_are_the_streams_own_counted_from_its_first_frame(tmp_path: Path, container: str) -> None:
    times_s = 2.52 + np.cumsum([0, 0.04, 0.04, 0.12, 0.005, 0.035, 0.3, 1 / 240])
    path = plain_clip(tmp_path / "clip.mp4", len(times_s), times_s=times_s, container=container)
    frames, _ = read(path)
    np.testing.assert_allclose([f.time_s for f in frames], times_s - 2.52, atol=2e-5)


def test_repeated_and_backward_stamps_are_repaired_and_counted(tmp_path: Path) -> None:
    good = plain_clip(tmp_path / "good.mp4", 8, options={"bf": "0"}, time_base=Fraction(1, 30))
    bad = tmp_path / "bad.mp4"
    with av.open(good) as clip, av.open(bad, "w") as out:
        stream = out.add_stream_from_template(clip.streams.video[0])
        packets = [p for p in clip.demux(video=0) if p.size]
        for packet, frame_number in zip(packets, [0, 1, 2, 2, 5, 4, 6, 7], strict=True):
            packet.pts = int(frame_number / 30 / packet.time_base)
            packet.dts -= int(2 / 30 / packet.time_base)
            packet.stream = stream
            out.mux(packet)
    frames, reader = read(bad)
    assert [number_in(f.rgb) for f in frames] == list(range(8))
    times = [f.time_s for f in frames]
    assert np.all(np.diff(times) >= 0.001)
    np.testing.assert_allclose(times[:3] + times[6:], np.array([0, 1, 2, 6, 7]) / 30, atol=1e-4)
    assert any(w.startswith("Time stamps") and w.endswith(": 2.") for w in reader.warnings)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_pictures_come_upright_as_the_display_matrix_defines(
    tmp_path: Path, degrees: int, flipped: bool
) -> None:
    stored = corners(96, 64)
    path = write_clip(tmp_path / "turned.mp4", [stored] * 3, turn=(degrees, flipped))
    turned = np.rot90(stored, degrees // 90)  # the matrix turns counterclockwise, then mirrors
    expected = turned[:, ::-1] if flipped else turned
    frames, reader = read(path)
    assert frames[0].rgb.flags.c_contiguous
    assert (reader.info.height_px, reader.info.width_px) == expected.shape[:2]
    assert np.abs(frames[0].rgb.astype(int) - expected).mean() < 8


def test_odd_sizes_and_square_pixels(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "odd.mkv", [corners(853, 479)], codec="ffv1", pix_fmt="bgr0", time_base=Fraction(1, 1000)
    )
    frames, _ = read(path)
    assert frames[0].rgb.flags.c_contiguous
    np.testing.assert_array_equal(frames[0].rgb, corners(853, 479))

    anamorphic = plain_clip(tmp_path / "dvd.mp4", 2, aspect=Fraction(4, 3))
    frames, reader = read(anamorphic)
    assert frames[0].rgb.shape == (HEIGHT, round(WIDTH * 4 / 3), 3)
    assert (reader.info.width_px, reader.info.height_px) == (round(WIDTH * 4 / 3), HEIGHT)


def test_scaling_keeps_shape_and_place_and_never_enlarges(tmp_path: Path) -> None:
    rgb = np.zeros((600, 400, 3), np.uint8)
    rgb[300:360, 120:180] = 255  # centre of area at x 150, y 330
    path = write_clip(tmp_path / "tall.mp4", [rgb] * 2, turn=(90, False))
    frames, reader = read(path, long_side_px=200)
    assert frames[0].rgb.shape == (133, 200, 3)
    assert (reader.info.width_px, reader.info.height_px) == (600, 400)
    weight = frames[0].rgb.mean(axis=2)
    rows, columns = np.indices(weight.shape) + 0.5
    centre_x, centre_y = (weight * columns).sum() / weight.sum(), (weight * rows).sum() / weight.sum()
    assert centre_x == pytest.approx(330 / 3, abs=0.3)
    assert centre_y == pytest.approx((400 - 150) / 3, abs=0.3)
    frames, _ = read(path, long_side_px=5000)
    assert frames[0].rgb.shape == (400, 600, 3)


@pytest.mark.parametrize("span", [(0.0, 0.4), (1.0, 1.5), (2.5, None), (2.0, 2.0005)])
@pytest.mark.parametrize("container", ["mp4", "mpegts"])
def test_a_cut_gives_the_same_frames_as_the_whole_clip(
    tmp_path: Path, span: tuple[float, float | None], container: str
) -> None:
    options = {"g": "20", "bf": "3", "flags": "-cgop"}
    path = plain_clip(tmp_path / "clip.mp4", 90, options=options, container=container)
    whole, _ = read(path)
    cut, reader = read(path, start_s=span[0], end_s=span[1])
    until = np.inf if span[1] is None else span[1]
    wanted = [f for f in whole if span[0] - 5e-4 <= f.time_s <= until + 5e-4]
    assert wanted
    assert [(f.index, f.time_s) for f in cut] == [(f.index, pytest.approx(f.time_s)) for f in wanted]
    assert [number_in(f.rgb) for f in cut] == [f.index for f in wanted]
    assert reader.warnings == []


def test_grabbed_frames_are_those_at_the_given_times(tmp_path: Path) -> None:
    path = plain_clip(tmp_path / "clip.mp4", 90, options={"g": "20", "bf": "3"})
    pictures = grab_frames(path, [2.0, 0.0, 31 / 30], long_side_px=64)
    assert [number_in(p) for p in pictures] == [60, 0, 31]
    assert pictures[0].shape == (48, 64, 3)


def test_a_cut_without_frames_or_backward_says_so(tmp_path: Path) -> None:
    path = plain_clip(tmp_path / "clip.mp4")
    with pytest.raises(VideoError, match=r"no frame between 99\.00 s and the end"):
        read(path, start_s=99.0)
    with pytest.raises(UsageError, match="end later than it starts"):
        read(path, start_s=2.0, end_s=1.0)


def test_a_truncated_clip_gives_what_is_there_and_says_what_was_lost(tmp_path: Path) -> None:
    path = plain_clip(tmp_path / "clip.mp4", 90, movflags="+faststart", options={"bf": "0"})
    offset, size = packet_places(path)[45]
    path.write_bytes(path.read_bytes()[: offset + size])
    frames, reader = read(path)
    assert [number_in(f.rgb) for f in frames] == list(range(46))
    assert any("ends early: 3.0 s were announced, 1.5 s could be read" in w for w in reader.warnings)


def test_damaged_packets_are_skipped_and_counted(tmp_path: Path) -> None:
    path = plain_clip(tmp_path / "clip.mp4", 90, options={"g": "10", "bf": "0"})
    content = bytearray(path.read_bytes())
    for number in (25, 26, 57):
        offset, size = packet_places(path)[number]
        content[offset : offset + size] = bytes(size)
    path.write_bytes(content)
    frames, reader = read(path)
    assert len(frames) == 87
    assert any(w.startswith("Damaged") and w.endswith(": 3.") for w in reader.warnings)


def test_an_error_in_the_consumer_closes_the_reader(tmp_path: Path) -> None:
    path = plain_clip(tmp_path / "clip.mp4")
    with pytest.raises(ZeroDivisionError), VideoReader(path) as reader:
        for _ in reader:
            raise ZeroDivisionError
    assert list(reader) == []
