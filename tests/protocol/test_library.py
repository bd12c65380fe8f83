import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from knee_track.errors import ProtocolError, SettingsError
from knee_track.protocol import library as library_module
from knee_track.protocol.library import load_library

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
