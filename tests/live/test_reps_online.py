"""The online machine on depth curves whose reps are known, and against the recorded search."""

import numpy as np
import pytest
from live_figures import clock, there_and_back

from knee_track.live.reps_online import RepMachine
from knee_track.reps.segmentation import STARTS_INSIDE, find_reps
from knee_track.settings import Settings, load_settings

FRAME = 1 / 30


def curve(times, *reps):
    return sum(depth * there_and_back(times, start, end, hold=0.3) for start, end, depth in reps)


def run(depth, times, settings=None):
    """(moment, span) of every movement that the machine finished, and the phases per frame."""
    settings = settings or Settings()
    machine = RepMachine(settings.reps, settings.live)
    spans, phases = [], []
    for time_s, value in zip(times, depth, strict=True):
        span = machine.step(value, time_s)
        spans += [(time_s, span)] if span else []
        phases.append(machine.phase)
    return spans, np.array([phase or "" for phase in phases])


@pytest.mark.parametrize("fps", [10, 24, 30, 60])
def test_reps_are_those_of_the_recorded_search_and_known_soon_after_standing(fps):
    times = clock(12, fps)
    reps = [(1.0, 3.3, 0.40), (3.3, 5.6, 0.30), (7.0, 9.3, 0.35)]
    spans, _ = run(curve(times, *reps), times)
    recorded = find_reps(curve(times, *reps), times, Settings().reps).reps
    assert len(spans) == len(recorded) == 3
    for (told_s, span), wanted, (_, end, _) in zip(spans, recorded, reps, strict=True):
        assert span.reason is None
        assert span.bottom_s == pytest.approx(wanted.bottom_s, abs=1e-9)
        assert (span.start_s, span.end_s) == pytest.approx((wanted.start_s, wanted.end_s), abs=1.1 / fps)
        assert told_s <= end + 0.3


def test_two_reps_that_touch_are_two():
    times = clock(8)
    depth = np.maximum(curve(times, (1.0, 3.3, 0.4)), curve(times, (3.1, 5.4, 0.4)))
    spans, _ = run(depth, times)
    assert [span.reason for _, span in spans] == [None, None]
    assert spans[1][1].bottom_s == pytest.approx(4.25, abs=FRAME)


def test_a_long_pause_at_the_bottom_and_a_half_rise_are_one_rep():
    times = clock(12)
    pause = 0.4 * there_and_back(times, 1.0, 8.0, hold=4.0) - 0.2 * there_and_back(times, 4.0, 5.5)
    spans, phases = run(pause, times)
    assert [span.reason for _, span in spans] == [None]
    assert (phases == "bottom").sum() * FRAME > 2.0


@pytest.mark.parametrize(
    ("reps", "words"),
    [([(1, 3, 0.09)], "too shallow"), ([(1, 1.5, 0.4)], "too quick"), ([(1, 13, 0.4)], "too slow")],
)
def test_what_is_no_rep_says_why(reps, words):
    times = clock(15)
    ((_, span),) = run(curve(times, *reps), times)[0]
    assert words in span.reason


def test_trembling_at_the_threshold_is_nothing():
    times = clock(10)
    assert run(0.05 + 0.02 * np.sin(2 * np.pi * times), times)[0] == []


def test_a_start_that_was_not_seen_is_no_rep():
    times = clock(6)
    spans, _ = run(curve(times, (-1.2, 1.1, 0.4), (2.0, 4.3, 0.4)), times)
    assert [span.reason for _, span in spans] == [STARTS_INSIDE, None]


@pytest.mark.parametrize("gap_s", [0.4, 1.0])
def test_only_a_long_loss_breaks_a_rep(gap_s):
    times = clock(6)
    depth = curve(times, (1.0, 3.3, 0.4))
    depth[np.abs(times - 2.15) < gap_s / 2] = np.nan
    counted = [span for _, span in run(depth, times)[0] if span.reason is None]
    assert len(counted) == (1 if gap_s < 0.5 else 0)


def test_phases_come_in_their_order_and_split_the_rise():
    times = clock(6)
    depth = curve(times, (1.0, 3.6, 0.4))
    _, phases = run(depth, times)
    order = [phase for i, phase in enumerate(phases) if i == 0 or phase != phases[i - 1]]
    assert order == ["", "descent", "bottom", "early_ascent", "late_ascent", ""]
    assert (depth[phases == "early_ascent"] >= 0.18 - 1e-9).all()
    assert (depth[phases == "late_ascent"] <= 0.18).all()


def test_thresholds_decide():
    times = clock(8)
    rep = curve(times, (1.0, 3.3, 0.4))
    told = [run(rep, times, load_settings(None, [f"live.confirm_s={s}"]))[0][0][0] for s in (0.1, 0.6)]
    assert told[1] - told[0] == pytest.approx(0.5, abs=FRAME)
    bottoms = [
        (run(rep, times, load_settings(None, [f"live.bottom_speed_share={s}"]))[1] == "bottom").sum()
        for s in (0.02, 0.9)
    ]
    assert bottoms[1] > bottoms[0]


def test_the_memory_of_somebody_who_never_comes_up_is_bounded():
    settings = Settings()
    machine = RepMachine(settings.reps, settings.live)
    for i in range(30 * 120):
        machine.step(0.0 if i < 30 else 0.4, i / 30)
    assert len(machine._past) <= 30 * (3 * settings.reps.max_duration_s + 1)
