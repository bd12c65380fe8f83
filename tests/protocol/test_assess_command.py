"""`knee-track assess` as a person types it, from saved analyses, and from videos whose analysis is faked."""

import json
import re

import pytest
from addon_cases import clip, other, single
from jsonschema import Draft202012Validator
from plan_cases import found
from typer.testing import CliRunner

from knee_track import pipeline
from knee_track.cli import app
from knee_track.cli.assess import read_knee_to_wall
from knee_track.errors import OutputError, PoseError, UsageError
from knee_track.protocol.assessment import AssessmentRecord
from knee_track.protocol.library import load_library
from knee_track.protocol.rules import load_rules
from knee_track.report import folder as folder_module
from knee_track.results import Analysis, Client

OPTIONS = {"cued": "--cued", "heel_lift": "--heel-lift", "left": "--single-leg-left",
           "right": "--single-leg-right", "natural": "--natural"}  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(app, ["assess", *map(str, arguments)])


@pytest.fixture
def save(tmp_path):
    """Writes analyses as earlier runs did, and returns the arguments that name them."""

    def write(**analyses):
        arguments = []
        for name, analysis in analyses.items():
            path = tmp_path / f"{name}_kneetrack" / "analysis.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(analysis.model_dump_json(), encoding="utf-8")
            arguments += [OPTIONS[name], path]
        return arguments

    return write


def test_one_session_from_saved_analyses(save, tmp_path):
    drop = found("pelvic_drop", "right", value=-9.0, band=3.0, working_leg="left")
    arguments = save(
        natural=clip(9.6, 9.0),
        cued=other(3.1, 9.0),
        heel_lift=other(9.0, 2.0, sha="heels"),
        left=single("left", says=[drop]),
    )
    result = run(*arguments, "--knee-to-wall", "left=11 right=8")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    expected = "Cue test, left: responds, +9.6° to +3.1°, change −6.5° ± 4.2° (−68 %, moderate to none)"
    assert lines[0] == expected
    assert lines[1].startswith("Cue test, right: does not respond, +9.0° to +9.0°")
    assert lines[2].startswith("Heel-lift test, left: does not respond")
    assert lines[3].startswith("Heel-lift test, right: responds")
    assert "Single-leg test, left: The right shows pelvic_drop today" in lines
    routes = [text.split(":")[1].strip() for text in lines if text.startswith("Route: ")]
    assert routes == ["Ankle", "Hip", "Cue"]  # in the order of the rules
    assert f"Written: {tmp_path / 'assess_kneetrack' / 'protocol.md'}" in lines

    plan = (tmp_path / "assess_kneetrack" / "protocol.md").read_text(encoding="utf-8")
    assert "Raised heels bring the right knee back toward its line" in plan
    assert "The cue brings the left knee back toward its line" in plan
    record = json.loads((tmp_path / "assess_kneetrack" / "assessment.json").read_text(encoding="utf-8"))
    Draft202012Validator(AssessmentRecord.model_json_schema(mode="serialization")).validate(record)
    assert record["clips"]["natural"]["sha256"] == "natural" and record["client"]["id"] == "c7"
    assert record["knee_to_wall_cm"] == {"left": 11, "right": 8}
    ids = {one["id"] for one in record["findings"]}
    assert {"cue_responsive", "cue_nonresponsive", "heel_lift_positive", "heel_lift_negative",
            "pelvic_drop", "knee_to_wall_short"} <= ids  # fmt: skip
    assert record["protocol"]["status"] == "corrective"
    assert AssessmentRecord.model_validate(record).results[0].verdict == "responds"


def test_what_stays_open_stands_in_the_plan(save, tmp_path):
    assert run(*save(natural=clip(7.0), cued=other(4.5)), "-o", tmp_path / "there").exit_code == 0
    plan = (tmp_path / "there" / "assess_kneetrack" / "protocol.md").read_text(encoding="utf-8")
    assert "- Cue test, left: unclear" in plan and "film both again" in plan


def test_the_client_is_named_where_an_earlier_run_did_not(save, tmp_path):
    nobody = {"client": Client(id=None)}
    arguments = save(natural=clip(9, **nobody), cued=other(2, **nobody))
    assert run(*arguments, "--client", "c9").exit_code == 0
    folder = tmp_path / "assess_kneetrack"
    assert "Client c9" in (folder / "protocol.md").read_text(encoding="utf-8")
    assert json.loads((folder / "assessment.json").read_text(encoding="utf-8"))["client"]["id"] == "c9"


def test_quiet_prints_nothing(save):
    assert run(*save(natural=clip(9), cued=other(2)), "-q").output == ""


