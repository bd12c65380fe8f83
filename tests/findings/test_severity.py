import pytest
from made_curves import rep_leg

from knee_track.findings.severity import (
    LegPosture,
    grade_of,
    is_borderline,
    is_static,
    median_band,
    summarise_leg,
    toe_of,
    worsening_deg,
)
from knee_track.results import Event
from knee_track.settings import Settings, load_settings

SETTINGS = Settings()
GRADE = SETTINGS.grade


@pytest.mark.parametrize(
    ("peak_deg", "grade"),
    [
        (-9.0, "none"),
        (3.999, "none"),
        (4.0, "mild"),
        (6.999, "mild"),
        (7.0, "moderate"),
        (10.999, "moderate"),
        (11.0, "severe"),
        (None, "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_grade_boundaries(peak_deg, grade):
    assert grade_of(peak_deg, GRADE) == grade


def test_grade_boundaries_come_from_settings():
    assert grade_of(5.0, load_settings(None, ["grade.mild_deg=5.5"]).grade) == "none"


@pytest.mark.parametrize(
    ("peak_deg", "band_deg", "borderline"),
    [(5.5, 1.4, False), (5.5, 1.6, True), (5.5, 1.5, True), (1.0, 2.9, False)],
)
def test_borderline_when_the_interval_reaches_another_grade(peak_deg, band_deg, borderline):
    assert is_borderline(peak_deg, band_deg, GRADE) is borderline


@pytest.mark.parametrize(
    ("ray_deg", "toe"),
    [
        (-3.1, "lateral"),
        (-2.9, "third"),
        (2.4, "third"),
        (2.6, "second"),
        (7.4, "second"),
        (7.6, "big"),
        (13.9, "big"),
        (14.1, "inside"),
        (None, None),
    ],
)
def test_toe_under_the_knee(ray_deg, toe):
    assert toe_of(ray_deg, GRADE) == toe


@pytest.mark.parametrize(("hka_deg", "static"), [(9.0, True), (8.9, False), (-10.0, False), (None, False)])
def test_static_is_knock_knee_in_standing(hka_deg, static):
    assert is_static(hka_deg, SETTINGS.events) is static


def event(rep, grade="mild"):
    return Event(
        leg="left",
        rep=rep,
        phase="bottom",
        phases=["bottom"],
        start_s=0.0,
        end_s=0.3,
        peak_s=0.1,
        peak_deviation_deg=5.0,
        band_deg=2.0,
        mean_deviation_deg=4.0,
        peak_offset_pct_shank=9.0,
        grade=grade,
        static=False,
        confidence=0.9,
    )


def test_leg_is_graded_by_its_median_rep():
    reps = [rep_leg(3.0, "none"), rep_leg(8.0, "moderate"), rep_leg(12.0, "severe")]
    summary = summarise_leg(reps, [event(2), event(2), event(3)], LegPosture(4.5, 1.0, 20.0, 3.0), SETTINGS)
    assert (summary.grade, summary.worst_grade) == ("moderate", "severe")
    assert summary.median_peak_deviation_deg == 8.0
    assert summary.reps_with_events == 2
    assert (summary.standing_deviation_deg, summary.standing_hka_deg) == (4.5, 1.0)
    assert (summary.toe_out_deg, summary.toe_out_band_deg) == (20.0, 3.0)


def test_intermittent_when_only_some_reps_hold_events():
    reps = [rep_leg(1.0, "none"), rep_leg(2.0, "none"), rep_leg(3.5, "none")]
    summary = summarise_leg(reps, [event(3, "mild")], LegPosture(), SETTINGS)
    assert (summary.grade, summary.worst_grade, summary.reps_with_events) == ("intermittent", "mild", 1)
    assert summarise_leg(reps, [], LegPosture(), SETTINGS).grade == "none"


def test_refused_or_idle_leg_is_unknown():
    for reps in ([], [rep_leg(None, "unknown")]):
        summary = summarise_leg(reps, [], LegPosture(), SETTINGS)
        assert (summary.grade, summary.worst_grade) == ("unknown", "unknown")
        assert (summary.median_peak_deviation_deg, summary.band_deg) == (None, None)


def test_unmeasured_reps_do_not_move_the_median():
    reps = [rep_leg(None, "unknown"), rep_leg(5.0, "mild"), rep_leg(6.0, "mild")]
    assert summarise_leg(reps, [], LegPosture(), SETTINGS).median_peak_deviation_deg == 5.5


def test_systematic_part_of_a_band_does_not_average_out():
    all_systematic = load_settings(None, ["grade.systematic_share=1"]).grade
    all_random = load_settings(None, ["grade.systematic_share=0"]).grade
    half = load_settings(None, ["grade.systematic_share=0.6"]).grade
    assert median_band(3.0, 100, all_systematic) == pytest.approx(3.0)
    assert median_band(3.0, 1, all_random) == pytest.approx(3.0)
    assert median_band(3.0, 100, all_random) == pytest.approx(3.0 * 0.12533)
    assert median_band(5.0, 10**9, half) == pytest.approx(3.0, abs=1e-3)  # 3-4-5: the 4 is averaged away


@pytest.mark.parametrize(
    ("peaks_deg", "worse_by"),
    [
        ([4.0, 5.0, 8.0, 9.0], 4.0),
        ([4.0, 5.0, 99.0, 8.0, 9.0], 4.0),  # the middle rep belongs to neither half
        ([4.0, 5.0, 7.0, 8.0], None),  # 3° is the error within a session
        ([9.0, 8.0, 5.0, 4.0], None),
        ([4.0, 9.0, 14.0], None),  # too few reps for a trend
    ],
)
def test_worsening_over_the_set(peaks_deg, worse_by):
    assert worsening_deg(peaks_deg, GRADE) == worse_by
