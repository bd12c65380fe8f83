"""From landmark files to numbers: those of the video they came from, and the truth of rendered clips."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from landmark_files import (
    FPS,
    Clip,
    blazepose,
    rendered,
    sample,
    write_alphapose,
    write_openpose,
    write_wide,
)

from knee_track import Analysis, analyze, analyze_pose_file, pipeline
from knee_track.errors import PoseFileError, UsageError
from knee_track.pose.bundles import Bundle
from knee_track.pose.skeleton import LANDMARKS, LEGS
from knee_track.pose.track import PoseTrack
from knee_track.report.folder import write_outputs

BOTTOM_TOLERANCE_S = 0.1
SAMPLES = ("front_squat_good", "front_squat_valgus", "side_squat")


@pytest.fixture(scope="module")
def clip_of(samples_dir: Path) -> Callable[[str], Clip]:
    return cache(lambda name: sample(samples_dir / f"{name}.truth.npz"))


def numbers(analysis: Analysis) -> dict[str, object]:
    """Everything that was measured."""
    kept = {"reps", "attempts", "events", "legs", "view", "movement", "quality", "findings", "asymmetry_deg"}
    return analysis.model_dump(include=kept)


def assert_same(one: object, other: object, tolerance: float) -> None:
    """Equal but for rounding, all the way down."""
    if isinstance(one, dict):
        assert isinstance(other, dict) and one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key], tolerance)
    elif isinstance(one, list):
        assert isinstance(other, list) and len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b, tolerance)
    elif isinstance(one, float):
        assert other == pytest.approx(one, abs=tolerance)
    elif not isinstance(one, str) or "°" not in one:  # a sentence may round the other way
        assert one == other


def assert_reps_are_true(analysis: Analysis, clip: Clip) -> None:
    told = [rep["bottom"] for rep in clip.truth.reps]
    assert [rep.bottom_s for rep in analysis.reps] == pytest.approx(told, abs=BOTTOM_TOLERANCE_S)
    assert analysis.movement == "squat" and not analysis.attempts
    for rep, true in zip(analysis.reps, clip.truth.reps, strict=True):
        span = (clip.truth.times_s >= true["start"]) & (clip.truth.times_s <= true["end"])
        assert rep.depth == pytest.approx(clip.truth.depth[span].max(), abs=0.06)


@pytest.mark.parametrize("form", ["BODY_25", "HALPE_26", "alphapose", "csv"])
@pytest.mark.parametrize("name", SAMPLES)
def test_reps_from_landmark_files(
    tmp_path: Path, clip_of: Callable[[str], Clip], name: str, form: str
) -> None:
    clip = clip_of(name)
    if form == "csv":
        names = lambda i, axis: f"{LANDMARKS[i]}_{axis}"  # noqa: E731
        path = write_wide(tmp_path / "squat.csv", blazepose(clip) / clip.size, names, {})
    elif form == "alphapose":
        path = write_alphapose(tmp_path / "squat.json", clip.keypoints("HALPE_26"))
    else:
        path = write_openpose(tmp_path / "squat_json", clip.keypoints(form))
    analysis = analyze_pose_file(path, size_px=clip.size, fps=FPS)
    assert_reps_are_true(analysis, clip)
    assert analysis.view.name == ("side" if name == "side_squat" else "front")
    assert analysis.view.usable == (name != "side_squat")
    assert analysis.quality.level in ("high", "medium")


@pytest.mark.parametrize("name", SAMPLES[:2])
def test_deviation_from_coco_feet(tmp_path: Path, shared_dir: Path, name: str) -> None:
    clip = rendered(shared_dir / "truth" / "samples" / f"{name}.truth.json.gz")
    folder = write_openpose(tmp_path / "squat_json", clip.keypoints("BODY_25"))
    analysis = analyze_pose_file(folder, size_px=clip.size, fps=FPS)
    for leg in LEGS:
        deviation, loaded = clip.truth.deviation_deg(leg), clip.truth.depth >= 0.05
        for rep, true in zip(analysis.reps, clip.truth.reps, strict=True):
            span = (clip.truth.times_s >= true["start"]) & (clip.truth.times_s <= true["end"])
            peak = float(np.percentile(deviation[span & loaded], 95))
            record = getattr(rep.legs, leg)
            assert record.peak_deviation_deg == pytest.approx(peak, abs=record.band_deg)


@pytest.fixture(scope="module")
def from_video(samples_dir: Path, bundle: Bundle) -> Callable[..., tuple[Analysis, PoseTrack]]:
    """Analysis of a sample video and the raw landmarks behind it; each video is looked at once."""
    raw: list[PoseTrack] = []
    run = pipeline.estimate_track

    def keeping(*args: object, **options: object) -> object:
        result = run(*args, **options)  # type: ignore[arg-type]
        raw.append(result.track)
        return result

    @cache
    def analysed(name: str, mirrored: bool = False) -> tuple[Analysis, PoseTrack]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "estimate_track", keeping)
            return analyze(samples_dir / f"{name}.mp4", offline=True, mirrored=mirrored), raw[-1]

    return analysed


@pytest.mark.parametrize(("name", "mirrored"), [("front_squat_valgus", False), ("side_squat", True)])
def test_saved_landmarks_give_the_numbers_of_the_video(
    tmp_path: Path, samples_dir: Path, from_video: Callable[..., object], name: str, mirrored: bool
) -> None:
    first, _ = from_video(name, mirrored)  # type: ignore[misc]
    folder = write_outputs(first, samples_dir / f"{name}.mp4", tmp_path, video=False)
    again = analyze_pose_file(folder / "landmarks.npz")
    assert again.view.mirrored == mirrored
    assert_same(numbers(first), numbers(again), tolerance=0.02)
    assert again.source.pose_format == "saved by an earlier run of knee-track"
    assert again.source.width_px == first.source.width_px
    write_outputs(again, None, tmp_path / "again")
    third = analyze_pose_file(tmp_path / "again" / "landmarks_kneetrack" / "landmarks.npz")
    assert_same(numbers(again), numbers(third), tolerance=0.02)


@pytest.mark.parametrize("name", ["front_squat_valgus", "side_squat"])
def test_the_same_landmarks_without_a_world_give_nearly_the_same(
    tmp_path: Path, from_video: Callable[..., object], name: str
) -> None:
    first, raw = from_video(name)  # type: ignore[misc]
    names = lambda i, axis: f"{axis}{i}"  # noqa: E731
    path = write_wide(
        tmp_path / "squat.csv", raw.image_px, names, {"time": [f"{t:.6f}" for t in raw.times_s]}
    )
    flat = analyze_pose_file(path, size_px=(raw.width_px, raw.height_px))
    bottoms = [rep.bottom_s for rep in first.reps]
    assert [rep.bottom_s for rep in flat.reps] == pytest.approx(bottoms, abs=0.1)
    assert flat.movement == first.movement and flat.view.name == first.view.name
    for leg in LEGS:
        for rep, same in zip(first.reps, flat.reps, strict=True):
            one, other = getattr(rep.legs, leg).peak_deviation_deg, getattr(same.legs, leg).peak_deviation_deg
            assert (one is None) == (other is None)
            assert one is None or other == pytest.approx(one, abs=2.0)


def test_the_video_gives_size_and_times_and_is_drawn_on(
    tmp_path: Path, samples_dir: Path, clip_of: Callable[[str], Clip]
) -> None:
    clip, video = clip_of("side_squat"), samples_dir / "side_squat.mp4"
    folder = write_openpose(tmp_path / "squat_json", clip.keypoints("BODY_25"))
    analysis = analyze_pose_file(folder, video=video)
    assert (analysis.source.width_px, analysis.source.height_px) == clip.size
    assert analysis.track is not None
    np.testing.assert_allclose(analysis.track.times_s, clip.truth.times_s, atol=1e-3)
    out = write_outputs(analysis, video)
    assert out == tmp_path / "squat_json_kneetrack"
    assert (out / "side_squat_annotated.mp4").stat().st_size > 10_000
    assert "side_squat_annotated.mp4" in (out / "report.html").read_text(encoding="utf-8")


def test_a_report_without_a_video(tmp_path: Path, clip_of: Callable[[str], Clip]) -> None:
    clip = clip_of("front_squat_valgus")
    folder = write_openpose(tmp_path / "squat.v2", clip.keypoints("HALPE_26"))
    analysis = analyze_pose_file(folder, size_px=clip.size, fps=FPS)
    out = write_outputs(analysis, None)
    assert out == tmp_path / "squat.v2_kneetrack"
    assert not list(out.glob("*.mp4"))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Pose file <b>squat.v2</b>" in page and "Halpe-26" in page
    assert "made by another program" in page
    assert "<video" not in page and "<img" not in page and "key frames" not in page
    source = json.loads((out / "analysis.json").read_text(encoding="utf-8"))["source"]
    assert source["path"] == str(folder) and len(source["sha256"]) == 64
    assert source["mean_fps"] == pytest.approx(FPS) and source["frame_count"] == len(clip.truth.times_s)
    assert write_outputs(analysis, None) == out  # the same file again replaces its folder
    with pytest.raises(UsageError, match="--trc"):
        write_outputs(analysis, None, tmp_path / "trc", trc=True)


def test_a_part_of_the_file(tmp_path: Path, clip_of: Callable[[str], Clip]) -> None:
    clip = clip_of("front_squat_good")
    folder = write_openpose(tmp_path / "squat_json", clip.keypoints("BODY_25"))
    options = {"size_px": clip.size, "fps": FPS}
    part = analyze_pose_file(folder, start_s=3.2, **options)
    assert [rep.bottom_s for rep in part.reps] == pytest.approx(
        [rep["bottom"] for rep in clip.truth.reps[1:]], abs=BOTTOM_TOLERANCE_S
    )
    with pytest.raises(UsageError, match="must end later"):
        analyze_pose_file(folder, start_s=3.0, end_s=2.0, **options)
    with pytest.raises(PoseFileError, match="holds no frame"):
        analyze_pose_file(folder, start_s=300.0, **options)


def test_a_mirrored_file_declared_as_such_gives_the_same_legs(
    tmp_path: Path, clip_of: Callable[[str], Clip]
) -> None:
    clip = clip_of("front_squat_valgus")
    plain = write_alphapose(tmp_path / "plain.json", clip.keypoints("HALPE_26"))
    other = {"left": "right", "right": "left"}
    flipped = {}
    for name, points in clip.points.items():
        side, _, part = name.partition("_")
        flipped[f"{other[side]}_{part}"] = points * [-1.0, 1.0] + [clip.size[0], 0.0]
    selfie = write_alphapose(tmp_path / "selfie.json", replace(clip, points=flipped).keypoints("HALPE_26"))
    options = {"size_px": clip.size, "fps": FPS}
    one = analyze_pose_file(plain, **options)
    two = analyze_pose_file(selfie, mirrored=True, **options)
    for leg in LEGS:
        expected = getattr(one.legs, leg).median_peak_deviation_deg
        assert getattr(two.legs, leg).median_peak_deviation_deg == pytest.approx(expected, abs=0.05)


def test_wrong_hints(tmp_path: Path, samples_dir: Path, clip_of: Callable[[str], Clip]) -> None:
    folder = write_openpose(tmp_path / "squat_json", clip_of("side_squat").keypoints("BODY_25"))
    with pytest.raises(UsageError, match="frames per second cannot be used"):
        analyze_pose_file(folder, size_px=(720, 1280), fps=0.0)
    with pytest.raises(UsageError, match="give width x height"):
        analyze_pose_file(folder, size_px=(0, 1280), fps=FPS)
    with pytest.raises(PoseFileError, match="but the video's 720 × 1280; name the video these landmarks"):
        analyze_pose_file(folder, size_px=(1920, 1280), video=samples_dir / "side_squat.mp4")