def test_without_a_route_it_says_so(save):
    result = run(*save(natural=clip(9), heel_lift=other(9)))
    assert "Route: none of its own; the plan is that of the natural clip." in result.output


def test_a_refused_natural_clip_gives_no_plan_and_no_route(save):
    natural = clip(9, findings=[found("low_quality")], level="low")
    result = run(*save(natural=natural, cued=other(2)))
    assert result.exit_code == 0
    assert "No plan from this recording" in result.output and "Route" not in result.output


def test_the_same_session_replaces_its_plan_and_another_one_gets_a_folder_of_its_own(save, tmp_path):
    arguments = save(natural=clip(9), cued=other(2))
    (tmp_path / "assess_kneetrack").mkdir()  # an empty one is free
    assert run(*arguments).exit_code == run(*arguments).exit_code == 0
    assert not (tmp_path / "assess_kneetrack_2").exists()
    assert run(*save(natural=clip(9, sha="else"), cued=other(2, sha="cued else"))).exit_code == 0
    assert (tmp_path / "assess_kneetrack_2" / "protocol.md").is_file()


@pytest.mark.parametrize(
    ("analyses", "options", "words"),
    [
        ({"natural": clip(9)}, [], "no test beside the natural clip; give --cued"),
        ({"natural": clip(9), "cued": clip(9)}, [], "is also the clip with the cue"),
        ({"natural": clip(9), "cued": other(9, client=Client(id="c8"))}, [], "client c7 .* client c8"),
        ({"natural": clip(9), "cued": other(9)}, ["--client", "c9"], "is of client c7, not of c9"),
        ({"natural": clip(9), "cued": other(9, movement="lunge")}, [], "shows a lunge, not a squat"),
        ({"natural": clip(9), "heel_lift": other(9, movement="lunge")}, [], "shows a lunge, not a squat"),
        ({"natural": clip(9), "left": single("right")}, [], "no rep on the left leg"),
        ({"natural": clip(9)}, ["--cued", "gone.mp4"], "gone.mp4: no such file"),
        ({"natural": clip(9)}, ["--cued", "gone.json"], "gone.json: no such file"),
        ({"natural": clip(9)}, ["--knee-to-wall", "8 11"], "give centimetres per leg"),
        ({"natural": clip(9)}, ["--knee-to-wall", "left=8 left=9"], "give centimetres per leg"),
        ({"natural": clip(9)}, ["--knee-to-wall", "left=8 middle=9"], "give centimetres per leg"),
        ({"natural": clip(9)}, ["--knee-to-wall", ""], "give centimetres per leg"),
        ({"natural": clip(9)}, ["--knee-to-wall", "left=31"], "0 to 30 cm"),
        ({"natural": clip(9)}, ["--knee-to-wall", "left=-1"], "0 to 30 cm"),
    ],
)
def test_wrong_usage_is_one_sentence_and_leaves_nothing(save, tmp_path, analyses, options, words):
    result = run(*save(**analyses), *options)
    assert isinstance(result.exception, UsageError), result.output
    assert result.exception.exit_code == 2
    said = str(result.exception)
    assert re.search(words, said), said
    assert not re.search(r"[.!?] [A-Z]|\n", said), "more than one sentence"
    assert not list(tmp_path.glob("assess*"))


def test_a_file_that_is_no_analysis_is_a_usage_error(save, tmp_path):
    path = tmp_path / "notes.json"
    path.write_text('{"reps": 3}', encoding="utf-8")
    error = run(*save(natural=clip(9)), "--cued", path).exception
    assert isinstance(error, UsageError) and "notes.json: not an analysis.json" in str(error)


def test_an_unwritable_place_is_told_before_anything_is_analysed(save, tmp_path):
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    error = run(*save(natural=clip(9), cued=other(2)), "-o", file).exception
    assert isinstance(error, OutputError) and "choose another folder with -o" in str(error)


@pytest.mark.parametrize(
    ("text", "distances"),
    [
        ("left=8 right=11", {"left": 8, "right": 11}),
        ("right=11.5cm, left=8", {"left": 8, "right": 11.5}),
        ("left = 8,5 cm; right: 11", {"left": 8.5, "right": 11}),
        ("left=0", {"left": 0}),
        ("right=30", {"right": 30}),
        (None, {}),
    ],
)
def test_distances_as_people_type_them(text, distances):
    assert read_knee_to_wall(text, load_rules(load_library()).tests) == distances


