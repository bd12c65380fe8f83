"""Filters against closed forms: known gains, known curves, gaps that must stay open."""

import numpy as np
import pytest

from knee_track.geometry.filters import butterworth, fill_gaps, hampel, spans

NAN = np.nan


def amplitude(times_s, values, frequency_hz):
    """Complex amplitude of one frequency, by least squares; its angle is the phase against a sine."""
    basis = np.c_[np.sin(2 * np.pi * frequency_hz * times_s), np.cos(2 * np.pi * frequency_hz * times_s)]
    (sine, cosine), *_ = np.linalg.lstsq(basis, values, rcond=None)
    return sine + 1j * cosine


def test_spans():
    mask = np.array([True, True, False, True, False, False, True])
    assert list(spans(mask)) == [slice(0, 2), slice(3, 4), slice(6, 7)]
    assert list(spans(np.zeros(3, dtype=bool))) == []


def test_short_gaps_are_filled_on_the_curve_and_long_ones_stay():
    times = np.arange(60) / 30
    truth = np.sin(2 * np.pi * 0.5 * times)
    values = np.c_[truth, 2 * truth]
    values[:2] = values[20:24, 0, None] = values[40:46] = NAN
    filled = fill_gaps(times, values, max_gap_s=0.15)
    np.testing.assert_allclose(filled[20:24], np.c_[truth, 2 * truth][20:24], atol=0.02)
    assert np.isnan(filled[40:46]).all()  # 0.2 s
    assert np.isnan(filled[:2]).all()  # nothing before the first value to interpolate from
    kept = np.isfinite(values)
    np.testing.assert_array_equal(filled[kept], values[kept])


def test_gap_length_is_time_not_frames():
    times = np.array([0.0, 0.03, 0.06, 0.26, 0.29, 0.32])
    values = np.array([0.0, 1.0, 2.0, NAN, 4.0, 5.0])
    assert np.isnan(fill_gaps(times, values, max_gap_s=0.15)[3])
    assert np.isfinite(fill_gaps(times, values, max_gap_s=0.25)[3])


def test_hampel_takes_the_spike_and_leaves_the_movement():
    truth = np.sin(np.linspace(0, 3, 50))
    values = truth.copy()
    values[20] += 5
    values[35] = NAN
    clean = hampel(values, window=5, mads=3.0)
    assert abs(clean[20] - truth[20]) < 0.1
    others = np.delete(np.arange(50), 20)
    np.testing.assert_array_equal(clean[others], values[others])
    np.testing.assert_array_equal(hampel(values, window=5, mads=1e6), values)


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0, 240.0])
@pytest.mark.parametrize("frequency_hz", [1.0, 3.0, 6.0])
def test_butterworth_has_the_gain_of_its_formula_and_no_lag(rate_hz, frequency_hz):
    times = np.arange(0, 8, 1 / rate_hz)
    smooth = butterworth(times, np.sin(2 * np.pi * frequency_hz * times), cutoff_hz=6.0)
    middle = (times > 2) & (times < 6)
    found = amplitude(times[middle], smooth[middle], frequency_hz)
    # the bilinear transform bends the frequency axis: tan(pi f / rate)
    bent = np.tan(np.pi * frequency_hz / rate_hz) / np.tan(np.pi * 6.0 / rate_hz)
    assert abs(found) == pytest.approx(1 / (1 + bent**4), abs=0.01)
    assert np.angle(found) == pytest.approx(0.0, abs=0.01)


def test_butterworth_goes_by_true_time_stamps():
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.uniform(1 / 45, 1 / 22, 300))
    truth = np.sin(2 * np.pi * 0.7 * times)
    smooth = butterworth(times, truth + rng.normal(0, 0.05, 300), cutoff_hz=6.0)
    error = (smooth - truth)[10:-10]
    assert np.std(error) < 0.04
    assert abs(np.angle(amplitude(times, smooth, 0.7))) < 0.01


def test_butterworth_keeps_spans_apart():
    times = np.arange(90) / 30
    values = np.c_[np.cos(3 * times), np.where(times < 1.5, 0.0, 100.0)]
    values[45:50, 1] = NAN
    values[85:, 1] = [NAN, 7.0, 9.0, 7.0, NAN]
    smooth = butterworth(times, values, cutoff_hz=6.0)
    np.testing.assert_array_equal(np.isnan(smooth), np.isnan(values))
    np.testing.assert_allclose(smooth[:45, 1], 0.0, atol=1e-9)  # the step beyond the gap is not felt
    np.testing.assert_allclose(smooth[50:85, 1], 100.0, atol=1e-6)
    np.testing.assert_array_equal(smooth[86:89, 1], values[86:89, 1])  # too short to filter


def test_butterworth_lowers_the_cutoff_for_slow_cameras():
    times = np.arange(40) / 5
    flicker = np.where(np.arange(40) % 2, 1.0, -1.0)
    smooth = butterworth(times, times + flicker, cutoff_hz=6.0)
    np.testing.assert_allclose(smooth[8:-8], times[8:-8], atol=0.05)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_tiny_signals_pass_unchanged(length):
    times, values = np.arange(length) / 30, np.ones((length, 2))
    for result in (
        fill_gaps(times, values, 0.15),
        hampel(values, 5, 3.0),
        butterworth(times, values, 6.0),
    ):
        np.testing.assert_array_equal(result, values)
