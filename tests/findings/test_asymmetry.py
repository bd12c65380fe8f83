import numpy as np
import pytest
from made_curves import DEEP, curves, leg_summary, summaries

from knee_track.findings.asymmetry import asymmetry, common_drift_deg, roll_warning
from knee_track.settings import GradeSettings, load_settings

GRADE = GradeSettings()
TIME_S = np.linspace(0.0, 4.0, 401)
IN_REP = TIME_S > 1.0
DEPTH = np.where(IN_REP, DEEP * np.sin(np.pi * (TIME_S - 1.0) / 3.0), 0.0)
TILT = np.where(IN_REP, 35.0 * DEPTH / DEEP, 5.0)  # forward tilt of the shank
BOTH_STANDING_IN = np.where(IN_REP, 0.0, 4.5)  # standing legs slope inward in a perfect squatter


def drift(left, right, settings=GRADE):
    phase = np.where(IN_REP, "bottom", "standing")
    made = curves(TIME_S, left, right, depth=DEPTH, rep=IN_REP.astype(int), phase=phase)
    return common_drift_deg(made, settings)


def test_asymmetry_is_left_minus_right():
    legs = summaries(
        left=leg_summary("moderate", 9.0, band_deg=4.0), right=leg_summary("none", 2.0, band_deg=3.0)
    )
    assert asymmetry(legs) == (7.0, 5.0)
    assert asymmetry(summaries(left=leg_summary("unknown", None, band_deg=None))) == (None, None)


@pytest.mark.parametrize("roll_deg", [3.0, -3.0])
def test_rolled_camera_is_suspected(roll_deg):
    shift = roll_deg * np.cos(np.radians(TILT))  # measurement.md §1.3: ±γ·cosθ, opposite on the legs
    found = drift(BOTH_STANDING_IN + shift, BOTH_STANDING_IN - shift)
    assert found == pytest.approx(roll_deg * np.cos(np.radians(33.0)), abs=0.2)
    assert f"{abs(found):.1f}° off to the same side" in roll_warning(found)


def test_small_roll_is_not_said():
    shift = 1.5 * np.cos(np.radians(TILT))
    assert drift(BOTH_STANDING_IN + shift, BOTH_STANDING_IN - shift) is None
    strict = load_settings(None, ["grade.roll_suspect_deg=1"]).grade
    assert drift(BOTH_STANDING_IN + shift, BOTH_STANDING_IN - shift, strict) is not None


def test_a_clients_own_asymmetry_is_not_blamed_on_the_camera():
    one_knee_in = 10.0 * DEPTH / DEEP
    assert drift(BOTH_STANDING_IN + one_knee_in, BOTH_STANDING_IN) is None


def test_both_knees_in_is_not_roll():
    both_in = BOTH_STANDING_IN + 8.0
    assert drift(both_in, both_in) is None


def test_nothing_is_said_without_reps():
    made = curves(TIME_S, TILT, -TILT, rep=np.zeros(401, dtype=int), phase=np.full(401, "standing"))
    assert common_drift_deg(made, GRADE) is None
