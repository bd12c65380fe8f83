"""The client's answers as a file: what is written is read back, a slip is named by file, line and field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knee_track.errors import ProtocolError
from knee_track.protocol.intake import Intake, intake_toml, known_ids, load_intake
from knee_track.protocol.library import load_library
from knee_track.protocol.rules import load_rules

LIBRARY = load_library()
RULES = load_rules(LIBRARY)

FULL = Intake(
    pain=4,
    red_flags=frozenset({"pregnancy", "giving_way"}),
    doctor_agreed=True,
    equipment=frozenset({"wall", "chair", "tape"}),
    contraindications=frozenset({"blood_thinners", "sciatica"}),
    forbid=frozenset({"act_clam", "int_split_squat"}),
    sessions_per_week=2,
    minutes=15,
    training_months=0,
    age_group="55_or_over",
    old_injury="left",
    seen=frozenset({"arch_drop", "heel_rise.left", "femur_turns_in.right"}),
)


def read(tmp_path: Path, text: str | bytes) -> Intake:
    path = tmp_path / "intake.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_intake(path, LIBRARY, RULES)


def slip(tmp_path: Path, text: str | bytes) -> tuple[int, str]:
    """The line that the error names, and what it says there."""
    with pytest.raises(ProtocolError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    place = re.match(rf"{re.escape(str(tmp_path / 'intake.toml'))}:(\d+): ", message)
    assert place, message
    assert "\n" not in message
    return int(place[1]), message[place.end() :]


# --- Valid files ---------------------------------------------------------------------------------------


def test_a_file_with_every_answer_is_read_back_as_it_was_written(tmp_path):
    assert set(FULL.model_dump()) == set(FULL.model_fields_set)
    assert read(tmp_path, intake_toml(FULL)) == FULL


@pytest.mark.parametrize("field", Intake.model_fields)
def test_every_single_answer_is_read_back(tmp_path, field):
    one = Intake(**{field: getattr(FULL, field)})
    assert read(tmp_path, intake_toml(one)) == one


def test_nothing_at_hand_is_not_the_same_as_not_asked(tmp_path):
    bare, unasked = Intake(equipment=frozenset()), Intake()
    assert read(tmp_path, intake_toml(bare)) == bare
    assert read(tmp_path, intake_toml(unasked)) == unasked
    assert bare != unasked
    assert "equipment" not in intake_toml(unasked)


def test_an_empty_file_is_a_client_who_was_asked_nothing(tmp_path):
    assert read(tmp_path, "") == Intake()
    assert read(tmp_path, "# nothing yet\r\n") == Intake()


@pytest.mark.parametrize(
    ("field", "limits"),
    [("pain", (0, 10)), ("sessions_per_week", (1, 6)), ("minutes", (10, 90))],
)
def test_the_ends_of_a_range_are_allowed(tmp_path, field, limits):
    for value in limits:
        assert getattr(read(tmp_path, f"{field} = {value}\n"), field) == value


@pytest.mark.parametrize("field", ["red_flags", "equipment", "contraindications", "forbid", "seen"])
def test_every_known_word_is_accepted(tmp_path, field):
    known = known_ids(LIBRARY, RULES)[field]
    words = ", ".join(f'"{word}"' for word in known)
    assert getattr(read(tmp_path, f"{field} = [{words}]\n"), field) == set(known)


def test_a_finding_that_a_clip_gives_is_not_for_the_coach_to_say(tmp_path):
    line, message = slip(tmp_path, 'seen = ["medial_knee"]\n')
    assert line == 1 and message.startswith("'seen': 'medial_knee' is not known; choose from ")


@pytest.mark.parametrize("field", ["red_flags", "equipment", "contraindications", "forbid", "seen"])
def test_one_word_without_brackets_is_told_what_is_missing(tmp_path, field):
    slipped = slip(tmp_path, f'pain = 1\n{field} = "wall"\n')
    assert slipped == (2, f"'{field}': give a list in square brackets.")


# --- Slips ---------------------------------------------------------------------------------------------

LIST = """\
# client c7
pain = 2
equipment = [
  "wall",
  "chair",  # the kitchen one
  "wal",
  "tape",
]
minutes = 20
"""


def test_a_word_that_is_not_known_is_named_by_its_own_line_in_a_long_list(tmp_path):
    line, message = slip(tmp_path, LIST)
    assert line == 6
    assert message.startswith("'equipment': 'wal' is not known; choose from ")
    assert "wall" in message


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("pain = 11\n", 1, "pain"),
        ("pain = -1\n", 1, "pain"),
        ("\n\nminutes = 9\n", 3, "minutes"),
        ("minutes = 91\n", 1, "minutes"),
        ("pain = 2\nsessions_per_week = 0\n", 2, "sessions_per_week"),
        ("sessions_per_week = 7\n", 1, "sessions_per_week"),
        ("training_months = -3\n", 1, "training_months"),
        ("# age\nage_group = 'old'\n", 2, "age_group"),
        ("old_injury = 'knee'\n", 1, "old_injury"),
        ("pain = 'four'\n", 1, "pain"),
        ("pain = 2.5\n", 1, "pain"),
        ("pain = [2]\n", 1, "pain"),
        ("doctor_agreed = 'maybe'\n", 1, "doctor_agreed"),
        ("equipment = 'wall'\n", 1, "equipment"),
        ("pain = 1\nforbid = 3\n", 2, "forbid"),
        ("minutes = 20\nseen = {arch_drop = true}\n", 2, "seen"),
    ],
)
def test_an_impossible_value_is_named_by_file_line_and_field(tmp_path, text, line, field):
    at, message = slip(tmp_path, text)
    assert at == line
    assert message.startswith(f"'{field}': ")


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("pain = 2\npian = 3\n", 2, "pian"),
        ("# notes\n\n\nname = 'Anna'\n", 4, "name"),
        ("pain = 2\n  weight = 70\n", 2, "weight"),
        ("pain = 2\n'weight' = 70\n", 2, "weight"),
    ],
)
def test_an_unknown_field_is_named_and_the_fields_are_listed(tmp_path, text, line, field):
    at, message = slip(tmp_path, text)
    assert at == line
    assert message.startswith(f"'{field}': ")
    assert all(name in message for name in Intake.model_fields)


def test_a_table_in_the_file_is_named_by_the_line_of_its_header(tmp_path):
    at, message = slip(tmp_path, "pain = 2\n\n[client]\nminutes = 20\n")
    assert at == 3
    assert message.startswith("'client': ")


def test_a_number_among_the_words_is_named_by_its_own_line(tmp_path):
    at, message = slip(tmp_path, 'equipment = [\n  "wall",\n  3,\n]\n')
    assert at == 3
    assert message.startswith("'equipment': ")


@pytest.mark.parametrize("text", ["pain = true\n", "pain = '4'\n", "doctor_agreed = 1\n"])
def test_a_value_of_another_type_is_not_guessed_at(tmp_path, text):
    slip(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("pain 4\n", 1),
        ("pain = 2\nequipment = [wall]\n", 2),
        ("pain = 2\n\nminutes =\n", 3),
        ("pain = 2\nminutes = 20\npain = 3\n", 3),
    ],
    ids=["no equals sign", "no quotes", "no value", "given twice"],
)
def test_what_is_not_toml_is_named_by_file_and_line(tmp_path, text, line):
    at, message = slip(tmp_path, text)
    assert at == line
    assert message.startswith("not valid TOML")


def test_a_list_that_is_never_closed_is_an_error_of_the_file(tmp_path):
    with pytest.raises(ProtocolError, match=r"intake\.toml.*not valid TOML"):
        read(tmp_path, 'pain = 2\nequipment = ["wall",\n')


def test_a_file_that_is_not_utf_8_is_named(tmp_path):
    with pytest.raises(ProtocolError) as caught:
        read(tmp_path, "# für Anna\npain = 2\n".encode("latin-1"))
    assert str(caught.value).startswith(f"{tmp_path / 'intake.toml'}: cannot read this file")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.toml", "."], ids=["missing", "a folder"])
def test_a_file_that_cannot_be_opened_is_named(tmp_path, name):
    with pytest.raises(ProtocolError) as caught:
        load_intake(tmp_path / name, LIBRARY, RULES)
    assert str(tmp_path) in str(caught.value) and "cannot read this file" in str(caught.value)


def test_only_the_first_slip_is_told(tmp_path):
    _, message = slip(tmp_path, "pain = 11\nminutes = 5\nsessions_per_week = 9\n")
    assert message.count("': ") == 1


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    assert read(tmp_path, b"\xef\xbb\xbfpain = 2\n").pain == 2
