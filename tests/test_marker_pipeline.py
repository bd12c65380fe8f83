"""From a marker file to its numbers: rendered truth written as .trc, read back and analysed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from marker_files import joints, named, trc_text

from benchmarks.truth import Truth, load_truth
from benchmarks.truth_trc import Unit, write_truth_trc
from knee_track.errors import MarkerError, UsageError
from knee_track.marker_pipeline import analyze_markers, with_marker_bands
from knee_track.pose.skeleton import LEGS
from knee_track.report.html import render_report
from knee_track.report.summary import headline
from knee_track.results import Analysis
from knee_track.settings import load_settings

CLIPS = ("front_squat_good", "front_squat_valgus", "side_squat")
DEVIATION_TOLERANCE_DEG = 0.05


def truth_and_file(
    samples_dir: Path, folder: Path, name: str = "front_squat_valgus", unit: Unit = "mm"
) -> tuple[Truth, Path]:
    truth = load_truth(samples_dir / f"{name}.truth.npz")
    path = folder / f"{name}.trc"
    write_truth_trc(path, truth, unit)
    return truth, path


@pytest.mark.parametrize("unit", ["mm", "m"])
@pytest.mark.parametrize("name", CLIPS)
def test_rendered_truth_comes_back(samples_dir: Path, tmp_path: Path, name: str, unit: Unit) -> None:
    truth, path = truth_and_file(samples_dir, tmp_path, name, unit)
    analysis = analyze_markers(path)
    curves = analysis.curves
    assert curves is not None
    for leg in LEGS:
        error = curves.legs[leg].deviation_deg - truth.deviation_deg(leg)
        assert np.abs(error).max() < DEVIATION_TOLERANCE_DEG
    np.testing.assert_allclose(curves.depth, truth.depth, atol=0.001)
    assert analysis.movement == "squat"
    assert len(analysis.reps) == len(truth.reps) and not analysis.attempts
    for rep, true in zip(analysis.reps, truth.reps, strict=True):
        assert rep.bottom_s == pytest.approx(true["bottom"], abs=0.1)
        inside = (truth.times_s >= true["start"]) & (truth.times_s <= true["end"])
        assert rep.depth == pytest.approx(truth.depth[inside].max(), abs=0.001)


@pytest.fixture
def analysis(samples_dir: Path, tmp_path: Path) -> Analysis:
    return analyze_markers(truth_and_file(samples_dir, tmp_path)[1], client_id="c1")


def test_the_knees_that_were_told_to_go_in_are_graded(analysis: Analysis, samples_dir: Path) -> None:
    left = [rep.legs.left for rep in analysis.reps]
    assert [leg.grade for leg in left if leg] == ["none", "moderate", "moderate", "moderate"]
    assert {(event.leg, event.rep) for event in analysis.events} == {
        *(("left", rep) for rep in (2, 3, 4)),
        *(("right", rep) for rep in (3, 4)),
    }
    truth = load_truth(samples_dir / "front_squat_valgus.truth.npz")
    shank_mm = 1000.0 * float(np.linalg.norm(truth.p3d_m[0, 0, 1] - truth.p3d_m[0, 0, 2]))
    for leg in left:
        assert leg is not None and leg.peak_offset_mm is not None and leg.band_deg is not None
        assert leg.peak_offset_mm == pytest.approx(
            (leg.peak_offset_pct_shank or 0) * 0.01 * shank_mm, abs=0.1
        )
        assert 1.5 < leg.band_deg < 4.0
    assert "medial_knee" in {finding.id for finding in analysis.findings}


def test_the_analysis_says_there_is_no_camera_and_keeps_the_schema(analysis: Analysis) -> None:
    view = analysis.view
    assert (view.name, view.usable, view.yaw_deg, view.pitch_deg, view.roll_deg) == (
        "unknown",
        True,
        None,
        None,
        None,
    )
    assert analysis.model is None and analysis.source.width_px == 0
    Draft202012Validator(Analysis.model_json_schema()).validate(json.loads(analysis.model_dump_json()))
    assert analysis.curves is not None
    page = render_report(analysis, analysis.curves, [], None)
    assert "third toe" in page and ">nan" not in page.casefold()
    assert "not be measured" not in headline(analysis)


def test_bands_are_those_of_markers_unless_the_user_says_otherwise(samples_dir: Path, tmp_path: Path) -> None:
    _, path = truth_and_file(samples_dir, tmp_path)
    plain = analyze_markers(path)
    assert plain.changed_settings == {}
    assert plain.reps[0].depth_band == 0.02 and plain.reps[0].knee_flexion_band_deg == 4.0
    assert plain.legs.left.standing_hka_band_deg == 4.0
    settings = load_settings(None, ["markers.placement_sd_mm=14", "reps.depth_band=0.07"])
    wide = analyze_markers(path, settings=settings)
    assert wide.reps[0].depth_band == 0.07
    assert with_marker_bands(settings).reps.knee_flexion_band_deg == 4.0
    narrow, doubled = plain.reps[1].legs.left, wide.reps[1].legs.left
    assert narrow is not None and doubled is not None and narrow.band_deg is not None
    assert doubled.band_deg == pytest.approx(2 * narrow.band_deg)
    assert wide.changed_settings["markers"] == {"placement_sd_mm": 14.0}


@pytest.mark.parametrize(
    ("flag", "section", "name"),
    [
        ("markers.depth_band=0.03", "reps", "depth_band"),
        ("markers.knee_flexion_band_deg=5", "reps", "knee_flexion_band_deg"),
        ("markers.hka_band_deg=6", "events", "hka_band_deg"),
    ],
)
def test_each_band_of_markers_takes_the_place_of_a_cameras(flag: str, section: str, name: str) -> None:
    adapted = with_marker_bands(load_settings(None, [flag]))
    assert getattr(getattr(adapted, section), name) == float(flag.partition("=")[2])


def test_the_low_pass_is_the_markers_own(samples_dir: Path, tmp_path: Path) -> None:
    truth, path = truth_and_file(samples_dir, tmp_path)
    slow = analyze_markers(path, settings=load_settings(None, ["markers.cutoff_hz=3"]))
    assert slow.curves is not None
    assert np.abs(slow.curves.legs["left"].deviation_deg - truth.deviation_deg("left")).max() > 0.3


def test_a_gap_in_a_marker_is_filled_when_short_and_left_when_long(samples_dir: Path, tmp_path: Path) -> None:
    truth, path = truth_and_file(samples_dir, tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    names = [name for name in lines[3].split("\t") if name]
    first = 2 + 3 * (names.index("left_knee") - 2)
    for frame in (*range(60, 63), *range(100, 130)):
        cells = lines[6 + frame].split("\t")
        cells[first : first + 3] = ["", "", ""]
        lines[6 + frame] = "\t".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    curves = analyze_markers(path).curves
    assert curves is not None
    found = curves.legs["left"].deviation_deg
    assert np.abs(found[60:63] - truth.deviation_deg("left")[60:63]).max() < 0.5
    assert np.isnan(found[100:130]).all() and np.isfinite(found[131:]).all()


def test_wrong_wishes_are_refused_in_a_sentence(samples_dir: Path, tmp_path: Path) -> None:
    _, path = truth_and_file(samples_dir, tmp_path)
    with pytest.raises(UsageError, match="--up sideways: say x, y or z"):
        analyze_markers(path, up="sideways")
    with pytest.raises(UsageError, match="not one of a person"):
        analyze_markers(path, height_m=175)
    with pytest.raises(MarkerError, match=r"front_squat_valgus\.trc: For 'halpe_26' it lacks LHip"):
        analyze_markers(path, mapping="halpe_26")
    assert len(analyze_markers(path, up="y", mapping="joints").reps) == 4


def test_a_declared_working_leg_leaves_the_other_unmeasured(samples_dir: Path, tmp_path: Path) -> None:
    _, path = truth_and_file(samples_dir, tmp_path)
    analysis = analyze_markers(path, movement="single_leg_squat", leg="left")
    assert all(rep.legs.right is None and rep.legs.left is not None for rep in analysis.reps)
    assert {event.leg for event in analysis.events} == {"left"}
    assert any("looks like squat" in warning for warning in analysis.quality.warnings)


def squats(count: int = 2, period_s: float = 2.5, fps: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    """Times and forward tilts of the shank in degrees: a second of standing round every squat to 38°."""
    times_s = np.arange(round((count * (period_s + 1.0) + 1.0) * fps)) / fps
    share = np.clip((times_s % (period_s + 1.0) - 1.0) / period_s, 0.0, 1.0)
    return times_s, 38.0 * np.sin(np.pi * share) ** 2


def write_made(path: Path, medial_deg: float, *, lifted: bool = False, unit: str = "mm") -> Path:
    """Squats of a made body, right foot off the floor when `lifted`, in OpenSim's axes."""
    times_s, tilt_deg = squats()
    figure = joints(tilt_deg, medial_deg, 12.0, times_s)
    if lifted:
        bent = np.array([-0.25, 0.0, 0.3]) * np.clip(tilt_deg / 20.0, 0.0, 1.0)[:, None, None]
        figure.points_m[:, 1, 2:5] += bent
    names, points = named(figure)
    scale = {"mm": 1000.0, "cm": 100.0}[unit]
    path.write_text(
        trc_text(names, times_s, scale * points[..., [0, 2, 1]] * [1, 1, -1], unit), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("unit", ["mm", "cm"])
def test_a_made_body_reads_the_lean_it_was_made_with(tmp_path: Path, unit: str) -> None:
    analysis = analyze_markers(write_made(tmp_path / "made.trc", 9.0, unit=unit))
    assert (analysis.movement, len(analysis.reps)) == ("squat", 2)
    for rep in analysis.reps:
        for leg in (rep.legs.left, rep.legs.right):
            assert leg is not None and leg.peak_deviation_deg == pytest.approx(9.0, abs=0.02)
            assert leg.grade == "moderate" and leg.excursion_deg == pytest.approx(0.0, abs=0.1)
    assert analysis.asymmetry_deg == pytest.approx(0.0, abs=0.02)
    assert analysis.legs.left.toe_out_deg == pytest.approx(12.0, abs=0.1)


def test_a_single_leg_squat_measures_the_leg_that_stands(tmp_path: Path) -> None:
    analysis = analyze_markers(write_made(tmp_path / "made.trc", 6.0, lifted=True))
    assert analysis.movement == "single_leg_squat"
    for rep in analysis.reps:
        assert rep.working_leg == "left" and rep.legs.right is None
        assert rep.legs.left is not None
        assert rep.legs.left.peak_deviation_deg == pytest.approx(6.0, abs=0.02)
        assert rep.legs.left.fppa_deg is not None
    assert analysis.legs.right.grade == "unknown"


def test_standing_alone_holds_no_rep(tmp_path: Path) -> None:
    figure = joints(np.full(120, 3.0), 2.0, 10.0)
    names, points = named(figure)
    path = tmp_path / "still.trc"
    path.write_text(trc_text(names, figure.times_s, points), encoding="utf-8")
    analysis = analyze_markers(path)
    assert analysis.reps == [] and analysis.movement == "unknown"
    assert analysis.legs.left.standing_deviation_deg == pytest.approx(2.0, abs=1e-6)
    assert "No complete repetition" in " ".join(analysis.quality.warnings)


def test_both_knees_off_to_one_side_are_not_blamed_on_a_camera(tmp_path: Path) -> None:
    times_s, tilt_deg = squats()
    left, right = (joints(tilt_deg, medial_deg, 12.0, times_s) for medial_deg in (5.0, -5.0))
    left.points_m[:, 1] = right.points_m[:, 1]
    names, points = named(left)
    path = tmp_path / "aslant.trc"
    path.write_text(trc_text(names, times_s, points), encoding="utf-8")
    analysis = analyze_markers(path)
    assert analysis.asymmetry_deg == pytest.approx(10.0, abs=0.05)
    assert not any("camera" in warning for warning in analysis.quality.warnings)


def test_a_c3d_file_of_a_laboratory_with_z_up(tmp_path: Path) -> None:
    ezc3d = pytest.importorskip("ezc3d", reason="reading c3d needs ezc3d: pip install -e '.[c3d]'")
    times_s, tilt_deg = squats()
    figure = joints(tilt_deg, 8.0, 12.0, times_s)
    names, points = named(figure)
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # the client faces Y
    content = ezc3d.c3d()
    content["parameters"]["POINT"]["RATE"]["value"] = [60.0]
    content["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    content["parameters"]["POINT"]["LABELS"]["value"] = [f"Anna:{name}" for name in names]
    rows = np.concatenate([1000.0 * points @ turn.T, np.ones((*points.shape[:2], 1))], axis=2)
    content["data"]["points"] = rows.transpose(2, 1, 0)
    content.write(str(tmp_path / "trial.c3d"))
    analysis = analyze_markers(tmp_path / "trial.c3d")
    assert len(analysis.reps) == 2 and analysis.source.mean_fps == pytest.approx(60.0)
    for rep in analysis.reps:
        assert rep.legs.right is not None
        assert rep.legs.right.peak_deviation_deg == pytest.approx(8.0, abs=0.02)