# ------------------------------------------------------------ videos, whose analysis is faked
@pytest.fixture
def videos(tmp_path, monkeypatch, samples_dir):
    """Three readable clips; the pipeline is replaced by made-up analyses, and records how it was called."""
    made = {"natural": clip(9, 9), "cued": other(2, 9), "left": single("left")}
    calls = {}
    paths = {}
    for name, sample in zip(made, ("front_squat_valgus", "front_squat_good", "side_squat"), strict=True):
        paths[name] = tmp_path / f"{name}.mp4"
        paths[name].write_bytes((samples_dir / f"{sample}.mp4").read_bytes())

    def analyze(path, **options):
        calls[path.stem] = options
        if isinstance(made[path.stem], Exception):
            raise made[path.stem]
        return made[path.stem]

    def write_outputs(analysis, path, out, **_):
        folder = out / f"{path.stem}_kneetrack"
        folder.mkdir(parents=True)
        (folder / "analysis.json").write_text(analysis.model_dump_json(), encoding="utf-8")
        return folder

    monkeypatch.setattr(pipeline, "analyze", analyze)
    monkeypatch.setattr(folder_module, "write_outputs", write_outputs)
    return made, calls, paths


def arguments_of(paths):
    return [part for name, path in paths.items() for part in (OPTIONS[name], path)]


def test_videos_are_analysed_each_in_its_own_way(videos, tmp_path):
    made, calls, paths = videos
    result = run(*arguments_of(paths), "--height", "1.8", "--client", "c7", "--offline")
    assert result.exit_code == 0, result.output
    assert (calls["left"]["movement"], calls["left"]["leg"]) == ("single_leg_squat", "left")
    assert calls["cued"]["movement"] is None and calls["cued"]["leg"] is None
    assert all(
        (one["height_m"], one["client_id"], one["offline"]) == (1.8, "c7", True) for one in calls.values()
    )
    inside = {path.name for path in (tmp_path / "assess_kneetrack").iterdir()}
    assert inside == {
        "natural_kneetrack",
        "cued_kneetrack",
        "left_kneetrack",
        *("protocol.md", "protocol.json", "handout.html", "assessment.json"),
    }
    kept = Analysis.model_validate_json(
        (tmp_path / "assess_kneetrack" / "natural_kneetrack" / "analysis.json").read_text(encoding="utf-8")
    )
    assert kept.protocol.status == "corrective"  # the plan of the session, in the natural clip's own run


def test_what_was_finished_stays_when_a_later_clip_fails(videos, tmp_path):
    made, _, paths = videos
    made["left"] = PoseError("left.mp4: nobody was seen in it; film the whole body.")
    error = run(*arguments_of(paths)).exception
    assert isinstance(error, PoseError) and error.exit_code == 1
    assert "nobody was seen" in str(error) and "what was finished is in" in str(error)
    assert str(error).count(".json") == 1 and "\n" not in str(error)
    finished = tmp_path / "assess_kneetrack"
    assert {path.name for path in finished.iterdir()} == {"natural_kneetrack", "cued_kneetrack"}
    saved = {name: finished / f"{name}_kneetrack" / "analysis.json" for name in ("natural", "cued")}
    assert run(*arguments_of(saved)).exit_code == 0
    assert (finished / "protocol.md").is_file()


def test_when_the_first_clip_fails_there_is_nothing_to_keep(videos, tmp_path):
    made, _, paths = videos
    made["natural"] = PoseError("natural.mp4: nobody was seen in it; film the whole body.")
    assert str(run(*arguments_of(paths)).exception) == str(made["natural"])
    assert not (tmp_path / "assess_kneetrack").exists()


def test_the_wrong_movement_in_a_video_is_told_after_its_analysis_was_kept(videos, tmp_path):
    made, calls, paths = videos
    made["cued"] = other(2, 9, movement="lunge")
    error = run(*arguments_of(paths)).exception
    assert isinstance(error, UsageError) and "shows a lunge, not a squat" in str(error)
    assert "left" not in calls
    assert (tmp_path / "assess_kneetrack" / "cued_kneetrack" / "analysis.json").is_file()


def test_the_same_video_twice_is_told_before_anything_is_analysed(videos, tmp_path):
    _, calls, paths = videos
    paths["cued"].write_bytes(paths["natural"].read_bytes())
    error = run(*arguments_of(paths)).exception
    assert isinstance(error, UsageError) and "is also the natural clip" in str(error)
    assert not calls


def test_an_unreadable_video_is_told_before_anything_is_analysed(videos):
    _, calls, paths = videos
    paths["left"].write_bytes(b"no video")
    result = run(*arguments_of(paths))
    assert result.exception.exit_code == 1 and "left.mp4" in str(result.exception)
    assert not calls
