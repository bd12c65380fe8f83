"""What the tests of the page share: a real server, results that were made beforehand, a browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra 'web' is not installed")

from web_server import Server, start_server

from knee_track.judgement import Declared
from knee_track.live.review import recording_of
from knee_track.pipeline import analyze_track
from knee_track.pose.track import PoseTrack
from knee_track.report.folder import write_outputs
from knee_track.settings import Settings

LANDMARKS = Path(__file__).parents[1] / "live" / "front_squat_valgus.npz"


@pytest.fixture(scope="module")
def server(tmp_path_factory, bundle) -> Iterator[Server]:
    """A server of its own for each module of tests."""
    place = tmp_path_factory.mktemp("served")
    running = start_server(place / "results", place / "tmp", "--port", "0")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def analysis():
    """Of the sample with valgus, from its kept landmarks: four reps, both knees graded."""
    raw = PoseTrack.load(LANDMARKS)
    return analyze_track(raw, recording_of(raw, np.zeros((len(raw), 2)), "clip.mp4"), Declared(), Settings())


@pytest.fixture
def add_run(analysis):
    """Writes a result of that name into a folder, without pictures; `sha256` tells the clips apart."""

    def add(out: Path, name: str, *, folder: str | None = None, recorded_at: str | None = None) -> Path:
        own = analysis.model_copy(deep=True)
        own.source.path, own.source.recorded_at, own.source.sha256 = name, recorded_at, None
        own._curves, own._track, own._scene = analysis._curves, analysis._track, analysis._scene
        written = write_outputs(own, None, out)
        return written if folder is None else written.rename(out / folder)

    return add


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The browser on this machine; tests that need one are skipped without.

    Run by root it gives its sound real-time priority, and on a busy machine of two cores that stops all else.
    """
    pytest.importorskip("playwright", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine: apt install chromium")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("setpriv"):
        humble = tmp_path_factory.mktemp("browser") / "chromium"
        humble.write_text(f'#!/bin/sh\nexec setpriv --bounding-set=-sys_nice {found} "$@"\n')
        humble.chmod(0o700)
        return str(humble)
    return found
