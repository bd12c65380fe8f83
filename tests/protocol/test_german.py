"""The plan in German: whole sentences with the numbers of the English ones."""

import re
import string
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from addon_cases import clip, other, single
from plan_cases import analysis_of, found
from typer.testing import CliRunner

from knee_track.cli import app
from knee_track.findings.asymmetry import roll_warning
from knee_track.findings.events import LateralEvent
from knee_track.findings.findings import list_findings
from knee_track.findings.quality import ClipFacts, assess_quality
from knee_track.findings.whole_set import WholeSet
from knee_track.geometry import measure, view
from knee_track.pose.client import several_people
from knee_track.pose.swaps import PARTS
from knee_track.pose.swaps import _sentence as swaps_sentence
from knee_track.protocol import library as library_module
from knee_track.protocol.addon import assess
from knee_track.protocol.catalogue import load_catalogue
from knee_track.protocol.intake import Intake
from knee_track.protocol.markdown import protocol_markdown
from knee_track.protocol.messages import translated
from knee_track.protocol.plan import build_protocol
from knee_track.protocol.seen import finding_sentence, sentence_of
from knee_track.report.assessment import with_open_ends
from knee_track.results import (
    Event,
    Frontal,
    LegSummaries,
    LegSummary,
    Quality,
    Rep,
    RepLeg,
    RepLegs,
    View,
)
from knee_track.settings import Settings

SETTINGS = Settings()
ENGLISH, GERMAN = load_catalogue("en"), load_catalogue("de")
TEXTS = Path(library_module.__file__).parent / "texts"
FRONT = View(name="front", yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0, mirrored=False, usable=True)
PROTOCOL = TEXTS.parent


# ------------------------------------------------------------ sets whose findings the findings package makes
def event(leg, rep, *phases):
    return Event(
        leg=leg, rep=rep, phase=phases[0], phases=list(phases), start_s=0.0, end_s=0.3, peak_s=0.1,
        peak_deviation_deg=8.0, band_deg=2.0, mean_deviation_deg=6.0, peak_offset_pct_shank=14.0,
        grade="moderate", static=False, confidence=0.9,
    )  # fmt: skip


def one_leg(peak_deg, shallow):
    return RepLeg(
        peak_deviation_deg=peak_deg, band_deg=2.3, excursion_deg=None, peak_offset_pct_shank=None,
        toe=None, peak_phase=None, grade="none", shallow=shallow,
    )  # fmt: skip


def reps(left, right, *, working="both", flexion_deg=90.0, shallow=False, **frontal):
    return [
        Rep(
            index=i, start_s=3.0 * i, bottom_s=3.0 * i + 1, end_s=3.0 * i + 2, depth=0.4,
            knee_flexion_deg=flexion_deg, working_leg=working,
            legs=RepLegs(
                left=one_leg(a, shallow) if working != "right" else None,
                right=one_leg(b, shallow) if working != "left" else None,
            ),
            frontal=Frontal(**frontal),
        )
        for i, (a, b) in enumerate(zip(left, right, strict=True), start=1)
    ]  # fmt: skip


def summary(grade="none", median_deg=1.04, **more):
    fields = {"worst_grade": grade, "reps_with_events": 0, "band_deg": 2.06, "borderline": False,
              "standing_deviation_deg": 4.5, "standing_hka_deg": 0.0}  # fmt: skip
    return LegSummary(grade=grade, median_peak_deviation_deg=median_deg, **{**fields, **more})


def whole_set(left=None, right=None, made=None, **more):
    fields = {"movement": "squat", "view": FRONT, "events": [], "quality": Quality(level="high")}
    legs = LegSummaries(left=left or summary(), right=right or summary())
    return WholeSet(legs=legs, reps=made or reps((1.0,) * 5, (1.0,) * 5), **{**fields, **more})


