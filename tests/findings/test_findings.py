from dataclasses import replace

import pytest
from made_curves import FRONT, GOOD, leg_summary, rep, rep_leg, summaries

from knee_track.findings.events import LateralEvent
from knee_track.findings.findings import list_findings
from knee_track.findings.whole_set import WholeSet
from knee_track.results import Event, Frontal, Quality
from knee_track.settings import Settings, load_settings

SETTINGS = Settings()


def reps(left=(1.0,) * 5, right=(1.0,) * 5, **more):
    return [
        rep(i, rep_leg(a, "none"), rep_leg(b, "none"), **more)
        for i, (a, b) in enumerate(zip(left, right, strict=True), start=1)
    ]


def event(number, phase="bottom", phases=None, leg="left"):
    return Event(
        leg=leg,
        rep=number,
        phase=phase,
        phases=phases or [phase],
        start_s=0.0,
        end_s=0.3,
        peak_s=0.1,
        peak_deviation_deg=8.0,
        band_deg=2.0,
        mean_deviation_deg=6.0,
        peak_offset_pct_shank=14.0,
        grade="moderate",
        static=False,
        confidence=0.9,
    )


CLEAN = WholeSet(movement="squat", view=FRONT, reps=reps(), events=[], legs=summaries(), quality=GOOD)
MEDIAL = leg_summary("moderate", 8.2, worst_grade="severe", reps_with_events=4)


def found(result, settings=SETTINGS):
    return {finding.id: finding for finding in list_findings(result, settings)}


def medial_left(phases=("bottom",), **more):
    events = [event(n, phases[0], list(phases)) for n in (1, 2, 3, 4)]
    return replace(CLEAN, legs=summaries(left=MEDIAL), events=events, **more)


def test_nothing_wrong_is_said_with_its_numbers():
    findings = found(CLEAN)
    assert list(findings) == ["good_tracking"]
    assert "left 1.0° ± 2.0°; right 1.0° ± 2.0°" in findings["good_tracking"].text


def test_medial_knee_of_one_leg():
    findings = found(medial_left(("early_ascent", "late_ascent")))
    medial = findings["medial_knee"]
    assert medial.leg == "left"
    assert medial.evidence["grade"] == "moderate"
    assert medial.evidence["left"]["phases"] == {"early_ascent": 4}
    assert medial.text == (
        "The left knee goes 8.2° ± 2.0° inside the line over the third toe (median rep): moderate, "
        "in 4 of 5 reps, mostly early on the way up."
    )
    assert "good_tracking" not in findings


def test_medial_knees_of_both_legs_are_one_finding_of_the_worse_grade():
    legs = summaries(left=MEDIAL, right=leg_summary("severe", 12.0, borderline=True))
    findings = found(replace(CLEAN, legs=legs))
    medial = findings["medial_knee"]
    assert (medial.leg, medial.evidence["grade"]) == ("both", "severe")
    assert "left knee goes 8.2°" in medial.text and "right knee goes 12.0°" in medial.text
    assert medial.text.count("borderline") == 1


def test_intermittent_knee_is_its_own_finding():
    leg = leg_summary("intermittent", 2.0, worst_grade="mild", reps_with_events=2)
    findings = found(
        replace(CLEAN, legs=summaries(right=leg), events=[event(2, leg="right"), event(4, leg="right")])
    )
    assert findings["intermittent_medial_knee"].leg == "right"
    assert "2 of 5 reps, at worst mild" in findings["intermittent_medial_knee"].text
    assert not {"medial_knee", "good_tracking"} & set(findings)


@pytest.mark.parametrize(
    ("phases", "name"),
    [
        (("descent",), "descent_only"),
        (("bottom",), "bottom_only"),
        (("early_ascent", "late_ascent"), "ascent_only"),
        (("bottom", "early_ascent"), "ascent_only"),
        (("descent", "bottom"), None),
        (("descent", "bottom", "early_ascent"), None),
    ],
)
def test_phase_findings_need_every_event_to_keep_to_the_phase(phases, name):
    only = {"descent_only", "bottom_only", "ascent_only"}
    assert set(found(medial_left(phases))) & only == ({name} if name else set())


def test_one_event_elsewhere_ends_a_phase_finding():
    result = medial_left(("descent",))
    mixed = replace(result, events=[*result.events, event(5, "late_ascent")])
    assert not {"descent_only", "ascent_only"} & set(found(mixed))


def test_asymmetry_needs_limit_band_and_a_camera_that_is_not_suspect():
    result = medial_left(asymmetry_deg=7.2, asymmetry_band_deg=2.8)
    finding = found(result)["asymmetric_medial_knee"]
    assert (finding.leg, finding.evidence["asymmetry_deg"]) == ("left", 7.2)
    for change in (
        {"asymmetry_deg": 4.9},
        {"asymmetry_band_deg": 7.5},
        {"asymmetry_deg": -7.2},  # the right leg would be the worse one, and it is fine
        {"drift_suspected": True},
    ):
        assert "asymmetric_medial_knee" not in found(replace(result, **change))
    higher = load_settings(None, ["grade.asymmetry_deg=8"])
    assert "asymmetric_medial_knee" not in found(result, higher)


