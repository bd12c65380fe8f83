"""The benchmark of the geometry alone: cameras where they are said to be, and the same table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import mocap
from benchmarks.truth import load_truth
from benchmarks.truth_trc import write_truth_trc
from benchmarks.virtual_camera import LIMITS, Place, film, in_client_axes, places, project
from knee_track.pose.skeleton import ANKLE, HIP
from knee_track.settings import Settings


@pytest.fixture(scope="module")
def recording(samples_dir: Path) -> mocap.Recording:
    return mocap.record(samples_dir / "front_squat_valgus.truth.npz", None, None, Settings())


def test_a_camera_in_front_sees_what_a_pinhole_sees() -> None:
    place = Place(yaw_deg=0.0, height_m=1.0, distance_m=3.0, focal_share=1.0, roll_deg=0.0)
    points = np.array([[0.0, 0.0, 1.0], [0.0, 0.3, 1.0], [1.0, 0.0, 1.5]])
    pixels, scale = project(points, place, aim_m=1.0)
    np.testing.assert_allclose(pixels, [[360, 640], [360 + 128, 640], [360, 640 - 320]], atol=1e-9)
    assert scale[0] == pytest.approx(1280 / 3)


def test_yaw_is_toward_the_clients_left_and_roll_clockwise() -> None:
    points = np.array([[0.0, 0.0, 1.0], [0.2, 0.0, 1.0], [0.0, 0.0, 1.4]])
    middle, toe, head = project(points, Place(30.0, 1.0, 3.0, 1.0, 0.0), 1.0)[0]
    assert toe[0] < middle[0]  # from the client's left, forward is to the picture's left
    head = project(points, Place(0.0, 1.0, 3.0, 1.0, 10.0), 1.0)[0][2]
    assert np.degrees(np.arctan2(head[0] - 360, 640 - head[1])) == pytest.approx(10.0)


def test_places_fill_their_limits() -> None:
    rows = np.array([list(vars(place).values()) for place in places(20, 3)])
    assert ((rows >= LIMITS[:, 0]) & (rows <= LIMITS[:, 1])).all()
    assert (np.ptp(rows, axis=0) > 0.8 * np.ptp(LIMITS, axis=1)).all()
    assert places(5, 3) == places(5, 3) != places(5, 4)


def test_client_axes_stand_between_the_feet(recording: mocap.Recording) -> None:
    points = in_client_axes(recording.joints)
    ankles = points[:, :, 2].mean(axis=(0, 1))
    np.testing.assert_allclose(ankles[:2], 0.0, atol=0.01)
    assert (points[:, 0, 2, 1] > 0).all()  # the left ankle is on the left
    assert (points[:, :, 3, 0] > points[:, :, 2, 0]).all()  # toes ahead of ankles


def test_the_truth_is_the_one_of_the_file(recording: mocap.Recording, samples_dir: Path) -> None:
    truth = load_truth(samples_dir / "front_squat_valgus.truth.npz")
    for leg in recording.legs:
        np.testing.assert_allclose(
            recording.curves.legs[leg].deviation_deg, truth.deviation_deg(leg), atol=0.05
        )
    assert recording.legs == ("left", "right") and recording.curves.rep.max() == 4


def test_noise_has_the_size_it_is_said_to_have(recording: mocap.Recording) -> None:
    place = Place(0.0, 0.8, 3.0, 1.0, 0.0)
    clean = film(recording.joints, place)
    seeds = range(200)
    knees = [film(recording.joints, place, np.random.default_rng(seed)).image_px[0, 25] for seed in seeds]
    tall_px = 4.0 * np.linalg.norm(clean.image_px[0, 25] - clean.image_px[0, ANKLE["left"]])
    spread = np.std(np.array(knees) - clean.image_px[0, 25], axis=0) / tall_px
    assert spread[0] == pytest.approx(0.005, rel=0.2)
    assert clean.kind == "joints" and np.isfinite(clean.image_px[:, HIP["left"]]).all()


def test_the_benchmark_prints_its_tables_and_its_target(
    samples_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trc = tmp_path / "lab_trial.trc"
    write_truth_trc(trc, load_truth(samples_dir / "front_squat_good.truth.npz"))
    code = mocap.main([str(trc), "--cameras", "1", "--csv", str(tmp_path / "peaks.csv")])
    printed = capsys.readouterr().out
    assert code in (0, 1)
    assert printed.count("| condition | n | missed | bias | RMSE | MAE | slope | r | worst |") == 2
    assert "| lab_trial | 6 | 0 |" in printed and "RMSE ≤ 0.5° without noise" in printed
    assert len((tmp_path / "peaks.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * 6


def test_an_unusable_file_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mocap.main([str(tmp_path / "gone.trc")]) == 1
    assert "there is no such file" in capsys.readouterr().err
