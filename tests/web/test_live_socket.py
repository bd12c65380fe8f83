"""The live check over its WebSocket, on a real server: what is measured, who has it, hostile pages."""

import json
import struct
import time
from contextlib import suppress

import httpx
import numpy as np
import pytest
from live_pages import LivePage, jpeg, jpegs
from web_server import start_server, wait_until
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from knee_track.web.live_hub import GRACE_S


@pytest.fixture(scope="module")
def clip(samples_dir):
    """The sample with valgus, and 3 s of standing after it, in which its last rep is counted."""
    pictures = jpegs(samples_dir / "front_squat_valgus.mp4")
    after = [(pictures[-1][0] + (i + 1) / 30, pictures[-1][1]) for i in range(90)]
    return [*pictures, *after]


def stand(page, clip, timeout_s=180.0):
    """Stand still until the server is ready to measure, however slow this machine is."""
    page.wait_for("ready")
    end_s = time.monotonic() + timeout_s
    while not (page.all("state") and page.all("state")[-1]["stage"] == "ready"):
        assert time.monotonic() < end_s, page.heard[-3:]
        page.play([(i / 30, clip[0][1]) for i in range(10)])


@pytest.fixture
def page(server):
    page = LivePage(server)
    yield page
    page.close()


def results_of(server, job: dict) -> dict:
    """The analysis of a set, once it is written."""
    with server.client() as client:

        def state():
            return next(one for one in client.get("/api/jobs").json() if one["id"] == job["id"])["state"]

        assert wait_until(lambda: state() in ("done", "failed"), 120) and state() == "done"
    return json.loads((server.out / f"{job['name']}_kneetrack" / "analysis.json").read_text())


def test_a_set_is_measured_as_its_recording_is(server, page, clip, analysis):
    page.order(client="K7", height=1.75, record=True)
    assert page.wait_for("welcome")["session"]
    stand(page, clip)
    page.play(clip, slower=2.0)
    wait_until(lambda: page.all("state")[-1]["count"] == 4)
    assert page.all("state")[-1]["count"] == 4, page.all("state")[-1]
    # The clip's truth: one clean rep, then three with the left knee in.
    cues = page.all("cue")
    assert [cue["rep"] for cue in cues] == [2, 3, 4]
    assert all(cue["text"].startswith(("Left: ", "Both: ")) for cue in cues)
    page.order(type="finish")
    after = results_of(server, page.wait_for("set", 120)["job"])
    assert len(after["reps"]) == len(analysis.reps) == 4
    apart = [
        new["legs"][leg]["peak_deviation_deg"] - getattr(old.legs, leg).peak_deviation_deg
        for new, old in zip(after["reps"], analysis.reps, strict=True)
        for leg in ("left", "right")
    ]
    assert np.median(np.abs(apart)) <= 1.5
    assert after["client"] == {"id": "K7", "height_m": 1.75}
    name = page.wait_for("set")["job"]["name"]
    assert after["source"]["path"] == f"{name}.mp4"
    folder = server.out / f"{name}_kneetrack"
    assert (folder / f"{name}.mp4").is_file() and (folder / f"{name}_annotated.mp4").is_file()
    page.order(type="bye")
    page.wait_for("gone")
    assert wait_until(lambda: server.uploads() == [])


