import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from plan_cases import analysis_of, build_protocol, doses, found

from knee_track.errors import ProtocolError, SettingsError
from knee_track.protocol import library as library_module
from knee_track.protocol.catalogue import load_catalogue
from knee_track.protocol.library import load_library
from knee_track.protocol.markdown import protocol_markdown
from knee_track.protocol.safety import disclaimer
from knee_track.report.card import filming_card
from knee_track.report.plan_files import plan_files

OWN_FILE = Path(library_module.__file__).with_name("library.yaml")


def test_holds_the_59_exercises_of_the_domain_by_phase():
    phases = Counter(exercise.phase for exercise in load_library().exercises)
    assert phases == {"release": 14, "activate": 22, "integrate": 15, "retrain": 8}


def test_keeps_every_exercise_and_its_evidence_word_for_word(shared_dir):
    draft = yaml.safe_load((shared_dir / "domain" / "exercises.yaml").read_text(encoding="utf-8"))
    theirs = {exercise["id"]: exercise["evidence"] for exercise in draft["exercises"]}
    assert {exercise.id: exercise.evidence for exercise in load_library().exercises} == theirs


def test_every_exercise_says_how_well_it_is_supported():
    assert all(re.match(r"\[[SVR]\W?", exercise.evidence) for exercise in load_library().exercises)


@pytest.mark.parametrize(
    ("id_", "steps"),
    [
        ("act_clam", ["act_clam", "act_clam_band", "act_side_plank_clam"]),
        ("act_side_plank_clam", ["act_clam", "act_clam_band", "act_side_plank_clam"]),
        ("int_tempo_goblet", ["int_box_squat_band", "int_tempo_goblet"]),
    ],
)
def test_ladder_runs_from_easy_to_hard(id_, steps):
    library = load_library()
    assert [step.id for step in library.ladder(library.by_id[id_])] == steps


def test_no_text_promises_medical_effects():
    text = OWN_FILE.read_text(encoding="utf-8").lower()
    assert not re.search(r"\b(diagnos|treat|rehabilit|prevents? injur)", text)


# (exercise, old line, new line, field as named in the message)
BROKEN = [
    ("act_clam", "    sets: [2, 3]", "    sets: [3, 2]", "act_clam.dosage.sets"),
    ("act_clam", "    sets: [2, 3]", "    sets: two", "act_clam.dosage.sets"),
    ("act_clam", "    seconds_per_rep: 7", "    seconds_per_rep: 6", "act_clam.dosage"),
    ("act_clam", "    rest_s: 15", "    rest_s: -1", "act_clam.dosage.rest_s"),
    ("act_clam", "  level: 1", "  level: 5", "act_clam.level"),
    ("act_clam", "  phase: activate", "  phase: warm-up", "act_clam.phase"),
    ("act_clam", "  name: Clamshell", "  nme: Clamshell", "act_clam.name"),
    ("act_clam_band", "  - [mini_band]", "  - [mini_bnd]", "act_clam_band.needs.1"),
    ("act_clam", "  progresses_to: act_clam_band", "  progresses_to: act_clamm", "act_clam.progresses_to"),
    ("act_clam", "  progresses_to: act_clam_band", "  progresses_to: act_slr_er", "act_clam.progresses_to"),
    ("act_clam", "  progresses_to: act_clam_band", "  progresses_to: int_sl_rdl", "act_clam.progresses_to"),
    ("act_wall_sit", "  contraindications: [uncontrolled_blood_pressure]", "  contraindications: [flu]",
     "act_wall_sit.contraindications.1"),
    ("act_fire_hydrant", "- id: act_fire_hydrant", "- id: act_clam", "act_clam.id"),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "old", "new", "field"), BROKEN)
def test_a_broken_library_is_named_by_file_line_and_field(tmp_path, exercise, old, new, field):
    lines = OWN_FILE.read_text(encoding="utf-8").splitlines()
    first = lines.index(f"- id: {exercise}")
    broken = lines.index(old, first)
    lines[broken] = new
    path = tmp_path / "mine.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        load_library(path)
    place = re.match(rf"{re.escape(str(path))}:(\d+): '(.+?)': ", str(caught.value))
    assert place, str(caught.value)
    assert place[2] == f"exercises.{field}"
    # What is wrong inside a mapping as a whole, or missing from it, is reported at the mapping's first line.
    assert first + 1 <= int(place[1]) <= broken + 1
    if "." in field and not field.endswith(("dosage", "name")):
        assert int(place[1]) == broken + 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version: 1\nversion: 2\n", ":2: not valid YAML ('version' is given twice)"),
        ("exercises: [\n", ": not valid YAML"),
        ("", ":1: 'version'"),
    ],
)
def test_a_file_that_is_not_a_library_is_one_sentence(tmp_path, text, says):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=re.escape(says)):
        load_library(path)


