"""The whole way on a real server: a clip goes in, its progress comes out, the report is there."""

import json
import subprocess
import sys
import threading
import time

import httpx
import pytest
from web_server import start_server, wait_until

TOLD = "data: "


def follow(client: httpx.Client, job: dict) -> list[dict]:
    """Everything that is told of a job, to its end."""
    told = []
    with client.stream("GET", f"/api/jobs/{job['id']}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        told += [json.loads(line[len(TOLD) :]) for line in events.iter_lines() if line.startswith(TOLD)]
    return told


def send(client: httpx.Client, data: bytes, query: str) -> dict:
    answer = client.post(f"/api/clips?{query}", content=data)
    assert answer.status_code == 202, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def valgus(samples_dir) -> bytes:
    return (samples_dir / "front_squat_valgus.mp4").read_bytes()


def test_a_clip_becomes_a_report(server, valgus):
    with server.client() as client:
        job = send(client, valgus, "name=..%2F..%2FAnna's%20%3Cb%3Esquat.mp4&height=1.75&client=K7&keep=true")
        told = follow(client, job)
        assert told[-1]["state"] == "done"
        shares = [one["share"] for one in told if one["stage"] == "Looking at the client"]
        assert len(shares) > 3 and shares == sorted(shares)
        report = client.get(told[-1]["report"]).text
        page = client.get(told[-1]["result"]).text
    assert "Anna&#39;s &lt;b&gt;squat.mp4" in report and "Anna&#39;s &lt;b&gt;squat.mp4" in page
    folder = server.out / "Anna_s_b_squat_kneetrack"
    analysis = json.loads((folder / "analysis.json").read_text())
    # The clip's truth (sample_videos/README.md): four squats, the left knee inside in three of them.
    assert len(analysis["reps"]) == 4
    assert analysis["legs"]["left"]["reps_with_events"] == 3
    assert analysis["client"] == {"id": "K7", "height_m": 1.75}
    assert analysis["source"]["path"] == "Anna's <b>squat.mp4"
    assert (folder / "Anna_s_b_squat_original.mp4").read_bytes() == valgus
    assert (folder / "Anna_s_b_squat_annotated.mp4").is_file()
    assert wait_until(lambda: server.uploads() == [])


def test_two_clients_at_once_wait_for_each_other(server, samples_dir):
    data = (samples_dir / "side_squat.mp4").read_bytes()
    jobs = {}

    def one(name):
        with server.client() as client:
            job = send(client, data + name.encode(), f"name={name}.mp4")
            jobs[name] = [job, *follow(client, job)]

    threads = [threading.Thread(target=one, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert {told[-1]["state"] for told in jobs.values()} == {"done"}
    assert {told[-1]["name"] for told in jobs.values()} == {"first.mp4", "second.mp4"}
    assert max(one["ahead"] for told in jobs.values() for one in told) == 1
    assert {"first_kneetrack", "second_kneetrack"} <= {path.name for path in server.out.iterdir()}


def test_a_closed_page_does_not_stop_the_analysis_and_can_come_back(server, samples_dir):
    with server.client() as client:
        job = send(client, (samples_dir / "side_squat.mp4").read_bytes() + b"3", "name=left_alone.mp4")
    with server.client() as client:
        assert job["id"] in [one["id"] for one in client.get("/api/jobs").json()]
        assert follow(client, job)[-1]["state"] == "done"


def test_a_clip_that_cannot_be_analysed_is_told_by_its_own_name(server, samples_dir):
    data = (samples_dir / "side_squat.mp4").read_bytes()
    with server.client() as client:
        # Whole enough to be opened, but cut after its first pictures.
        answer = client.post("/api/clips?name=cut.mp4", content=data[: len(data) // 50])
        error = answer.json().get("error") or follow(client, answer.json())[-1]["error"]
    assert error.startswith("cut.mp4: ") and "/" not in error.partition(":")[0]
    assert wait_until(lambda: server.uploads() == [])


def test_a_cancelled_analysis_ends_and_leaves_nothing(server, valgus):
    before = {path.name for path in server.out.iterdir()}
    with server.client() as client:
        job = send(client, valgus + b"4", "name=unwanted.mp4")
        wait_until(lambda: client.get("/api/jobs").json()[-1]["stage"] == "Looking at the client")
        assert client.delete(f"/api/jobs/{job['id']}").json()["state"] == "cancelled"
        assert follow(client, job)[-1]["state"] == "cancelled"
    assert wait_until(lambda: server.uploads() == [])
    assert {path.name for path in server.out.iterdir()} == before


def test_an_unknown_job_is_told_in_a_sentence(server):
    with server.client() as client:
        for answer in (client.get("/api/jobs/nope/events"), client.delete("/api/jobs/nope")):
            assert answer.status_code == 404 and "no such analysis" in answer.json()["error"]


def test_a_port_in_use_is_told_in_a_sentence(server, tmp_path):
    command = [sys.executable, "-m", "knee_track", "serve", "--no-browser", "-o", str(tmp_path / "out")]
    ended = subprocess.run([*command, "--port", str(server.port)], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "--port" in ended.stderr and "Traceback" not in ended.stderr


def test_a_server_stopped_in_the_middle_of_an_analysis_leaves_no_process(tmp_path, bundle, valgus):
    server = start_server(tmp_path / "results", tmp_path / "tmp", "--port", "0")
    with server.client() as client:
        send(client, valgus, "name=a.mp4")
        wait_until(lambda: client.get("/api/jobs").json()[0]["stage"] == "Looking at the client")
    began_s = time.monotonic()
    server.stop()
    assert time.monotonic() - began_s < 15
    assert list(server.temp.glob("knee_track*")) == []
    assert not server.out.exists() or list(server.out.iterdir()) == []
    # Every process of the server holds the other end of its output: it ends with the last of them.
    assert server.process.stdout.read() == ""


@pytest.fixture(scope="module")
def open_server(tmp_path_factory, bundle):
    """For the whole network, over HTTPS."""
    place = tmp_path_factory.mktemp("network")
    running = start_server(place / "out", place / "tmp", "--port", "0", "--host", "0.0.0.0", "--https")
    yield running
    running.stop()


class TestNetwork:
    def test_prints_an_address_with_a_token_and_a_fingerprint(self, open_server):
        said = "\n".join(open_server.said)
        assert "/?token=" in said and "SHA-256 fingerprint" in said
        assert open_server.url.startswith("https://")

    def test_shows_nothing_without_the_token(self, open_server):
        with httpx.Client(base_url=open_server.url, verify=False) as client:
            assert client.get("/results").status_code == 401
            token = open_server.said[0].partition("?token=")[2]
            assert client.get(f"/?token={token}").status_code == 200
            assert "no results yet" in client.get("/results").text

    def test_the_certificate_is_the_one_that_was_told(self, open_server):
        import hashlib
        import ssl

        pem = ssl.get_server_certificate(("127.0.0.1", open_server.port))
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
        told = ":".join(digest[i : i + 2] for i in range(0, 64, 2))
        assert any(told in line for line in open_server.said)
        key = next(open_server.temp.rglob("key.pem"))
        assert key.stat().st_mode & 0o777 == 0o600
