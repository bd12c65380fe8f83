"""The whole way from a rendered clip to its numbers, against what the renderer was told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from benchmarks.truth import Truth, load_truth
from knee_track import Analysis, analyze, pipeline
from knee_track.errors import UsageError
from knee_track.pose.bundles import Bundle
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.report.folder import write_outputs
from knee_track.settings import load_settings
from knee_track.video.reader import VideoReader
from knee_track.video.writer import VideoWriter

FRONT = ("front_squat_good", "front_squat_valgus")
CLIPS = (*FRONT, "side_squat")
TOLERANCE_DEG = 4.0
BOTTOM_TOLERANCE_S = 0.15
MIRROR_TOLERANCE_DEG = 3.0  # the pose network does not see a mirrored picture quite alike

Run = Callable[..., Analysis]


@pytest.fixture(scope="module")
def run(samples_dir: Path, bundle: Bundle) -> Iterator[Run]:
    """Analyse a sample by name; its landmarks are estimated once, however often it is analysed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "estimate_track", cache(pipeline.estimate_track))
        yield lambda name, **options: analyze(samples_dir / f"{name}.mp4", offline=True, **options)


@pytest.fixture(scope="module")
def analysis_of(run: Run) -> Callable[[str], Analysis]:
    """A sample's analysis with everything left at its default."""
    return cache(run)


@pytest.fixture(scope="module")
def truth_of(samples_dir: Path) -> Callable[[str], Truth]:
    return cache(lambda name: load_truth(samples_dir / f"{name}.truth.npz"))


def true_peaks_deg(truth: Truth, leg: Leg) -> list[float]:
    """Of each rep: the 95th percentile of the true deviation where the rep is deeper than 5 %."""
    deviation, loaded = truth.deviation_deg(leg), truth.depth >= 0.05
    spans = [(truth.times_s >= rep["start"]) & (truth.times_s <= rep["end"]) for rep in truth.reps]
    return [float(np.percentile(deviation[span & loaded], 95)) for span in spans]


@pytest.mark.parametrize("name", CLIPS)
def test_reps_and_their_bottoms(name: str, analysis_of: Run, truth_of: Callable[[str], Truth]) -> None:
    found = [rep.bottom_s for rep in analysis_of(name).reps]
    assert found == pytest.approx([rep["bottom"] for rep in truth_of(name).reps], abs=BOTTOM_TOLERANCE_S)


@pytest.mark.parametrize("name", CLIPS)
def test_depth_lies_within_its_band(name: str, analysis_of: Run, truth_of: Callable[[str], Truth]) -> None:
    truth = truth_of(name)
    for rep, told in zip(analysis_of(name).reps, truth.reps, strict=True):
        span = (truth.times_s >= told["start"]) & (truth.times_s <= told["end"])
        assert rep.depth_band is not None
        assert rep.depth == pytest.approx(truth.depth[span].max(), abs=rep.depth_band)


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("name", FRONT)
def test_peak_deviation(name: str, leg: Leg, analysis_of: Run, truth_of: Callable[[str], Truth]) -> None:
    for rep, true_deg in zip(analysis_of(name).reps, true_peaks_deg(truth_of(name), leg), strict=True):
        record = getattr(rep.legs, leg)
        tolerance_deg = max(record.band_deg, TOLERANCE_DEG)
        assert record.peak_deviation_deg == pytest.approx(true_deg, abs=tolerance_deg), f"rep {rep.index}"


def test_a_valgus_set_has_its_events_finding_and_plan(
    analysis_of: Run, truth_of: Callable[[str], Truth]
) -> None:
    analysis = analysis_of("front_squat_valgus")
    truth = truth_of("front_squat_valgus")
    inward = {
        (number, leg) for leg in LEGS for number, peak in enumerate(true_peaks_deg(truth, leg), 1) if peak > 5
    }
    assert {(event.rep, event.leg) for event in analysis.events} == inward
    medial = [finding.leg for finding in analysis.findings if finding.id == "medial_knee"]
    assert medial == ["left"] or medial == ["both"]  # the right knee's true median is 3.6°, near the limit
    assert analysis.legs.left.grade in ("moderate", "severe")
    assert analysis.protocol.status == "corrective"


def test_a_good_set_needs_no_correction(analysis_of: Run) -> None:
    analysis = analysis_of("front_squat_good")
    assert analysis.view.usable and analysis.view.name == "front"
    assert analysis.events == []
    assert analysis.protocol.status == "maintenance"


def test_from_the_side_reps_count_and_knees_are_refused(analysis_of: Run) -> None:
    analysis = analysis_of("side_squat")
    assert analysis.view.name == "side" and not analysis.view.usable
    assert any("to the side; film from the front" in reason for reason in analysis.view.reasons)
    assert analysis.events == []
    for leg in LEGS:
        assert getattr(analysis.legs, leg).grade == "unknown"
        assert [getattr(rep.legs, leg).peak_deviation_deg for rep in analysis.reps] == [None, None]
    assert analysis.protocol.status == "none"