SWAY = {
    "pelvic_drop_deg": 8.44, "pelvic_drop_band_deg": 3.02, "trunk_lean_deg": -9.9, "trunk_lean_band_deg": 2.0,
    "hip_shift_pct_hips": 14.6, "hip_shift_band_pct_hips": 4.1,
}  # fmt: skip
MODERATE = summary("moderate", 8.24, worst_grade="severe", reps_with_events=4, borderline=True)
REFUSED = FRONT.model_copy(update={"usable": False, "name": "side"})
SETS = {
    "good": whole_set(summary(borderline=True)),
    "one leg, early": whole_set(
        MODERATE,
        events=[event("left", n, "early_ascent", "late_ascent") for n in (1, 2, 3, 4)],
        asymmetry_deg=7.2,
        asymmetry_band_deg=3.4,
    ),
    "both legs, shallow": whole_set(
        MODERATE,
        summary("severe", 12.0, band_deg=None, reps_with_events=5),
        reps((5, 5, 8, 11, 11), (9, 9, 12, 16, 16), flexion_deg=51.6, shallow=True),
        events=[event("left", n, "descent") for n in (1, 2)] + [event("right", 1, "bottom")],
        asymmetry_deg=-6.6,
        asymmetry_band_deg=4.4,
    ),
    "now and then": whole_set(
        summary("intermittent", 3.0, worst_grade="moderate", reps_with_events=2),
        summary("intermittent", 2.2, worst_grade="mild", reps_with_events=1),
        events=[event("left", 1, "bottom"), event("right", 2, "late_ascent")],
    ),
    "outside": whole_set(
        lateral_events=[LateralEvent("left", n, 0, 1, -9.2) for n in (1, 2, 3)]
        + [LateralEvent("right", n, 0, 1, -5.3) for n in (1, 2, 3, 4)],
    ),
    "legs and feet": whole_set(
        summary(standing_hka_deg=11.3, toe_out_deg=41.2, toe_out_band_deg=5.5),
        summary(standing_hka_deg=-12.6, toe_out_deg=44.4),
    ),
    "sways": whole_set(made=reps((1.0,) * 5, (1.0,) * 5, **SWAY)),
    "sways on one leg": whole_set(
        made=reps((1.0,) * 5, (1.0,) * 5, working="right", **SWAY), movement="single_leg_squat"
    ),
    "one rep": whole_set(MODERATE, made=reps((8.2,), (1.0,)), events=[event("left", 1, "descent")]),
    "nothing": replace(whole_set(), reps=[]),
    "low": whole_set(
        MODERATE,
        quality=assess_quality(
            ClipFacts(fps=12, reps=2, cuts_s=[1.25, 7.5], invisible_share=0.3, yaw_deg=30.0), SETTINGS.quality
        ),
    ),
}
for name, turn in (("side", 73.2), ("behind", 178.0), ("lost", float("nan"))):
    SETS[name] = whole_set(
        view=REFUSED.model_copy(update={"reasons": [view.refusal(turn, SETTINGS.view)]}),
    )


def numbers(text):
    return sorted(re.findall(r"[−+]?\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", text)))


@pytest.mark.parametrize("name", SETS)
def test_german_findings_hold_every_number_of_the_english_ones(name):
    findings = list_findings(SETS[name], SETTINGS)
    assert findings
    for finding in findings:
        german = finding_sentence(finding, GERMAN)
        assert numbers(german) == numbers(finding.text), german
        assert (
            german[0].isupper() and german[-1] == "." and not re.search(r"\d\.\d|[{}]|\b(the|knee)\b", german)
        )


def test_the_sets_hold_every_finding_of_a_clip():
    made = {finding.id for one in SETS.values() for finding in list_findings(one, SETTINGS)}
    rules = yaml.safe_load((PROTOCOL / "rules.yaml").read_text(encoding="utf-8"))
    assert made == {name for name, source in rules["findings"].items() if source == "clip"}


@pytest.mark.parametrize("name", SETS)
def test_the_catalogue_says_in_english_what_the_analysis_says(name):
    for finding in list_findings(SETS[name], SETTINGS):
        said = sentence_of(finding, ENGLISH)
        if finding.id in ("no_reps", "shallow_depth"):  # whole sentences of `messages`
            assert said is None and translated(finding.text, GERMAN)
        else:
            assert said == finding.text


def test_without_numbers_the_short_form_is_left():
    assert (
        finding_sentence(found("medial_knee", "left"), GERMAN) == "Ein Knie innen von seiner Linie (links)."
    )
    assert finding_sentence(found("heel_rise", "both"), GERMAN) == "Fersen, die abheben (links und rechts)."


