from dataclasses import replace

import pytest

from knee_track.findings.quality import ClipFacts, assess_quality, trust
from knee_track.settings import QualitySettings, load_settings

SETTINGS = QualitySettings()
GOOD = ClipFacts(fps=29.97, reps=5, yaw_deg=5.0, camera_motion_share=0.005, fit_residual_share=0.012)


def test_good_clip_has_no_warnings():
    quality = assess_quality(GOOD, SETTINGS)
    assert (quality.level, quality.warnings) == ("high", [])


@pytest.mark.parametrize(
    ("facts", "level", "words"),
    [
        ({"fps": 23.976}, "high", None),
        ({"fps": 20.0}, "medium", "20 frames a second"),
        ({"fps": 10.0}, "low", "10 frames a second"),
        ({"reps": 2}, "medium", "2 repetitions"),
        ({"reps": 1}, "medium", "1 repetition;"),
        ({"reps": 0}, "low", "No complete repetition"),
        ({"yaw_deg": -25.0}, "medium", "25° to the client's right"),
        ({"yaw_deg": 33.0}, "low", "33° to the client's left"),
        ({"invisible_share": 0.1}, "medium", "hidden in 10%"),
        ({"invisible_share": 0.3}, "low", "hidden in 30%"),
        ({"invisible_share": 0.7}, "unusable", "hidden in 70%"),
        ({"missing_share": 0.3}, "low", "not found in 30%"),
        ({"invisible_share": 0.1, "filmed": False}, "medium", "lacks markers in 10%"),
        ({"missing_share": 0.3, "filmed": False}, "low", "no marker in 30%"),
        ({"camera_motion_share": 0.05}, "medium", "moved by about 5%"),
        ({"fit_residual_share": 0.05}, "low", "5.0% of the client's height"),
        ({"settled": False}, "low", "did not settle"),
        ({"hand_held": True}, "medium", "held by hand"),
        ({"people": 3}, "medium", None),
        ({"cuts_s": [1.5]}, "low", "cut (at 1.5 s)"),
        ({"truncated": True}, "medium", None),
        ({"yaw_deg": None, "camera_motion_share": None, "fit_residual_share": None}, "high", None),
    ],
)
def test_each_reason_sets_the_level_and_is_said(facts, level, words):
    quality = assess_quality(replace(GOOD, **facts), SETTINGS)
    assert quality.level == level
    if words is None:
        assert quality.warnings == []
    else:
        (warning,) = quality.warnings
        assert words in warning


def test_worst_reason_decides_and_all_are_said():
    quality = assess_quality(replace(GOOD, people=2, cuts_s=[1.0, 2.0], invisible_share=0.1), SETTINGS)
    assert quality.level == "low"
    assert len(quality.warnings) == 2


def test_limits_and_trust_come_from_settings():
    changed = load_settings(None, ["quality.min_reps=[6,5]", "quality.medium_trust=0.7"]).quality
    assert assess_quality(GOOD, changed).level == "medium"
    assert trust("medium", changed) == 0.7
    assert [trust(level, SETTINGS) for level in ("high", "low", "unusable")] == [1.0, 0.5, 0.0]
