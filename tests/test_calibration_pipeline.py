"""Calibration on the whole way from a rendered clip to its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks.truth import Truth, load_truth
from knee_track import Analysis, analyze, pipeline
from knee_track.errors import UsageError
from knee_track.pose.bundles import Bundle
from knee_track.pose.skeleton import LEGS
from knee_track.pose.track import load_track
from knee_track.report.facts import TOE_NOT_SEEN, limits, run_facts
from knee_track.video.reader import VideoReader
from knee_track.video.writer import VideoWriter

NAME = "front_squat_valgus"
Run = Callable[..., Analysis]


@pytest.fixture(scope="module")
def truth(samples_dir: Path) -> Truth:
    return load_truth(samples_dir / f"{NAME}.truth.npz")


@pytest.fixture(scope="module")
def run(samples_dir: Path, bundle: Bundle) -> Iterator[Run]:
    """Analyse the sample; its landmarks are estimated once, however often it is analysed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "estimate_track", cache(pipeline.estimate_track))
        yield lambda **options: analyze(samples_dir / f"{NAME}.mp4", offline=True, **options)


@pytest.fixture(scope="module")
def plain(run: Run) -> Analysis:
    return run()


def toes_of(truth: Truth, moment: int = 0) -> dict[str, tuple[float, ...]]:
    return {leg: tuple(truth.point_px(leg, "third_toe")[moment]) for leg in LEGS}


def test_marked_toes(run: Run, plain: Analysis, truth: Truth) -> None:
    marked = run(toes=toes_of(truth), toes_at_s=0.5)
    for leg in LEGS:
        before, after = getattr(plain.legs, leg), getattr(marked.legs, leg)
        assert after.band_deg < before.band_deg - 0.3
        assert after.toe_out_band_deg < before.toe_out_band_deg
    toes = marked.model_dump(mode="json")["calibration"]["third_toe"]
    assert toes["left_px"] == pytest.approx(list(toes_of(truth)["left"]))
    assert toes["at_s"] == 0.5
    assert marked.calibration.camera is None
    assert ("Third toe", "marked by hand, left and right") in list(run_facts(marked))
    assert TOE_NOT_SEEN in limits(plain, pictures=False)
    assert TOE_NOT_SEEN not in limits(marked, pictures=False)


def test_without_there_is_none(plain: Analysis) -> None:
    assert plain.model_dump(mode="json")["calibration"] is None


def test_camera_height_and_distance(run: Run, plain: Analysis, truth: Truth) -> None:
    position = np.array(truth.camera["position"])
    ankles = np.mean([truth.point_m(leg, "ankle")[0] for leg in LEGS], axis=0)
    distance = float(np.linalg.norm((ankles - position)[:2]))
    known = run(camera_height_m=position[2], camera_distance_m=distance, height_m=truth.body_height_m)
    camera = known.calibration.camera
    assert (camera.height_m, camera.distance_m) == (position[2], distance)
    assert known.calibration.third_toe is None
    assert ("Camera as given", f"{position[2]:g} m above the floor, {distance:g} m away") in list(
        run_facts(known)
    )
    for leg in LEGS:
        assert getattr(known.legs, leg).band_deg <= getattr(plain.legs, leg).band_deg + 0.05
        assert known.view.pitch_band_deg < plain.view.pitch_band_deg


def test_the_clients_height_alone_changes_no_angle(run: Run, plain: Analysis) -> None:
    tall = run(height_m=1.95)
    assert tall.calibration is None
    for leg in LEGS:
        assert getattr(tall.legs, leg).median_peak_deviation_deg == pytest.approx(
            getattr(plain.legs, leg).median_peak_deviation_deg
        )


def test_marks_in_a_mirrored_recording_are_given_as_seen(
    run: Run, plain: Analysis, truth: Truth, samples_dir: Path, bundle: Bundle, tmp_path: Path
) -> None:
    path = tmp_path / "mirrored.mp4"
    with VideoReader(samples_dir / f"{NAME}.mp4") as reader:
        size = (reader.info.width_px, reader.info.height_px)
        with VideoWriter(path, *size) as writer:
            for frame in reader:
                writer.write(np.ascontiguousarray(frame.rgb[:, ::-1]), frame.time_s)
    seen = {leg: (size[0] - x, y) for leg, (x, y) in toes_of(truth).items()}
    marked = analyze(path, offline=True, mirrored=True, toes=seen)
    assert marked.calibration.third_toe.left_px == pytest.approx(seen["left"])
    for leg in LEGS:
        toe_out = getattr(marked.legs, leg).toe_out_deg
        assert toe_out == pytest.approx(truth.toe_out_deg(leg)[0], abs=5.0)
    with pytest.raises(UsageError, match="other foot"):
        analyze(path, offline=True, mirrored=True, toes=toes_of(truth))


def test_marks_at_a_time_outside_the_clip(run: Run, truth: Truth) -> None:
    with pytest.raises(UsageError, match="marked at 99 s lie outside"):
        run(toes=toes_of(truth), toes_at_s=99.0)


def test_the_files_focal_length_is_kept_with_the_landmarks(plain: Analysis, tmp_path: Path) -> None:
    path = tmp_path / "landmarks.npz"
    scene = plain.scene
    assert scene.focal_length_35mm is None
    plain.track.save(path, type(scene)(scene.motion_px, focal_length_35mm=26.0))
    assert load_track(path)[1].focal_length_35mm == 26.0
    plain.track.save(path, scene)
    assert load_track(path)[1].focal_length_35mm is None
