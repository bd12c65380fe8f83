"""The third toe built from COCO's feet, against the true one of rendered people."""

import numpy as np
import pytest
from landmark_files import rendered

from knee_track.pose.files.feet import FOOT_PER_SHANK, third_toe_px, toes_are_merged
from knee_track.pose.skeleton import LEGS

CLIPS = ("front_squat_good", "front_squat_valgus", "side_squat")


@pytest.fixture(scope="module")
def clip_of(shared_dir):
    return lambda name: rendered(shared_dir / "truth" / "samples" / f"{name}.truth.json.gz")


def feet(clip, leg):
    """Big toe, small toe, heel, the true third toe (n, 2) each, and the shank's length, pixels."""
    big, small, heel = (clip.points[f"{leg}_{part}"] for part in ("big_toe", "small_toe", "heel"))
    shank = np.linalg.norm(clip.points[f"{leg}_knee"] - clip.points[f"{leg}_ankle"], axis=1)
    return big, small, heel, clip.truth.point_px(leg, "third_toe"), float(np.percentile(shank, 90))


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("name", CLIPS)
def test_third_toe_from_both_toes(clip_of, name, leg):
    big, small, heel, true, shank_px = feet(clip_of(name), leg)
    found = third_toe_px(big, small, heel, FOOT_PER_SHANK * shank_px, leg)
    off = np.median(found - true, axis=0) / shank_px
    assert np.abs(off).max() < 0.03  # 1.2 cm; the big toe is 7 cm off
    assert not toes_are_merged(big, small, heel, FOOT_PER_SHANK * shank_px)


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("name", CLIPS[:2])
def test_third_toe_of_merged_toes_is_turned_from_the_heel(clip_of, name, leg):
    big, _, heel, true, shank_px = feet(clip_of(name), leg)
    merged = big + 0.02 * shank_px
    assert toes_are_merged(big, merged, heel, FOOT_PER_SHANK * shank_px)
    found = third_toe_px(big, merged, heel, FOOT_PER_SHANK * shank_px, leg)
    off = np.median(found - true, axis=0) / shank_px
    assert abs(off[0]) < 0.035 and abs(off[1]) < 0.05
    assert abs(off[0]) < 0.5 * abs(np.median(big - true, axis=0)[0]) / shank_px


def test_a_foot_seen_from_the_side_is_not_merged(clip_of):
    big, small, heel, _, shank_px = feet(clip_of("side_squat"), "left")
    assert not toes_are_merged(big, (big + small) / 2, heel, FOOT_PER_SHANK * shank_px)


def test_frames_without_a_small_toe_get_the_turned_one():
    big, heel = np.full((3, 2), [110.0, 160.0]), np.full((3, 2), [100.0, 100.0])
    small = big + [30.0, -5.0]
    small[1] = np.nan
    found = third_toe_px(big, small, heel, 120.0, "left")
    np.testing.assert_allclose(found[0], found[2])
    assert np.isfinite(found[1]).all() and found[1, 0] > big[1, 0]


def test_a_missing_big_toe_is_a_missing_third_toe():
    points = np.full((2, 2), 100.0)
    found = third_toe_px(points * np.nan, points, points - 50, 120.0, "left")
    assert np.isnan(found).all()
