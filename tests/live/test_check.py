"""From the first picture to the saved sets, with a camera and a pose process that are told what to do."""

import json
import time
from pathlib import Path

import av
import numpy as np
import pytest
from live_clip import LANDMARKS, ClipPose, ClipPoses, ClipSource, NobodyPose
from live_fakes import live_threads, wait_until

from knee_track.errors import VideoError
from knee_track.live import check as check_module
from knee_track.live.check import Keeping, LiveCheck
from knee_track.live.pace import Pace, Step
from knee_track.live.session import LiveSession
from knee_track.pose.track import PoseTrack
from knee_track.video.reader import frame_times_s


@pytest.fixture(scope="module")
def clip():
    return PoseTrack.load(LANDMARKS)


@pytest.fixture(autouse=True)
def nothing_is_left(bundle):
    """No thread goes on; `bundle`: the saved set names the pose model."""
    yield
    assert wait_until(lambda: not live_threads()), live_threads()


def watched(clip, out, told, *, pose=None, rounds=1, **keeping):
    pose = pose or ClipPose(clip)
    source, poses = ClipSource(clip, pose, rounds=rounds), ClipPoses(pose)
    pace = Pace([Step("full", 1280)])
    return LiveCheck(source, LiveSession(), Keeping(out, **keeping), told.append, make_pose=poses, pace=pace)


def run(check):
    with check:
        while not check.wait(0.1):
            pass


def of_type(told, kind):
    return [happening for happening in told if happening["type"] == kind]


def test_a_set_leaves_what_a_recorded_clip_leaves(clip, tmp_path):
    told = []
    check = watched(clip, tmp_path, told)
    run(check)
    (saved,) = check.saved
    assert sorted(path.name for path in tmp_path.iterdir()) == [saved.folder.name]
    names = {path.name for path in saved.folder.iterdir()}
    assert {"analysis.json", "report.html", "protocol.md", "landmarks.npz", "reps.csv"} <= names
    analysis = json.loads((saved.folder / "analysis.json").read_text())
    assert len(analysis["reps"]) == 4
    assert saved.folder.name == f"{analysis['source']['path']}_kneetrack"
    assert analysis["source"]["sha256"] is None
    assert analysis["model"]["variant"] == "full"
    json.dumps(told)  # every happening can be sent
    assert [rep["rep"] for rep in of_type(told, "rep")] == [1, 2, 3, 4]
    assert of_type(told, "set")[0]["reps"] == 4
    # Told of a rep is what the file says of it.
    for rep, record in zip(of_type(told, "rep"), analysis["reps"], strict=True):
        for leg in ("left", "right"):
            near = pytest.approx(record["legs"][leg]["peak_deviation_deg"], abs=1.0)
            assert rep["legs"][leg]["peak_deviation_deg"] == near


def test_a_kept_video_carries_the_lines(clip, tmp_path):
    check = watched(clip, tmp_path, [], record=True)
    run(check)
    (saved,) = check.saved
    assert saved.film is not None and saved.film.parent == tmp_path
    # Played faster than in real time, so the encoder may lose pictures; those it has are at their times.
    assert np.isin(np.round(frame_times_s(saved.film), 3), np.round(clip.times_s, 3)).all()
    annotated = saved.folder / f"{saved.film.stem}_annotated.mp4"
    with av.open(str(annotated)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    # On a black film only what is drawn is bright: where the client's hips are, the skeleton.
    x, y = PoseTrack.load(saved.folder / "landmarks.npz").image_px[0, 23].astype(int)
    assert picture[y - 40 : y + 40, x - 40 : x + 40].max() > 150
    assert picture[y - 40 : y + 40, :80].max() < 50
    assert saved.analysis.source.sha256 is not None
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_one_set_after_another(clip, tmp_path):
    told = []
    check = watched(clip, tmp_path, told, rounds=2)
    with check:
        assert wait_until(lambda: check._runner._newest_number > len(clip), 120)
        check.end_set()
        while not check.wait(0.1):
            pass
    assert [len(saved.analysis.reps) for saved in check.saved] == [4, 4]
    assert len({saved.folder for saved in check.saved}) == 2


def test_nobody_leaves_a_sentence_and_no_file(clip, tmp_path):
    told = []
    check = watched(clip, tmp_path, told, pose=NobodyPose(), record=True)
    run(check)
    assert check.saved == [] and check.error is None
    assert "No set was recorded" in of_type(told, "status")[-1]["text"]
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_goes_away_costs_nothing(clip, tmp_path, monkeypatch, caplog):
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    out = tmp_path / "stick"
    check = watched(clip, out, [])
    with check:
        out.write_text("the stick was pulled")
        while not check.wait(0.1):
            pass
    (saved,) = check.saved
    assert elsewhere in saved.folder.parents
    assert "Cannot write results" in caplog.text and str(saved.folder.parent) in caplog.text


def test_a_set_that_cannot_be_analysed_keeps_its_landmarks(clip, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise VideoError("no luck.")

    monkeypatch.setattr(check_module, "save_set", fail)
    told = []
    check = watched(clip, tmp_path, told)
    run(check)
    (kept,) = tmp_path.glob("webcam_*_landmarks.npz")
    assert str(kept) in str(check.error) and "no luck" in str(check.error)
    track = PoseTrack.load(kept)
    assert track.times_s[0] == 0.0 and np.ptp(track.times_s) > 8.0


def test_stopping_in_mid_set_saves_it(clip, tmp_path):
    told = []
    check = watched(clip, tmp_path, told, rounds=50)
    with check:
        assert wait_until(lambda: of_type(told, "rep"), 120)
        began = time.monotonic()
        check.stop()
        assert check.wait(10)
        assert time.monotonic() - began < 5
    assert len(check.saved) == 1 and len(check.saved[0].analysis.reps) >= 1


def test_a_model_that_is_missing_is_told_before_anything_begins(clip, tmp_path):
    def none(_):
        raise VideoError("there is no model")

    check = LiveCheck(ClipSource(clip), LiveSession(), Keeping(tmp_path, True), print, make_pose=none)
    with pytest.raises(VideoError, match="no model"), check:
        pass
    assert list(Path(tmp_path).iterdir()) == []
