"""The whole cleaning on a squat whose true landmarks are known."""

from dataclasses import replace

import numpy as np
import pytest
from stick_figure import smoothed_by_mediapipe, squat_track, swap

from knee_track.pose.clean import clean_track, hide_unseen
from knee_track.pose.skeleton import ANKLE, HIP, KNEE
from knee_track.settings import CleanSettings

LEFT_KNEE, RIGHT_HIP, LEFT_ANKLE = KNEE["left"], HIP["right"], ANKLE["left"]


def rms(values):
    return float(np.sqrt(np.mean(values**2)))


def test_noise_spikes_and_short_gaps_go_and_the_movement_stays():
    truth, track = squat_track(), squat_track(noise_px=2.0)
    track.image_px[40, LEFT_KNEE] += 80
    track.image_px[90:93] = track.world_m[90:93] = track.visibility[90:93] = np.nan
    clean, warnings = clean_track(track, CleanSettings(), smoothed_by_mediapipe=False)
    error = (clean.image_px - truth.image_px)[5:-5]
    assert np.isfinite(error).all()
    assert rms(error) < 1.4  # of 2.0
    assert np.abs(clean.image_px[40, LEFT_KNEE] - truth.image_px[40, LEFT_KNEE]).max() < 5
    assert warnings == []


def test_hidden_landmarks_are_missing_and_only_they():
    track = squat_track()
    track.visibility[60:90, LEFT_KNEE] = 0.3
    track.visibility[20:22, RIGHT_HIP] = 0.3
    clean, _ = clean_track(track, CleanSettings(), smoothed_by_mediapipe=False)
    missing = np.isnan(clean.image_px).all(axis=-1)
    assert missing[60:90, LEFT_KNEE].all()
    assert missing.sum() == 30  # two frames are bridged
    assert not np.isnan(hide_unseen(track, min_visibility=0.2).image_px).any()


def test_heels_of_a_front_view_are_kept():
    track = squat_track()
    track.visibility[:, 29:31] = 0.84
    assert not np.isnan(clean_track(track, CleanSettings())[0].image_px).any()


def test_a_swap_by_the_network_is_put_back_behind_the_built_in_smoothing():
    truth, seen = squat_track(), swap(squat_track(noise_px=1.0), range(60, 85))
    clean, warnings = clean_track(smoothed_by_mediapipe(seen), CleanSettings())
    assert len(warnings) == 1
    assert rms(clean.image_px - truth.image_px) < 1.5


def test_imported_tracks_are_not_sped_up():
    track = squat_track()
    clean, _ = clean_track(track, CleanSettings(), smoothed_by_mediapipe=False)
    np.testing.assert_allclose(clean.image_px[10:-10], track.image_px[10:-10], atol=0.2)
    wrongly, _ = clean_track(track, CleanSettings(), smoothed_by_mediapipe=True)
    assert np.abs(wrongly.image_px - track.image_px)[10:-10].max() > 1


@pytest.mark.parametrize(
    "change", [{"cutoff_hz": 1.0}, {"hampel_mads": 50.0}, {"hampel_frames": 3}, {"max_gap_s": 0.0}]
)
def test_every_threshold_matters(change):
    track = squat_track(noise_px=2.0)
    track.image_px[40:42, LEFT_ANKLE] += 80
    track.image_px[90:93] = np.nan
    usual, _ = clean_track(track, CleanSettings(), smoothed_by_mediapipe=False)
    other, _ = clean_track(track, CleanSettings(**change), smoothed_by_mediapipe=False)
    assert not np.allclose(usual.image_px, other.image_px, atol=0.5, equal_nan=True)


@pytest.mark.parametrize("fps", [5.0, 10.0, 24.0, 120.0, 240.0])
def test_any_frame_rate(fps):
    track = squat_track(seconds=4.0, fps=fps, squat_s=4.0, noise_px=1.0)
    truth = squat_track(seconds=4.0, fps=fps, squat_s=4.0)
    clean, _ = clean_track(track, CleanSettings(), smoothed_by_mediapipe=False)
    assert rms((clean.image_px - truth.image_px)[2:-2]) < 1.3


def test_a_track_without_the_person_stays_missing():
    track = squat_track(seconds=1.0)
    empty = replace(track, image_px=track.image_px * np.nan, world_m=track.world_m * np.nan)
    clean, warnings = clean_track(empty, CleanSettings())
    assert np.isnan(clean.image_px).all()
    assert warnings == []