def test_worsening_over_the_set():
    finding = found(medial_left(reps=reps(left=(4.0, 5.0, 6.0, 8.5, 9.5))))["worsening"]
    assert finding.leg == "left"
    assert "4.5° ± 3.0° further inside" in finding.text
    assert "worsening" not in found(medial_left(reps=reps(left=(8.0,) * 5)))


@pytest.mark.parametrize(
    ("peaks_deg", "name"),
    [
        ((-9.0, -9.0, -9.0), "lateral_knee"),
        ((-5.0, -5.0, -5.0), "lateral_drift"),
        ((-9.0, -9.0), None),  # two of five reps: the median rep has none
    ],
)
def test_knees_too_far_out(peaks_deg, name):
    lateral = [LateralEvent("right", n, 0.0, 0.5, peak) for n, peak in enumerate(peaks_deg, start=1)]
    findings = found(replace(CLEAN, lateral_events=lateral))
    assert set(findings) & {"lateral_knee", "lateral_drift"} == ({name} if name else set())
    if name:
        assert findings[name].leg == "right"
        assert f"{-peaks_deg[0]:.1f}° outside" in findings[name].text
    assert ("good_tracking" in findings) == (name != "lateral_knee")


@pytest.mark.parametrize(("hka_deg", "direction"), [(9.5, "knock_knee"), (-9.5, "bow_leg"), (8.5, None)])
def test_static_alignment_says_its_direction(hka_deg, direction):
    findings = found(replace(CLEAN, legs=summaries(left=leg_summary(standing_hka_deg=hka_deg))))
    if direction is None:
        assert "static_alignment" not in findings
    else:
        assert findings["static_alignment"].leg == "left"
        assert findings["static_alignment"].evidence["direction"] == direction


def sway(name, value, band, **more):
    frontal = Frontal(**{name[0]: value, name[1]: band})
    return replace(CLEAN, reps=reps(frontal=frontal, **more))


DROP = ("pelvic_drop_deg", "pelvic_drop_band_deg")
LEAN = ("trunk_lean_deg", "trunk_lean_band_deg")
SHIFT = ("hip_shift_pct_hips", "hip_shift_band_pct_hips")


@pytest.mark.parametrize(("sign", "side"), [(1, "left"), (-1, "right")])
@pytest.mark.parametrize(
    ("name", "fields", "size"),
    [("pelvic_drop", DROP, 7.0), ("trunk_lean", LEAN, 7.0), ("hip_shift", SHIFT, 15.0)],
)
def test_side_of_pelvis_trunk_and_hips(name, fields, size, sign, side):
    finding = found(sway(fields, sign * size, 4.0))[name]
    assert finding.leg == side
    assert f"{size:.1f}" in finding.text and f"± {4.0:.1f}" in finding.text
    assert name not in found(sway(fields, sign * 4.5, 4.0))  # below the limit
    assert name not in found(sway(fields, sign * size, 2 * size))  # inside its own band


def test_hips_belong_over_the_standing_leg():
    assert "hip_shift" not in found(sway(SHIFT, 40.0, 6.0, working_leg="left"))
    assert "on the left leg" in found(sway(DROP, -9.0, 6.0, working_leg="left"))["pelvic_drop"].text


def test_feet_turned_out_far():
    result = replace(CLEAN, legs=summaries(right=leg_summary(toe_out_deg=33.0, toe_out_band_deg=4.0)))
    assert found(result)["toe_out_wide"].leg == "right"
    assert "toe_out_wide" not in found(replace(result, movement="deadlift"))


def test_shallow_reps():
    assert "52°" in found(replace(CLEAN, reps=reps(flexion_deg=52.0)))["shallow_depth"].text
    assert "shallow_depth" not in found(replace(CLEAN, reps=reps(flexion_deg=61.0)))


def test_limits_stand_alone_when_nothing_else_can_be_said():
    refused = FRONT.model_copy(update={"usable": False, "reasons": ["camera stands 60° to the side"]})
    findings = found(medial_left(view=refused))
    assert list(findings) == ["view_refused"]
    assert findings["view_refused"].text == "The knees were not measured: camera stands 60° to the side."
    assert list(found(replace(CLEAN, reps=[]))) == ["no_reps"]
    assert list(found(medial_left(quality=Quality(level="unusable")))) == ["low_quality"]


def test_low_quality_is_said_first_and_never_called_good():
    low = Quality(level="low", warnings=["The clip has 1 cut; film in one go."])
    assert list(found(replace(CLEAN, quality=low))) == ["low_quality"]
    assert list(found(medial_left(quality=low)))[:2] == ["low_quality", "medial_knee"]


def test_unmeasured_leg_is_not_called_good():
    unknown = leg_summary("unknown", None, band_deg=None)
    assert "good_tracking" not in found(replace(CLEAN, legs=summaries(right=unknown)))
