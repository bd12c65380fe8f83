import re
from pathlib import Path

import pytest
from plan_cases import build_protocol, found

from knee_track.errors import ProtocolError
from knee_track.findings import findings as findings_module
from knee_track.protocol import rules as rules_module
from knee_track.protocol.intake import Intake
from knee_track.protocol.library import load_library
from knee_track.protocol.rules import load_rules
from knee_track.protocol.rules_check import QUALIFIERS

DOMAIN = Path(__file__).resolve().parents[2] / "docs" / "measurement.md"
OWN_FILE = Path(rules_module.__file__).with_name("rules.yaml")


@pytest.fixture(scope="module")
def rules():
    return load_rules(load_library())


def fired(rules, *findings):
    return {one.rule.id: one.leg for one in rules.fire(findings)}


def table_rows() -> dict[int, set[str]]:
    """Exercise ids per row of the table in measurement.md §4."""
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]*) \|$", DOMAIN.read_text(encoding="utf-8"), re.MULTILINE)
    return {int(row): set(re.findall(r"\b(?:rel|act|int|ret)_\w+", cell)) for row, cell in rows}


def test_every_row_of_the_domain_table_is_a_rule_with_the_same_exercises(rules):
    domain = table_rows()
    assert set(domain) == set(range(14))
    ours = {rule.row: set(rule.exercises) for rule in rules.rules if rule.row is not None}
    assert ours == domain


def test_the_rules_know_exactly_the_findings_that_a_clip_gives(rules):
    ids = set(re.findall(r"^([a-z_]+) +(?:left|None)", findings_module.__doc__, re.MULTILINE))
    assert len(ids) > 10
    assert {name for name, source in rules.findings.items() if source == "clip"} == ids


def test_a_rule_holds_on_the_leg_of_its_findings(rules):
    assert fired(rules, found("medial_knee", "left")) == {"school": "left"}
    assert fired(rules, found("medial_knee", "both")) == {"school": "both"}
    assert fired(rules, found("medial_knee", "right"), found("descent_only", "right")) == {
        "school": "right",
        "descent": "right",
    }
    assert "descent" not in fired(rules, found("medial_knee", "right"), found("descent_only", "left"))


def test_the_pelvis_drops_on_the_other_side_of_the_working_leg(rules):
    assert fired(rules, found("medial_knee", "right"), found("pelvic_drop", "left"))["pelvis"] == "right"
    assert "pelvis" not in fired(rules, found("medial_knee", "right"), found("pelvic_drop", "right"))
    assert fired(rules, found("medial_knee", "right"), found("trunk_lean", "right"))["pelvis"] == "right"


def test_a_finding_about_no_leg_holds_for_the_leg_that_has_the_rest(rules):
    assert fired(rules, found("medial_knee", "left"), found("shallow_depth"))["ankle_signs"] == "left"
    assert "ankle_signs" not in fired(rules, found("shallow_depth"))


def test_knock_knees_in_standing_are_not_called_a_movement_fault(rules):
    knock = found("static_alignment", "left", direction="knock_knee")
    assert fired(rules, found("medial_knee", "left"), knock) == {"bone_alignment": "left"}
    bow = found("static_alignment", "left", direction="bow_leg")
    assert fired(rules, found("medial_knee", "left"), bow)["school"] == "left"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("  - rel_calf_roll", "  - rel_calf_rol", "rules.ankle.exercises.1"),
        ("  avoid: [int_box_squat_band, ret_spread_floor, ret_tactile_hands, int_hinge_band]",
         "  avoid: [squat]", "rules.too_far_out.avoid.1"),
        ("  when: [[asymmetric_medial_knee]]", "  when: [[lopsided]]", "rules.one_sided.when.1"),
        ("  when: [[asymmetric_medial_knee]]", "  when: []", "rules.one_sided.when"),
        ("  confidence: good", "  confidence: certain", "rules.ankle.confidence"),
        ("  target_minutes: 40", "  target_minutes: 60", "plans.cue_led.target_minutes"),
        ("  plan: practice", "  plan: practise", "rules.too_far_out.plan"),
        ("- id: femur", "- id: foot", "rules.foot.id"),
        ("    feedback_pct: [100, 100]", "    feedback_pct: [100]", "plans.cue_led.stages.1"),
        ("    shares_pct: {release: 35, activate: 30, integrate: 20, retrain: 15}",
         "    shares_pct: {release: 35, activate: 30, integrate: 20, retrain: 25}",
         "plans.corrective.stages.2"),
    ],
)  # fmt: skip
def test_broken_rules_are_named_by_file_line_and_field(tmp_path, old, new, field):
    lines = OWN_FILE.read_text(encoding="utf-8").splitlines()
    broken = lines.index(old)
    lines[broken] = new
    path = tmp_path / "mine.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        load_rules(load_library(), path)
    place = re.match(rf"{re.escape(str(path))}:(\d+): '(.+?)': ", str(caught.value))
    assert place, str(caught.value)
    assert place[2] == field
    if "stages" not in field:  # a stage as a whole is reported at its first line
        assert int(place[1]) == broken + 1


