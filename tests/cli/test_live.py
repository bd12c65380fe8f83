"""`knee-track live` as a user runs it, without a window."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.alone

COMMAND = [sys.executable, "-m", "knee_track", "live"]


def start(*options, **popen):
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.Popen(
        [*COMMAND, *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        **popen,
    )


def ended(process, timeout_s=120):
    out, err = process.communicate(timeout=timeout_s)
    return process.returncode, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture(scope="module")
def played(bundle, samples_dir, tmp_path_factory):
    """The sample, played to its end in real time: exit code, lines, what was told beside, the folder."""
    out = tmp_path_factory.mktemp("live") / "out"
    clip = samples_dir / "front_squat_valgus.mp4"
    code, lines, err = ended(start("--source", clip, "--no-window", "-o", out, "--height", 1.8))
    return code, lines, err, out


def complaints(err):
    """What was told beside the lines; a busy machine says that it uses smaller pictures or loses some."""
    usual = ("Pose model 'full', pictures of", "This machine manages", "cannot be decoded at its own speed")
    return [line for line in err.splitlines() if not any(words in line for words in usual)]


def of_type(lines, kind):
    return [line for line in lines if line["type"] == kind]


def test_one_line_per_rep_and_the_set_is_saved(played):
    code, lines, err, out = played
    assert (code, complaints(err)) == (0, [])
    assert [rep["rep"] for rep in of_type(lines, "rep")] == [1, 2, 3, 4]
    (one,) = of_type(lines, "set")
    folder = Path(one["folder"])
    assert folder.parent == out and (folder / "report.html").is_file()
    analysis = json.loads((folder / "analysis.json").read_text())
    assert analysis["client"]["height_m"] == 1.8
    assert analysis["reps"][0]["legs"]["left"]["peak_offset_mm"] is not None
    assert lines[-1] == one


def test_what_is_said_is_near_the_truth(played, samples_dir):
    """Sample's truth: one clean rep, then the left knee in, then both knees twice."""
    _, lines, _, _ = played
    reps = of_type(lines, "rep")
    left = [rep["legs"]["left"]["peak_deviation_deg"] for rep in reps]
    right = [rep["legs"]["right"]["peak_deviation_deg"] for rep in reps]
    assert max(left[0], right[0], right[1]) < 4 < min(left[1:])
    assert min(right[2:]) > 4
    assert all(0 < leg["band_deg"] < 6 for rep in reps for leg in rep["legs"].values())
    assert np.diff([rep["bottom_s"] for rep in reps]).min() > 1
    assert {event["leg"] for event in of_type(lines, "event")} <= {"left", "right"}
    assert len(of_type(lines, "cue")) <= 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_the_set_and_saves_it(bundle, samples_dir, tmp_path, number):
    process = start("--source", samples_dir / "front_squat_valgus.mp4", "--no-window", "-o", tmp_path / "out")
    assert process.stdout is not None
    process.stdout.readline()  # with the first picture; the clip goes on for 11 s
    time.sleep(6.0)
    process.send_signal(number)
    code, lines, err = ended(process)
    assert (code, complaints(err)) == (0, [])
    (one,) = of_type(lines, "set")
    assert one["reps"] >= 1
    assert (Path(one["folder"]) / "analysis.json").is_file()


def test_a_reader_that_goes_away_costs_no_set(bundle, samples_dir, tmp_path):
    process = start("--source", samples_dir / "front_squat_valgus.mp4", "--no-window", "-o", tmp_path)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(120) == 0
    assert complaints(process.stderr.read()) == []
    process.stderr.close()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--camera", "99", "--no-window"], 1, "Camera 99"),
        (["--source", "nothing.mp4", "--no-window"], 1, "nothing.mp4"),
        (["--source", "http://127.0.0.1:9/video", "--no-window"], 1, "127.0.0.1"),
        (["--camera", "0", "--source", "a.mp4"], 2, "give one of them"),
        (["--no-window", "--height", "175"], 2, "in metres"),
        (["--source", "a.mp4"], 2, "needs a display"),
        (["--no-window", "-o", "/proc/none"], 1, "Cannot write results"),
        (["--no-window", "--set", "live.standing_s=-1"], 2, "live.standing_s"),
    ],
)
def test_what_cannot_be_is_one_sentence(bundle, tmp_path, options, code, words):
    got, lines, err = ended(start(*options, cwd=tmp_path))
    assert (got, lines) == (code, [])
    assert words in err and len(err.strip().splitlines()) == 1
    assert "Traceback" not in err
