"""Events and cues on curves that are made up: once per rep, in turn, and never out of noise."""

import numpy as np
import pytest

from knee_track.live.cues import CueGate
from knee_track.live.events_online import EventWatch, LegSample
from knee_track.live.state import LegNow
from knee_track.settings import Settings, load_settings

STEP = 1 / 30


def rep(left_deg, right_deg, *, number=1, watch=None, gate=None, band=1.0, enter=4.0, static=False):
    """Events and cues of one rep whose deviations are given per frame."""
    watch, gate = watch or EventWatch(Settings()), gate or CueGate("every")
    opened, closed, cues = [], [], []
    for i, pair in enumerate(zip(left_deg, right_deg, strict=True)):
        both = dict(zip(("left", "right"), pair, strict=True))
        samples = {leg: LegSample(value, True, enter, static, band) for leg, value in both.items()}
        fresh, over = watch.step(number * 100 + i * STEP, samples, number, "descent")
        opened, closed = opened + fresh, closed + over
        now = {
            leg: LegNow(value, band, "mild" if value >= max(enter, band) else "none")
            for leg, value in both.items()
        }
        cue = gate.step(number * 100 + i * STEP, number, watch, now)
        cues += [cue] if cue else []
    closed += watch.finish()
    return opened, closed, cues


def bump(peak, width, n=60, at=30):
    return np.where(np.abs(np.arange(n) - at) <= width / 2, peak, 0.0)


FLAT = np.zeros(60)


def test_an_event_opens_after_its_least_duration_and_closes_with_its_peak():
    opened, closed, cues = rep(bump(8.0, 20), FLAT)
    assert [event.leg for event in opened] == ["left"]
    assert cues[0].time_s - opened[0].start_s == pytest.approx(0.15, abs=STEP)
    assert closed[0].peak_deviation_deg == pytest.approx(8.0)
    assert closed[0].band_deg == 1.0
    assert closed[0].end_s - closed[0].start_s == pytest.approx(21 * STEP, abs=STEP)
    assert closed[0].grade == "moderate"


@pytest.mark.parametrize(("peak", "width"), [(3.9, 20), (9.0, 3)])
def test_too_low_or_too_short_is_no_event(peak, width):
    assert rep(bump(peak, width), FLAT) == ([], [], [])


def test_two_events_with_a_short_gap_are_one_and_with_a_long_one_two():
    for gap, count in ((3, 1), (15, 2)):
        curve = np.maximum(bump(8.0, 10, at=10), bump(8.0, 10, at=20 + gap))
        opened, closed, _ = rep(curve, FLAT)
        assert (len(opened), len(closed)) == (count, count)


def test_one_cue_per_rep_however_many_events():
    curve = np.maximum(bump(8.0, 10, at=10), bump(8.0, 10, at=40))
    _, _, cues = rep(curve, bump(9.0, 8, at=50))
    assert len(cues) == 1
    assert (cues[0].leg, cues[0].rep) == ("left", 1)


def test_both_legs_at_once_are_one_cue():
    _, _, cues = rep(bump(8.0, 20), bump(8.0, 20))
    assert [cue.leg for cue in cues] == ["both"]


@pytest.mark.parametrize(
    ("mode", "cued"),
    [("every", [1, 2, 3, 4]), ("alternate", [1, 3]), ("summary", []), ("off", [])],
)
def test_feedback_modes(mode, cued):
    watch, gate = EventWatch(Settings()), CueGate(mode)
    given = [
        cue.rep for n in (1, 2, 3, 4) for cue in rep(bump(8.0, 20), FLAT, number=n, watch=watch, gate=gate)[2]
    ]
    assert given == cued


def test_nothing_below_the_band_is_cued():
    assert rep(bump(5.0, 20), FLAT, band=6.0)[2] == []
    assert rep(bump(7.0, 20), FLAT, band=6.0)[2] != []


def test_noise_raises_the_entry():
    assert rep(bump(5.0, 20), FLAT, enter=6.0)[0] == []


def test_bones_are_not_cued():
    opened, _, cues = rep(bump(8.0, 20), FLAT, static=True)
    assert opened[0].static
    assert cues == []


def test_event_settings_are_those_of_the_recorded_analysis():
    settings = load_settings(None, ["events.min_duration_s=0.5"])
    assert rep(bump(8.0, 12), FLAT, watch=EventWatch(settings))[0] == []
