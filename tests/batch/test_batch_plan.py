"""What paths and manifests tell, what is found, and what of it is to do."""

import os
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from knee_track.batch.clips import About, Clip, Looked
from knee_track.batch.discover import Patterns, clip_below, discover
from knee_track.batch.manifest import read_manifest, with_manifest
from knee_track.batch.names import client_of, day_of
from knee_track.batch.plan import key_of, make_plan
from knee_track.batch.work import Equipment, told
from knee_track.errors import OutputError, PoseError, UsageError, VideoError
from knee_track.settings import Settings
from knee_track.store.records import Known

DAY = date(2026, 11, 3)


@pytest.mark.parametrize(
    ("file", "client", "day"),
    [
        ("anna/2026-11-03_squat.mp4", "anna", DAY),
        ("Anna Müller/squat.mp4", "Anna Müller", None),
        ("anna/2026-11-03/squat.mp4", "anna", DAY),
        ("2026-11/anna/VID_20261103_101500.mp4", "anna", DAY),
        ("2026-11-03/anna/squat.mp4", "anna", DAY),
        ("anna_2026-11-03.mp4", "anna", DAY),
        ("Anna Müller 2026.11.03 front.mp4", "Anna Müller", DAY),
        ("VID_20261103_101500.mp4", "clips", DAY),
        ("squat.mp4", "clips", None),
        ("anna/20261399.mp4", "anna", None),
        ("anna/1234562026110345.mp4", "anna", None),
    ],
)
def test_client_and_day_come_from_the_path(file, client, day):
    assert client_of(PurePosixPath(file), "clips") == client
    assert day_of(PurePosixPath(file)) == day


def files(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"....")


def found(root, out=Path("nowhere"), **patterns):
    return [clip.file for clip in discover(root, out, Patterns(**patterns), About())]


def test_clips_are_found_by_ending_or_content_and_results_are_not(tmp_path):
    files(
        tmp_path,
        *("a/one.mp4", "a/TWO.MOV", "a/b/c/three.webm", "a/notes.txt", ".trash/old.mp4", "a/.hidden.mp4"),
        *("a/one_kneetrack/one_annotated.mp4", "a/one_kneetrack_2/x.mp4", "a/one_annotated.mp4", "out/r.mp4"),
    )
    (tmp_path / "a" / "video.dat").write_bytes(b"\0\0\0\x18ftypmp42")
    wanted = ["a/TWO.MOV", "a/b/c/three.webm", "a/one.mp4", "a/video.dat"]
    assert found(tmp_path, tmp_path / "out") == wanted
    assert found(tmp_path, tmp_path / "out", include=["*.mp4"]) == ["a/one.mp4"]
    assert found(tmp_path, tmp_path / "out", include=["a/*"], exclude=["three*", "*.dat"]) == [
        "a/TWO.MOV",
        "a/one.mp4",
    ]


def test_linked_folders_are_entered_once(tmp_path):
    files(tmp_path / "elsewhere", "one.mp4")
    root = tmp_path / "clips"
    files(root, "anna/two.mp4")
    (root / "eva").symlink_to(tmp_path / "elsewhere")
    (root / "eva again").symlink_to(tmp_path / "elsewhere")
    (root / "anna" / "up").symlink_to(root)
    assert found(root) == ["anna/two.mp4", "eva/one.mp4"]


def test_names_that_no_text_can_hold_are_found(tmp_path):
    raw = os.fsencode(tmp_path) + b"/bad \xff name.mp4"
    with open(raw, "wb") as file:
        file.write(b"....")
    assert len(found(tmp_path)) == 1


def manifest(tmp_path, text):
    path = tmp_path / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return read_manifest(path)


def test_a_manifest_says_what_paths_do_not(tmp_path):
    files(tmp_path, "a/one.mp4", "two.mp4")
    lines = manifest(
        tmp_path,
        "File;client;date;height_m;movement;leg;mirrored\n"
        "a/one.mp4;Anna, the first;2026-11-03;1,75;Single leg squat;left;yes\n"
        "gone.mp4;Eva;;;;;\n",
    )
    clips = discover(tmp_path, tmp_path / "out", Patterns(), About(movement="squat"))
    squat = About(movement="squat")
    one, gone, two = with_manifest(clips, lines, Patterns(), lambda file: clip_below(tmp_path, file, squat))
    assert (one.folder, one.day) == ("Anna, the first", DAY)
    assert one.about == About("single_leg_squat", "left", True, 1.75)
    assert gone.folder == "Eva" and "line 3" in gone.problem[0]
    assert two.about == About("squat") and two.problem is None