# ------------------------------------------------------------ sentences that the analysis gives as they are
def warnings():
    """What reading, measuring and judging a clip may warn of."""
    poor = {
        "fps": 12, "reps": 2, "cuts_s": [1.25, 7.5], "invisible_share": 0.3, "missing_share": 0.3,
        "camera_motion_share": 0.5, "fit_residual_share": 0.5, "settled": False, "hand_held": True,
    }  # fmt: skip
    for changes in ({"yaw_deg": 30.0}, {"yaw_deg": -30.0, "reps": 1}, {"reps": 0, "filmed": False}):
        yield from assess_quality(ClipFacts(**{**poor, **changes}), SETTINGS.quality).warnings
    yield roll_warning(-4.4)
    for turn in (73.0, -120.0, 179.0, float("nan")):
        yield view.refusal(turn, SETTINGS.view)
        yield f"rep 2: {view.refusal(turn, SETTINGS.view)}"
        yield f"reps 1, 3: {view.refusal(turn, SETTINGS.view)}"
    yield from (measure.NO_MATCH, measure.WALKING_CAMERA)
    yield "The movement was declared as single-leg squat, but looks like squat."
    yield "The working leg was declared as left, but looks like right in 4 of 5 reps."
    yield "which leg works could not be told; declare it with --leg"
    yield "too few frames show both the knee and the whole foot"
    yield "The marked left third toe was not used: that foot stood elsewhere then."
    swapped = np.arange(12) % 2 == 1
    for part in PARTS:
        yield swaps_sentence(part, np.arange(12) / 10, swapped)
        yield swaps_sentence(part, np.arange(12) / 10, swapped & (np.arange(12) > 9))
    yield "The file ends early: 12.5 s were announced, 7.1 s could be read."


@pytest.mark.parametrize("text", dict.fromkeys(warnings()))
def test_reasons_and_warnings_are_told_in_german(text):
    german = translated(text, GERMAN)
    assert german is not None and numbers(german) == numbers(text)
    assert not re.search(r"(?<!-)\b(the|leg|left|right|film|of|and)\b", german), german
    assert translated(text, ENGLISH) == text


def test_who_was_measured_is_told_in_german():
    one, two = object(), object()
    (text,) = several_people(two, [one, two], 3.2)
    assert translated(text, GERMAN) == (
        "2 Menschen sind im Bild (bei 3,2 s); gemessen wurde Nummer 2 von links, eine andere Person wählt "
        "--person N."
    )


def test_a_sentence_that_nobody_knows_stays_as_it_is():
    assert translated("The moon is full.", GERMAN) is None
    refused = found("view_refused", reasons=["the moon is full"], view="side")
    assert finding_sentence(refused, GERMAN) == "Die Knie wurden nicht gemessen: the moon is full."


def test_a_refusal_keeps_its_reason_and_its_nouns():
    (finding,) = list_findings(SETS["side"], SETTINGS)
    plan = build_protocol([finding], language="de")
    assert plan.summary.endswith(
        "Die Knie wurden nicht gemessen: die Kamera steht um 73° zur Seite versetzt; von vorn filmen, "
        "auf Kniehöhe, aus 2,5 bis 3 m Entfernung."
    )


# ------------------------------------------------------------ add-on tests
def german(natural, **tests):
    return assess(natural, **tests, language="de")


TESTS = {
    "unclear": {"cued": other(4.5)},
    "over": {"cued": other(-8.04)},
    "depth": {"cued": other(2, depth=0.5)},
    "heels": {"heel_lift": other(2, depth=0.5)},
    "no response": {"heel_lift": other(6.9)},
    "few": {"cued": other(2, reps=2)},
    "low": {"cued": other(2, level="low")},
    "refused": {"cued": other(2, findings=list_findings(SETS["side"], SETTINGS), level="low")},
    "single": {"single_left": single("left", 2.2)},
    "single seen": {
        "single_left": single(
            "left", says=list_findings(
                whole_set(made=reps((1.0,) * 5, (1.0,) * 5, working="left",
                                    **{**SWAY, "pelvic_drop_deg": -8.4}), movement="single_leg_squat"),
                SETTINGS)[-2:-1],
        )
    },
    "single refused": {
        "single_left": single("left", says=list_findings(SETS["low"], SETTINGS)[:1], level="low")
    },
    "wall": {"knee_to_wall": {"left": 8.5, "right": 11.0}},
    "days": {"cued": other(2, source={"recorded_at": "2026-11-02T10:00:00"})},
}  # fmt: skip


