import numpy as np
import pytest
from made_curves import DEEP, curves, leg_curves

from knee_track.findings.per_rep import peak_deviation, rep_frontal, rep_leg
from knee_track.geometry.frontal import FrontalBands
from knee_track.settings import GradeSettings, load_settings

GRADE = GradeSettings()
TIME_S = np.linspace(0.0, 2.0, 201)
RAMP = np.linspace(0.0, 10.0, 201)


def test_peak_is_the_95th_percentile_of_the_loaded_window():
    everything = np.ones(201, dtype=bool)
    assert peak_deviation(RAMP, everything, GRADE) == pytest.approx(9.5)
    assert peak_deviation(RAMP, TIME_S <= 1.0, GRADE) == pytest.approx(4.75)
    median = load_settings(None, ["grade.percentile=50"]).grade
    assert peak_deviation(RAMP, everything, median) == pytest.approx(5.0)


def test_peak_needs_enough_measured_frames():
    half_seen = np.where(TIME_S <= 1.0, 6.0, np.nan)
    fewer = np.where(TIME_S <= 0.9, 6.0, np.nan)
    everything = np.ones(201, dtype=bool)
    assert peak_deviation(half_seen, everything, GRADE) == 6.0
    assert peak_deviation(fewer, everything, GRADE) is None
    assert peak_deviation(fewer, ~everything, GRADE) is None


def test_record_of_a_leg():
    ray = np.linspace(-10.0, 10.0, 201)
    depth = np.where(TIME_S < 0.2, 0.04, DEEP)  # the first 0.2 s are not loaded
    phase = np.where(TIME_S < 1.0, "descent", "early_ascent")
    made = curves(TIME_S, leg_curves(RAMP, ray_deg=ray), depth=depth, phase=phase)
    record = rep_leg(made, "left", 1, GRADE, standing_deviation_deg=4.5, shank_m=0.4)
    peak = 1.0 + 0.95 * 9.0
    assert record.peak_deviation_deg == pytest.approx(peak)
    assert record.excursion_deg == pytest.approx(peak - 4.5)
    assert record.peak_offset_pct_shank == pytest.approx(100 * np.sin(np.radians(peak)), abs=0.01)
    assert record.peak_offset_mm == pytest.approx(400 * np.sin(np.radians(peak)), abs=0.1)
    # within 1° of the peak from 8.55° to the end at 10°; the middle is 9.275°, 1.855 s, ray 8.55°
    assert (record.peak_s, record.peak_phase) == (pytest.approx(1.855, abs=0.01), "early_ascent")
    assert (record.ray_angle_deg, record.toe) == (pytest.approx(8.55, abs=0.1), "big")
    assert (record.grade, record.borderline, record.shallow) == ("moderate", True, False)


def test_refused_leg_is_unknown_not_zero():
    record = rep_leg(curves(TIME_S, np.full(201, np.nan)), "left", 1, GRADE, standing_deviation_deg=4.5)
    assert record.grade == "unknown"
    assert record.peak_deviation_deg is None and record.excursion_deg is None and record.toe is None


@pytest.mark.parametrize(("flexion_deg", "shallow"), [(59.0, True), (61.0, False)])
def test_shallow_reps_are_marked(flexion_deg, shallow):
    made = curves(TIME_S, leg_curves(RAMP, flexion_deg=flexion_deg))
    assert rep_leg(made, "left", 1, GRADE).shallow is shallow


def test_fppa_is_taken_at_the_most_flexed_frame_that_has_one():
    flexion = np.linspace(20.0, 90.0, 201)
    fppa = np.where(flexion <= 70.0, flexion / 10.0, np.nan)
    made = curves(TIME_S, leg_curves(RAMP, flexion_deg=flexion, fppa_deg=fppa))
    record = rep_leg(made, "left", 1, GRADE, fppa_band_deg=5.6)
    assert record.fppa_deg == pytest.approx(7.0, abs=0.04)
    assert record.fppa_band_deg == 5.6
    without = rep_leg(curves(TIME_S, RAMP), "left", 1, GRADE, fppa_band_deg=5.6)
    assert (without.fppa_deg, without.fppa_band_deg) == (None, None)


def test_other_measures_keep_the_sign_of_their_worst_moment():
    bands = FrontalBands(5.6, 0.1, 6.0, 1.5, 6.0)
    swing = 8.0 * np.sin(np.pi * TIME_S / 2.0)  # one-sided, 0 … 8
    expected = np.full(201, 1.4)
    made = curves(
        TIME_S,
        RAMP,
        pelvic_drop_deg=swing,
        trunk_lean_deg=-swing,
        kasr=1.4 - swing / 20.0,
        kasr_expected=expected,
    )
    frontal = rep_frontal(made, 1, bands, GRADE)
    assert frontal.pelvic_drop_deg == pytest.approx(-frontal.trunk_lean_deg)
    assert frontal.pelvic_drop_deg == pytest.approx(8.0, abs=0.05)
    assert (frontal.kasr, frontal.kasr_expected, frontal.kasr_band) == (pytest.approx(1.0), 1.4, 0.1)
    assert (frontal.hip_shift_pct_hips, frontal.hip_shift_band_pct_hips) == (None, None)
