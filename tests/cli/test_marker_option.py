"""`knee-track analyze --pose squat.trc` as a person types it: 3-D markers."""

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from marker_files import joints, named, trc_text
from typer.testing import CliRunner

from benchmarks.truth import load_truth
from benchmarks.truth_trc import write_truth_trc
from knee_track.cli import app
from knee_track.errors import PoseFileError
from knee_track.pose.files import open_pose
from knee_track.pose.skeleton import LEGS
from knee_track.pose.track import PoseTrack
from knee_track.results import Analysis

REPOSITORY = Path(__file__).resolve().parents[2]
OF_A_CAMERA = re.compile(r"camera|picture|film|landmark|pixel|phone|clip|video|\bviews?\b", re.IGNORECASE)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knee_track", "analyze", *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def file(samples_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lab") / "squat.trc"
    write_truth_trc(path, load_truth(samples_dir / "front_squat_valgus.truth.npz"))
    return path


@pytest.fixture(scope="module")
def done(file: Path) -> subprocess.CompletedProcess[str]:
    return run("--pose", file)


@pytest.fixture(scope="module")
def folder(done: subprocess.CompletedProcess[str], file: Path) -> Path:
    assert (done.returncode, done.stderr) == (0, "")
    return file.parent / "squat_kneetrack"


def words_of(page: str) -> str:
    """What a reader of the page sees."""
    inside = page[page.index("<body") :]
    shown = re.sub(r"<(script|style)\b.*?</\1>", " ", inside, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", shown))


def test_reps_and_peaks_are_those_of_the_truth(folder: Path, samples_dir: Path) -> None:
    truth = load_truth(samples_dir / "front_squat_valgus.truth.npz")
    analysis = Analysis.model_validate_json((folder / "analysis.json").read_bytes())
    assert len(analysis.reps) == len(truth.reps) and not analysis.attempts
    for rep, true in zip(analysis.reps, truth.reps, strict=True):
        inside = (truth.times_s >= true["start"]) & (truth.times_s <= true["end"])
        loaded = inside & (truth.depth >= 0.05)
        for leg in LEGS:
            result = getattr(rep.legs, leg)
            peak_deg = np.percentile(truth.deviation_deg(leg)[loaded], 95)
            assert result.peak_deviation_deg == pytest.approx(peak_deg, abs=0.2)
    assert analysis.source.marker_set is not None and analysis.source.marker_set.startswith("joints: ")
    assert analysis.source.pose_format is None and analysis.model is None


def test_nothing_is_said_of_a_camera_where_there_was_none(
    done: subprocess.CompletedProcess[str], folder: Path
) -> None:
    page = words_of((folder / "report.html").read_text(encoding="utf-8"))
    plan = (folder / "protocol.md").read_text(encoding="utf-8")
    for text in (page, plan, done.stdout.replace(str(folder), "")):
        assert OF_A_CAMERA.findall(text) == []
    assert "based on 3-D markers" in page and "based on 3-D markers" in plan
    assert "Marker file squat.trc" in re.sub(r"\s+", " ", page) and "Marker file `squat.trc`" in plan
    assert not list(folder.glob("*.mp4"))


def test_the_plan_written_again_is_the_same(folder: Path) -> None:
    again = folder.parent / "again"
    assert (
        CliRunner().invoke(app, ["protocol", str(folder / "analysis.json"), "-o", str(again)]).exit_code == 0
    )
    for name in ("protocol.md", "protocol.json", "handout.html"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_a_recording_without_reps_says_how_to_record_instead_of_how_to_film(tmp_path: Path) -> None:
    figure = joints(np.full(120, 3.0), 2.0, 10.0)
    names, points = named(figure)
    path = tmp_path / "still.trc"
    path.write_text(trc_text(names, figure.times_s, points), encoding="utf-8")
    done = run("--pose", path)
    assert done.returncode == 0 and "No complete repetition" in done.stdout
    page = words_of((tmp_path / "still_kneetrack" / "report.html").read_text(encoding="utf-8"))
    assert "How to record so that knees can be measured" in page
    assert OF_A_CAMERA.findall(page) == []


def test_saved_joints_keep_their_kind_and_are_not_taken_for_landmarks(folder: Path) -> None:
    path = folder / "landmarks.npz"
    assert PoseTrack.load(path).kind == "joints"
    with pytest.raises(PoseFileError, match=r"landmarks\.npz: holds joints from 3-D markers"):
        open_pose(path)
    done = run("--pose", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "analyse the marker file itself, squat.trc, with --pose." in done.stderr


def test_a_part_of_the_file_keeps_its_times(file: Path, tmp_path: Path) -> None:
    done = run("--pose", file, "--from", "6", "--to", "11", "-o", tmp_path, "--json", "--height", "1.8")
    assert (done.returncode, done.stderr) == (0, "")
    analysis = json.loads(done.stdout)
    assert [round(rep["bottom_s"]) for rep in analysis["reps"]] == [7, 10]
    assert analysis["source"]["duration_s"] == pytest.approx(5.0, abs=0.05)
    assert analysis["reps"][0]["legs"]["left"]["peak_offset_mm"] is not None


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["clip.mp4"], 2, "without a picture; leave out VIDEO"),
        (["--person", "2", "--mirrored", "--trc"], 2, "leave out --person and --mirrored and --trc"),
        (["--pose-size", "720x1280"], 2, "leave out --pose-size"),
        (["--pose-format", "openpose"], 2, "3-D markers, not openpose landmarks"),
        (["--markers", "theia"], 2, r"--markers theia: neither a preset \(joints, .*\) nor a file"),
        (["--markers", "cgm2"], 1, r"squat\.trc: For 'cgm2' it lacks LHJC"),
        (["--up", "q"], 2, "--up q: say x, y or z"),
        (["--up", "z"], 1, r"squat\.trc: With z pointing up the client does not stand"),
        (["--from", "100"], 1, "nothing is recorded in the part asked for"),
        (["--from", "5", "--to", "2"], 2, "must end later than it starts"),
    ],
)
def test_what_does_not_fit_markers_is_one_line(
    file: Path, tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    done = run("--pose", file, "-o", tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert re.fullmatch(r"[^\n]+\.\n", done.stderr), done.stderr
    assert re.search(says, done.stderr)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\tmm\t", "\tinch\t", "its unit of length is 'inch'; known are mm, cm and m"),
        ("\tmm\t", "\t\t", "its header holds no unit of length"),
        ("third_toe", "third_foot", r"fit no preset .* lacks left_third_toe \(nearest: left_third_foot\)"),
    ],
)
def test_an_unusable_file_is_one_line(file: Path, tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "wrong.trc"
    path.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    done = run("--pose", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"{re.escape(str(path))}: [^\n]+\.\n", done.stderr), done.stderr
    assert re.search(says, done.stderr)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["clip.mp4", "--up", "y"], "--markers and --up say how to read --pose; name it too"),
        (["--pose", "squat_json", "--markers", "ior"], r"--markers and --up are for 3-D markers \(\.trc"),
        (["--pose", "squat.csv", "--pose-format", "markers"], r"markers are read from \.trc and \.c3d files"),
    ],
)
def test_options_of_markers_without_markers(arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"[^\n]+\.\n", done.stderr), done.stderr
    assert re.search(says, done.stderr)
