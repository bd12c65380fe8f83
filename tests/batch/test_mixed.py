"""A folder of everything: clips and hostile files, on both kinds of store, also killed again and again."""

import csv
import hashlib
import os
import random
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from batch_clips import COMMAND, cut
from batch_hostile import hostile
from shared_clips import SHARED

from knee_track.store import open_store
from knee_track.store.dump import rows_for_comparison
from knee_track.video.reader import VideoReader

# By hand: KNEETRACK_CLIPS=200 KNEETRACK_KILLS=10
CLIPS = int(os.environ.get("KNEETRACK_CLIPS", "40"))
KILLS = int(os.environ.get("KNEETRACK_KILLS", "3"))
CLIENTS = 5
LONGEST_S = 3.0
DONE_WITH_FAILURES = 3


@dataclass(frozen=True)
class Ran:
    """A run that ended by itself: what it printed, and how long it took."""

    out: Path
    told: str
    took_s: float


@pytest.fixture(scope="module")
def folder(short, samples_dir, tmp_path_factory):
    """`CLIPS` files of several clients; clips of 1 to 3 s of the samples and of what else is at hand."""
    root = tmp_path_factory.mktemp("mixed")
    hostile(root / "someone", short)
    sources = [path for place in places(samples_dir) for path in sorted(place.iterdir()) if is_clip(path)]
    moments = random.Random(6)
    for number in range(CLIPS - len(files(root))):
        source = sources[number % len(sources)]
        with VideoReader(source) as reader:
            last_s = reader.info.duration_s or LONGEST_S
        length_s = min(moments.uniform(1.0, LONGEST_S), 0.9 * last_s)  # never twice the same of a short one
        start_s = moments.uniform(0.0, last_s - length_s)
        client = root / f"client {number % CLIENTS}"
        client.mkdir(exist_ok=True)
        cut(
            source,
            client / f"2026-11-{number % 28 + 1:02d} clip{number:03d}.mp4",
            start_s,
            start_s + length_s,
        )
    return root


def places(samples_dir):
    return [samples_dir, *(place for place in (SHARED / "truth" / "dev", SHARED / "real") if place.is_dir())]


def is_clip(path):
    return path.suffix in (".mp4", ".mov", ".gif")


def files(root):
    """All files that may be clips, one with a wrong ending and links that lead in circles too."""
    found = [Path(place, name) for place, _, names in os.walk(root) for name in names]
    return [path for path in found if path.suffix in (".mp4", ".dat") and not path.name.startswith(".")]


def begin(folder, out, *options):
    command = [*COMMAND, str(folder), "-o", str(out), "--offline", "--no-video", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def undisturbed_mixed(folder, bundle, tmp_path_factory):
    """One run into SQLite to which nothing happens."""
    out, start_s = tmp_path_factory.mktemp("whole") / "out", time.monotonic()
    run = begin(folder, out)
    told, _ = run.communicate(timeout=60 + 20 * CLIPS)
    assert run.returncode == DONE_WITH_FAILURES, told
    return Ran(out, told, time.monotonic() - start_s)


def test_every_file_is_in_the_store_or_in_the_failures_once(folder, undisturbed_mixed):
    out = undisturbed_mixed.out
    with open_store(out, create=False) as store:
        stored = [clip.analysis.source.sha256 for one in store.clients() for clip in store.history(one.id)]
    with (out / "failures.csv").open(encoding="utf-8", newline="") as file:
        failed = [Path(row["file"]).name for row in csv.DictReader(file)]
    assert len(stored) == len(set(stored)) and len(failed) == len(set(failed))
    wanted, contents = files(folder), set()
    for path in wanted:
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        assert (content in stored) + (path.name in failed) == 1, path
        contents |= {content} & set(stored)  # short parts of a GIF may be the same
    print(f"{len(wanted)} clips: {len(stored)} in the store, {len(failed)} in failures.csv")
    assert len(stored) == len(contents) > len(wanted) / 2
    assert "Traceback" not in undisturbed_mixed.told


def test_killed_again_and_again_on_a_server_the_rows_are_those_of_an_undisturbed_run_on_sqlite(
    folder, undisturbed_mixed, database, tmp_path
):
    out, seed = tmp_path / "out", random.randrange(1 << 30)
    moments = random.Random(seed)
    for _ in range(KILLS):
        run = begin(folder, out, "--db", database)
        time.sleep(moments.uniform(1.0, max(4.0, 1.5 * undisturbed_mixed.took_s / (KILLS + 1))))
        run.send_signal(signal.SIGKILL)
        run.communicate()
    run = begin(folder, out, "--db", database)
    told, _ = run.communicate(timeout=60 + 20 * CLIPS)
    assert run.returncode == DONE_WITH_FAILURES, f"seed {seed}: {told}"
    with (
        open_store(undisturbed_mixed.out, create=False) as one,
        open_store(database, out, create=False) as other,
    ):
        assert rows_for_comparison(other) == rows_for_comparison(one), f"seed {seed}"
    assert len(list(out.glob("c*/*_kneetrack"))) == len(list(undisturbed_mixed.out.glob("c*/*_kneetrack")))
