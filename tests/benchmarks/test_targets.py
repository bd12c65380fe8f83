"""The targets and the split, on scores whose errors are known."""

from dataclasses import replace
from pathlib import Path

import pytest
from made_scores import clip_score, leg_score, refused_leg

from benchmarks.agreement import EventTally, Measurement
from benchmarks.conditions import NEAR, band_of, origins
from benchmarks.learned import LEARNED, LEARNED_ON, REPORTED, judged, read_learned, split
from benchmarks.random_clips import special
from benchmarks.tables import origin_table, phase_table
from benchmarks.targets import (
    TARGETS,
    acceptance_check,
    accuracy_check,
    check_targets,
    coverage_check,
    targets_text,
    view_check,
)
from knee_track.errors import UsageError
from knee_track.settings import Settings

SETTINGS = Settings()


def clips_with_errors(errors, count=10, slope=1.0, **changes):
    """Clips with true peaks of 6 and 10°, read with these errors and this slope about 8°."""
    legs = [leg_score(true, error + (slope - 1.0) * (true - 8.0)) for true in (6.0, 10.0) for error in errors]
    return [clip_score(legs, f"r{i:02d}", **changes) for i in range(count)]


def near(clips):
    return accuracy_check(NEAR, clips, TARGETS[NEAR], SETTINGS)


# --- accuracy -----------------------------------------------------------------------------------------------


def test_every_target_is_met_by_small_errors_in_honest_bands():
    clips = clips_with_errors((1.0, -1.0) * 5) + clips_with_errors((1.0, -1.0) * 5, yaw_deg=-20.0)
    outside = leg_score(8.0, 0.5, band=0.4)  # one of 21, or the bands would be too wide
    targets = check_targets([replace(clip, legs=[*clip.legs, outside]) for clip in clips], SETTINGS)
    assert [check.passed for check in targets.checks] == [True] * 9
    assert targets.met


@pytest.mark.parametrize(
    ("changes", "bold"),
    [
        ({"errors": (1.4, -1.4)}, None),
        ({"errors": (1.6, -1.6)}, "**1.60°** (≤ 1.5°)"),
        ({"errors": (0.6,)}, "**0.60°** (±0.5°)"),
        ({"errors": (-0.6,)}, "**-0.60°** (±0.5°)"),
        ({"errors": (0.0,), "slope": 0.94}, "**0.940** (0.95–1.05)"),
        ({"errors": (0.0,), "slope": 1.06}, "**1.060** (0.95–1.05)"),
    ],
)
def test_a_number_outside_its_limit_fails_its_line_and_is_bold(changes, bold):
    check = near(clips_with_errors(**changes))
    assert check.passed is (bold is None)
    assert [cell for cell in check.cells if "**" in cell] == ([] if bold is None else [bold])


def test_a_wide_band_and_missed_events_fail():
    wide = near([clip_score([leg_score(true, band=3.1) for true in (6.0, 7.0, 10.0)])])
    assert (wide.passed, wide.cells[8]) == (False, "**3.10°** (≤ 3°)")
    legs = [leg_score(true) for true in (6.0, 7.0, 10.0)]
    legs[0] = replace(legs[0], events=EventTally(1, 0))
    missed = near([clip_score(legs)])
    assert (missed.passed, missed.cells[9]) == (False, "**0.800** (≥ 0.95)")  # 2·2 / (3 + 2)


def test_refused_and_missed_legs_are_counted_beside_the_figures():
    legs = [leg_score(6.0), leg_score(7.0), leg_score(10.0), refused_leg(), refused_leg()]
    check = near([clip_score([*legs, replace(refused_leg(), outcome="missed")])])
    assert check.cells[:5] == [NEAR, "1", "3", "2", "1"]


def test_what_cannot_be_told_is_no_pass():
    nothing = check_targets([clip_score([leg_score(6.0), leg_score(9.0)], yaw_deg=60.0)], SETTINGS)
    near_the_front, off_axis, accepted = nothing.accuracy
    assert (near_the_front.passed, off_axis.passed, accepted.passed) == (None, None, True)
    assert not nothing.met
    assert "too few to tell" in targets_text(nothing)


# --- coverage, view, acceptance -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "outside", "count", "passed"),
    [
        (5, 0, 8, False),  # 100 %: the band is too wide
        (19, 1, 8, True),  # 95 %
        (17, 3, 8, False),  # 85 %
        (17, 3, 7, None),  # 140 rep-legs of seven clips
        (3, 1, 9, None),  # 36 rep-legs of nine clips
    ],
)
def test_coverage_is_judged_from_forty_rep_legs_of_eight_clips(inside, outside, count, passed):
    legs = [leg_score(8.0, 1.0)] * inside + [leg_score(8.0, 3.0)] * outside
    check = coverage_check("all", [clip_score(legs)] * count)
    assert check.passed is passed
    assert check.cells[3] == f"{len(legs) * count} rep-legs of {count} clips"


def test_clips_without_a_measured_leg_do_not_make_eight():
    legs = [leg_score(8.0, 1.0)] * 19 + [leg_score(8.0, 3.0)]
    assert coverage_check("all", [clip_score(legs)] * 7 + [clip_score([refused_leg()])]).passed is None