@pytest.mark.parametrize(
    ("text", "told_of"),
    [
        ("clip,client\na.mp4,x\n", "'file'"),
        ("file,weight\na.mp4,80\n", "'weight'"),
        ("file,date\na.mp4,3.11.2026\n", "line 2.*3.11.2026"),
        ("file,height_m\na.mp4,175\n", "line 2.*175"),
        ("file,movement\na.mp4,jump\n", "line 2.*jump"),
        ("file,mirrored\na.mp4,maybe\n", "line 2.*maybe"),
        ("file,start_s,end_s\na.mp4,9,3\n", "line 2.*9"),
        ("file\n../a.mp4\n", "line 2"),
        ("file\na.mp4\na.mp4\n", "line 3.*line 2"),
        ("file,client\na.mp4,Anna, the first\n", "line 2.*quotes"),
    ],
)
def test_a_wrong_manifest_names_its_line(text, told_of, tmp_path):
    with pytest.raises(UsageError, match=told_of):
        manifest(tmp_path, text)


def clip(name, **changes):
    given = {"day": DAY, "size": 4, "folder": "Anna"} | changes
    return Clip(Path(name), name, **given)


def planned(*given, known=None, workers=2, equipment=None):
    equipment = equipment or Equipment(Settings())
    looked = [
        (one, Looked(content, length_s, None), key_of(one, Looked(content, 0, None), equipment, "m"))
        for one, content, length_s in given
    ]
    return make_plan(looked, known or {}, {"Anna": "c001", "Eva": "c002"}, workers)


def test_longest_first_and_each_content_once():
    plan = planned((clip("a"), "aa", 5.0), (clip("b"), "bb", 50.0), (clip("c"), "aa", 5.0))
    assert [job.clip.file for job in plan.jobs] == ["b", "a"]
    assert [(twin.file, job.clip.file) for twin, job in plan.twins] == [("c", "a")]
    assert plan.jobs[0].folder.startswith("c001/c001_2026-11-03_bb")


def test_a_clip_that_outlasts_the_others_gets_more_processes():
    plan = planned((clip("long"), "aa", 100.0), (clip("short"), "bb", 5.0), workers=2)
    assert [job.processes for job in plan.jobs] == [2, 1]
    assert planned(*((clip(str(i)), str(i), 60.0) for i in range(8)), workers=2).jobs[0].processes == 1


def test_what_is_known_is_not_done_unless_its_day_was_corrected():
    (job,) = planned((clip("a"), "aa", 5.0)).jobs
    same, other = Known("c001", DAY, "c001/x_kneetrack"), Known("c001", date(2026, 1, 1), "c001/x_kneetrack")
    assert planned((clip("a"), "aa", 5.0), known={job.key: same}).jobs == []
    assert len(planned((clip("a"), "aa", 5.0), known={job.key: other}).jobs) == 1
    somebody = Known("c002", date(2026, 1, 1), "c002/x_kneetrack")
    assert planned((clip("a"), "aa", 5.0), known={job.key: somebody}).jobs == []


def test_the_key_tells_everything_that_shapes_a_result():
    one, seen = clip("a"), Looked("aa", 5.0, None)
    base = Equipment(Settings())
    keys = {
        key_of(one, seen, base, "m"),
        key_of(one, seen, base, "another model"),
        key_of(one, Looked("bb", 5.0, None), base, "m"),
        key_of(clip("a", about=About(height_m=1.75)), seen, base, "m"),
        key_of(clip("a", about=About(mirrored=True)), seen, base, "m"),
        key_of(one, seen, Equipment(Settings(), blur_faces=True), "m"),
        key_of(one, seen, Equipment(Settings.model_validate({"events": {"enter_deg": 5.0}})), "m"),
    }
    assert len(keys) == 7
    assert key_of(clip("elsewhere", folder="Eva", day=None), seen, base, "m") in keys


def test_reasons_tell_no_place_and_no_name():
    path = Path("/clips/Anna/2026-11-03.mp4")
    assert told(VideoError(f"{path}: is empty (0 bytes); copy it again from the camera."), path) == (
        "is empty (0 bytes)",
        "Copy it again from the camera.",
    )
    reason, remedy = told(PoseError(f"no person found in {path}: film the whole body."), path)
    assert (reason, remedy) == ("no person found", "Film the whole body.")
    reason, _ = told(OutputError("Cannot write results to /out/x (no space left on device); free it."), path)
    assert reason == "its result cannot be written (no space left on device)"
    assert "MemoryError" not in told(MemoryError(), path)[0]
    assert "ValueError" in told(ValueError("odd"), path)[0]
