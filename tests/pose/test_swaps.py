"""Left/right swaps injected where truth is known: found exactly, and never found where there are none."""

import gzip
import json

import numpy as np
import pytest
from stick_figure import EVERYTHING, LEGS, squat_track, swap

from knee_track.pose.skeleton import INDEX
from knee_track.pose.swaps import repair_swaps
from knee_track.pose.track import PoseTrack
from knee_track.settings import CleanSettings


def rendered_track(truth_dir, name):
    """The true landmarks of a rendered clip, those of hands and face left out."""
    truth = json.loads(gzip.decompress((truth_dir / f"{name}.truth.json.gz").read_bytes()))
    image = np.full((len(truth["frames"]), 33, 2), np.nan)
    for i, frame in enumerate(truth["frames"]):
        for side in ("left", "right"):
            for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "eye"):
                image[i, INDEX[f"{side}_{part}"]] = frame[side]["p2d"][part]
            image[i, INDEX[f"{side}_foot_index"]] = frame[side]["p2d"]["second_toe"]
    times = np.array([frame["t"] for frame in truth["frames"]])
    width, height = truth["camera"]["size"]
    return PoseTrack(times, image, np.zeros((*image.shape[:2], 3)), np.ones(image.shape[:2]), width, height)


@pytest.mark.parametrize("landmarks, sentences", [(LEGS, 1), (EVERYTHING, 2)])
def test_swapped_spans_are_put_back_with_a_warning(landmarks, sentences):
    track = squat_track(noise_px=1.0)
    track.visibility[:, INDEX["left_knee"]] = 0.7
    frames = [20, *range(60, 85), *range(170, 180)]
    repaired, warnings = repair_swaps(swap(track, frames, landmarks), CleanSettings())
    np.testing.assert_array_equal(repaired.image_px, track.image_px)
    np.testing.assert_array_equal(repaired.visibility, track.visibility)
    assert len(warnings) == sentences
    assert all("0.7 s, 2.0 s, 5.7 s" in warning for warning in warnings)


def test_swaps_on_either_side_of_a_missing_frame_are_found():
    track = squat_track()
    broken = swap(track, range(60, 85))
    broken.image_px[60] = np.nan
    repaired, _ = repair_swaps(broken, CleanSettings())
    np.testing.assert_array_equal(repaired.image_px[61:], track.image_px[61:])


@pytest.mark.parametrize(
    "settings", [CleanSettings(swap_min_jump=5.0), CleanSettings(swap_max_share=1e-9)], ids=["jump", "share"]
)
def test_thresholds_decide(settings):
    broken = swap(squat_track(noise_px=1.0), range(60, 85))
    repaired, warnings = repair_swaps(broken, settings)
    assert not warnings
    np.testing.assert_array_equal(repaired.image_px, broken.image_px)


def test_a_turn_of_the_whole_person_is_no_swap():
    track = squat_track(seconds=2.0)
    turn = np.cos(np.pi * np.clip((track.times_s - 0.7) / 0.6, 0, 1))  # half a turn in 0.6 s
    track.image_px[..., 0] = 360 + (track.image_px[..., 0] - 360) * turn[:, None]
    _, warnings = repair_swaps(track, CleanSettings())
    assert not warnings


@pytest.mark.parametrize("name", ["var_man_fast", "var_man_narrow", "sym_woman_y30", "var_man_yaw45"])
def test_rendered_clips(name, shared_dir):
    track = rendered_track(shared_dir / "truth" / "dev", name)
    assert repair_swaps(track, CleanSettings())[1] == []
    repaired, warnings = repair_swaps(swap(track, [30, 31, *range(50, 70)]), CleanSettings())
    assert len(warnings) == 1
    np.testing.assert_array_equal(repaired.image_px, track.image_px)


def test_crossing_legs_of_a_side_view_are_no_swap(shared_dir):
    track = rendered_track(shared_dir / "truth" / "dev", "var_man_yaw90")
    assert repair_swaps(track, CleanSettings())[1] == []
