"""A real Ray cluster of three nodes on this machine, one of which is lost while it works."""

import os
import signal
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import bucket
import pytest
from batch_clips import batch, cut, failures, folders, results, rows, start
from ray_nodes import begun, cluster, wait_until
from shared_clips import REPOSITORY

from knee_track.batch.ray_cluster import connected
from knee_track.errors import ClusterError
from knee_track.store import open_store
from knee_track.store.dump import rows_for_comparison

# Not imported here: Ray reads its environment once, when it is.
pytestmark = [
    pytest.mark.skipif(find_spec("ray") is None, reason="no Ray here: pip install 'knee-track[cluster]'"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="several nodes need Linux"),
]

CUTS = [
    ("valgus", 0.7, 3.4),
    ("valgus", 3.3, 6.0),
    ("valgus", 5.9, 8.7),
    ("valgus", 8.5, 11.3),
    ("good", 0.7, 3.5),
    ("good", 3.3, 6.0),
    ("good", 5.9, 8.6),
]
OUT = "bucket://clinic/results"
SITE = """
import sys, bucket
bucket.register()
if '--multiprocessing-fork' in sys.orig_argv and 'CLUSTER_NODE' in __import__('os').environ:
    import batch_sabotage; batch_sabotage.install('in_cluster')
"""


@pytest.fixture(scope="module")
def seven(samples_dir, bundle, tmp_path_factory):
    """Seven clips of under 3 s of two clients, and a file that is none."""
    root = tmp_path_factory.mktemp("seven")
    for number, (name, start_s, end_s) in enumerate(CUTS, start=1):
        folder = root / ("Anna", "Eva Müller")[number % 2]
        folder.mkdir(exist_ok=True)
        target = folder / f"2026-11-{number:02d}_{name}.mp4"
        cut(samples_dir / f"front_squat_{name}.mp4", target, start_s, end_s)
    (root / "Anna" / "broken.mp4").write_text("no video")
    return root


@pytest.fixture(scope="module")
def one_machine(seven, tmp_path_factory):
    """What one machine makes of the same clips, without a cluster."""
    out = tmp_path_factory.mktemp("one_machine")
    done = batch(seven, out, "--no-video")
    assert done.returncode == 3 and "7 analysed, 0 done before, 1 failed" in done.stdout, done.stderr
    return out


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    """Three nodes whose workers note what they begin, and the folder of these notes."""
    site, notes, lake = (tmp_path_factory.mktemp(name) for name in ("site", "notes", "lake"))
    (site / "sitecustomize.py").write_text(SITE)
    paths = [str(site), str(Path(__file__).parent), str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    environment = {
        "PYTHONPATH": os.pathsep.join(paths),
        "SABOTAGE_NOTES": str(notes),
        "BUCKET_ROOT": str(lake),
    }
    bucket.register()
    with cluster(3, environment) as found:
        found.notes = notes
        yield found


def test_a_lost_node_costs_nothing_but_time(nodes, seven, one_machine, database):
    options = ["--db", database, "--no-video", "--engine", "ray", "--address", nodes.address]
    run = start(f"file://{seven}", OUT, *options, env=nodes.environment)
    wait_until(lambda: stored(database) and len({node for node, _ in begun(nodes.notes)}) == 3, run)
    lost, clip = begun(nodes.notes)[-1]  # what was begun last is under way
    nodes.kill(lost)
    told, errors = run.communicate(timeout=240)
    assert run.returncode == 3 and errors == "", told + errors
    assert "7 analysed, 0 done before, 1 failed" in told
    assert all_rows(database) == rows(one_machine)
    assert uploaded() == stored(database) and len(uploaded()) == 7
    times = Counter(name for _, name in begun(nodes.notes))
    assert times[clip] == 2, "the clip of the lost node was not done again"
    assert not [name for name in bucket.names() if ".kneetrack_batch" in name]
    assert bucket.content("clinic/results/failures.csv").read_text().count("broken") == 1

    second = batch(f"file://{seven}", OUT, *options, env=nodes.environment)
    assert second.returncode == 3 and "0 analysed, 7 done before, 1 failed" in second.stdout, second.stderr
    assert sum(times.values()) == len(begun(nodes.notes))


def test_a_folder_that_all_machines_share_and_ctrl_c(nodes, seven, tmp_path):
    out, before = tmp_path / "out", len(begun(nodes.notes))
    late = nodes.add()
    options = ["--no-video", "--engine", "ray", "--address", nodes.address]
    run = start(seven, out, *options, env=nodes.environment)
    wait_until(lambda: late in {node for node, _ in begun(nodes.notes)[before:]}, run)
    run.send_signal(signal.SIGINT)
    told, errors = run.communicate(timeout=120)
    clips = len(begun(nodes.notes)) - before
    assert run.returncode == 130 and "Traceback" not in errors, told + errors
    assert f"{clips} analysed" in told and f"{7 - clips} left" in told
    assert results(out) == folders(out) and len(folders(out)) == clips
    assert list(failures(out)) == ["c001/broken.mp4"]


def test_a_clip_that_ends_its_worker_twice_is_set_aside_and_no_machine_is_lost(nodes, tmp_path):
    root, out = tmp_path / "clips", tmp_path / "out"
    root.mkdir()
    (root / "deadly.mp4").write_bytes(b"....")
    (root / "text.mp4").write_bytes(b"....")
    options = ["--engine", "ray", "--address", nodes.address]
    done = batch(root, out, *options, env=nodes.environment)
    assert done.returncode == 3 and done.stderr == "", done.stdout + done.stderr
    reasons = failures(out)
    assert "ended its worker twice" in reasons["deadly.mp4"]
    assert reasons["text.mp4"] == "is not a video that can be read"
    plan = batch(root, tmp_path / "other", *options, "--dry-run", env=nodes.environment)
    assert plan.returncode == 0 and "2 that cannot be analysed" in plan.stdout, plan.stderr
    assert not (tmp_path / "other").exists()


def test_what_cannot_work_is_one_sentence(seven, tmp_path, monkeypatch):
    monkeypatch.setattr("knee_track.batch.ray_cluster.ANSWER_S", 2.0)
    for address, words in (("127.0.0.1:1", "no cluster answers there"), ("ray://x/y", "give it as host")):
        done = batch(seven, tmp_path / "out", "--engine", "ray", "--address", address)
        assert done.returncode == 1 and words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    alone = batch(seven, tmp_path / "out", "--address", "127.0.0.1:1")
    assert alone.returncode == 2 and "add --engine ray" in alone.stderr
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"needs the package ray.*knee-track\[cluster\]"):
        connected("127.0.0.1:1", 0).__enter__()


def stored(database):
    with open_store(database, OUT) as store:
        return sorted(clip.folder for one in store.clients() for clip in store.history(one.id))


def all_rows(database):
    with open_store(database, OUT) as store:
        return rows_for_comparison(store)


def uploaded():
    """Folders of results in the object store."""
    found = [key.removeprefix("clinic/results/") for key in bucket.names()]
    return sorted({"/".join(key.split("/")[:2]) for key in found if "_kneetrack" in key})
