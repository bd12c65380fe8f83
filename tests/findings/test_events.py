import numpy as np
import pytest
from made_curves import DEEP, curves, leg_curves

from knee_track.findings.events import (
    find_events,
    find_lateral_events,
    leg_visibility,
    standing_noise_deg,
)
from knee_track.pose.skeleton import INDEX
from knee_track.settings import Settings, load_settings

SETTINGS = Settings()  # enter 4°, leave 2.5°, shortest 0.15 s, merge up to 0.15 s


def clock(fps: float, seconds: float = 4.0) -> np.ndarray:
    return np.arange(0.0, seconds, 1.0 / fps)


def triangle(time_s, peak_s, peak_deg=8.0, half_width_s=1.0):
    """Straight flanks that go on below zero down to −20°."""
    return np.maximum(peak_deg * (1.0 - np.abs(time_s - peak_s) / half_width_s), -20.0)


def events_of(deviation, time_s, settings=SETTINGS, visibility=None, made=curves, **options):
    visible = np.ones(len(time_s)) if visibility is None else visibility
    return find_events(made(time_s, deviation), "left", visible, settings, **options)


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 59.94])
def test_times_of_a_triangle_are_its_threshold_crossings_at_any_frame_rate(fps):
    time_s = clock(fps)
    (event,) = events_of(triangle(time_s, 2.013), time_s)
    assert event.start_s == pytest.approx(2.013 - 0.5, abs=1e-6)  # 8° · (1 − 0.5) = 4°
    assert event.end_s == pytest.approx(2.013 + 0.6875, abs=1e-6)  # 8° · (1 − 0.6875) = 2.5°
    assert event.peak_s == pytest.approx(2.013, abs=1.0 / fps)


def test_times_of_a_triangle_with_uneven_time_stamps():
    rng = np.random.default_rng(1)
    time_s = np.cumsum(rng.uniform(0.02, 0.05, 120))
    (event,) = events_of(triangle(time_s, 2.0), time_s)
    assert (event.start_s, event.end_s) == pytest.approx((1.5, 2.6875), abs=1e-6)


def test_values_of_an_event():
    time_s = clock(1000.0)
    (event,) = events_of(triangle(time_s, 2.0), time_s)
    # from 4° up to 8° in 0.5 s and down to 2.5° in 0.6875 s: mean (6·0.5 + 5.25·0.6875) / 1.1875
    assert event.mean_deviation_deg == pytest.approx(5.566, abs=0.01)
    # the top 5 % of 1.1875 s lie within 0.0297 s of the peak: 8° · (1 − 0.0297)
    assert event.peak_deviation_deg == pytest.approx(7.7625, abs=0.01)
    assert event.peak_offset_pct_shank == pytest.approx(100 * np.sin(np.radians(7.7625)), abs=0.02)
    assert event.grade == "moderate"
    assert event.band_deg == pytest.approx(2.0)


@pytest.mark.parametrize("fps", [30.0, 60.0])
@pytest.mark.parametrize(("duration_s", "found"), [(0.149, 0), (0.151, 1)])
def test_shortest_event(fps, duration_s, found):
    time_s = clock(fps)
    # a 20° triangle is above 4° for 0.8 and above 2.5° for 0.875 of its half-width
    deviation = triangle(time_s, 2.004, peak_deg=20.0, half_width_s=duration_s / 1.675)
    assert len(events_of(deviation, time_s)) == found


@pytest.mark.parametrize(("gap_s", "found"), [(0.149, 1), (0.151, 2)])
def test_events_merge_over_short_gaps(gap_s, found):
    time_s = clock(120.0)
    # half-width 0.3 s, 20°: the first closes 0.2625 s after its peak, the next opens 0.24 s before its own
    second = 1.5 + 0.2625 + gap_s + 0.24
    deviation = np.maximum(
        triangle(time_s, 1.5, 20.0, 0.3),
        triangle(time_s, second, 20.0, 0.3),
    )
    events = events_of(deviation, time_s)
    assert len(events) == found
    assert events[0].start_s == pytest.approx(1.5 - 0.24, abs=1e-6)
    assert events[-1].end_s == pytest.approx(second + 0.2625, abs=1e-6)


@pytest.mark.parametrize(("dip_deg", "found"), [(2.6, 1), (2.4, 2)])
def test_hysteresis_bridges_a_dip_that_stays_above_the_leaving_threshold(dip_deg, found):
    time_s = clock(100.0)
    deviation = np.where((time_s > 1.5) & (time_s < 2.5), dip_deg, 8.0)
    assert len(events_of(deviation, time_s)) == found


def test_a_lone_spike_on_a_plateau_below_the_entry_is_no_event():
    time_s = clock(30.0)
    deviation = np.full(len(time_s), 3.5)
    deviation[40] = 9.0
    assert events_of(deviation, time_s) == []


def test_events_stay_inside_the_loaded_window_of_one_rep():
    time_s = clock(10.0)
    rep = np.where(time_s < 1.95, 1, 2)
    depth = np.where((time_s % 2.0 > 0.45) & (time_s % 2.0 < 1.55), DEEP, 0.04)
    phase = np.where(time_s % 2.0 < 1.0, "descent", "early_ascent")

    def two_reps(time_s, deviation):
        return curves(time_s, deviation, depth=depth, rep=rep, phase=phase)

    events = events_of(20.0 + 10.0 * np.sin(time_s), time_s, made=two_reps)
    assert [event.rep for event in events] == [1, 2]
    assert [event.start_s for event in events] == pytest.approx([0.5, 2.5])
    assert [event.end_s for event in events] == pytest.approx([1.5, 3.5])
    # the sine peaks at 1.57 s, after the first window, and falls all through the second
    assert [event.phase for event in events] == ["early_ascent", "descent"]
    assert events[0].phases == ["descent", "early_ascent"]


