"""Clips and results at a URL, by workers of this machine: the same rows, nothing twice, nothing left over."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import bucket
import pytest
from batch_clips import batch, rows, start

from knee_track.batch.storage import fetch, files_below, names_in, remove, upload
from knee_track.errors import OutputError, UsageError, VideoError
from knee_track.store import open_store
from knee_track.store.dump import rows_for_comparison

OUT = "bucket://clinic/results"
SITE = "import bucket; bucket.register()\n"


@pytest.fixture
def lake(tmp_path, monkeypatch):
    """The object store, known to this process and those it starts."""
    root, site = tmp_path / "lake", tmp_path / "site"
    root.mkdir()
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    monkeypatch.setenv("BUCKET_ROOT", str(root))
    paths = [str(site), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    bucket.register()
    return root


def stored(db):
    with open_store(db, OUT, create=False) as store:
        return rows_for_comparison(store)


def folders(db):
    with open_store(db, OUT, create=False) as store:
        return sorted(clip.folder for one in store.clients() for clip in store.history(one.id))


def uploaded():
    """Folders of results in the object store."""
    found = [key.removeprefix("clinic/results/") for key in bucket.names()]
    return sorted({"/".join(key.split("/")[:2]) for key in found if "_kneetrack" in key})


def test_clips_and_results_at_urls_give_the_same_rows_and_pages(lake, clips, undisturbed, tmp_path):
    db = str(tmp_path / "store.db")
    upload(clips, "bucket://clinic/clips")
    done = batch("bucket://clinic/clips", OUT, "--db", db, "--no-video")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 analysed, 0 done before, 0 failed" in done.stdout
    assert stored(db) == rows(undisturbed)
    assert uploaded() == folders(db) and len(folders(db)) == 3
    wanted = {path.name for path in next(undisturbed.glob("c001/*_kneetrack")).iterdir()}
    there = {key.rsplit("/", 1)[1] for key in bucket.names() if f"{folders(db)[0]}/" in key}
    assert there == wanted
    page = bucket.content("clinic/results/index.html").read_text()
    assert f'href="{folders(db)[1]}/report.html"' in page
    assert bucket.content("clinic/results/summary.csv").read_text().count("\n") == 4
    assert not [key for key in bucket.names() if ".kneetrack_batch" in key]
    second = batch("bucket://clinic/clips", OUT, "--db", db, "--no-video")
    assert "0 analysed, 3 done before" in second.stdout and stored(db) == rows(undisturbed)


def test_a_changed_setting_takes_the_earlier_results_place_when_its_row_is_there(lake, clips, tmp_path):
    db = str(tmp_path / "store.db")
    options = ("--db", db, "--no-video", "--include", "Eva*")
    assert "1 analysed" in batch(clips, OUT, *options).stdout
    (before,) = folders(db)
    assert "1 analysed" in batch(clips, OUT, *options, "--set", "events.enter_deg=5").stdout
    assert uploaded() == folders(db) == [f"{before}_2"]


def test_what_a_killed_run_uploaded_without_a_row_is_taken_away(lake, clips, tmp_path):
    db = str(tmp_path / "store.db")
    script = tmp_path / "deadly.py"
    script.write_text(f"""
import os, signal, sys
from knee_track.batch.elsewhere import Elsewhere
Elsewhere.take_in = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from knee_track.cli import main
sys.argv = ["knee-track", "batch", {str(clips)!r}, "-o", {OUT!r}, "--db", {db!r}, "--offline", "--no-video",
            "--workers", "1"]
if __name__ == "__main__":
    main()
""")
    killed = subprocess.run([sys.executable, str(script)], capture_output=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (orphan,) = uploaded()
    assert folders(db) == []
    content = orphan.rsplit("_", 2)[1]
    (gone,) = [path for path in clips.glob("*/*") if sha256(path).startswith(content)]
    gone.unlink()  # the orphan is not to stay because its clip is gone
    assert batch(clips, OUT, "--db", db, "--no-video").returncode == 0
    assert uploaded() == folders(db) and len(folders(db)) == 2 and orphan not in folders(db)
    assert not [key for key in bucket.names() if ".kneetrack_batch" in key]


def test_two_runs_at_once_share_the_work_at_a_url(lake, clips, undisturbed, database):
    options = ("--db", database, "--no-video", "--workers", "1")
    both = [start(clips, OUT, *options) for _ in range(2)]
    told = [run.communicate(timeout=300)[0] for run in both]
    assert [run.returncode for run in both] == [0, 0], told
    assert sum(int(text.rsplit(" analysed", 1)[0].rsplit(" ", 1)[1]) for text in told) == 3, told
    assert stored(database) == rows(undisturbed)
    assert uploaded() == folders(database) and len(uploaded()) == 3


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_store_at_a_url_and_deleting_there_are_refused_in_one_sentence(tmp_path):
    for options, words in (
        (["--db", ""], "say where it is with --db"),
        (["--delete-source"], "folders only"),
    ):
        done = batch(tmp_path, OUT, *options, stdin=subprocess.DEVNULL)
        assert done.returncode == 2 and words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_what_a_storage_complains_of_is_one_sentence(lake, tmp_path, monkeypatch):
    (tmp_path / "a").write_text("a")
    upload(tmp_path / "site", "bucket://x/site")
    assert [one.file for one in files_below("bucket://x")] == ["site/sitecustomize.py"]
    assert names_in("bucket://x/site") == ["sitecustomize.py"] and names_in("bucket://y") == []
    with pytest.raises(UsageError, match="no such folder"):
        files_below("bucket://nowhere")
    with pytest.raises(VideoError, match="bucket://x/none: cannot be copied"):
        fetch("bucket://x/none", tmp_path / "b")
    with pytest.raises(UsageError, match="not installed"):
        files_below("abfs://clinic/x")

    def refuse(*_, **__):
        raise PermissionError(13, "Access denied\nand more")

    monkeypatch.setattr(bucket.Bucket, "put_file", refuse)
    with pytest.raises(OutputError, match="bucket://x/site: cannot be written .access denied.") as told:
        upload(tmp_path / "site", "bucket://x/site")
    assert "\n" not in str(told.value)
    remove("bucket://x")
    remove("bucket://x")
    assert bucket.names() == []
