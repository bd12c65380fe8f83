"""`knee-track analyze --pose` as a person types it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from landmark_files import Clip, sample, write_openpose

REPOSITORY = Path(__file__).resolve().parents[2]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knee_track", "analyze", *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def clip(samples_dir: Path) -> Clip:
    return sample(samples_dir / "side_squat.truth.npz")


@pytest.fixture
def folder(tmp_path: Path, clip: Clip) -> Path:
    return write_openpose(tmp_path / "squat_json", clip.keypoints("BODY_25"))


def test_landmarks_without_a_video(folder: Path, clip: Clip) -> None:
    done = run("--pose", folder, "--pose-size", "720x1280", "--pose-fps", "30", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    analysis = json.loads(done.stdout)
    assert len(analysis["reps"]) == len(clip.truth.reps)
    assert analysis["source"]["pose_format"] == "OpenPose BODY_25" and analysis["model"] is None
    assert (folder.parent / "squat_json_kneetrack" / "report.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "Name a video, or landmarks with --pose"),
        (["clip.mp4", "--pose-fps", "30"], 2, "say how to read --pose; name it too"),
        (["--pose", "{folder}", "--pose-size", "720"], 2, "--pose-size 720: write it as width x height"),
        (["--pose", "{folder}", "--pose-fps", "30"], 1, "does not say how large the picture is"),
        (["--pose", "{folder}", "--pose-size", "720x1280"], 1, "how many frames there are in a second"),
        (["--pose", "gone", "--pose-size", "720x1280"], 1, "gone: no such file or folder"),
        (["--pose", "{folder}", "gone.mp4"], 1, r"gone\.mp4: no such file"),
        (["--pose", "{folder}", "--pose-format", "halpe", "--pose-size", "720x1280"], 1, "25 keypoints, not"),
    ],
)
def test_what_is_wrong_is_one_sentence(folder: Path, arguments: list[str], code: int, says: str) -> None:
    done = run(*(argument.format(folder=folder) for argument in arguments))
    assert (done.returncode, done.stdout) == (code, "")
    assert re.fullmatch(r"[^\n]+\.\n", done.stderr), done.stderr
    assert re.search(says, done.stderr)
    assert not list(folder.parent.glob("*_kneetrack"))
