import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from knee_track.errors import PoseError
from knee_track.pose import landmarker
from knee_track.pose.landmarker import PoseProcess, offline_environment
from knee_track.pose.skeleton import ANKLE, KNEE, NOSE
from knee_track.video.reader import grab_frames


@pytest.fixture(scope="module")
def squatter(samples_dir):
    return grab_frames(samples_dir / "front_squat_good.mp4", [0.0])[0]


def test_answers_come_in_order_and_in_pixels_of_the_frame_sent(bundle, squatter):
    with PoseProcess(bundle.data, 2) as process:
        process.track(squatter, 0.0)
        process.probe(np.zeros_like(squatter))
        process.track(squatter[::2, ::2], 0.1)
        answers = [process.receive() for _ in range(3)]
    assert [len(people) for people in answers] == [1, 0, 1]
    full, half = answers[0].image_px[0], answers[2].image_px[0]
    assert full[NOSE, 1] < full[KNEE["left"], 1] < full[ANKLE["left"], 1] < squatter.shape[0]
    assert half == pytest.approx(full / 2, abs=0.02 * squatter.shape[0])


def test_a_restart_forgets_the_smoothing(bundle, squatter):
    shifted = np.roll(squatter, 60, axis=1)
    with PoseProcess(bundle.data, 1) as process:
        process.track(squatter, 0.0)
        process.track(squatter, 0.0)  # the same time stamp twice is no error
        process.track(shifted, 0.03)
        process.restart()
        process.track(shifted, 0.07)
        answers = [process.receive().image_px[0, NOSE, 0] for _ in range(4)]
    still, smoothed, fresh = answers[0], answers[2], answers[3]
    assert fresh - still == pytest.approx(60, abs=3)
    assert smoothed < fresh - 1  # pulled back by what was seen before


def test_a_picture_with_gaps_between_its_rows_is_seen(bundle, squatter):
    wide = np.zeros((*squatter.shape[:1], squatter.shape[1] + 7, 3), np.uint8)
    wide[:, : squatter.shape[1]] = squatter
    with PoseProcess(bundle.data, 1) as process:
        process.probe(wide[:, : squatter.shape[1]])
        assert len(process.receive()) == 1


def test_a_crash_is_one_sentence(bundle, squatter):
    with PoseProcess(bundle.data, 1) as process:
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(PoseError, match=r"^The pose process failed \(.*\); run 'knee-track doctor'.*\.$"):
            for _ in range(3):
                process.track(squatter, 0.0)
                process.receive()


def test_a_damaged_model_is_one_sentence_without_log_lines():
    with PoseProcess(b"not a model", 1) as process, pytest.raises(PoseError) as failure:
        process.track(np.zeros((8, 8, 3), np.uint8), 0.0)
        process.receive()
    message = str(failure.value)
    assert message.startswith("The pose process failed (") and "\n" not in message
    assert "W0000" not in message and "Traceback" not in message


def test_missing_system_libraries_are_named(monkeypatch):
    sentence = "This machine lacks libGLESv2.so.2; run: sudo apt install libgles2"
    monkeypatch.setattr(landmarker, "explain_missing_libraries", lambda: sentence)
    with PoseProcess(b"not a model", 1) as process, pytest.raises(PoseError, match="sudo apt install"):
        process.track(np.zeros((8, 8, 3), np.uint8), 0.0)
        process.receive()


def test_native_log_lines_stay_off_the_terminal(bundle, squatter, capfd):
    with PoseProcess(bundle.data, 1) as process:
        process.track(squatter, 0.0)
        process.receive()
    assert capfd.readouterr() == ("", "")


def test_only_the_child_loses_the_network(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "play.googleapis.com")
    environment = offline_environment("http://127.0.0.1:9")
    assert {environment[name] for name in landmarker.PROXY_VARIABLES} == {"http://127.0.0.1:9"}
    assert "NO_PROXY" not in environment
    assert os.environ["https_proxy"] == "http://proxy.example:3128"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_no_child_outlives_its_parent(bundle, tmp_path, end):
    model = tmp_path / "model.task"
    model.write_bytes(bundle.data)
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from knee_track.pose.landmarker import PoseProcess\n"
            "with PoseProcess(Path(sys.argv[1]).read_bytes(), 1) as process:\n"
            "    print(process.pid, flush=True); time.sleep(60)",
            str(model),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    child = int(parent.stdout.readline())
    parent.send_signal(end)
    parent.communicate(timeout=20)
    deadline = time.monotonic() + 20
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    """Whether the process still runs; a zombie that nobody has reaped does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


COMPARE = """
import sys
import numpy as np
from knee_track.pose import worker

picture, bundle = np.load(sys.argv[1]), open(sys.argv[2], "rb").read()

def landmarks():
    poses = worker.Poses(bundle, 2)
    moved = [np.roll(picture, 9 * i, axis=1) for i in range(4)]
    return [*(poses.track(frame, 33 * i) for i, frame in enumerate(moved)), poses.probe(picture)]

lighter = landmarks()
worker.without_segmentation = lambda bundle: bundle
for one, other in zip(lighter, landmarks(), strict=True):
    assert one.shape == (1, worker.N_ROWS, worker.ROW)
    np.testing.assert_array_equal(one, other)
"""


def test_without_segmentation_the_landmarks_are_the_same_to_the_last_bit(bundle, squatter, tmp_path):
    """In a process of its own, because MediaPipe runs in it."""
    np.save(tmp_path / "picture.npy", squatter)
    (tmp_path / "model.task").write_bytes(bundle.data)
    files = [str(tmp_path / name) for name in ("picture.npy", "model.task")]
    environment = offline_environment("http://127.0.0.1:9")
    done = subprocess.run([sys.executable, "-c", COMPARE, *files], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