def test_a_missing_library_names_the_file(tmp_path):
    with pytest.raises(ProtocolError, match="gone.yaml: cannot read"):
        load_library(tmp_path / "gone.yaml")


# (old text, new text, field as named in the message, what it says)
TOO_MUCH = [
    ("stop_above: 5", "stop_above: 6", "defaults.pain_rule.stop_above", "less than or equal to 5"),
    ("ideal_max: 2, stop_above: 5", "ideal_max: 4, stop_above: 3", "defaults.pain_rule.ideal_max",
     "4 is above pain_rule.stop_above, 3"),
    ("stop_above: 5", "stop_above: 4", "defaults.regress_when.max_pain",
     "5 is above pain_rule.stop_above, 4"),
    ("min_pain: 3, max_pain: 5", "min_pain: 3, max_pain: 2", "defaults.regress_when.min_pain",
     "3 is above max_pain, 2"),
    ("min_pain: 3, max_pain: 5", "min_pain: 3, max_pain: 7", "defaults.regress_when.max_pain",
     "less than or equal to 5"),
    ("sessions: 2, max_pain: 2", "sessions: 2, max_pain: 6", "defaults.progress_when.max_pain",
     "less than or equal to 5"),
    ("settle_minutes: 60", "settle_minutes: 90", "defaults.pain_rule.settle_minutes",
     "less than or equal to 60"),
    ("session_order: [release, activate,", "session_order: [activate, release,", "defaults.session_order",
     "release, activate, integrate, retrain"),
    ("session_order: [release, activate,", "session_order: [release, release, activate,",
     "defaults.session_order", "each once"),
    ("session_order: [release, activate,", "session_order: [release,", "defaults.session_order",
     "release, activate, integrate, retrain"),
    ("pain rising above {stop}/10", "pain rising above {limit}/10", "defaults.stop_signs.1", "{stop}"),
    ("Pain on stairs above {stop}/10", "Pain on stairs above {stop/10", "cautions.1", "{stop}"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "field", "says"), TOO_MUCH)
def test_a_library_that_allows_too_much_is_refused_at_the_line(tmp_path, old, new, field, says):
    text = OWN_FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        load_library(path)
    said = str(caught.value)
    place = re.match(rf"{re.escape(str(path))}:(\d+): '(.+?)': ", said)
    assert place and place[2].endswith(field) and says in said, said
    named = text[: text.index(old)].count("\n") + 1
    # Where two numbers contradict each other, one of them is named: it may stand some lines further down.
    assert int(place[1]) in (named, named + 8), said


def test_the_limits_of_measurement_md_are_those_of_the_package():
    domain = (Path(library_module.__file__).parents[2] / "docs" / "measurement.md").read_text(
        encoding="utf-8"
    )
    never, minutes = re.search(r"never >(\d+)/10, back to normal within (\d+) min", domain).groups()
    assert int(never) == library_module.MOST_PAIN
    assert int(minutes) == library_module.MOST_SETTLE_MINUTES


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_lower_limit_of_pain_stands_everywhere_in_the_plan(tmp_path, language):
    text = OWN_FILE.read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    lower = text.replace("stop_above: 5", "stop_above: 3").replace(
        "min_pain: 3, max_pain: 5", "min_pain: 2, max_pain: 3"
    )
    path.write_text(lower, encoding="utf-8")
    library = load_library(path)
    plan = build_protocol([found("medial_knee", "both")], library=library, language=language)
    words = load_catalogue(language)
    said = [*plan.safety, disclaimer(plan, words)]
    said += [line for dose in doses(plan) for line in dose.cautions]
    limits = [number for line in said for number in re.findall(r"(?:above|über) (\d+)/10", line)]
    assert len(limits) >= 4 and set(limits) <= {"3", "4"}  # 4: where one exercise asks for less
    assert not any("{stop}" in line for line in said)
    refused = build_protocol([found("low_quality")], library=library, language=language)
    assert "3/10" in disclaimer(refused, words)
    analysis = analysis_of([found("low_quality")])
    assert re.search(r"\b3 (out of|von) 10", plan_files(refused, analysis)["filming_card.html"].decode())
    if language == "de":
        page = protocol_markdown(plan, analysis_of([found("medial_knee", "both")]))
        assert "über 3/10" in page.splitlines()[-1]
    assert "{stop}" not in filming_card(library.defaults, language)