@pytest.mark.parametrize(
    ("angle", "error", "passed"), [("yaw", 3.9, True), ("yaw", 4.1, False), ("pitch", -3.1, False)]
)
def test_camera_angles_of_accepted_clips(angle, error, passed):
    seen = clip_score([leg_score()], **{angle: Measurement(10.0, 10.0 + error)})
    wild = replace(seen, usable=False, **{angle: Measurement(0.0, 50.0)})
    check = view_check([seen, wild], angle)
    assert check.passed is passed
    assert check.cells[3] == "1 accepted clips, 1 refused"
    assert view_check([wild], angle).passed is None


@pytest.mark.parametrize(
    ("yaw", "height", "counts"),
    [(30.0, 0.9, True), (-30.1, 0.9, False), (0.0, 0.4, True), (0.0, 1.7, True), (0.0, 1.71, False)],
)
def test_a_refused_view_fails_where_it_must_be_accepted(yaw, height, counts):
    refused = clip_score([refused_leg()], "r07", yaw_deg=yaw, camera_height_m=height, usable=False)
    check = acceptance_check([clip_score([leg_score()]), refused])
    assert check.passed is not counts
    assert ("refused: r07" in check.cells[1]) is counts


def test_an_accepted_view_in_which_every_knee_was_refused_counts_as_refused():
    assert acceptance_check([clip_score([refused_leg()])]).passed is False
    assert acceptance_check([clip_score([refused_leg(), leg_score()])]).passed is True
    missed = clip_score([replace(refused_leg(), outcome="missed")])
    assert acceptance_check([missed]).passed is True
    assert acceptance_check([]).passed is None


# --- learned on, and reported -------------------------------------------------------------------------------


def test_the_list_holds_names_patterns_and_numbers(tmp_path: Path):
    path = tmp_path / "list.txt"
    path.write_text("# a comment\nsym_*\n7  # one\n100-101\n\nfront\n", encoding="utf-8")
    learned = read_learned(path)
    assert learned == ["sym_*", "r07", "r100", "r101", "front"]
    names = ("sym_man", "r07", "r70", "r100", "r102", "front", "front_view")
    groups = split([clip_score([leg_score()], name) for name in names], learned)
    assert {title: [clip.clip for clip in group] for title, group in groups.items()} == {
        REPORTED: ["r70", "r102", "front_view"],
        LEARNED: ["sym_man", "r07", "r100", "front"],
    }
    assert judged(groups) == groups[REPORTED]
    assert judged({LEARNED: groups[LEARNED]}) == groups[LEARNED]


def test_the_committed_list_can_be_read_and_a_missing_one_is_one_sentence(tmp_path: Path):
    assert "sym_*" in read_learned(LEARNED_ON)
    with pytest.raises(UsageError, match="cannot be read"):
        read_learned(tmp_path / "none.txt")


# --- where errors come from, and phases ---------------------------------------------------------------------


def test_special_random_clips_by_name():
    assert special("r103") == "knee off its line on the way down only"
    assert [special(name) for name in ("r03", "r100", "r0103", "sym_man_y0", "r")] == [""] * 5


@pytest.mark.parametrize(
    ("value", "name"), [(0.5, "< 0.6 m"), (0.6, "0.6–1.2 m"), (1.19, "0.6–1.2 m"), (1.2, "≥ 1.2 m")]
)
def test_bands_hold_their_lower_edge(value, name):
    assert band_of(value, (0.6, 1.2), "m")[1] == name


def test_errors_by_origin_in_the_order_of_their_size():
    wide, straight = leg_score(8.0, 2.0, toe_out_deg=32.0), leg_score(8.0, -1.0, toe_out_deg=5.0)
    clips = [clip_score([wide, straight], "r106", roll=Measurement(-2.5, 0.0)), clip_score([refused_leg()])]
    groups = origins(clips)
    assert [title for title in groups if title.startswith("toe-out")] == [
        "toe-out: < 10 °",
        "toe-out: 10–20 °",
        "toe-out: ≥ 30 °",
    ]
    assert groups["special: hand-held camera"] == groups["camera roll, either way: ≥ 2 °"] == [wide, straight]
    assert "| toe-out: ≥ 30 ° | 1 | 0 | 0 | 2.00 | 2.00 | – | 2.00 | 100 % | 2.50 |" in origin_table(clips)
    assert "| toe-out: 10–20 ° | 0 | 1 | 0 | – |" in origin_table(clips)


def test_phases_of_the_peak():
    legs = [leg_score(), leg_score(phase="descent"), leg_score(true=1.0, true_phase="descent"), refused_leg()]
    lines = phase_table([clip_score(legs)], 4.0).splitlines()
    assert "| true peak ≥ 4° | descent | 0 | 0 | 0 | 0 | – |" in lines
    assert "| true peak ≥ 4° | bottom | 1 | 1 | 0 | 0 | 1/2 (50 %) |" in lines
    assert "| true peak ≥ 4° | any | 1 | 1 | 0 | 0 | 1/2 (50 %) |" in lines
    assert "| all | any | 1 | 2 | 0 | 0 | 1/3 (33 %) |" in lines
