"""Making clips, and running the command as a person does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from knee_track.store import open_store
from knee_track.store.dump import rows_for_comparison
from knee_track.video.reader import VideoReader
from knee_track.video.writer import VideoWriter

LONG_SIDE_PX = 480
COMMAND = (sys.executable, "-m", "knee_track", "batch")


def cut(source: Path, target: Path, start_s: float, end_s: float, every: int = 2) -> Path:
    """Every other frame of a part of a clip, small."""
    with VideoReader(source, long_side_px=LONG_SIDE_PX, start_s=start_s, end_s=end_s) as reader:
        frames = [frame for i, frame in enumerate(reader) if i % every == 0]
    height, width = frames[0].rgb.shape[:2]
    with VideoWriter(target, width, height) as writer:
        for frame in frames:
            writer.write(frame.rgb, frame.time_s - frames[0].time_s)
    return target


def batch(
    clips: Path | str, out: Path | str, *options: str, **more: object
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, str(clips), "-o", str(out), "--offline", *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **more,  # type: ignore[call-overload]
    )


def start(clips: Path | str, out: Path | str, *options: str, **more: object) -> subprocess.Popen[str]:
    """Begin the command."""
    return subprocess.Popen(
        [*COMMAND, str(clips), "-o", str(out), "--offline", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )


def rows(out: Path) -> list[str]:
    """All rows of a store but for what belongs to the run."""
    with open_store(out, create=False) as store:
        return rows_for_comparison(store)


def failures(out: Path) -> dict[str, str]:
    """Reasons by file."""
    with open_store(out, create=False) as store:
        return {one.file: one.reason for one in store.failures()}


def results(out: Path) -> list[str]:
    """Result folders on disk, those that are unfinished too."""
    return sorted(path.relative_to(out).as_posix() for path in out.glob("**/*_kneetrack*") if path.is_dir())


def folders(out: Path) -> list[str]:
    """Result folders that the store knows."""
    with open_store(out, create=False) as store:
        people = [one.id for one in store.clients()]
        return sorted(clip.folder for one in people for clip in store.history(one))
