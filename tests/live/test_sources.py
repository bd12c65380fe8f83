import gc
import re
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from live_fakes import Told, rising, wait_until
from mjpeg_server import mjpeg_server
from rtsp_server import rtsp_server

from knee_track.errors import VideoError
from knee_track.live.camera import Camera
from knee_track.live.connection import Backoff
from knee_track.live.playback import Playback
from knee_track.live.sources import Frame, open_source, without_password
from knee_track.live.stream import Stream, Timeouts
from knee_track.video.reader import frame_times_s

QUICK = Backoff(0.02, 0.1)
SOON = Timeouts(open_s=1.0, read_s=0.4)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert wait_until(lambda: set(threading.enumerate()) <= before)


def one_sentence(text: str) -> bool:
    return text.endswith(".") and "\n" not in text and "Errno" not in text and "Traceback" not in text


def stream(url: str, told: Told) -> Stream:
    return Stream(url, on_status=told, timeouts=SOON, backoff=QUICK)


# --- streams -------------------------------------------------------------------------------------------


def test_a_stream_gives_frames_as_they_come() -> None:
    told = Told()
    with mjpeg_server() as server, stream(server.url, told) as source:
        frames = list(islice(source, 20))
    assert [frame.number for frame in frames] == list(range(20))
    assert all(frame.rgb.shape == (48, 64, 3) and frame.rgb.flags.c_contiguous for frame in frames)
    assert rising(frame.time_s for frame in frames)
    assert rising(frame.captured_s for frame in frames)
    assert frames[0].time_s == 0.0
    assert told == []


def test_pictures_of_a_stream_are_freed_as_they_go() -> None:
    """Without waiting for Python's search for circles, into which PyAV's side data would put them."""
    gc.collect()
    gc.disable()
    try:
        with mjpeg_server() as server, stream(server.url, Told()) as source:
            frames = iter(source)
            next(frames)
            before = sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())
            list(islice(frames, 40))
            after = sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())
        assert after <= before + 2
    finally:
        gc.enable()


@pytest.mark.parametrize(("trouble", "kind"), [("stall", "stalled"), ("drop", "unplugged")])
def test_a_stream_that_stops_is_told_once_and_comes_back(trouble: Any, kind: str) -> None:
    told = Told()
    with mjpeg_server() as server, stream(server.url, told) as source:
        frames = iter(source)
        before = list(islice(frames, 3))[-1]
        server.mode = trouble
        threading.Timer(1.0, lambda: setattr(server, "mode", "serve")).start()
        after = next(frame for frame in frames if server.connections > 1)
        assert server.connections > 2 or trouble == "stall"  # tried again while it was away
    assert told.kinds == [kind, "back"]
    assert all(one_sentence(status.sentence) and server.url in status.sentence for status in told)
    assert after.number > before.number
    assert after.time_s - before.time_s == pytest.approx(after.captured_s - before.captured_s, abs=0.01)


def test_a_server_that_went_away_altogether_is_found_again() -> None:
    told = Told()
    with mjpeg_server() as first:
        port = first.server_port
        source = stream(first.url, told)
        source.__enter__()
        frames = iter(source)
        next(frames)
    seen: list[Frame] = []
    thread = threading.Thread(target=lambda: seen.extend(islice(frames, 60)))
    thread.start()
    assert wait_until(lambda: told.kinds == ["unplugged"])
    with mjpeg_server(port):
        thread.join(20)
        source.__exit__()
    assert told.kinds == ["unplugged", "back"]
    assert len(seen) == 60


def test_closing_ends_a_stream_that_is_being_waited_for() -> None:
    told = Told()
    with mjpeg_server() as server, stream(server.url, told) as source:
        thread = threading.Thread(target=lambda: list(source))
        thread.start()
        server.mode = "drop"
        assert wait_until(lambda: "unplugged" in told.kinds)
        source.close()
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize(("trouble", "kind"), [("stall", "stalled"), ("drop", "unplugged")])
def test_an_rtsp_camera_that_stops_comes_back(trouble: Any, kind: str) -> None:
    told = Told()
    with rtsp_server() as server:
        patient = Timeouts(open_s=10.0, read_s=1.0)  # H.264 is looked into for a while when it is opened
        with Stream(server.url, on_status=told, timeouts=patient, backoff=QUICK) as source:
            frames = iter(source)
            assert [frame.rgb.shape for frame in islice(frames, 5)] == [(48, 64, 3)] * 5
            server.mode = trouble
            back = threading.Timer(2.0, lambda: setattr(server, "mode", "serve"))
            back.start()
            after = next(frame for frame in frames if "back" in told.kinds)
            back.join()
            assert rising(frame.time_s for frame in [after, *islice(frames, 5)])
    assert told.kinds == [kind, "back"]
    assert all(one_sentence(status.sentence) for status in told)
    assert all("TCP" in transport for transport in server.transports)


@pytest.mark.parametrize(("mode", "words"), [("mute", "does not answer"), ("deny", "wants a password")])
def test_a_stream_that_never_opened_says_why(mode: Any, words: str) -> None:
    with mjpeg_server() as server:
        server.mode = mode
        with pytest.raises(VideoError, match=words) as caught, stream(server.url, Told()):
            pass
    assert one_sentence(str(caught.value))