@pytest.mark.parametrize("name", TESTS)
def test_every_line_of_the_tests_holds_the_same_numbers_in_german(name):
    natural = clip(7.3, source={"recorded_at": "2026-11-01T10:00:00"})
    english, told = assess(natural, **TESTS[name]), german(natural, **TESTS[name])
    lines = [[one.line for one in english.results], [one.line_in(GERMAN) for one in told.results]]
    for one, other_ in [
        *zip(*lines, strict=True),
        *zip(english.notes, told.notes, strict=True),
        *zip(english.open_ends, told.open_ends, strict=True),
        *zip((r.text for r in english.route), (r.text for r in told.route), strict=True),
    ]:
        assert numbers(one) == numbers(other_)
        assert not re.search(r"\b(the|left|right|with|knee|film|change)\b", other_), other_
    assert [one.verdict for one in english.results] == [one.verdict for one in told.results]
    added = {"cue_responsive", "cue_nonresponsive", "heel_lift_positive", "heel_lift_negative",
             "knee_to_wall_short", "pelvic_drop", "trunk_lean"}  # fmt: skip
    for finding in english.findings:
        if finding.id in added:
            assert sentence_of(finding, ENGLISH) == finding.text
            assert numbers(finding_sentence(finding, GERMAN)) == numbers(finding.text)


def test_a_german_plan_opens_with_what_the_tests_left_open():
    told = german(clip(7.0), cued=other(4.5))
    plan = build_protocol(told.findings, language="de")
    assert with_open_ends(plan, told).notes[0] == (
        "Hinweistest, links: unklar, von +7,0° auf +4,5°, Änderung −2,5° ± 4,2° "
        "(−36 %, von mittel auf leicht); weniger als die 3°, die sich in einer Einheit zeigen lassen: "
        "beides noch einmal filmen, mit mehr als 5 Wiederholungen."
    )
    with pytest.raises(ValueError, match="plan in de"):
        with_open_ends(plan, assess(clip(7.0), cued=other(4.5)))


def test_the_command_writes_the_open_ends_in_german_and_the_record_in_english(tmp_path):
    arguments = ["assess", "--language", "de", "-o", str(tmp_path)]
    for name, analysis in (("natural", clip(7.0)), ("cued", other(4.5))):
        path = tmp_path / f"{name}_kneetrack" / "analysis.json"
        path.parent.mkdir()
        path.write_text(analysis.model_dump_json(), encoding="utf-8")
        arguments += [f"--{name}", str(path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    page, record = (
        (tmp_path / "assess_kneetrack" / name).read_text(encoding="utf-8")
        for name in ("protocol.md", "assessment.json")
    )
    assert "- Hinweistest, links: unklar, von +7,0° auf +4,5°" in page and "Cue test" not in page
    assert "unclear, +7.0° to +4.5°" in record and "Hinweistest, links" not in record


# ------------------------------------------------------------ the page and the questions
def test_the_whole_page_has_german_dashes_and_decimals():
    analysis = analysis_of(list_findings(SETS["both legs, shallow"], SETTINGS))
    plan = build_protocol(analysis.findings, Intake(minutes=30, pain=3), language="de")
    text = protocol_markdown(plan, analysis)
    assert "8,2° ± 2,1°" in text and "Wochen 1–2" in text
    assert re.findall(r"(?<![\d-])\d+-\d+(?![\d-])|\d\.\d", text) == []  # 3-1-2 is a tempo


@pytest.mark.parametrize(
    ("answer", "cleared"), [("j", True), ("Ja", True), ("yes", True), ("", False), ("n", False)]
)
def test_yes_and_no_are_asked_in_german(tmp_path, answer, cleared):
    path = tmp_path / "analysis.json"
    path.write_text(analysis_of([found("medial_knee", "left")]).model_dump_json(), encoding="utf-8")
    arguments = ["protocol", str(path), "--ask", "--language", "de", "-o", str(tmp_path / "plan")]
    result = CliRunner().invoke(app, arguments, input=f"17\nvielleicht\n{answer}\n11\n6\n")
    assert "zugestimmt? (j/N)" in result.output and "[y/N]" not in result.output
    assert result.output.count("Das war keine der Antworten") == (2 if cleared else 1)
    assert ("Keine Belastung: Schmerz 6/10" in result.output) == cleared


# ------------------------------------------------------------ how the texts are written
def leaves(tree):
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else None
    return [tree] if parts is None else [text for part in parts for text in leaves(part)]


def test_german_ranges_have_their_dash():
    texts = [str(text) for text in leaves(yaml.safe_load((TEXTS / "de.yaml").read_text(encoding="utf-8")))]
    hyphened = [text for text in texts if re.search(r"(?<![\d-])[\d}]+-[\d{]+(?!\d*-)", text)]
    assert hyphened == []


def test_messages_have_no_gap_beside_a_gap():
    for template in ENGLISH.table("messages").values():
        gaps = [literal for literal, name, *_ in string.Formatter().parse(template) if name]
        assert all(gaps[1:]), template