@pytest.mark.parametrize(("hidden_s", "found"), [(0.1, 1), (0.5, 2)])
@pytest.mark.parametrize("how", ["invisible", "missing"])
def test_hidden_frames_interrupt_an_event_only_when_they_last(hidden_s, found, how):
    time_s = clock(100.0)
    hidden = (time_s > 2.0) & (time_s < 2.0 + hidden_s)
    deviation = np.full(len(time_s), 8.0)
    visibility = np.ones(len(time_s))
    if how == "missing":
        deviation[hidden] = np.nan
    else:
        visibility[hidden] = 0.55
    events = events_of(deviation, time_s, visibility=visibility)
    assert len(events) == found
    assert events[0].mean_deviation_deg == pytest.approx(8.0)


def test_noise_raises_the_entry_threshold():
    time_s = clock(30.0)
    (event,) = events_of(triangle(time_s, 2.0), time_s, sigma_deg=2.4)  # 2.5 · 2.4 = 6°, leaves at 4.5°
    assert (event.start_s, event.end_s) == pytest.approx((2.0 - 0.25, 2.0 + 0.4375), abs=1e-6)
    assert events_of(triangle(time_s, 2.0), time_s, sigma_deg=3.3) == []


def test_thresholds_from_settings_change_the_events():
    time_s = clock(30.0)
    deviation = triangle(time_s, 2.0)

    def spans(*overrides):
        return [(e.start_s, e.end_s) for e in events_of(deviation, time_s, load_settings(None, overrides))]

    assert spans("events.enter_deg=6") == [pytest.approx((1.75, 2.4375))]
    assert spans("events.hysteresis_deg=0") == [pytest.approx((1.5, 2.5))]
    assert spans("events.min_duration_s=1.2") == []


def test_lateral_events_mirror_medial_ones():
    time_s = clock(30.0)
    deviation = triangle(time_s, 2.0).clip(0.0)
    visible = np.ones(len(time_s))
    mirrored = curves(time_s, -deviation)
    (medial,) = events_of(deviation, time_s)
    (lateral,) = find_lateral_events(mirrored, "left", visible, SETTINGS)
    assert (lateral.start_s, lateral.end_s) == (medial.start_s, medial.end_s)
    assert lateral.peak_deviation_deg == -medial.peak_deviation_deg
    assert find_events(mirrored, "left", visible, SETTINGS) == []
    assert find_lateral_events(curves(time_s, (-deviation).clip(-3.9)), "left", visible, SETTINGS) == []


def test_confidence_is_visibility_times_margin_times_trust():
    time_s = clock(30.0)

    def confidence(level_deg, *, band_deg=2.0, visibility=1.0, trust=1.0):
        def one(time_s, deviation):
            return curves(time_s, leg_curves(deviation, band_deg=band_deg))

        visible = np.full(len(time_s), visibility)
        flat = np.full(len(time_s), level_deg)
        (event,) = events_of(flat, time_s, visibility=visible, made=one, trust=trust)
        return event.confidence

    assert confidence(4.0) == pytest.approx(0.5)  # as likely below as above
    assert confidence(6.0) == pytest.approx(0.975, abs=1e-4)  # one band above: one-sided 95 % interval
    assert confidence(6.0, band_deg=0.0) == pytest.approx(1.0)
    assert confidence(6.0, visibility=0.8, trust=0.5) == pytest.approx(0.8 * 0.5 * 0.975, abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_phase_is_that_of_the_middle_of_a_flat_noisy_top(seed):
    time_s = clock(30.0)
    phase = np.select([time_s < 1.8, time_s < 2.2], ["descent", "bottom"], "early_ascent")
    top = np.where(np.abs(time_s - 2.0) < 0.4, 8.0, 0.0)
    noise = np.random.default_rng(seed).uniform(-0.4, 0.4, len(time_s))

    def phased(time_s, deviation):
        return curves(time_s, deviation, phase=phase)

    (event,) = events_of(top + noise, time_s, made=phased)
    assert event.phase == "bottom"
    assert event.peak_s == pytest.approx(2.0, abs=0.05)
    assert event.phases == ["descent", "bottom", "early_ascent"]


def test_static_is_passed_on():
    time_s = clock(30.0)
    assert [e.static for e in events_of(triangle(time_s, 2.0), time_s, static=True)] == [True]


def test_noise_of_standing_is_the_spread_not_the_level():
    rng = np.random.default_rng(0)
    time_s = clock(30.0, 100.0)
    made = curves(time_s, 5.0 + rng.normal(0.0, 1.5, len(time_s)), phase=np.full(len(time_s), "standing"))
    assert standing_noise_deg(made, "left") == pytest.approx(1.5, rel=0.1)
    assert standing_noise_deg(curves(time_s, np.ones(len(time_s))), "left") == 0.0


def test_visibility_of_a_leg_is_its_least_visible_point():
    visibility = np.ones((2, 33))
    visibility[0, INDEX["left_foot_index"]] = 0.3
    visibility[1, INDEX["right_knee"]] = 0.2
    assert leg_visibility(visibility, "left").tolist() == [0.3, 1.0]
