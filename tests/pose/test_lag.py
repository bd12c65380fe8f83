"""MediaPipe's filter, written here from its source, is undone."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from stick_figure import one_euro, smoothed_by_mediapipe, squat_track

from knee_track.pose.lag import IMAGE_FILTER, invert_one_euro, remove_smoothing_lag
from knee_track.pose.skeleton import KNEE

LEFT_KNEE = KNEE["left"]


def frames_late(values, truth):
    """Shift in frames that fits a signal best to the truth."""
    frame = np.arange(len(truth), dtype=float)

    def error(shift):
        return np.mean((np.interp(frame - shift, frame, truth) - values)[5:-5] ** 2)

    return minimize_scalar(error, bounds=(-3, 3), method="bounded").x


@pytest.mark.parametrize("fps", [10.0, 25.0, 30.0, 60.0])
def test_inverse_gives_the_input_back(fps):
    track = squat_track(fps=fps, noise_px=1.0)
    scale = np.full(len(track), 1200.0)
    smoothed = one_euro(track.times_s, track.image_px, scale, 0.05, 80.0)
    raw = invert_one_euro(smoothed, np.diff(track.times_s), scale, IMAGE_FILTER)
    error = np.abs(raw - track.image_px)
    assert np.median(error) < 1e-3
    # at a turning point two inputs can have one output, and the wrong one may be taken; it is soon forgotten
    assert np.sqrt(np.mean(error**2)) < 0.5 * np.sqrt(np.mean((smoothed - track.image_px) ** 2))


def test_lag_of_a_fast_squat_goes():
    track = squat_track(squat_s=1.2, noise_px=0.5)
    truth = squat_track(squat_s=1.2)
    smoothed = smoothed_by_mediapipe(track)
    raw = remove_smoothing_lag(smoothed)
    for axis in (0, 1):
        late = frames_late(smoothed.image_px[:, LEFT_KNEE, axis], truth.image_px[:, LEFT_KNEE, axis])
        left = frames_late(raw.image_px[:, LEFT_KNEE, axis], truth.image_px[:, LEFT_KNEE, axis])
        assert late > 0.5
        assert abs(left) < 0.1
    before, after = smoothed.world_m - track.world_m, raw.world_m - track.world_m
    assert np.std(after[:, LEFT_KNEE, 1]) < 0.5 * np.std(before[:, LEFT_KNEE, 1])


def test_visibility_drops_when_the_knee_is_hidden_and_not_later():
    track = squat_track()
    track.visibility[60:70, LEFT_KNEE] = 0.2
    smoothed = smoothed_by_mediapipe(track)
    assert (smoothed.visibility[60:63, LEFT_KNEE] > 0.5).all()
    np.testing.assert_allclose(remove_smoothing_lag(smoothed).visibility, track.visibility, atol=1e-9)


def test_filter_starts_anew_after_a_loss():
    first, second = squat_track(seconds=2.0, noise_px=0.5), squat_track(seconds=2.0, noise_px=0.5, seed=1)
    alone = remove_smoothing_lag(smoothed_by_mediapipe(second))
    a, b = smoothed_by_mediapipe(first), smoothed_by_mediapipe(second)
    lost = np.full((5, *a.image_px.shape[1:]), np.nan)
    track = replace(
        a,
        times_s=np.arange(125) / 30,
        image_px=np.concatenate([a.image_px, lost, b.image_px]),
        world_m=np.concatenate([a.world_m, np.full((5, 33, 3), np.nan), b.world_m]),
        visibility=np.concatenate([a.visibility, np.full((5, 33), np.nan), b.visibility]),
    )
    raw = remove_smoothing_lag(track)
    assert np.std(raw.image_px[65:] - alone.image_px) < 0.1  # of 0.5 px of noise
    assert np.isnan(raw.image_px[60:65]).all()