MAX_40 = "  max_exercises: {release: 4, activate: 4, integrate: 3, retrain: 3}"
SHARES = "    shares_pct: {release: 35, activate: 30, integrate: 20, retrain: 15}"
SUMMARY = (
    "    {weeks} weeks, {sessions} × {minutes} minutes a week, in the order release, activate, integrate, "
    "retrain.\n"
)
STAGE = "  - weeks: [3, 4]\n    level: 2\n    focus: Add bands and tempo"
GROUP = "- id: ask_first\n"
FLAGS = "  flags: [pregnancy, osteoporosis, recent_ligament_operation, very_loose_joints, dizziness_or_heart]"

# (old text, new text, field as named in the message, what it says)
REFUSED = [
    (FLAGS, FLAGS.replace("[pregnancy", "[marathon, pregnancy"), "red_flags.ask_first.flags.1",
     "no text for marathon"),
    (FLAGS, FLAGS.replace("[pregnancy", "[locked_knee, pregnancy"), "red_flags.ask_first.flags.1",
     "given twice"),
    (GROUP, "- id: club\n", "red_flags.club.id", "give it text and title"),
    (GROUP, "- id: club\n  title: The club asks\n", "red_flags.club.id", "give it text and title"),
    (GROUP, GROUP + "  text: Ask the club.\n", "red_flags.ask_first.text", "{flags}"),
    (GROUP, GROUP + '  text: "Ask {whom} with {flags}."\n', "red_flags.ask_first.text", "{flags}"),
    (GROUP, GROUP + "  flag_texts: {marathon: a marathon}\n", "red_flags.ask_first.flag_texts.marathon",
     "not one of the flags"),
    (GROUP, "- id: flags.soon\n", "red_flags.flags.soon.id", "pattern"),
    (SHARES, SHARES.replace("release: 35, activate: 30", "release: 65, activate: 0"),
     "plans.corrective.stages.2.shares_pct.activate", "share above 0"),
    (SHARES, SHARES.replace("release: 35, activate: 30", "release: 65"),
     "plans.corrective.stages.2.shares_pct.activate", "share above 0"),
    (SHARES, SHARES.replace("release: 35, activate: 30", "release: 75, activate: -10"),
     "plans.corrective.stages.2.shares_pct.activate", "greater than or equal to 0"),
    (MAX_40, "  max_exercises: {}", "plans.corrective", "needs max_exercises"),
    (SUMMARY,
     "    {weks} weeks.\n", "plans.corrective.summary", "{weeks}, {sessions}, {minutes}"),
    (SUMMARY,
     "    {weeks weeks.\n", "plans.corrective.summary", "{weeks}, {sessions}, {minutes}"),
    (SUMMARY,
     "    {minutes:d} minutes.\n", "plans.corrective.summary", "{weeks}, {sessions}, {minutes}"),
    ("nothing in it was measured well enough to build on.", "{weeks} weeks.", "plans.refused.summary",
     "no braces"),
    ('"The leg that is worse ({leg}) begins', '"The leg that is worse ({side}) begins',
     "rules.one_sided.advice.1", "{leg}"),
    (STAGE, STAGE.replace("[3, 4]", "[4, 5]"), "plans.corrective.stages.2.weeks", "begins in week 3, not 4"),
    (STAGE, STAGE.replace("[3, 4]", "[2, 3]"), "plans.corrective.stages.2.weeks", "begins in week 3, not 2"),
    (" &anatomy [static_alignment.knock_knee]", " &anatomy [static_alignment.knok_knee]",
     "rules.school.unless.1", "knock_knee or bow_leg, not 'knok_knee'"),
    ("unless: [static_alignment.bow_leg, lateral_knee.one_leg]",
     "unless: [static_alignment.one_leg, lateral_knee.one_leg]",
     "rules.too_far_out.unless.1", "knock_knee or bow_leg, not 'one_leg'"),
    ("  when: [[asymmetric_medial_knee]]", "  when: [[asymmetric_medial_knee.left]]",
     "rules.one_sided.when.1", "nothing, not 'left'"),
    ("  old_injury: intake\n", "  old_injury: intake\n  stiff_neck: coach\n", "findings.stiff_neck",
     "nothing reads this finding"),
    ("  old_injury: intake\n", "  old_injury: intake\n  balance.loss: coach\n", "findings.balance.loss",
     "nothing reads this finding"),
]  # fmt: skip