def test_a_mirrored_recording_declared_as_such_gives_the_same_legs(
    samples_dir: Path, tmp_path: Path, analysis_of: Run, bundle: Bundle
) -> None:
    selfie = tmp_path / "selfie.mp4"
    with (
        VideoReader(samples_dir / "front_squat_valgus.mp4") as clip,
        VideoWriter(selfie, clip.info.width_px, clip.info.height_px) as writer,
    ):
        for frame in clip:
            writer.write(np.ascontiguousarray(frame.rgb[:, ::-1]), frame.time_s)
    mirrored, plain = analyze(selfie, mirrored=True, offline=True), analysis_of("front_squat_valgus")
    assert mirrored.view.mirrored
    for leg in LEGS:
        assert peaks_deg(mirrored, leg) == pytest.approx(peaks_deg(plain, leg), abs=MIRROR_TOLERANCE_DEG)


def peaks_deg(analysis: Analysis, leg: Leg) -> list[float]:
    return [getattr(rep.legs, leg).peak_deviation_deg for rep in analysis.reps]


@pytest.mark.parametrize("name", ["front_squat_valgus", "side_squat"])
def test_the_written_analysis_fits_the_generated_schema(
    name: str, analysis_of: Run, samples_dir: Path, tmp_path: Path
) -> None:
    folder = write_outputs(analysis_of(name), samples_dir / f"{name}.mp4", tmp_path, video=False)
    document = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
    Draft202012Validator(Analysis.model_json_schema()).validate(document)
    assert Analysis.model_validate(document).model_dump() == analysis_of(name).model_dump()


def test_settings_change_the_result_and_are_told(run: Run, analysis_of: Run) -> None:
    strict = run("front_squat_valgus", settings=load_settings(overrides=["grade.severe_deg=8"]))
    assert strict.legs.left.grade == "severe" != analysis_of("front_squat_valgus").legs.left.grade
    assert strict.changed_settings == {"grade": {"severe_deg": 8.0}}


@pytest.mark.parametrize(
    ("flag", "says"),
    [
        ("view.max_misfit=0.01", "could not be matched"),
        ("view.max_camera_speed=-1", "the camera moved too much"),
    ],
)
def test_a_stricter_view_refuses_the_knees(flag: str, says: str, run: Run) -> None:
    view = run("front_squat_good", settings=load_settings(overrides=[flag])).view
    assert not view.usable
    assert any(says in reason for reason in view.reasons)


def test_a_side_view_within_the_margin_is_refused_by_the_fitted_yaw_instead(
    run: Run, analysis_of: Run
) -> None:
    wide = run("side_squat", settings=load_settings(overrides=["view.rough_yaw_margin_deg=60"])).view
    assert not wide.usable
    assert wide.reasons != analysis_of("side_squat").view.reasons


@pytest.mark.parametrize("flag", ["view.foot_moved_share=0", "view.sway_share=0"])
def test_feet_are_followed_as_closely_as_the_settings_say(flag: str, run: Run, analysis_of: Run) -> None:
    closely = run("front_squat_good", settings=load_settings(overrides=[flag]))
    assert peaks_deg(closely, "left") != peaks_deg(analysis_of("front_squat_good"), "left")


def test_reps_follow_their_settings(run: Run) -> None:
    stiff = run("side_squat", settings=load_settings(overrides=["reps.min_knee_bend_deg=170"]))
    assert stiff.reps == [] and len(stiff.attempts) == 2
    wider = run("side_squat", settings=load_settings(overrides=["reps.knee_flexion_band_deg=20"]))
    assert {rep.knee_flexion_band_deg for rep in wider.reps} <= {20.0, None}


def test_a_height_gives_millimetres_of_the_shank(run: Run, truth_of: Callable[[str], Truth]) -> None:
    truth = truth_of("front_squat_valgus")
    record = run("front_squat_valgus", height_m=truth.body_height_m).reps[2].legs.left
    assert record is not None and record.peak_offset_mm is not None
    shank_mm = 1000 * np.linalg.norm(truth.point_m("left", "knee") - truth.point_m("left", "ankle"), axis=1)
    share = record.peak_offset_mm / (record.peak_offset_pct_shank / 100)
    assert share == pytest.approx(np.median(shank_mm), rel=0.1)


@pytest.mark.parametrize("height_m", [0.2, 175.0, float("nan")])
def test_a_height_in_other_units_is_refused(height_m: float) -> None:
    with pytest.raises(UsageError, match="in metres"):
        analyze("clip.mp4", height_m=height_m)


def test_a_leg_model_that_does_not_settle_is_replaced_and_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, truth_of: Callable[[str], Truth]
) -> None:
    from knee_track.geometry import closed_form, measure

    settle = measure.fit_legs
    monkeypatch.setattr(
        measure, "fit_legs", lambda *given, **named: replace(settle(*given, **named), converged=False)
    )
    analysis = run("front_squat_valgus")
    assert analysis.quality.level == "low"
    assert any("did not settle" in warning for warning in analysis.quality.warnings)
    for leg in LEGS:
        records = [getattr(rep.legs, leg) for rep in analysis.reps]
        assert {record.band_deg for record in records} == {closed_form.BAND_DEG}
        found = [record.peak_deviation_deg for record in records]
        true = true_peaks_deg(truth_of("front_squat_valgus"), leg)
        assert found == pytest.approx(true, abs=closed_form.BAND_DEG)
