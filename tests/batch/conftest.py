"""Short clips of one repetition each, cut once per session from the samples."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from batch_clips import batch, cut
from shared_clips import REPOSITORY

from knee_track.pose.bundles import Bundle

CUTS = {
    "valgus": ("front_squat_valgus.mp4", 8.5, 11.3),
    "good": ("front_squat_good.mp4", 0.7, 3.5),
    "good_again": ("front_squat_good.mp4", 5.9, 8.6),
}


@pytest.fixture(scope="session")
def short(samples_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three clips of under 3 s, one rep each, small and of 15 frames per second."""
    folder = tmp_path_factory.mktemp("short")
    return {
        name: cut(samples_dir / sample, folder / f"{name}.mp4", start_s, end_s)
        for name, (sample, start_s, end_s) in CUTS.items()
    }


@pytest.fixture(scope="session")
def undisturbed(short: dict[str, Path], bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one run makes of `clips` when nothing happens to it; not to be changed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = batch(make_clips(short, folder / "clips"), folder / "out", "--no-video")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 analysed, 0 done before, 0 failed" in done.stdout
    return folder / "out"


@pytest.fixture
def clips(short: dict[str, Path], bundle: Bundle, tmp_path: Path) -> Path:
    """A folder of two clients with three clips."""
    return make_clips(short, tmp_path / "clips")


def make_clips(short: dict[str, Path], root: Path) -> Path:
    for name, place in (("valgus", "Anna"), ("good", "Anna"), ("good_again", "Eva Müller")):
        (root / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(short[name], root / place / f"2026-11-0{len(name) % 9}_{name}.mp4")
    return root


@pytest.fixture(autouse=True)
def own_mask() -> Iterator[None]:
    """Whatever a run does to the mask of new files ends with its test."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def sabotage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Let workers call one of batch_sabotage's functions before each task; returns where it keeps notes."""

    def use(name: str) -> Path:
        notes, site = tmp_path / "sabotage", tmp_path / "site"
        notes.mkdir()
        site.mkdir()
        (site / "sitecustomize.py").write_text(
            "import sys\n"
            "if '--multiprocessing-fork' in sys.orig_argv:\n"
            f"    import batch_sabotage; batch_sabotage.install({name!r})\n"
        )
        paths = [str(site), str(Path(__file__).parent), str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
        monkeypatch.setenv("SABOTAGE_NOTES", str(notes))
        return notes

    return use