def mine(tmp_path, old, new):
    """An own rules file that differs in one place, and the lines in which it does."""
    text = OWN_FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    first = text[: text.index(old)].count("\n") + 1
    return path, range(first, first + max(old.count("\n"), new.count("\n"), 1))


@pytest.mark.parametrize(("old", "new", "field", "says"), REFUSED)
def test_rules_that_would_fail_later_are_refused_at_the_line(tmp_path, old, new, field, says):
    path, lines = mine(tmp_path, old, new)
    with pytest.raises(ProtocolError) as caught:
        load_rules(load_library(), path)
    said = str(caught.value)
    place = re.match(rf"{re.escape(str(path))}:(\d+): '(.+?)': ", said)
    assert place and place[2] == field and says in said, said
    if "max_exercises" not in says:  # a plan as a whole is reported at its first line
        assert lines.start - 1 <= int(place[1]) < lines.stop, said


@pytest.mark.parametrize("number", [0, 7, 9])
def test_a_week_has_one_to_six_sessions(tmp_path, number):
    old = f"  sessions_per_week: 3\n  target_minutes: 40\n{MAX_40}"
    path, lines = mine(tmp_path, old, old.replace(": 3\n", f": {number}\n", 1))
    with pytest.raises(ProtocolError, match=rf":{lines.start}: 'plans.corrective.sessions_per_week'"):
        load_rules(load_library(), path)


def test_a_plan_ends_within_a_year(tmp_path):
    old = "  - weeks: [1, 8]\n    level: 2\n    focus: Keep what is good\n    shares_pct: {release: 30"
    path, lines = mine(tmp_path, old, old.replace("8", "900", 1))
    with pytest.raises(ProtocolError, match=rf":{lines.start}: 'plans.as_built.stages.1.weeks'.*week 52"):
        load_rules(load_library(), path)


@pytest.mark.parametrize("language", ["en", "de"])
def test_own_red_flags_bring_their_own_texts(tmp_path, language):
    own = (
        '- id: club\n  title: "The club asks:"\n  text: "Ask the club doctor with: {flags}."\n'
        "  flags: [marathon, fever]\n  flag_texts: {marathon: a marathon last week, fever: fever}\n"
    )
    path, _ = mine(tmp_path, GROUP, own + GROUP)
    rules = load_rules(load_library(), path)
    plan = build_protocol([found("medial_knee", "left")], rules=rules, language=language)
    assert "Ask the club doctor with: a marathon last week; fever." in plan.safety
    told = Intake(red_flags=frozenset({"marathon"}))
    stopped = build_protocol([found("medial_knee", "left")], told, rules=rules, language=language)
    assert stopped.status == "none"
    assert stopped.referral == ["Ask the club doctor with: a marathon last week."]
    assert stopped.safety_text.red_flags["emergency"] in stopped.safety


def test_the_qualifiers_are_those_that_the_findings_give():
    text = findings_module.__doc__
    given = {
        key: set(words.split(" | "))
        for key, words in re.findall(r"\((direction|stance): ([a-z_ |]+)\)", text)
    }
    assert {key: set(words) for key, (_, words) in QUALIFIERS.items()} == given
