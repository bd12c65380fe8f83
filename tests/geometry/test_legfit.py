"""The fit on faultless landmarks of rendered clips: what is left is the geometry's own error."""

from dataclasses import replace

import numpy as np
import pytest
from rendered_landmarks import perfect_track

from knee_track.geometry import deviation, legmodel
from knee_track.geometry.legfit import fit_legs
from knee_track.geometry.legmodel import Shared
from knee_track.pose.skeleton import LEGS

CLIPS = ["front_squat_good", "front_squat_valgus"]


@pytest.fixture(scope="module", params=CLIPS)
def fitted(request, samples_dir):
    track, truth = perfect_track(samples_dir / f"{request.param}.truth.npz")
    fit = fit_legs(track, truth.depth, LEGS, 0.0)
    assert fit is not None
    return fit, truth


def test_deep_in_the_squat_the_deviation_is_the_true_one(fitted):
    fit, truth = fitted
    deep = truth.depth > 0.2
    for side, leg in enumerate(LEGS):
        error = np.degrees(fit.own[deep, legmodel.DEVIATION[side]]) - truth.deviation_deg(leg)[deep]
        assert np.sqrt(np.mean(error**2)) < 1.8


def test_the_band_holds_the_error(fitted):
    fit, truth = fitted
    bands = deviation.bands_deg(fit)
    loaded = truth.depth > 0.05
    for side, leg in enumerate(LEGS):
        error = np.abs(np.degrees(fit.own[:, legmodel.DEVIATION[side]]) - truth.deviation_deg(leg))
        assert np.mean(error[loaded] <= bands[loaded, side]) > 0.95
    assert 1.0 < np.median(bands[loaded]) < 8.0


def test_camera_feet_and_depth_come_out(fitted):
    fit, truth = fitted
    assert legmodel.yaw_of(fit.shared) == pytest.approx(truth.scene["yaw"], abs=3.0)
    assert np.degrees(fit.shared[Shared.PITCH]) == pytest.approx(truth.camera["pitch_deg"], abs=4.0)
    assert np.degrees(fit.shared[Shared.ROLL]) == pytest.approx(0.0, abs=1.0)
    toe = truth.point_m("left", "third_toe")[0] - truth.point_m("left", "ankle")[0]
    assert deviation.toe_out_deg(fit)[0][0] == pytest.approx(np.degrees(np.arctan2(toe[1], toe[0])), abs=5.0)
    assert fit.misfit < 0.6


def test_a_depth_that_the_picture_under_reads_is_set_right(samples_dir):
    track, truth = perfect_track(samples_dir / "front_squat_good.truth.npz")
    fit = fit_legs(track, 0.85 * truth.depth, LEGS, 0.0)
    assert deviation.fitted_depth(fit, 0.85 * truth.depth).max() == pytest.approx(truth.depth.max(), abs=0.03)


def test_one_planted_leg_is_enough(samples_dir):
    track, truth = perfect_track(samples_dir / "front_squat_valgus.truth.npz")
    fit = fit_legs(track, truth.depth, ("left",), 0.0)
    deep = truth.depth > 0.2
    error = np.degrees(fit.own[deep, legmodel.DEVIATION[0]]) - truth.deviation_deg("left")[deep]
    assert np.sqrt(np.mean(error**2)) < 2.5
    curves = deviation.leg_curves(fit, "right", np.ones(len(track), dtype=bool), deviation.bands_deg(fit))
    assert np.isnan(curves.deviation_deg).all()


def test_too_few_frames_give_no_fit(samples_dir):
    track, truth = perfect_track(samples_dir / "front_squat_good.truth.npz")
    usable = np.zeros(len(track), dtype=bool)
    usable[:3] = True
    assert fit_legs(track, truth.depth, LEGS, 0.0, usable) is None


@pytest.mark.parametrize("name", CLIPS)
def test_joint_centres_without_error_leave_less_than_a_degree(samples_dir, name):
    track, truth = perfect_track(samples_dir / f"{name}.truth.npz", "joints")
    fit = fit_legs(track, truth.depth, LEGS, 0.0)
    deep = truth.depth > 0.2
    for side, leg in enumerate(LEGS):
        error = np.degrees(fit.own[deep, legmodel.DEVIATION[side]]) - truth.deviation_deg(leg)[deep]
        assert np.sqrt(np.mean(error**2)) < 0.8


def test_a_mirrored_picture_moves_the_landmarks_the_other_way(samples_dir):
    """What the network adds to the picture's right it adds to the left of a picture turned back."""
    track, truth = perfect_track(samples_dir / "front_squat_valgus.truth.npz")
    seen_right, seen_wrong = (
        fit_legs(track, truth.depth, LEGS, 0.0, mirrored=mirrored) for mirrored in (False, True)
    )
    deep = truth.depth > 0.2
    true = np.mean(truth.deviation_deg("right")[deep] - truth.deviation_deg("left")[deep])
    wrong_by = [
        abs(np.degrees(np.diff(fit.own[deep][:, legmodel.DEVIATION], axis=1).mean()) - true)
        for fit in (seen_right, seen_wrong)
    ]
    assert wrong_by[0] + 0.5 < wrong_by[1]


def test_the_band_knows_the_view(fitted):
    """From the side the landmarks are less sure than the fit itself knows: the band's share grows with
    yaw."""
    fit, _ = fitted
    front = np.median(deviation.bands_deg(fit))
    turned = fit.shared.copy()
    turned[Shared.HEADING] -= np.radians(20.0)
    assert np.median(deviation.bands_deg(replace(fit, shared=turned))) > 1.2 * front