def test_a_server_that_answers_but_sends_no_picture_is_not_waited_for_without_end() -> None:
    with mjpeg_server() as server:
        server.mode = "stall"
        with pytest.raises(VideoError, match="does not answer|no more pictures"), stream(server.url, Told()):
            pass


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://user:secret@127.0.0.1:9/x?token=secret", "is refused"),
        ("rtsp://user:secret@127.0.0.1:9/x", "is refused"),
        ("gopher://127.0.0.1/x", "is of no kind that is known"),
        ("file:///etc/hostname", "is of no kind that is known"),
    ],
)
def test_an_address_that_leads_nowhere_says_so_without_the_password(url: str, words: str) -> None:
    with pytest.raises(VideoError, match=words) as caught, stream(url, Told()):
        pass
    assert one_sentence(str(caught.value))
    assert "secret" not in str(caught.value)


def test_an_address_is_shown_without_what_is_secret() -> None:
    assert without_password("rtsp://me:pw@cam.local:554/front?key=1") == "rtsp://cam.local:554/front"


# --- cameras -------------------------------------------------------------------------------------------


class FakeCapture:
    """In place of cv2.VideoCapture: gives `count` pictures (BGR, blue), then fails."""

    def __init__(self, count: int, opens: bool = True) -> None:
        self.left = count
        self.opens = opens
        self.released = False

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.opens and not self.released

    def grab(self) -> bool:
        self.left -= 1
        time.sleep(0.001)
        return self.left >= 0

    def retrieve(self) -> tuple[bool, Any]:
        return True, np.full((72, 128, 3), (255, 0, 0), np.uint8)

    def release(self) -> None:
        self.released = True


def camera(captures: list[FakeCapture], told: Told, **options: Any) -> Camera:
    waiting = iter(captures)
    return Camera(99, on_status=told, open_capture=lambda index: next(waiting), backoff=QUICK, **options)


def test_a_camera_gives_upright_rgb_at_the_wanted_size() -> None:
    with camera([FakeCapture(10)], Told(), long_side_px=64) as source:
        frame = next(iter(source))
    assert frame.rgb.shape == (36, 64, 3)
    assert frame.rgb[0, 0].tolist() == [0, 0, 255]


def test_a_camera_unplugged_in_mid_run_is_told_once_and_comes_back() -> None:
    told = Told()
    captures = [FakeCapture(5), FakeCapture(0, opens=False), FakeCapture(0), FakeCapture(5)]
    with camera(captures, told) as source:
        frames = list(islice(source, 8))
    assert [frame.number for frame in frames] == list(range(8))
    assert told.kinds[0] in ("unplugged", "stalled")
    assert told.kinds[1:] == ["back"]
    assert all(one_sentence(status.sentence) and "Camera 99" in status.sentence for status in told)
    assert all(capture.released for capture in captures)


def test_a_single_failed_read_is_no_loss() -> None:
    class Hiccup(FakeCapture):
        def grab(self) -> bool:
            self.left -= 1
            return self.left % 4 != 0

    told = Told()
    with camera([Hiccup(100)], told) as source:
        assert len(list(islice(source, 20))) == 20
    assert told == []


def test_a_camera_that_opens_without_a_picture_is_called_busy() -> None:
    capture = FakeCapture(0)
    with pytest.raises(VideoError, match="gives no picture") as caught, camera([capture], Told()):
        pass
    assert one_sentence(str(caught.value))
    assert capture.released


def test_a_missing_camera_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(VideoError, match="Camera 99 ") as caught, open_source("99"):
        pass
    assert one_sentence(str(caught.value))
    assert capfd.readouterr() == ("", "")


# --- clips ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def clip(samples_dir: Path) -> Path:
    return samples_dir / "side_squat.mp4"


def test_a_clip_is_played_at_its_own_times(clip: Path) -> None:
    times_s = frame_times_s(clip)[:25]
    with open_source(clip, long_side_px=160) as source:
        frames = list(islice(source, 25))
    assert [frame.time_s for frame in frames] == pytest.approx(list(times_s), abs=0.001)
    played_s = np.array([frame.captured_s for frame in frames]) - frames[0].captured_s
    assert (played_s >= times_s - 0.005).all()  # never early; how late depends on the machine
    assert np.median(played_s - times_s) < 0.5


def test_a_clip_as_fast_as_possible_does_not_wait(clip: Path) -> None:
    with open_source(str(clip), long_side_px=160, real_time=False) as source:
        frames = list(source)
    assert len(frames) == len(frame_times_s(clip))


def test_a_clip_ends_with_a_word_and_a_loop_goes_on(clip: Path) -> None:
    told = Told()
    with Playback(clip, on_status=told, long_side_px=64, real_time=False) as source:
        count = len(list(source))
    assert told.kinds == ["ended"]
    with Playback(clip, on_status=told, long_side_px=64, real_time=False, loop=True) as source:
        frames = list(islice(source, count + 10))
    steps_s = np.diff([frame.time_s for frame in frames])
    assert steps_s == pytest.approx(np.full(len(steps_s), 1 / 30), abs=0.002)
    assert [frame.number for frame in frames] == list(range(count + 10))


def test_closing_ends_a_clip_at_once(clip: Path) -> None:
    with open_source(clip, long_side_px=64) as source:
        frames = iter(source)
        next(frames)
        source.close()
        assert list(frames) == []


@pytest.mark.parametrize("name", ["none.mp4", "notes.mp4"])
def test_a_clip_that_cannot_be_played_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(VideoError, match=re.escape(name)) as caught, open_source(tmp_path / name):
        pass
    assert one_sentence(str(caught.value))
