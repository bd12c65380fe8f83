import re
from pathlib import Path

import pytest
from plan_cases import found

from knee_track.errors import ProtocolError
from knee_track.findings import findings as findings_module
from knee_track.protocol import rules as rules_module
from knee_track.protocol.library import load_library
from knee_track.protocol.rules import load_rules

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
