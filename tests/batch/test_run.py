"""The command on real folders: what becomes of every clip, and what is left behind."""

import csv
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest
from batch_clips import batch, failures, folders, results, rows, start
from batch_hostile import hostile

from knee_track.store import open_store

NAMES = ("Anna", "Eva", "Müller")


def test_a_folder_becomes_clients_with_progress_and_nothing_is_done_twice(clips, undisturbed, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    with open_store(out, create=False) as store:
        people = {one.folder: one for one in store.clients()}
        assert {name: one.clips for name, one in people.items()} == {"Anna": 2, "Eva Müller": 1}
        stored = [clip for one in people.values() for clip in store.history(one.id)]
    assert all(len(clip.analysis.reps) == 1 for clip in stored)
    assert results(out) == folders(out) and len(results(out)) == 3
    before = rows(out)
    second = batch(clips, out, "--no-video")
    assert "0 analysed, 3 done before" in second.stdout and rows(out) == before


def test_names_stay_in_the_store_and_files_with_their_owner(clips, tmp_path):
    out = tmp_path / "out"
    (clips / "Eva Müller" / "Eva's 1st.mp4").write_text("no video")
    done = batch(clips, out, "--no-video")
    assert done.returncode == 3
    told = [done.stdout, done.stderr, *(path.as_posix() for path in out.rglob("*"))]
    told += [
        path.read_text(encoding="utf-8", errors="replace")
        for path in out.rglob("*")
        if path.is_file() and not path.name.startswith("kneetrack.db")
    ]
    told = [text.replace(str(tmp_path), "") for text in told]
    assert not [name for name in NAMES for text in told if name in text]
    assert {path.stat().st_mode & 0o077 for path in out.rglob("*") if not path.name.endswith(".lock")} == {0}
    assert not list(out.rglob("*_annotated.mp4")) and len(list(out.rglob("landmarks.npz"))) == 3


def test_every_file_of_a_hostile_folder_is_in_the_store_or_in_the_failures_once(short, bundle, tmp_path):
    root, out = tmp_path / "someone", tmp_path / "out"
    bad = hostile(root, short)
    done = batch(root, out, "--no-video")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    with (out / "failures.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert sorted(row["file"].removesuffix(".mp4") for row in table) == sorted(bad)
    assert all(row["reason"] and row["remedy"] and row["tries"] == "1" for row in table)
    assert len(folders(out)) == 2
    assert "12 clips: 2 analysed, 0 done before, 10 failed" in done.stdout
    for line in done.stdout.splitlines():
        assert line.startswith(("Looking", "[", "4 clips to", "12 clips", "reasons", "overview", "progress"))


def test_what_changed_is_done_again_and_replaces_what_was(clips, short, tmp_path):
    out = tmp_path / "out"
    shutil.rmtree(clips / "Anna")
    assert "1 analysed" in batch(clips, out, "--no-video").stdout
    again = batch(clips, out, "--set", "events.enter_deg=5", "--blur-faces")
    assert "1 analysed" in again.stdout and len(folders(out)) == 1
    (clips / "manifest.csv").write_text(
        "file,client,date\nEva Müller/2026-11-01_good_again.mp4,,2026-10-01\n", encoding="utf-8"
    )
    moved = batch(clips, out, "--no-video")
    assert "1 analysed" in moved.stdout
    assert results(out) == folders(out) and "2026-10-01" in folders(out)[0]


def test_the_same_content_is_done_once(short, bundle, tmp_path):
    root, out = tmp_path / "clips", tmp_path / "out"
    for name in ("a", "b"):
        (root / name).mkdir(parents=True)
        shutil.copy(short["good"], root / name / "2026-11-03.mp4")
    done = batch(root, out, "--no-video")
    assert done.returncode == 0 and "1 analysed, 1 done before" in done.stdout
    assert "0 analysed, 2 done before" in batch(root, out, "--no-video").stdout


def test_two_runs_at_once_share_the_work(clips, undisturbed, tmp_path):
    out = tmp_path / "out"
    both = [start(clips, out, "--workers", "1", "--no-video") for _ in range(2)]
    told = [run.communicate(timeout=300)[0] for run in both]
    assert [run.returncode for run in both] == [0, 0]
    analysed = [int(text.rsplit(" analysed", 1)[0].rsplit(" ", 1)[1]) for text in told]
    assert sum(analysed) == 3, told
    assert results(out) == folders(out) and len(results(out)) == 3
    assert rows(out) == rows(undisturbed)


def test_ctrl_c_finishes_what_was_begun_and_keeps_it(clips, sabotage, tmp_path):
    out, notes = tmp_path / "out", sabotage("wait")
    run = start(clips, out, "--workers", "1", "--no-video")
    wait_for(notes / "begun", run)
    run.send_signal(signal.SIGINT)
    time.sleep(0.5)
    (notes / "go").touch()
    told, _ = run.communicate(timeout=120)
    assert run.returncode == 130
    assert "1 analysed" in told and "2 left" in told and len(folders(out)) == 1


def test_ctrl_c_twice_ends_at_once(clips, sabotage, tmp_path):
    out, notes = tmp_path / "out", sabotage("wait")
    run = start(clips, out, "--workers", "1", "--no-video")
    wait_for(notes / "begun", run)
    run.send_signal(signal.SIGINT)
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    began_s = time.monotonic()
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 130 and time.monotonic() - began_s < 15
    assert "Stopped" in errors and "Traceback" not in errors
    assert folders(out) == [] == results(out)


def wait_for(note, run):
    until = time.monotonic() + 60
    while not note.exists():
        assert run.poll() is None and time.monotonic() < until
        time.sleep(0.05)


def test_clips_are_deleted_after_success_only_and_never_unasked(clips, tmp_path):
    out = tmp_path / "out"
    (clips / "Anna" / "broken.mp4").write_text("no video")
    refused = batch(clips, out, "--delete-source", stdin=subprocess.DEVNULL)
    assert refused.returncode == 2 and "--yes" in refused.stderr and not out.exists()
    done = batch(clips, out, "--delete-source", "--yes", "--no-video")
    assert done.returncode == 3 and "Deleted: 3 clips" in done.stdout
    assert [path.name for path in clips.rglob("*.mp4")] == ["broken.mp4"]
    assert len(list(out.rglob("landmarks.npz"))) == 3


def test_a_dry_run_tells_the_plan_and_writes_nothing(clips, tmp_path):
    out = tmp_path / "out"
    (clips / "Anna" / "broken.mp4").write_text("no video")
    done = batch(clips, out, "--dry-run")
    assert done.returncode == 0 and not out.exists()
    assert "3 clips to analyse" in done.stdout and "1 that cannot be analysed" in done.stdout
    assert "Anna  2026-11-0" in done.stdout


@pytest.mark.parametrize("where", ["a file", "nowhere"])
def test_a_wrong_folder_is_one_sentence(where, tmp_path):
    (tmp_path / "a file").touch()
    done = batch(tmp_path / where, tmp_path / "out")
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1


def test_failures_that_are_repaired_leave_the_list(short, bundle, tmp_path):
    root, out = tmp_path / "clips", tmp_path / "out"
    root.mkdir()
    (root / "anna_2026-11-03.mp4").write_text("no video")
    assert batch(root, out).returncode == 3 and len(failures(out)) == 1
    shutil.copy(short["good"], root / "anna_2026-11-03.mp4")
    assert batch(root, out, "--no-video").returncode == 0 and failures(out) == {}
    with sqlite3.connect(out / "kneetrack.db") as database:
        assert database.execute("select folder from clients").fetchall() == [("anna",)]
