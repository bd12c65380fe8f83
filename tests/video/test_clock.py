import numpy as np
import pytest

from knee_track.video.clock import MIN_STEP_S, Clock


def times(stamps: list[float | None], interval_s: float = 0.1) -> tuple[list[float], int]:
    clock = Clock(interval_s)
    out = [clock.time_of(s) for s in stamps]
    assert np.all(np.diff(out) >= MIN_STEP_S - 1e-12)
    return out, clock.repaired


def test_good_stamps_stay_as_they_are() -> None:
    stamps = [0.0, 0.1, 0.15, 0.9, 0.904]
    assert times(stamps) == (stamps, 0)


def test_repeated_stamps_fill_the_step_and_leave_later_ones_alone() -> None:
    out, repaired = times([0.0, 0.1, 0.1, 0.1, 0.2, 0.3])
    assert out == pytest.approx([0.0, 0.1, 0.15, 0.175, 0.2, 0.3])
    assert repaired == 2


def test_swapped_stamps_leave_later_ones_alone() -> None:
    out, repaired = times([0.0, 0.1, 0.3, 0.2, 0.4])
    assert out == pytest.approx([0.0, 0.1, 0.3, 0.35, 0.4])
    assert repaired == 1


def test_missing_stamps_take_one_interval() -> None:
    assert times([None, None, None]) == (pytest.approx([0.0, 0.1, 0.2]), 3)
    assert times([0.0, None, 0.25]) == (pytest.approx([0.0, 0.1, 0.25]), 1)


def test_a_clock_that_begins_anew_goes_on_with_its_own_steps() -> None:
    out, repaired = times([0.0, 5.0, 10.0, 0.0, 0.07, 0.2])
    assert out == pytest.approx([0.0, 5.0, 10.0, 10.1, 10.17, 10.3])
    assert repaired == 1


def test_a_clock_that_stands_still_ends_up_at_the_nominal_rate() -> None:
    out, _ = times([0.0] * 100)
    assert np.diff(out)[10:] == pytest.approx(0.1)
