"""What comes in: cut at the cap, opened before it is believed, gone afterwards. Against a real server."""

import gzip
import io
import socket
import threading
import time
import zipfile
from contextlib import suppress

import pytest
from web_server import Server, start_server, wait_until

CAP = 4_000_000


@pytest.fixture(scope="module")
def small(tmp_path_factory, bundle):
    """A server that takes 4 MB."""
    place = tmp_path_factory.mktemp("small")
    running = start_server(place / "results", place / "tmp", "--port", "0", "--max-upload", "0.004")
    yield running
    running.stop()


def head(server: Server, *lines: str) -> bytes:
    own = f"127.0.0.1:{server.port}"
    start = ["POST /api/clips?name=a.mp4 HTTP/1.1", f"Host: {own}", f"Origin: http://{own}", *lines]
    return "\r\n".join([*start, "", ""]).encode()


def endless(server: Server, first: bytes, chunk: bytes) -> tuple[int, bytes]:
    """Sends `chunk` until the server hangs up; (bytes sent, its answer)."""
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(first)
        try:
            while sent < 40 * CAP:
                line.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
        with suppress(OSError):
            answer = line.recv(10_000)
    return sent, answer


def test_an_announced_size_beyond_the_cap_is_refused_at_once(small):
    with socket.create_connection(("127.0.0.1", small.port), timeout=20) as line:
        line.sendall(head(small, f"Content-Length: {CAP + 1}"))
        assert b" 413 " in line.recv(10_000)
    assert small.uploads() == []


def test_a_stream_without_a_size_is_cut_at_the_cap(small):
    data = b"\x00" * 65_536
    chunk = f"{len(data):x}\r\n".encode() + data + b"\r\n"
    sent, answer = endless(small, head(small, "Transfer-Encoding: chunked"), chunk)
    assert sent < 4 * CAP  # what lies in the buffers of both sides is sent, too
    assert answer == b"" or b" 413 " in answer  # hung up on, the answer may be lost
    assert wait_until(lambda: small.uploads() == [])


def test_the_cap_is_told_in_a_sentence(small):
    with small.client() as client:
        answer = client.post("/api/clips?name=a.mp4", content=iter([b"x" * 1_000_000] * 5))
    assert answer.status_code == 413
    assert "larger than 4 MB" in answer.json()["error"]


def zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 50_000_000)
    return file.getvalue()


def no_frames() -> bytes:
    """The head of an MP4 that announces 4 GB of content."""
    return b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\xff\xff\xff\xffmdat"


@pytest.mark.parametrize(
    "content",
    [zip_bomb(), gzip.compress(b"\0" * 50_000_000), b"just a text\n" * 100, b"<html><script>", no_frames()],
    ids=["zip", "gzip", "text", "html", "mp4 head"],
)
def test_what_is_no_video_is_refused_whatever_it_is_called(small, content):
    with small.client() as client:
        answer = client.post("/api/clips?name=squat.mp4", content=content)
        assert answer.status_code == 415
        assert answer.json()["error"].startswith("squat.mp4: ")
        assert str(small.temp) not in answer.text
    assert small.uploads() == []


def test_nothing_is_refused_with_a_sentence(small):
    with small.client() as client:
        answer = client.post("/api/clips?name=a.mp4", content=b"")
    assert answer.status_code == 400 and "empty" in answer.json()["error"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("height=17", "not one of a person"),
        ("leg=third", "'leg'"),
        ("movement=dance", "'movement'"),
        ("height=x", "'height'"),
    ],
)
def test_options_are_checked_before_anything_is_stored(small, query, says):
    with small.client() as client:
        answer = client.post(f"/api/clips?name=a.mp4&{query}", content=b"x")
    assert answer.status_code in (400, 422) and says in answer.json()["error"]
    assert small.uploads() == []


def test_an_upload_that_breaks_off_leaves_nothing(small):
    line = socket.create_connection(("127.0.0.1", small.port), timeout=20)
    line.sendall(head(small, f"Content-Length: {CAP}") + b"\0" * 100_000)
    assert wait_until(lambda: len(small.uploads()) == 1)
    line.close()
    assert wait_until(lambda: small.uploads() == [])


def test_another_site_cannot_upload(small, samples_dir):
    data = (samples_dir / "side_squat.mp4").read_bytes()[:1000]
    with small.client() as client:
        assert (
            client.post("/api/clips", content=data, headers={"origin": "http://evil.example"}).status_code
            == 403
        )
        assert client.post("/api/clips", content=data, headers={"host": "evil.example"}).status_code == 421


def test_a_server_stopped_in_the_middle_of_an_upload_leaves_nothing(tmp_path, bundle):
    server = start_server(tmp_path / "results", tmp_path / "tmp", "--port", "0")
    line = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    line.sendall(head(server, "Content-Length: 100000000") + b"\0" * 200_000)
    assert wait_until(lambda: len(server.uploads()) == 1)
    going_on = threading.Thread(target=drip, args=(line,), daemon=True)
    going_on.start()
    began_s = time.monotonic()
    assert server.stop() in (0, 130)
    assert time.monotonic() - began_s < 15
    assert list(server.temp.glob("knee_track*")) == []


def drip(line: socket.socket) -> None:
    try:
        while True:
            line.sendall(b"\0" * 1000)
            time.sleep(0.1)
    except OSError:
        pass
