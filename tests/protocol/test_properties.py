"""Properties that every plan keeps, whatever the clip says and the client answers (Hypothesis).

Findings are drawn as findings.py gives them (leg and evidence per id), the answers from everything an intake
file may hold. What a plan must keep is computed from the raw YAML files, not with the package's own helpers.

The order of the findings is no information: they all come from one clip. Weeks, exercises, doses and legs do
not depend on it; only the order in which a reason names them may.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_cases import blocks, doses, found, sessions

from knee_track.protocol import plan as plan_module
from knee_track.protocol.intake import Intake
from knee_track.protocol.library import load_library
from knee_track.protocol.plan import build_protocol
from knee_track.protocol.rules import load_rules
from knee_track.results import Finding, Protocol

FOLDER = Path(plan_module.__file__).parent
RAW = yaml.safe_load((FOLDER / "library.yaml").read_text(encoding="utf-8"))
RAW_RULES = yaml.safe_load((FOLDER / "rules.yaml").read_text(encoding="utf-8"))
EXERCISES = {exercise["id"]: exercise for exercise in RAW["exercises"]}
ORDER = ["release", "activate", "integrate", "retrain"]
LONGEST = RAW["defaults"]["session_minutes"][1]
MIRROR = {"left": "right", "right": "left", "both": "both", None: None}

plans_of = settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
few = settings(plans_of, max_examples=60)

# --- Findings as findings.py gives them ----------------------------------------------------------------

SIDE = st.sampled_from(["left", "right"])
LEG = st.sampled_from(["left", "right", "both"])
GRADE = st.sampled_from(["mild", "moderate", "severe"])


def sides_of(leg: str) -> list[str]:
    return ["left", "right"] if leg == "both" else [leg]


@st.composite
def about_legs(draw, name: str) -> Finding:
    leg = draw(LEG)
    evidence = {side: {"grade": draw(GRADE)} for side in sides_of(leg)} if name == "medial_knee" else {}
    return found(name, leg, **evidence)


@st.composite
def sway(draw, name: str) -> Finding:
    side = draw(SIDE)
    working = draw(st.sampled_from(["left", "right", "both"]))
    return found(name, side, value=draw(st.integers(5, 12)), band=2, working_leg=working)


def lateral(name: str) -> st.SearchStrategy[Finding]:
    stance = st.sampled_from(["one_leg", "two_legs"])
    return st.builds(lambda leg, stance: found(name, leg, stance=stance), LEG, stance)


STANDING = st.builds(
    lambda leg, direction: found("static_alignment", leg, direction=direction),
    LEG,
    st.sampled_from(["knock_knee", "bow_leg"]),
)
MEDIAL = [
    "medial_knee",
    "intermittent_medial_knee",
    "descent_only",
    "bottom_only",
    "ascent_only",
    "worsening",
]
TESTS = ["heel_lift_positive", "heel_lift_negative", "cue_responsive", "cue_nonresponsive"]
COACH = [name for name, source in RAW_RULES["findings"].items() if source == "coach"]
NO_LEG = ["shallow_depth", "good_tracking", "view_refused", "low_quality", "no_reps"]
FINDING: dict[str, st.SearchStrategy[Finding]] = {
    **{name: about_legs(name) for name in [*MEDIAL, "toe_out_wide", *TESTS, *COACH]},
    **{name: sway(name) for name in ["pelvic_drop", "trunk_lean", "hip_shift"]},
    **{name: lateral(name) for name in ["lateral_knee", "lateral_drift"]},
    **{name: st.just(found(name)) for name in NO_LEG},
    "asymmetric_medial_knee": SIDE.map(
        lambda leg: found("asymmetric_medial_knee", leg, asymmetry_deg=6.5, band_deg=3.0)
    ),
    "static_alignment": STANDING,
    "old_injury": LEG.map(lambda leg: found("old_injury", leg)),
}
LIMITS = {"view_refused", "low_quality", "no_reps"}
OFF_THE_LINE = {"medial_knee", "intermittent_medial_knee", "lateral_knee"}


@st.composite
def some_findings(draw, *, limits: bool = False) -> list[Finding]:
    """Each id at most once, and no two that findings.py never gives together."""
    names = sorted(set(FINDING) - (set() if limits else LIMITS))
    main = draw(st.sampled_from(["medial_knee", "intermittent_medial_knee", "lateral_knee", ""]))
    chosen = draw(st.lists(st.sampled_from(names), max_size=6, unique=True))
    told = {name: draw(FINDING[name]) for name in dict.fromkeys([main, *chosen] if main else chosen)}
    if "asymmetric_medial_knee" in told:  # the worse leg is a medial one
        worse, medial = told["asymmetric_medial_knee"].leg, told.get("medial_knee")
        if medial is None or medial.leg not in (worse, "both"):
            told["medial_knee"] = found("medial_knee", worse, **{worse: {"grade": "moderate"}})
    if told.keys() & OFF_THE_LINE:  # then not every knee tracks well
        told.pop("good_tracking", None)
    return list(told.values())


# --- Answers as an intake file may hold them -----------------------------------------------------------


def subset(words) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(sorted(words)))


FLAGS = [flag for group in RAW_RULES["red_flags"] for flag in group["flags"]]
SEEN = [f"{name}{side}" for name in COACH for side in ("", ".left", ".right")]
NONE = st.just(frozenset())
ANSWERS = {
    "pain": st.integers(0, 5),
    "equipment": st.none() | NONE | st.just(frozenset(RAW["equipment"])) | subset(RAW["equipment"]),
    "contraindications": NONE | subset(RAW["contraindications"]),
    "forbid": NONE | st.frozensets(st.sampled_from(sorted(EXERCISES)), max_size=12),
    "sessions_per_week": st.none() | st.integers(1, 6),
    "minutes": st.none() | st.integers(10, 90),
    "training_months": st.none() | st.integers(0, 120),
    "age_group": st.sampled_from([None, "adult", "55_or_over", "under_16"]),
    "old_injury": st.sampled_from(["none", "left", "right", "both"]),
    "seen": NONE | st.frozensets(st.sampled_from(SEEN), max_size=4),
    "doctor_agreed": st.just(True),
}
INTAKE = st.builds(Intake, **ANSWERS)
ANY_INTAKE = st.builds(
    Intake,
    **{
        **ANSWERS,
        "pain": st.integers(0, 10),
        "red_flags": NONE | st.frozensets(st.sampled_from(FLAGS), max_size=3),
        "doctor_agreed": st.booleans(),
    },
)


@lru_cache(maxsize=1)
def package():
    library = load_library()
    return library, load_rules(library)


def plan(findings: list[Finding], intake: Intake) -> Protocol:
    return build_protocol(findings, intake, *package())


# --- The same, computed from the raw files -------------------------------------------------------------


def raw_seconds(block, dose) -> int:
    """The formula at the head of library.yaml: sets x (work + rest) x sides + change-over."""
    dosage = EXERCISES[dose.id]["dosage"]
    work = dose.hold_s or dose.duration_s or (dose.reps or 0) * dosage.get("seconds_per_rep", 0)
    sides = 2 if dosage["per_side"] and block.leg == "both" else 1
    return dose.sets * (work + dosage["rest_s"]) * sides + RAW["defaults"]["changeover_s"]


def may_use(id_: str, intake: Intake) -> bool:
    exercise = EXERCISES[id_]
    speaks_against = set(intake.contraindications) | ({"knee_pain"} if intake.pain else set())
    return (
        id_ not in intake.forbid
        and not speaks_against & set(exercise["contraindications"])
        and (
            intake.equipment is None
            or not exercise["needs"]
            or any(set(one) <= intake.equipment for one in exercise["needs"])
        )
    )


def names_of(finding: Finding) -> set[str]:
    """The finding's id, with its direction or stance too."""
    words = [finding.evidence[key] for key in ("direction", "stance") if finding.evidence.get(key)]
    return {finding.id, *(f"{finding.id}.{word}" for word in words)}


