"""Pictures over the WebSocket as a source: the newest wins, times rise, and no JPEG is decoded unmeasured."""

import struct
import threading

import cv2
import numpy as np
import pytest

from knee_track.web.jpeg import decode, jpeg_size
from knee_track.web.live_source import HEAD, BrowserCamera


def picture(width=64, height=48, level=0, progressive=0):
    flags = [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive]
    return cv2.imencode(".jpg", np.full((height, width, 3), (0, 0, level), np.uint8), flags)[1].tobytes()


@pytest.mark.parametrize("progressive", [0, 1])
def test_the_size_of_a_jpeg(progressive):
    assert jpeg_size(picture(640, 360, progressive=progressive)) == (640, 360)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n", picture()[:30], b"\xff\xd8" + b"\xff" * 50],
)
def test_what_is_no_jpeg(data):
    assert jpeg_size(data) is None and decode(data) is None


def test_red_stays_red():
    red = decode(picture(level=200))
    assert red.shape == (48, 64, 3) and abs(int(red[0, 0, 0]) - 200) < 4 and red[0, 0, 2] < 4


def test_a_small_file_that_announces_a_huge_picture_is_not_decoded(monkeypatch):
    bomb = picture().replace(struct.pack(">HH", 48, 64), struct.pack(">HH", 65_500, 65_500))
    assert jpeg_size(bomb) == (65_500, 65_500)
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    assert decode(bomb) is None


def message(page_ms, number, data=None):
    return HEAD.pack(page_ms, number) + (picture() if data is None else data)


def test_times_follow_the_page_and_go_on_over_a_new_connection():
    refused = []
    camera = BrowserCamera(refused.append)
    camera.connect()
    frames = iter(camera)
    camera.put(message(50_000.0, 0))
    first = next(frames)
    camera.put(message(50_040.0, 1))
    second = next(frames)
    assert second.time_s - first.time_s == pytest.approx(0.040)
    camera.connect()  # another page: its clock begins anew, far behind
    camera.put(message(3.0, 0))
    third = next(frames)
    assert second.time_s - 0.04 < third.time_s < second.time_s + 5
    assert refused == []


def test_what_cannot_be_used_is_answered_and_passed_over():
    refused = []
    camera = BrowserCamera(refused.append)
    frames = iter(camera)
    camera.put(message(1000.0, 0))
    assert next(frames).number == 0
    got = []
    thread = threading.Thread(target=lambda: got.append(next(frames)))
    thread.start()
    for number, wrong in ((1, message(2000.0, 1, b"no jpeg")), (2, message(900.0, 2))):
        camera.put(wrong)
        while number not in refused:
            thread.join(0.01)
    camera.put(message(3000.0, 3))
    thread.join(10)
    assert [frame.number for frame in got] == [3] and refused == [1, 2]


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 12, HEAD.pack(float("nan"), 0) + b"x", HEAD.pack(float("inf"), 0) + b"x"]
)
def test_a_message_that_is_none(data):
    with pytest.raises(ValueError):
        BrowserCamera(print).put(data)


def test_the_newest_wins_and_closing_ends_it():
    camera = BrowserCamera(print)
    for number in range(1000):
        camera.put(message(1000.0 + number, number))
    frames = iter(camera)
    assert next(frames).number == 999
    camera.close()
    assert list(frames) == []
