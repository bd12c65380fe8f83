"""Re-test: each case stated from measurement.md §8 (3° same session, 5° with the same toes, 7° without)."""

import pytest
from plan_cases import analysis_of, found
from typer.testing import CliRunner

from knee_track.cli import app
from knee_track.errors import UsageError
from knee_track.protocol.library import load_library
from knee_track.protocol.retest import compare
from knee_track.results import Calibration, Client, MarkedToes, Rep, RepLeg, RepLegs

DEFAULTS = load_library().defaults


def rep_leg(peak_deg):
    return RepLeg(
        peak_deviation_deg=peak_deg, band_deg=3, excursion_deg=None, peak_offset_pct_shank=None, toe=None,
        peak_phase=None, grade="unknown",
    )  # fmt: skip


def grade_of(peak_deg):
    """measurement.md §8, by median."""
    return "none" if peak_deg < 4 else "mild" if peak_deg < 7 else "moderate" if peak_deg < 11 else "severe"


def clip(left, right, *, reps=5, depth=0.4, sha="a", findings=(), **changes):
    """An analysis whose reps all show these peak deviations; None is a leg that was not measured."""
    analysis = analysis_of(list(findings) or [found("medial_knee", "both")])
    legs = RepLegs(
        **{leg: None if deg is None else rep_leg(deg) for leg, deg in (("left", left), ("right", right))}
    )
    made = [
        Rep(index=i + 1, start_s=3 * i, bottom_s=3 * i + 1, end_s=3 * i + 2, depth=depth,
            knee_flexion_deg=None, working_leg="both", legs=legs)
        for i in range(reps)
    ]  # fmt: skip
    summaries = analysis.legs.model_copy(
        update={
            leg: analysis.legs.left.model_copy(update={"grade": grade_of(deg), "band_deg": 3.0})
            for leg, deg in (("left", left), ("right", right))
            if deg is not None
        }
    )
    source = analysis.source.model_copy(update={"sha256": sha, **changes.pop("source", {})})
    return analysis.model_copy(update={"reps": made, "legs": summaries, "source": source, **changes})


def again(left, right, **changes):
    return clip(left, right, sha="b", **changes)


def changes(result):
    return {one.leg: one.change for one in result.legs}


TOES = {"calibration": Calibration(third_toe=MarkedToes(left_px=(1, 2), right_px=(3, 4)))}


@pytest.mark.parametrize(
    ("options", "marks", "limit"), [({"same_session": True}, {}, 3), ({}, TOES, 5), ({}, {}, 7)]
)
def test_a_change_counts_only_beyond_the_minimum_detectable_one(options, marks, limit):
    before = clip(12, 12, **marks)
    below = compare(before, again(12 - limit, 12 + limit, **marks), DEFAULTS, **options)
    assert changes(below) == {"left": "unchanged", "right": "unchanged"}
    beyond = compare(before, again(12 - limit - 0.1, 12 + limit + 0.1, **marks), DEFAULTS, **options)
    assert changes(beyond) == {"left": "improved", "right": "worse"}
    assert {one.detectable_deg for one in beyond.legs} == {limit}


def test_toes_marked_in_one_clip_alone_or_on_one_leg_alone_do_not_lower_the_limit():
    one_leg = {"calibration": Calibration(third_toe=MarkedToes(left_px=(1, 2)))}
    result = compare(clip(12, 12, **TOES), again(6, 6, **one_leg), DEFAULTS)
    assert changes(result) == {"left": "improved", "right": "unchanged"}
    assert changes(compare(clip(12, 12, **TOES), again(6, 6), DEFAULTS))["left"] == "unchanged"


def test_means_changes_and_bands_are_those_of_the_reps():
    left = compare(clip(12, 12), again(2, 12), DEFAULTS).legs[0]
    assert (left.before_deg, left.after_deg, left.change_deg) == (12, 2, -10)
    assert left.band_deg == pytest.approx(3 * 2**0.5)


def test_nearer_to_the_line_is_better_from_either_side():
    assert changes(compare(clip(9, -12), again(-3, -2), DEFAULTS)) == {
        "left": "improved",
        "right": "improved",
    }
    assert changes(compare(clip(5, 5), again(-9, 5), DEFAULTS))["left"] == "worse"


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (6, -3, "improved"),  # over the line, and on it now
        (6, -5.5, "worse"),  # half a degree nearer is no gain, and it is off the line on the other side
        (14, -5, "improved"),  # off the line, but nearer by 9°
        (-3, 4.5, "worse"),
    ],
)
def test_a_knee_that_changes_sides(before, after, change):
    assert changes(compare(clip(before, 12), again(after, 12), DEFAULTS))["left"] == change


def test_two_parts_of_one_recording_are_a_fair_pair():
    result = compare(clip(12, 12, sha="a"), clip(6, 6, sha="a"), DEFAULTS, same_session=True)
    assert changes(result) == {"left": "improved", "right": "improved"}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"reps": 4}, {}, "4 measured reps before"),
        ({}, {"reps": 4}, "4 measured reps after"),
        ({}, {"depth": 0.46}, "mean depth 0.40 before and 0.46 after"),
        ({}, {"depth": 0.34}, "mean depth"),
    ],
)
def test_too_few_reps_or_another_depth_cannot_be_compared(before, after, words):
    result = compare(clip(12, 12, **before), again(2, 2, **after), DEFAULTS)
    assert set(changes(result).values()) == {"not comparable"}
    assert all(words in one.reason and one.change_deg is None for one in result.legs)
    assert result.step == "hold"