def holds(rule: dict, findings: list[Finding], leg: str) -> bool:
    """A rule of the raw file on one leg, by the words at the head of rules.yaml."""

    def seen(name: str) -> bool:
        other = name.startswith("other.")
        wanted = {MIRROR[leg], "both"} if other else {leg, "both", None}
        return any(one.leg in wanted and name.removeprefix("other.") in names_of(one) for one in findings)

    off = any(seen(name) for name in rule.get("unless", []))
    return not off and all(any(seen(name) for name in line) for line in rule["when"])


def everything(findings: list[Finding], intake: Intake) -> list[Finding]:
    """The clip's findings and those that the answers add."""
    added = [found(name.split(".")[0], name.partition(".")[2] or "both") for name in intake.seen]
    if intake.old_injury != "none":
        added.append(found("old_injury", intake.old_injury))
    return [*findings, *added]


def shape(one: Protocol, *, turned: bool = False):
    """What is done: per session the phase, leg, exercise, sets and amount, as multisets."""
    mirror = MIRROR if turned else {leg: leg for leg in MIRROR}
    return [
        Counter(
            (block.phase, mirror[block.leg], dose.id, dose.sets, dose.reps or dose.hold_s or dose.duration_s)
            for block in session.blocks
            for dose in block.exercises
        )
        for session in sessions(one)
    ] + [Counter((dose.id, dose.sets) for dose in week.daily) for week in one.weeks]


