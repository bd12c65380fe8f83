"""What can go wrong for a user, through the real command: one sentence, an exit code, nothing left behind."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import numpy as np
import pytest

import knee_track
from knee_track.video.reader import VideoReader
from knee_track.video.writer import VideoWriter

pytestmark = pytest.mark.usefixtures("bundle")

COMMAND = [sys.executable, "-m", "knee_track", "analyze"]
PACKAGE = Path(knee_track.__file__).parent


def run(
    *arguments: object, cwd: Path = PACKAGE.parent, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_refused(result: subprocess.CompletedProcess[str], code: int, says: str) -> None:
    """Nothing but one sentence on standard error, and the exit code."""
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    assert re.fullmatch(r"[^\n]+\.\n", result.stderr), result.stderr
    assert not re.search(r"[.!?] [A-Z]", result.stderr), "more than one sentence"
    assert re.search(says, result.stderr)


def remux(source: Path, target: Path) -> Path:
    """The same pictures with the index at the end of the file, as a phone writes them."""
    with av.open(source) as clip, av.open(target, "w") as out:
        stream = out.add_stream_from_template(clip.streams.video[0])
        for packet in clip.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    return target


def write(path: Path, pictures: Iterable[np.ndarray]) -> Path:
    pictures = list(pictures)
    height, width = pictures[0].shape[:2]
    with VideoWriter(path, width, height) as writer:
        for i, picture in enumerate(pictures):
            writer.write(picture, i / 30)
    return path


def write_sound(path: Path) -> Path:
    with av.open(path, "w") as out:
        stream = out.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44_100), np.float32), "fltp", "mono")
        frame.rate = 44_100
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def cut_short(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    return path


def processes_of(group: int) -> list[int]:
    """Living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            state, _, in_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(in_group) == group and state != "Z":
                found.append(int(stat.parent.name))
    return found


def wait_for(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def clip(samples_dir: Path, tmp_path: Path) -> Path:
    """A copy of a good clip, alone in its folder."""
    folder = tmp_path / "clips"
    folder.mkdir()
    return Path(shutil.copy(samples_dir / "side_squat.mp4", folder / "squat.mp4"))


@pytest.fixture
def bad(tmp_path: Path, samples_dir: Path) -> Path:
    """A folder of unusable clips."""
    folder = tmp_path / "bad"
    (folder / "folder.mp4").mkdir(parents=True)
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("A list of exercises, saved under the wrong name.\n")
    write_sound(folder / "sound.mp4")
    cut_short(remux(samples_dir / "side_squat.mp4", folder / "no_index.mp4"), 0.7)
    wall = np.random.default_rng(1).integers(90, 110, (240, 320, 3), np.uint8)
    write(folder / "nobody.mp4", [wall] * 30)
    return folder


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("empty.mp4", r"empty\.mp4: is empty.*copy it again"),
        ("text.mp4", r"text\.mp4: is not a video"),
        ("sound.mp4", r"sound\.mp4: holds no video stream"),
        ("no_index.mp4", r"no_index\.mp4: the index of this video \(moov\) is missing.*copy it again"),
        ("nobody.mp4", r"no person found in .*nobody\.mp4: film the whole body"),
        ("folder.mp4", r"folder\.mp4: is a folder"),
        ("missing.mp4", r"missing\.mp4: no such file"),
    ],
)
def test_an_unusable_clip(bad: Path, tmp_path: Path, name: str, says: str) -> None:
    assert_refused(run(bad / name, "-o", tmp_path / "out"), 1, says)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--from", "100"], 1, r"squat\.mp4: has no frame between 100\.00 s .* 6\.2 s long"),
        (["--from", "3", "--to", "2"], 2, "must end later than it starts"),
        (["--height", "175"], 2, r"175 m .*in metres"),
        (["--height", "nan"], 2, "in metres"),
        (["--set", "nonsense"], 2, r"--set nonsense: write it as section\.name=value"),
        (["--set", "events.enter_deg=high"], 2, r"'events\.enter_deg' is not usable"),
        (["--set", "events.enter=5"], 2, r"'events\.enter' is not usable"),
        (["--config", "no.toml"], 2, r"no\.toml: cannot read"),
        (["--person", "3", "--to", "0.5"], 2, "--person 3"),
        (["--model", "no.task"], 1, r"no\.task: cannot read this pose model"),
    ],
)
def test_wrong_usage(clip: Path, tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    assert_refused(run(clip, "-o", tmp_path / "out", *arguments), code, says)
    assert not (tmp_path / "out").exists()


def test_a_file_as_output_place(clip: Path) -> None:
    assert_refused(run(clip, "-o", clip), 1, r"Cannot write results to .*squat\.mp4.*-o\.")
    assert list(clip.parent.iterdir()) == [clip]


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="needs /proc, in which nobody can make folders"
)
def test_an_output_place_in_which_nobody_can_write(clip: Path) -> None:
    assert_refused(run(clip, "-o", "/proc/results"), 1, r"Cannot write results to /proc/results.*-o\.")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_output_place(clip: Path) -> None:
    clip.parent.chmod(0o555)
    assert_refused(run(clip), 1, r"Cannot write results to .* \(permission denied\); choose another folder")


def test_no_model_while_offline(clip: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(PACKAGE, tmp_path / "install" / "knee_track")
    nowhere = str(tmp_path / "cache")
    result = run(
        clip, "--offline", cwd=copied.parent, XDG_CACHE_HOME=nowhere, LOCALAPPDATA=nowhere, HOME=nowhere
    )
    assert_refused(result, 1, "No usable pose model 'full'.*knee-track models fetch")
    assert list(clip.parent.iterdir()) == [clip]


def test_a_truncated_clip_is_analysed_as_far_as_it_goes(clip: Path) -> None:
    result = run(cut_short(clip, 0.6), "--no-video")
    assert (result.returncode, result.stderr) == (0, "")
    announced, read = map(float, re.findall(r"ends early: (\S+) s were announced, (\S+) s", result.stdout)[0])
    assert announced == pytest.approx(6.2, abs=0.1) and 3.0 < read < 6.0
    assert (clip.parent / "squat_kneetrack" / "report.html").is_file()


def test_a_clip_of_one_frame_is_no_movement(samples_dir: Path, tmp_path: Path) -> None:
    with VideoReader(samples_dir / "side_squat.mp4") as reader:
        still = write(tmp_path / "still.mp4", [next(iter(reader)).rgb])
    assert_refused(run(still), 1, r"still\.mp4: holds a single frame; film the whole set")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts processes in /proc")
@pytest.mark.parametrize("stage", ["looking", "writing"])
def test_an_interrupted_run_leaves_nothing(clip: Path, stage: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, clip, "--to", "2"],
        cwd=PACKAGE.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    if stage == "looking":
        wait_for(lambda: len(processes_of(process.pid)) > 1)
    else:
        wait_for(lambda: any(clip.parent.glob("*squat_kneetrack")))
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")
    wait_for(lambda: not processes_of(process.pid))
    assert list(clip.parent.iterdir()) == [clip]
