"""The accuracy benchmark's arithmetic, against a squat whose deviation, depth and events are closed forms."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import runs
from benchmarks.accuracy import main
from benchmarks.agreement import EventTally, Measurement, agreement, match_spans, tally
from benchmarks.conditions import conditions, events, legs_of, naive_peaks, origins
from benchmarks.naive import knee_over_toe_x_deg, projection_angle_deg, world_plane_deg
from benchmarks.scoring import picture_roll_deg, score_clip, true_curves, true_events
from benchmarks.tables import peak_table, write_csv
from benchmarks.truth import POINTS, Truth
from knee_track.findings.events import Span
from knee_track.pose.bundles import Bundle
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HIP, KNEE, LEGS
from knee_track.pose.track import PoseTrack
from knee_track.results import Analysis, Event, Quality, Rep, RepLeg, RepLegs, View
from knee_track.settings import PoseSettings, Settings

SETTINGS = Settings()
START_S, BOTTOM_S, END_S = 1.0, 2.0, 3.0
DEEPEST, SHANK_M, TILT, TOE_OUT = 0.4, 0.4, np.radians(30.0), np.radians(20.0)
LEFT_DEG, RIGHT_DEG = 10.0, 1.0

# Deviation and depth are LEFT_DEG and DEEPEST times sin² of an angle that runs from 0 to π in the rep.
EVENT_START_S = START_S + 2 / np.pi * np.arcsin(np.sqrt(SETTINGS.events.enter_deg / LEFT_DEG))
EVENT_END_S = END_S - 2 / np.pi * np.arcsin(
    np.sqrt((SETTINGS.events.enter_deg - SETTINGS.events.hysteresis_deg) / LEFT_DEG)
)
LOADED_FROM = np.arcsin(np.sqrt(SETTINGS.grade.loaded_depth / DEEPEST))
LEFT_PEAK_DEG = LEFT_DEG * np.cos(0.05 * (np.pi / 2 - LOADED_FROM)) ** 2


def made_truth(fps: float = 100.0) -> Truth:
    """One rep in four seconds, seen from the front; the hips stay straight above the knees."""
    times_s = np.arange(0.0, 4.0, 1.0 / fps)
    share = np.sin(np.pi / 2 * np.clip(times_s - START_S, 0.0, END_S - START_S)) ** 2
    points = np.zeros((len(times_s), 2, len(POINTS), 3))
    for leg, (side, medial_deg) in enumerate(((1.0, LEFT_DEG), (-1.0, RIGHT_DEG))):
        forward = np.array([np.cos(TOE_OUT), side * np.sin(TOE_OUT), 0.0])
        medial = np.array([np.sin(TOE_OUT), -side * np.cos(TOE_OUT), 0.0])
        lean = np.radians(medial_deg * share)[:, None]
        shank = np.cos(lean) * (np.sin(TILT) * forward + [0, 0, np.cos(TILT)]) + np.sin(lean) * medial
        put = {name: points[:, leg, POINTS.index(name)] for name in POINTS}
        put["ankle"][:] = [0.0, side * 0.15, 0.0]
        put["third_toe"][:] = put["ankle"] + 0.2 * forward
        put["knee"][:] = put["ankle"] + SHANK_M * shank
        put["hip"][:] = put["knee"]
        put["hip"][:, 2] = 0.9 * (1.0 - DEEPEST * share)
    rep = {"start": START_S, "bottom": BOTTOM_S, "end": END_S}
    camera = {"R": [[0, 1, 0], [0, 0, -1], [-1, 0, 0]], "position": [3.0, 0.0, 0.9], "pitch_deg": 0.0}
    scene = {"yaw": 0.0, "body": "stick"}
    return Truth(scene, camera, 1.75, [rep], times_s, points, np.zeros((*points.shape[:3], 2)))


def seen_track(truth: Truth) -> PoseTrack:
    """The joints as a far camera in front sees them; foot index 6° medial of the third toe."""
    n = len(truth.times_s)
    world = np.zeros((n, 33, 3))
    for leg in LEGS:
        side = 1.0 if leg == "left" else -1.0
        inward = TOE_OUT - np.radians(6.0)
        toe = truth.point_m(leg, "ankle") + 0.2 * np.array([np.cos(inward), side * np.sin(inward), 0.0])
        for index, place in (
            (HIP[leg], truth.point_m(leg, "hip")),
            (KNEE[leg], truth.point_m(leg, "knee")),
            (ANKLE[leg], truth.point_m(leg, "ankle")),
            (FOOT_INDEX[leg], toe),
        ):
            world[:, index] = np.stack([place[:, 1], -place[:, 2], -place[:, 0]], axis=1)
    image = 300.0 + 400.0 * world[..., :2]
    return PoseTrack(truth.times_s, image, world, np.ones((n, 33)), 600, 600)


def found_event(leg: str, number: int = 1, start_s: float = EVENT_START_S, late_s: float = 0.0) -> Event:
    return Event(
        leg=leg,
        rep=number,
        phase="bottom",
        start_s=start_s + late_s,
        end_s=EVENT_END_S + late_s,
        peak_s=BOTTOM_S,
        peak_deviation_deg=9.0,
        band_deg=3.0,
        mean_deviation_deg=7.0,
        peak_offset_pct_shank=15.0,
        grade="moderate",
        static=False,
        confidence=0.9,
    )


def found_leg(peak_deg: float | None, grade: str) -> RepLeg:
    return RepLeg(
        peak_deviation_deg=peak_deg,
        band_deg=None if peak_deg is None else 2.0,
        excursion_deg=None,
        peak_offset_pct_shank=None,
        toe=None,
        peak_phase=None if peak_deg is None else "bottom",
        grade=grade,
    )


def found_rep(number: int, start_s: float, left: RepLeg, right: RepLeg) -> Rep:
    return Rep(
        index=number,
        start_s=start_s,
        bottom_s=start_s + 1.0,
        end_s=start_s + 2.0,
        depth=DEEPEST - 0.05,
        depth_band=0.06,
        knee_flexion_deg=None,
        working_leg="both",
        legs=RepLegs(left=left, right=right),
    )


def made_analysis(truth: Truth, reps: list[Rep], found: list[Event], **view: object) -> Analysis:
    angles = {"name": "front", "yaw_deg": 2.0, "pitch_deg": None, "roll_deg": None, "usable": True}
    analysis = Analysis.model_construct(
        view=View(mirrored=False, **{**angles, **view}),
        quality=Quality(level="high"),
        reps=reps,
        events=found,
    )
    analysis._curves, analysis._track = true_curves(truth, SETTINGS), seen_track(truth)
    return analysis


@pytest.fixture(scope="module")
def truth() -> Truth:
    return made_truth()


@pytest.fixture(scope="module")
def good(truth: Truth):
    """A clip that reads the left peak 1.5° too high, the right 0.5° too low and the event 0.1 s late."""
    rep = found_rep(1, 1.2, found_leg(LEFT_PEAK_DEG + 1.5, "severe"), found_leg(0.5, "none"))
    analysis = made_analysis(truth, [rep], [found_event("left", late_s=0.1)])
    return score_clip("made_up", truth, analysis, SETTINGS)


# --- statistics ---------------------------------------------------------------------------------------------


def test_agreement_of_a_straight_line():
    true = np.array([-1.0, 0.0, 1.0, 2.0])
    of = agreement(Measurement(t, 2.0 + 0.5 * t, band=1.6) for t in true)
    errors = np.array([2.5, 2.0, 1.5, 1.0])
    assert (of.n, of.missing) == (4, 0)
    assert (of.bias, of.mae, of.worst) == pytest.approx((1.75, 1.75, 2.5))
    assert of.rmse == pytest.approx(np.sqrt((errors**2).mean()))
    assert (of.slope, of.r, of.coverage, of.median_band) == pytest.approx((0.5, 1.0, 0.5, 1.6))


def test_what_has_no_number_counts_as_missing_only():
    of = agreement([Measurement.of(1.0, None), Measurement.of(1.0, 4.0), Measurement.of(1.0, -4.0)])
    assert (of.n, of.missing, of.worst) == (2, 1, -5.0)
    assert np.isnan([of.slope, of.r, of.coverage]).all()


def test_spans_are_matched_one_to_one_and_only_above_the_least_overlap():
    true = [Span(0.0, 2.0), Span(2.0, 4.0)]
    assert match_spans(true, [Span(1.9, 3.9), Span(0.0, 2.0)]) == {0: 1, 1: 0}
    assert match_spans(true, [Span(0.0, 4.0)]) in ({0: 0}, {1: 0})
    quarter = [Span(0.0, 1.0)], [Span(0.6, 1.6)]
    assert match_spans(*quarter, least_iou=0.2) == {0: 0}
    assert match_spans(*quarter, least_iou=0.3) == {}
    assert match_spans([Span(0.0, 1.0)], [Span(1.0, 2.0)]) == {}


def test_a_tally_gives_precision_recall_and_onset():
    of = tally([Span(0, 1), Span(2, 3), Span(4, 5)], [Span(0.2, 1.1), Span(7, 8)], 0.3)
    assert (of.precision, of.recall, of.f1) == pytest.approx((1 / 2, 1 / 3, 2 / 5))
    assert of.onset_errors_s == pytest.approx((0.2,))
    assert np.isnan(EventTally(0, 0).f1)


# --- truth and scores ---------------------------------------------------------------------------------------


def test_true_events_come_from_the_programs_own_rule(truth: Truth):
    curves = true_curves(truth, SETTINGS)
    (event,) = true_events(curves, "left", 1, SETTINGS)
    assert (event.start_s, event.end_s) == pytest.approx((EVENT_START_S, EVENT_END_S), abs=1e-3)
    assert true_events(curves, "right", 1, SETTINGS) == []


def test_a_measured_rep(good):
    left, right = good.legs
    assert left.peak.true == pytest.approx(LEFT_PEAK_DEG, abs=0.01)
    assert (left.outcome, left.peak.error, right.peak.error) == (
        "measured",
        pytest.approx(1.5, abs=0.01),
        pytest.approx(-0.5, abs=0.01),
    )
    assert (left.true_grade, left.grade) == ("moderate", "severe")
    assert left.events.onset_errors_s == pytest.approx((0.1,), abs=1e-3)
    assert (right.events.true, right.events.found) == (0, 0)
    assert (left.true_phase, left.phase) == ("bottom", "bottom")
    assert left.toe_out_deg == pytest.approx(20.0)
    (rep,) = good.reps
    assert (rep.start_s.error, rep.bottom_s.error, rep.end_s.error) == pytest.approx((0.2, 0.2, 0.2))
    assert rep.depth.error == pytest.approx(-0.05)
    assert np.isnan(rep.knee_flexion_deg.found)


def test_refused_missed_and_stray_are_told_apart(truth: Truth):
    refused = found_rep(1, 1.0, found_leg(None, "unknown"), found_leg(None, "unknown"))
    score = score_clip("c", truth, made_analysis(truth, [refused], [], usable=False), SETTINGS)
    assert [leg.outcome for leg in score.legs] == ["refused", "refused"]
    assert events([score], SETTINGS).true == 0

    elsewhere = found_rep(1, 3.1, found_leg(5.0, "mild"), found_leg(1.0, "none"))
    analysis = made_analysis(truth, [elsewhere], [found_event("left", start_s=3.5)])
    score = score_clip("c", truth, analysis, SETTINGS)
    assert [leg.outcome for leg in score.legs] == ["missed", "missed"]
    of = events([score], SETTINGS)
    assert (of.true, of.found, of.matched) == (1, 1, 0)


def test_events_are_not_scored_where_the_true_peak_is_near_the_threshold(good):
    left, right = good.legs
    near = replace(left, peak=replace(left.peak, true=SETTINGS.events.enter_deg + 0.9))
    assert events([good], SETTINGS).matched == 1
    assert events([replace(good, legs=[near, right])], SETTINGS).true == 0


@pytest.mark.parametrize("clockwise_deg", [-3.0, 0.0, 4.0])
def test_roll_is_how_far_the_picture_is_turned_clockwise(truth: Truth, clockwise_deg: float):
    turn = np.radians(clockwise_deg)
    # x right, y down: this turns what is seen clockwise
    rolled = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    camera = {**truth.camera, "R": (rolled @ truth.camera["R"]).tolist()}
    assert picture_roll_deg(replace(truth, camera=camera)) == pytest.approx(clockwise_deg)


# --- naive measures -----------------------------------------------------------------------------------------


def test_naive_measures_in_a_picture_without_perspective(truth: Truth):
    track = seen_track(truth)
    standing = truth.times_s < START_S
    knee, ankle = truth.point_m("left", "knee"), truth.point_m("left", "ankle")
    toe_y_m = ankle[:, 1] + 0.2 * np.sin(TOE_OUT - np.radians(6.0))
    # the shank's length is taken from the standing picture, where its forward tilt hides part of it
    seen_m = np.linalg.norm((knee - ankle)[0, 1:])
    expected = np.degrees(np.arcsin((toe_y_m - knee[:, 1]) / seen_m))
    np.testing.assert_allclose(knee_over_toe_x_deg(track, "left", standing), expected)
    shank = knee - ankle
    expected = np.degrees(np.arctan2(-shank[:, 1], shank[:, 2]))
    np.testing.assert_allclose(projection_angle_deg(track, "left", standing), expected)


@pytest.mark.parametrize("leg", LEGS)
def test_the_world_plane_is_exact_with_exact_world_landmarks(truth: Truth, leg):
    found = world_plane_deg(seen_track(truth), leg, truth.times_s < START_S)
    np.testing.assert_allclose(found, truth.deviation_deg(leg), atol=1e-9)


def test_naive_peaks_are_taken_in_the_graded_window(good):
    of = naive_peaks(good.legs, "world-landmark plane")
    assert (of.n, of.rmse) == (2, pytest.approx(0.0, abs=1e-9))


# --- pooling and printing -----------------------------------------------------------------------------------


def test_conditions_group_clips_and_refusals_are_printed(good):
    legs = [replace(leg, outcome="refused", peak=Measurement(leg.peak.true)) for leg in good.legs]
    side = replace(good, clip="made_y90", yaw_deg=90.0, usable=False, legs=legs)
    groups = conditions([good, side])
    assert groups["yaw ≤ 15°"] == [good]
    assert groups["yaw > 30°"] == [side]
    assert groups["all"] == [good, side]
    assert groups["every accepted view"] == [good]
    assert origins([good, side])["clips made_*"] == legs_of([good, side])
    assert "yaw 15–30°" not in groups
    assert "| all | 2 | 2 | 2 | 0 | 0.50 |" in peak_table(groups)


def test_csv_has_a_row_per_rep_and_leg(good, tmp_path: Path):
    write_csv(tmp_path / "a.csv", [good])
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8")))
    assert [(row["leg"], row["outcome"]) for row in rows] == [("left", "measured"), ("right", "measured")]
    assert float(rows[0]["error_deg"]) == pytest.approx(1.5, abs=0.01)


# --- running ------------------------------------------------------------------------------------------------


def test_landmarks_are_estimated_once_per_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(runs, "estimate_track", lambda clip, *_: asked.append(clip.name) or clip.read_text())
    bundle, settings = Bundle(b"", "full", "0" * 64, "test"), PoseSettings()
    first, copy, other = (tmp_path / name for name in ("first.mp4", "copy.mp4", "other.mp4"))
    for clip, content in ((first, "same"), (copy, "same"), (other, "different")):
        clip.write_text(content)
        assert runs.raw_pose(clip, bundle, settings, tmp_path / "cache") == content
    runs.raw_pose(first, bundle, PoseSettings(preset="fast"), tmp_path / "cache")
    assert asked == ["first.mp4", "other.mp4", "first.mp4"]


def test_a_folder_without_truth_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "clip.mp4").touch()
    assert main([str(tmp_path)]) == 2
    assert "no clip with a .truth.json.gz" in capsys.readouterr().err