# --- Properties ----------------------------------------------------------------------------------------


def minutes_are_kept_and_add_up(one, findings, intake):
    most = min(intake.minutes or LONGEST, LONGEST)
    for session in sessions(one):
        total = sum(raw_seconds(block, dose) for block in session.blocks for dose in block.exercises) / 60
        assert session.minutes == pytest.approx(total, abs=0.051)
        assert total <= most + 1e-9
        for block in session.blocks:
            assert all(dose.total_s == raw_seconds(block, dose) for dose in block.exercises)
    if one.weeks and intake.sessions_per_week:
        assert all(len(week.sessions) == intake.sessions_per_week for week in one.weeks)


def nothing_that_is_ruled_out_is_used(one, findings, intake):
    for dose in doses(one):
        assert may_use(dose.id, intake), dose.id
    if intake.equipment is not None:
        assert set(one.equipment) <= {RAW["equipment"][item] for item in intake.equipment}
    avoided = {
        exercise
        for rule in RAW_RULES["rules"]
        if any(holds(rule, everything(findings, intake), leg) for leg in ("left", "right"))
        for exercise in rule.get("avoid", [])
    }
    assert not avoided & {dose.id for dose in doses(one)}


def sessions_are_ordered_and_hold_nothing_twice(one, findings, intake):
    for session in sessions(one):
        order = [ORDER.index(block.phase) for block in session.blocks]
        assert order == sorted(order)
        assert len({(block.phase, block.leg) for block in session.blocks}) == len(session.blocks)
        ids = Counter(dose.id for block in session.blocks for dose in block.exercises)
        assert set(ids.values()) <= {1}
        for block in session.blocks:
            assert block.exercises
            assert all(EXERCISES[dose.id]["phase"] == block.phase for dose in block.exercises)


def no_session_is_empty(one, findings, intake):
    assert (one.status == "none") == (not one.weeks)
    assert all(session.blocks for session in sessions(one))


def doses_and_times_a_week_stay_inside_the_library(one, findings, intake):
    for dose in doses(one):
        dosage = EXERCISES[dose.id]["dosage"]
        for field in ("sets", "reps", "hold_s", "duration_s"):
            value = getattr(dose, field)
            assert (value is None) == (field not in dosage), (dose.id, field)
            assert value is None or dosage[field][0] <= value <= dosage[field][1], (dose.id, field)
        assert dose.rest_s == dosage["rest_s"] and dose.tempo == dosage["tempo"]
        assert len(dose.cues) == 1 and dose.cues[0] in EXERCISES[dose.id]["cues"]
    for week in one.weeks:
        times = Counter(
            dose.id for session in week.sessions for block in session.blocks for dose in block.exercises
        )
        for id_, count in times.items():
            assert count <= EXERCISES[id_]["dosage"]["per_week"][1], (week.weeks, id_)
        assert all(EXERCISES[dose.id]["dosage"]["per_week"] == [7, 7] for dose in week.daily)
        assert not {dose.id for dose in week.daily} & set(times)


def every_exercise_has_rules_and_findings_that_hold(one, findings, intake):
    told = everything(findings, intake)
    rules = {rule["id"]: rule for rule in RAW_RULES["rules"]}
    ids = {finding.id for finding in told}
    for dose in doses(one):
        assert dose.rules and dose.findings
        assert set(dose.findings) <= ids
        for name in dose.rules:
            assert any(holds(rules[name], told, leg) for leg in ("left", "right")), (dose.id, name)
    for block in blocks(one):
        for dose in block.exercises:
            base = {id_ for shaped in RAW_RULES["plans"] for id_ in shaped.get("base", [])}
            if block.leg != "both" and dose.id not in base:
                assert any(holds(rules[name], told, block.leg) for name in dose.rules), (dose.id, block.leg)


