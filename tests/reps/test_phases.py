"""Phases of a rep whose depth is a trapezoid with known corners."""

import numpy as np
from moving_figure import clock

from knee_track.reps.phases import loaded_window, phase_labels
from knee_track.reps.segmentation import find_reps
from knee_track.settings import GradeSettings, RepSettings

# Down in 1 s from second 1, still for 1 s, up in 2 s; depth 0.4.
TIMES = clock(6)
DEPTH = np.interp(TIMES, [1, 2, 3, 5], [0, 0.4, 0.4, 0])


def phases(settings=None):
    settings = settings or RepSettings()
    reps = find_reps(DEPTH, TIMES, settings).reps
    return phase_labels(DEPTH, reps, settings)


def spans_s(phase):
    return {name: (TIMES[phase == name].min(), TIMES[phase == name].max()) for name in np.unique(phase)}


def test_phases_meet_at_the_known_times():
    phase, number = phases()
    spans = spans_s(phase)
    # 90 % of the depth at 1.9 s and 3.2 s; half of the rise that is left (0.36 to 0) at 4.1 s.
    for name, wanted in {
        "descent": (1.0, 1.9),
        "bottom": (1.9, 3.2),
        "early_ascent": (3.2, 4.1),
        "late_ascent": (4.1, 5.0),
    }.items():
        np.testing.assert_allclose(spans[name], wanted, atol=0.07)
    assert set(number[phase != "standing"]) == {1}
    assert set(number[phase == "standing"]) == {0}


def test_bottom_share_moves_the_bottom():
    spans = spans_s(phases(RepSettings(bottom_share=0.5))[0])
    np.testing.assert_allclose(spans["bottom"], (1.5, 4.0), atol=0.07)


def test_loaded_window_is_the_deep_part_of_reps():
    number = phases()[1]
    for depth, wanted in ((0.05, (1.125, 4.75)), (0.2, (1.5, 4.0))):
        loaded = TIMES[loaded_window(DEPTH, number, GradeSettings(loaded_depth=depth))]
        np.testing.assert_allclose((loaded[0], loaded[-1]), wanted, atol=0.04)
    assert not loaded_window(DEPTH, np.zeros_like(number), GradeSettings()).any()