def test_five_reps_within_five_hundredths_of_depth_can():
    assert changes(compare(clip(12, 12), again(2, 2, depth=0.45), DEFAULTS))["left"] == "improved"


def test_low_quality_is_not_compared():
    low = clip(2, 2).quality.model_copy(update={"level": "low"})
    result = compare(clip(12, 12), again(2, 2, quality=low), DEFAULTS)
    assert "low quality" in result.legs[0].reason


@pytest.mark.parametrize(
    ("before", "after", "pain", "step"),
    [
        ((12, 12), (3, 6), None, "on"),  # none and mild
        ((12, 12), (3, 6), 2, "on"),
        ((12, 12), (3, 6), 3, "back"),
        ((12, 12), (3, 6), 5, "back"),
        ((12, 12), (3, 6), 6, "none"),
        ((20, 20), (9, 9), 0, "hold"),  # improved, still moderate
        ((9, 9), (9, 9), 0, "hold"),
        ((3, 12), (12, 3), 0, "back"),  # one leg better, one worse
        ((-4, 6), (4, 6), 0, "hold"),  # worse, still mild
        ((6, 6), (6, 6), 0, "on"),  # the gate is the grade, not the change
    ],
)
def test_the_plan_moves_on_holds_or_steps_back(before, after, pain, step):
    assert compare(clip(*before), again(*after), DEFAULTS, pain=pain).step == step


def test_knees_pushed_too_far_out_do_not_open_the_next_stage():
    for leg in ("left", "right", "both"):  # the finding decides, on whichever leg
        out = again(-4.5, 3, findings=[found("lateral_knee", leg)])
        assert compare(clip(12, 3), out, DEFAULTS).step == "hold"
    assert compare(clip(12, 3), again(-4.5, 3), DEFAULTS).step == "on"
    worse = again(-9, 3, findings=[found("lateral_knee", "left")])
    assert compare(clip(12, 3), worse, DEFAULTS).step == "back"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({}, {"sha": "a"}, "same reps"),
        ({"client": Client(id="c1")}, {"client": Client(id="c2")}, "clients c1 and c2"),
        ({}, {"movement": "lunge"}, "movements differ"),
        ({"source": {"recorded_at": "2026-11-02T10:00:00"}},
         {"source": {"recorded_at": "2026-11-01T10:00:00"}}, "earlier one first"),
    ],
)  # fmt: skip
def test_two_analyses_that_do_not_belong_together_are_refused(before, after, words):
    with pytest.raises(UsageError, match=words):
        compare(clip(12, 12, **before), clip(12, 12, **{"sha": "b", **after}), DEFAULTS)


def test_the_order_of_two_recordings_is_that_of_their_moments_not_of_their_text():
    before = clip(12, 12, source={"recorded_at": "2026-11-01T10:00:00+02:00"})
    after = again(2, 2, source={"recorded_at": "2026-11-01T09:00:00+00:00"})
    assert changes(compare(before, after, DEFAULTS))["left"] == "improved"


def run(tmp_path, before, after, *options):
    paths = []
    for name, analysis in (("before", before), ("after", after)):
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(analysis.model_dump_json(), encoding="utf-8")
    return CliRunner().invoke(app, ["compare", *map(str, paths), *options])


def test_the_command_says_change_band_and_next_weeks(tmp_path):
    result = run(tmp_path, clip(12, 12), again(2, 3), "--week", "2", "--pain", "1")
    assert result.exit_code == 0, result.output
    assert "Left: improved, mean of 5 and 5 reps +12.0° to +2.0°, change −10.0° ± 4.2°" in result.output
    assert "counts above 7°" in result.output and "weeks 3-4" in result.output


@pytest.mark.parametrize(("week", "after", "weeks"), [("4", (20, 12), "1-2"), ("4", (12, 12), "3-4")])
def test_the_command_names_the_stage_to_repeat_or_to_go_back_to(tmp_path, week, after, weeks):
    assert f"weeks {weeks}" in run(tmp_path, clip(12, 12), again(*after), "--week", week).output


def test_the_command_fails_when_no_leg_can_be_compared(tmp_path):
    assert run(tmp_path, clip(12, 12, reps=3), again(2, 2)).exit_code == 1


def test_a_week_of_no_plan_is_a_usage_error(tmp_path):
    none = analysis_of([found("low_quality")]).protocol
    error = run(tmp_path, clip(12, 12, protocol=none), again(2, 2), "--week", "1").exception
    assert isinstance(error, UsageError) and "holds no plan" in str(error)


def test_a_week_outside_the_plan_is_a_usage_error(tmp_path):
    error = run(tmp_path, clip(12, 12), again(2, 2), "--week", "9").exception
    assert isinstance(error, UsageError) and "8 weeks" in str(error)