def what_a_rule_names_is_used_or_accounted_for(one, findings, intake):
    """Nothing disappears silently: `considered` says why an exercise that was called for is not there."""
    told = everything(findings, intake)
    called = {
        exercise
        for rule in RAW_RULES["rules"]
        if any(holds(rule, told, leg) for leg in ("left", "right"))
        for exercise in rule.get("exercises", [])
    }
    used = {dose.id for dose in doses(one)}
    left_out = {entry.id: entry for entry in one.considered}
    assert called <= used | set(left_out)
    assert not used & set(left_out)
    for id_, entry in left_out.items():
        if entry.reason in ("forbidden", "contraindicated", "equipment"):
            assert not may_use(id_, intake), entry


CHECKS = [
    minutes_are_kept_and_add_up,
    nothing_that_is_ruled_out_is_used,
    sessions_are_ordered_and_hold_nothing_twice,
    no_session_is_empty,
    doses_and_times_a_week_stay_inside_the_library,
    every_exercise_has_rules_and_findings_that_hold,
    what_a_rule_names_is_used_or_accounted_for,
]


@plans_of
@given(some_findings(), INTAKE)
def test_every_plan_keeps_to_the_library_the_rules_and_the_client(findings, intake):
    """One plan per example, and every check above on it: building plans is what takes the time."""
    one = plan(findings, intake)
    for check in CHECKS:
        if one.weeks or check is no_session_is_empty:
            check(one, findings, intake)


@few
@given(some_findings(limits=True) | some_findings(), ANY_INTAKE | INTAKE, st.randoms(use_true_random=False))
def test_the_same_input_gives_the_same_plan_and_the_order_of_findings_does_not_matter(
    findings, intake, shuffler: random.Random
):
    one = plan(findings, intake)
    assert plan(list(findings), intake) == one
    mixed = list(findings)
    shuffler.shuffle(mixed)
    other = plan(mixed, intake)
    assert (other.status, shape(other)) == (one.status, shape(one))
    assert Counter(other.hypotheses) == Counter(one.hypotheses)
    assert Counter(other.notes) == Counter(one.notes)
    assert other.considered == one.considered


@few
@given(some_findings(), INTAKE)
def test_swapped_legs_give_the_mirrored_plan(findings, intake):
    turned = [found(one.id, MIRROR[one.leg], **mirrored(one.evidence)) for one in findings]
    swapped = {"left": "right", "right": "left", "": ""}
    seen = frozenset(
        f"{name}{dot}{swapped[side]}" for name, dot, side in (one.partition(".") for one in intake.seen)
    )
    injury = MIRROR.get(intake.old_injury, intake.old_injury)
    other = intake.model_copy(update={"seen": seen, "old_injury": injury})
    assert shape(plan(turned, other)) == shape(plan(findings, intake), turned=True)


def mirrored(evidence: dict) -> dict:
    told = {MIRROR.get(key, key): value for key, value in evidence.items()}
    if "working_leg" in told:
        told["working_leg"] = MIRROR[told["working_leg"]]
    return told


@plans_of
@given(some_findings(limits=True) | some_findings(), ANY_INTAKE | INTAKE)
def test_no_text_has_a_hole_in_it(findings, intake):
    one = plan(findings, intake)
    lines = [
        one.summary, *one.referral, *one.gates, *one.retest, *one.safety, *one.hypotheses, *one.notes,
        *one.film_next, *(entry.text for entry in one.considered),
        *(week.focus for week in one.weeks), *(week.feedback or "" for week in one.weeks),
        *(text for dose in doses(one) for text in (dose.why, *dose.cues, *dose.cautions)),
    ]  # fmt: skip
    for line in lines:
        assert not re.search(r"[{}]|\bNone\b|\bnan\b|  |\(\)|: \.|; ;", line), line
        assert line == line.strip()
    assert one.summary


@few
@given(some_findings(limits=True), ANY_INTAKE)
def test_what_stops_a_plan_stops_it(findings, intake):
    """Pain above 5 and every flag that no doctor cleared come before all findings."""
    one = plan(findings, intake)
    clears = {
        flag for group in RAW_RULES["red_flags"] if group.get("doctor_may_clear") for flag in group["flags"]
    }
    held = set(intake.red_flags) | (
        {"child_joint_pain"} if intake.age_group == "under_16" and intake.pain else set()
    )
    stopped = held - (clears if intake.doctor_agreed else set())
    if stopped or intake.pain > RAW["defaults"]["pain_rule"]["stop_above"]:
        assert one.status == "none" and one.referral and one.safety and not one.weeks
    else:
        assert not one.referral or one.status == "none"
