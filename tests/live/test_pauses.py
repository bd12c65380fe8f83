"""When measuring stops and goes on: moments and distances that are told to it."""

from types import SimpleNamespace

import numpy as np
import pytest

from knee_track.live.pauses import Pauses, Picture
from knee_track.settings import Settings, load_settings

SHANK_PX = 200.0


def held(settings):
    """A leg model calibrated where the camera stands, of a client whose shank is 200 px long."""
    limit_px = settings.view.foot_moved_share * SHANK_PX
    return SimpleNamespace(motion_px=np.zeros(2), limit_px=limit_px)


def run(settings=None, *, seconds=6.0, in_rep=False, **context):
    """Reason of the pause per frame, 10 frames a second; context: functions of time."""
    settings = settings or Settings()
    pauses, reasons = Pauses(settings), []
    for time_s in np.arange(0, seconds, 0.1):
        here = {name: value(time_s) for name, value in context.items()}
        picture = Picture(
            time_s,
            here.get("seen", True),
            here.get("people", 1),
            np.array([here.get("moved", 0.0), 0.0]),
        )
        reasons.append(pauses.step(picture, held(settings), measuring=True, in_rep=in_rep))
    return reasons


def paused_s(reasons, reason):
    """Seconds that were paused for a reason."""
    return 0.1 * sum(found == reason for found in reasons)


def test_nothing_wrong_pauses_nothing():
    assert set(run()) == {None}


@pytest.mark.parametrize(
    ("context", "reason", "expected_s"),
    [
        ({"seen": lambda t: not 2 < t < 4}, "lost", 2.0),  # half a second later, half a second longer
        ({"people": lambda t: 2 if 2 < t < 4 else 1}, "second_person", 2.5),
        ({"moved": lambda t: 120.0 * (t > 2)}, "camera_moved", 0.6),
        ({"moved": lambda t: 60.0 * np.clip(t - 2, 0, 2)}, "camera_moved", 1.5),
    ],
)
def test_trouble_pauses_and_measuring_resumes_by_itself(context, reason, expected_s):
    reasons = run(**context)
    assert set(reasons) == {None, reason}
    assert reasons[-1] is None
    assert paused_s(reasons, reason) == pytest.approx(expected_s, abs=0.75)


def test_a_trembling_stand_is_no_moved_camera():
    assert set(run(moved=lambda t: 20.0 * np.sin(5 * t))) == {None}


def test_a_moving_camera_breaks_off_no_rep():
    assert set(run(moved=lambda t: 120.0 * (t > 2), in_rep=True)) == {None}


def test_before_measuring_the_set_up_help_speaks():
    pauses = Pauses(Settings())
    assert pauses.step(Picture(0.0, True, 3, np.zeros(2)), None, measuring=False) is None


def test_limits_are_settings():
    moved = {"moved": lambda t: 80.0 * (t > 2)}
    assert "camera_moved" in run(**moved)
    assert "camera_moved" not in run(load_settings(None, ["live.camera_moved=0.5"]), **moved)
    second = {"people": lambda t: 2 if 2 < t < 3 else 1}
    long = load_settings(None, ["live.resume_s=2"])
    assert paused_s(run(long, **second), "second_person") > paused_s(run(**second), "second_person") + 1.0
