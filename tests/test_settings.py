"""Settings: where they come from, what is refused, and that each changes what it says it changes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knee_track.errors import SettingsError
from knee_track.findings.quality import ClipFacts, assess_quality, trust
from knee_track.findings.severity import grade_of, is_static, toe_of, worsening_deg
from knee_track.geometry.frontal import fppa_deg, frontal_bands
from knee_track.geometry.view import name_of, refusal, rough_view
from knee_track.pose.skeleton import ANKLE, HIP, KNEE
from knee_track.settings import Settings, load_settings

PACKAGE = Path(__file__).resolve().parents[1] / "knee_track"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_flag_beats_the_file_and_the_file_beats_the_default(tmp_path: Path) -> None:
    file = write(tmp_path / "mine.toml", "[events]\nenter_deg = 5\nhysteresis_deg = 1.0\n")
    settings = load_settings(file, ["events.enter_deg=6", "quality.min_reps=[6, 2]", "pose.preset=fast"])
    assert settings.changed() == {
        "events": {"enter_deg": 6.0, "hysteresis_deg": 1.0},
        "quality": {"min_reps": (6, 2)},
        "pose": {"preset": "fast"},
    }
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[events]\nenter = 5\n", r"mine\.toml: 'events\.enter' is not usable"),
        ("[event]\nenter_deg = 5\n", r"mine\.toml: 'event' is not usable"),
        ("[events]\nenter_deg = 0\n", r"'events\.enter_deg' is not usable.*greater than 0"),
        ("[quality]\nmin_reps = [3]\n", r"'quality\.min_reps\.1' is not usable"),
        ("[events\n", r"mine\.toml: cannot read this settings file"),
        ("events = 5\n", r"mine\.toml: 'events' is not usable"),
    ],
)
def test_an_error_names_the_file_and_the_field(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load_settings(write(tmp_path / "mine.toml", text))


def test_a_file_that_is_not_text_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(bytes(range(256)))
    for name in ("clip.mp4", "missing.toml"):
        with pytest.raises(SettingsError, match=f"{name}: cannot read"):
            load_settings(tmp_path / name)


@pytest.mark.parametrize("flag", ["events.enter_deg", "enter_deg=5", "events.=5", "=5", "events.enter_deg="])
def test_a_flag_in_another_form_is_quoted_with_the_right_one(flag: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"--set {flag}: write it as section.name=value")):
        load_settings(None, [flag])


@pytest.mark.parametrize("flag", ["events.enter_deg=deep", "pose.preset=best", "clean.hampel_frames=2.5"])
def test_an_impossible_value_in_a_flag_names_its_field(flag: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"--set: '{flag.split('=')[0]}' is not usable")):
        load_settings(None, [flag])


def test_every_setting_is_read_somewhere() -> None:
    code = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path.name != "settings.py")
    names = [name for _, section in Settings() for name in type(section).model_fields]
    assert [name for name in names if not re.search(rf"\.{name}\b", code)] == []


def thigh_at_share(share: float, settings: Settings) -> bool:
    """Whether an FPPA is given for a thigh that is projected to this share of its standing length."""
    image = np.zeros((2, 33, 2))
    for leg, x in (("left", 100.0), ("right", 0.0)):
        image[:, ANKLE[leg]], image[:, KNEE[leg]] = [x, 400.0], [x, 300.0]
        image[:, HIP[leg]] = [[x, 200.0], [x, 300.0 - 100.0 * share]]
    standing = np.array([True, False])
    return bool(np.isfinite(fppa_deg(image, "left", standing, np.full(2, 30.0), settings.frontal)[1]))


def level(settings: Settings, **facts: Any) -> str:
    return assess_quality(ClipFacts(**{"fps": 30.0, "reps": 5, **facts}), settings.quality).level


CHANGES = [
    ("view.max_yaw_deg=50", lambda s: refusal(45.0, s.view) is None, False, True),
    ("view.front_yaw_deg=10", lambda s: name_of(15.0, s.view), "front", "oblique"),
    ("view.side_yaw_deg=50", lambda s: name_of(55.0, s.view), "oblique", "side"),
    (
        "view.rough_yaw_band_deg=30",
        lambda s: rough_view(70.0, s.view, mirrored=False, reasons=[]).yaw_band_deg,
        20.0,
        30.0,
    ),
    ("events.static_hka_deg=12", lambda s: is_static(11.0, s.events), True, False),
    ("grade.mild_deg=6", lambda s: grade_of(5.0, s.grade), "mild", "none"),
    ("grade.moderate_deg=9", lambda s: grade_of(8.0, s.grade), "moderate", "mild"),
    ("grade.severe_deg=14", lambda s: grade_of(12.0, s.grade), "severe", "moderate"),
    ("grade.lateral_toe_deg=-5", lambda s: toe_of(-4.0, s.grade), "lateral", "third"),
    ("grade.third_toe_deg=4", lambda s: toe_of(3.0, s.grade), "second", "third"),
    ("grade.second_toe_deg=9", lambda s: toe_of(8.0, s.grade), "big", "second"),
    ("grade.big_toe_deg=16", lambda s: toe_of(15.0, s.grade), "inside", "big"),
    ("grade.change_deg=5", lambda s: worsening_deg([1.0, 1.0, 5.0, 5.0], s.grade), 4.0, None),
    ("grade.change_min_reps=5", lambda s: worsening_deg([1.0, 1.0, 5.0, 5.0], s.grade), 4.0, None),
    ("frontal.fppa_min_thigh_share=0.7", lambda s: thigh_at_share(0.6, s), True, False),
    ("frontal.fppa_yaw_band=2", lambda s: frontal_bands(10.0, s.frontal).fppa_deg, 11.46, 20.77),
    ("frontal.trunk_lean_yaw_band_deg=4", lambda s: frontal_bands(30.0, s.frontal).trunk_lean_deg, 9.12, 2.5),
    ("frontal.hip_shift_band_pct=8", lambda s: frontal_bands(0.0, s.frontal).hip_shift_pct_hips, 6.0, 8.0),
    (
        "frontal.hip_shift_yaw_band_pct=16",
        lambda s: frontal_bands(30, s.frontal).hip_shift_pct_hips,
        28.15,
        10,
    ),
    ("quality.unusable_share=0.9", lambda s: level(s, missing_share=0.7), "unusable", "low"),
    ("quality.min_fps=[50, 40]", lambda s: level(s), "high", "low"),
    ("quality.yaw_deg=[5, 10]", lambda s: level(s, yaw_deg=-12.0), "high", "low"),
    ("quality.low_trust=0.3", lambda s: trust("low", s.quality), 0.5, 0.3),
]


@pytest.mark.parametrize(("flag", "decide", "before", "after"), CHANGES, ids=[case[0] for case in CHANGES])
def test_a_changed_setting_changes_its_result(flag: str, decide: Any, before: Any, after: Any) -> None:
    found = [decide(Settings()), decide(load_settings(None, [flag]))]
    for value, wanted in zip(found, [before, after], strict=True):
        assert value == (pytest.approx(wanted, abs=0.01) if isinstance(wanted, float) else wanted)
