"""Depth curves with known starts, bottoms and ends."""

import numpy as np
import pytest
from moving_figure import clock, min_jerk, there_and_back

from knee_track.reps.segmentation import ENDS_INSIDE, STARTS_INSIDE, find_reps
from knee_track.settings import RepSettings

FRAME = 1 / 30
# Where in its duration a least-jerk movement has 5 % of its peak speed: 30 x² (1 − x)² = 0.05 · 1.875.
RAMP = 0.0594


def curve(times, *reps):
    """Depth of reps given as (start, end, depth), each with 0.3 s at the bottom."""
    return sum(depth * there_and_back(times, start, end, hold=0.3) for start, end, depth in reps)


def reasons(depth, times, **settings):
    return [attempt.reason for attempt in find_reps(depth, times, RepSettings(**settings)).attempts]


def test_start_bottom_and_end_are_found_independently():
    times = clock(12)
    wanted = [(1.0, 3.3, 0.40), (5.0, 7.3, 0.30), (7.3, 9.6, 0.35)]
    found = find_reps(curve(times, *wanted), times, RepSettings())
    assert not found.attempts
    assert len(found.reps) == 3
    for rep, (start, end, depth) in zip(found.reps, wanted, strict=True):
        assert rep.start_s == pytest.approx(start + RAMP, abs=FRAME)
        assert rep.end_s == pytest.approx(end - RAMP, abs=FRAME)
        assert rep.bottom_s == pytest.approx((start + end) / 2, abs=FRAME)
        assert rep.depth == pytest.approx(depth, abs=0.005)
        assert times[rep.start_i] == rep.start_s


def test_times_count_and_not_frames():
    even = clock(6)
    uneven = np.sort(np.random.default_rng(1).choice(even, size=100, replace=False))
    found = find_reps(curve(uneven, (1.0, 3.3, 0.4)), uneven, RepSettings())
    assert len(found.reps) == 1
    assert found.reps[0].bottom_s == pytest.approx(2.15, abs=0.1)


def test_five_frames_a_second_are_enough():
    times = clock(8, fps=5)
    assert len(find_reps(curve(times, (1.0, 3.3, 0.4), (4.0, 6.3, 0.4)), times, RepSettings()).reps) == 2


def test_a_bounce_at_the_bottom_and_a_half_rise_are_one_rep():
    times = clock(6)
    depth = curve(times, (1.0, 4.5, 0.4)) - 0.2 * there_and_back(times, 2.4, 3.2)
    assert len(find_reps(depth, times, RepSettings()).reps) == 1


def test_noise_around_the_crossing_is_no_rep():
    times = clock(10)
    depth = 0.05 + 0.02 * np.sin(2 * np.pi * times)
    found = find_reps(depth, times, RepSettings())
    assert not found.reps
    assert not found.attempts


def test_what_is_cut_off_by_the_clip_is_an_attempt():
    times = clock(6)
    depth = curve(times, (-1.2, 1.1, 0.4), (2.0, 4.3, 0.4), (5.0, 7.3, 0.4))
    assert len(find_reps(depth, times, RepSettings()).reps) == 1
    assert reasons(depth, times) == [STARTS_INSIDE, ENDS_INSIDE]
    assert reasons(0.24 * depth, times) == ["too shallow: depth 0.096, a rep needs 0.1"]


@pytest.mark.parametrize("gap_s", [0.4, 1.0])
def test_only_a_long_gap_breaks_a_rep(gap_s):
    times = clock(5)
    depth = curve(times, (1.0, 3.3, 0.4))
    depth[np.abs(times - 2.15) < gap_s / 2] = np.nan
    assert len(find_reps(depth, times, RepSettings()).reps) == (1 if gap_s < 0.5 else 0)


def test_a_cut_breaks_a_rep():
    times = clock(5)
    found = find_reps(curve(times, (1.0, 3.3, 0.4)), times, RepSettings(), cuts_s=[2.0])
    assert not found.reps
    assert [attempt.reason for attempt in found.attempts] == [ENDS_INSIDE, STARTS_INSIDE]


@pytest.mark.parametrize("depth", [np.full(60, np.nan), np.zeros(60), np.full(60, 0.3), np.zeros(1)])
def test_nothing_to_find(depth):
    assert not find_reps(depth, clock(len(depth) / 30), RepSettings()).reps


@pytest.mark.parametrize(
    ("reps", "words"),
    [
        ([(1, 3, 0.09)], "too shallow"),
        ([(1, 1.5, 0.4)], "too quick"),
        ([(1, 13, 0.4)], "too slow"),
        ([(1, 3, 0.4), (4, 6, 0.15), (7, 9, 0.4)], "much shallower than the other reps"),
    ],
)
def test_attempts_say_why(reps, words):
    times = clock(15)
    (reason,) = reasons(curve(times, *reps), times)
    assert words in reason


@pytest.mark.parametrize(
    ("rep", "changed"),
    [
        ((1, 3, 0.09), {"min_depth": 0.085}),
        ((1, 1.5, 0.4), {"min_duration_s": 0.3}),
        ((1, 13, 0.4), {"max_duration_s": 13.0}),
    ],
)
def test_thresholds_decide_what_is_an_attempt(rep, changed):
    times = clock(15)
    depth = curve(times, rep)
    assert not find_reps(depth, times, RepSettings()).reps
    assert len(find_reps(depth, times, RepSettings(**changed)).reps) == 1


def test_thresholds_of_the_search():
    times = clock(15)
    set_depth = curve(times, (1, 3, 0.4), (4, 6, 0.15), (7, 9, 0.4))
    assert len(find_reps(set_depth, times, RepSettings(min_share_of_median=0.3)).reps) == 3
    slight = curve(times, (1, 3, 0.07))
    assert reasons(slight, times) == []
    assert len(reasons(slight, times, rearm_depth=0.06)) == 1
    half_up = curve(times, (1, 4.5, 0.4)) - 0.33 * there_and_back(times, 2.2, 3.4)
    assert len(find_reps(half_up, times, RepSettings()).reps) == 1
    assert len(find_reps(half_up, times, RepSettings(enter_depth=0.08, rearm_depth=0.1)).reps) == 2
    blind = curve(times, (1, 3.3, 0.4))
    blind[(times > 2) & (times < 2.4)] = np.nan
    assert not find_reps(blind, times, RepSettings(max_blind_s=0.2)).reps
    starts = [
        find_reps(set_depth, times, RepSettings(rest_speed_share=s)).reps[0].start_s for s in (0.05, 0.5)
    ]
    assert starts[1] - starts[0] > 0.1
    lopsided = 0.4 * (min_jerk(times, 1, 2) - 0.1 * min_jerk(times, 2, 4) - 0.9 * min_jerk(times, 4, 5))
    bottoms = [
        find_reps(lopsided, times, RepSettings(bottom_stretch=b)).reps[0].bottom_s for b in (0.97, 0.85)
    ]
    assert bottoms[1] - bottoms[0] > 0.2