def test_colours_are_never_noise(page, clip):
    page.order()
    stand(page, clip)
    page.play(clip[: len(clip) // 2])
    legs = [leg for state in page.all("state") for leg in state["legs"].values()]
    coloured = [leg for leg in legs if leg["grade"] not in ("none", "unknown")]
    assert all(leg["deg"] >= max(4.0, leg["band"]) - 0.1 for leg in coloured)  # 0.1: numbers are rounded
    measured = [leg for leg in legs if leg["deg"] is not None]
    assert measured and all(leg["band"] is not None for leg in measured)
    page.order(type="bye")


def test_one_page_at_a_time_and_another_may_take_over(server, page):
    page.order()
    page.wait_for("welcome")
    second = LivePage(server)
    second.order()
    assert second.wait_for("busy")["who"] == "a page on this machine"
    second.wait_for("gone")
    assert not page.all("taken")
    third = LivePage(server)
    third.order(take_over=True)
    third.wait_for("welcome")
    assert page.wait_for("taken")["who"] == "a page on this machine"
    page.wait_for("gone")
    third.order(type="bye")
    third.wait_for("gone")


def test_a_page_that_lost_touch_goes_on_with_its_session(server, page):
    page.order()
    session = page.wait_for("welcome")["session"]
    page.close()
    again = LivePage(server)
    again.order(known=session)
    assert again.wait_for("welcome")["session"] == session
    again.order(type="bye")
    again.wait_for("gone")


def test_a_page_closed_in_the_middle_of_a_set_has_it_finished_and_saved(server, page, clip):
    before = set(server.out.glob("webcam_*_kneetrack"))
    page.order()
    stand(page, clip)
    page.play(clip[: round(30 * 6.5)], slower=2.0)
    assert page.all("state")[-1]["count"] >= 2
    page.close()
    assert wait_until(lambda: set(server.out.glob("webcam_*_kneetrack")) - before, GRACE_S + 60)
    (folder,) = set(server.out.glob("webcam_*_kneetrack")) - before
    assert json.loads((folder / "analysis.json").read_text())["reps"]


@pytest.mark.parametrize(
    "first",
    [
        "{}x",
        "[]",
        '{"height": 17}',
        '{"leg": "third"}',
        '{"unknown": 1}',
        '{"client": "' + "x" * 100 + '"}',
        b"\x00" * 100,
    ],
)
def test_a_first_word_that_makes_no_sense_ends_the_talk(server, page, first):
    page.socket.send(first)
    page.wait_for("gone")
    assert not page.all("welcome")


NONSENSE = ["nonsense", "[]", '{"type": "pause", "on": 7}', '{"type": "rm"}', "9" * 5000, b"x"]


def test_an_order_that_makes_no_sense_ends_the_talk_and_nothing_else(server, page):
    page.order()
    session = page.wait_for("welcome")["session"]
    for later in NONSENSE:
        page.socket.send(later)
        page.wait_for("gone")
        page = LivePage(server)
        page.order(known=session)
        assert page.wait_for("welcome")["session"] == session
    page.order(type="bye")
    page.wait_for("gone")


def test_pictures_that_are_none_are_passed_over(page):
    page.order()
    page.wait_for("ready")
    real = jpeg(np.full((480, 640, 3), 90, np.uint8))
    huge = real.replace(struct.pack(">HH", 480, 640), struct.pack(">HH", 65535, 65535), 1)
    for number, data in enumerate([b"no picture", real[: len(real) // 3], huge, b"\xff\xd8\xff"]):
        page.socket.send(struct.pack("<dI", 1000.0 * number, number) + data)
        assert wait_until(lambda number=number: page.answered >= number)
    page.socket.send(struct.pack("<dI", 9000.0, 9) + real)
    assert wait_until(lambda: page.all("state"))
    assert page.all("state")[-1]["instruction"].startswith("Step into the picture")
    page.order(type="bye")


def test_a_message_beyond_the_limit_ends_the_talk(page):
    page.order()
    page.wait_for("welcome")
    with suppress(ConnectionClosed):  # it is hung up on in the middle
        page.socket.send(b"\0" * 3_000_000)
    page.wait_for("gone")
    assert not page.all("state")


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
def test_another_site_gets_no_socket(server, headers):
    url = server.url.replace("http", "ws") + "/live/socket"
    with pytest.raises(InvalidStatus) as refused, connect(url, additional_headers=headers):
        pass
    assert refused.value.response.status_code == 403


def test_a_bent_name_gets_no_socket(server):
    answer = httpx.get(
        f"{server.url}/live/socket",
        headers={
            "host": "evil.example",
            "origin": "http://evil.example",
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    )
    assert answer.status_code == 403


def test_a_server_stopped_in_the_middle_of_a_set_saves_it(tmp_path, bundle, clip):
    server = start_server(tmp_path / "results", tmp_path / "tmp", "--port", "0")
    page = LivePage(server)
    page.order()
    stand(page, clip)
    page.play(clip[: round(30 * 6.5)], slower=2.0)  # two reps and the way down of the third
    assert page.all("state")[-1]["count"] >= 2
    server.stop()
    saved = list(server.out.glob("webcam_*_kneetrack/analysis.json"))
    assert len(saved) == 1 and len(json.loads(saved[0].read_text())["reps"]) >= 2
    assert list(server.temp.glob("knee_track*")) == []
    assert server.process.stdout.read() == ""  # no process holds it any more
