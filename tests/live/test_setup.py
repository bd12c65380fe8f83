"""Each instruction arises from what it speaks of, and goes when that is put right."""

from dataclasses import replace

import numpy as np
import pytest
from live_figures import SIZE, squats

from knee_track.live.setup import Look, camera_advice, next_instruction
from knee_track.pose.skeleton import ANKLE, KNEE
from knee_track.settings import Settings, load_settings


def look(**changes):
    """A client who stands well before a good camera, but for the changes."""
    return replace(Look(standing(), np.ones(33), SIZE, yaw_deg=0.0, brightness=120.0), **changes)


def standing(**filmed):
    return squats(0.2, noise_px=0.0, **filmed).image_px[0]


def asked(found, settings=None):
    instruction = next_instruction(found, settings or Settings())
    return instruction and instruction.id


def low_legs():
    seen = np.ones(33)
    seen[ANKLE["left"]] = 0.2
    return seen


CASES = [
    ("nobody", {"image_px": None}),
    ("one_person", {"people": 2}),
    ("step_back", {"image_px": standing(distance=1.2, camera_height=0.85)}),
    ("show_feet", {"image_px": standing() + [0.0, 400.0]}),
    ("show_head", {"image_px": standing() - [0.0, 380.0]}),
    ("step_left", {"image_px": standing() - [330.0, 0.0]}),
    ("step_right", {"image_px": standing() + [330.0, 0.0]}),
    ("come_nearer", {"image_px": standing(distance=6.0)}),
    ("more_light", {"brightness": 20.0}),
    ("show_legs", {"visibility": low_legs()}),
    ("face_camera", {"yaw_deg": 60.0}),
]


@pytest.mark.parametrize(("name", "changes"), CASES, ids=[name for name, _ in CASES])
def test_an_instruction_arises_and_goes(name, changes):
    assert asked(look(**changes)) == name
    assert asked(look()) is None


def test_a_leaning_camera_is_told_before_any_fit():
    lean = np.radians(9.0)
    turn = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
    middle = np.array([360.0, 640.0])
    assert asked(look(image_px=(standing() - middle) @ turn.T + middle)) == "level_camera"


def test_one_at_a_time_in_a_coachs_order():
    everything = {"people": 2, "brightness": 5.0, "yaw_deg": 90.0, "image_px": standing(distance=6.0)}
    told = []
    for fixed, good in (("people", 1), ("image_px", standing()), ("brightness", 120.0), ("yaw_deg", 0.0)):
        told.append(asked(look(**everything)))
        everything[fixed] = good
    assert told == ["one_person", "come_nearer", "more_light", "face_camera"]
    assert asked(look(**everything)) is None


def test_only_what_makes_measuring_impossible_blocks():
    settings = Settings()
    for changes, blocks in (
        ({"people": 2}, True),
        ({"brightness": 20.0}, False),
        ({"yaw_deg": 30.0}, False),
        ({"yaw_deg": 80.0}, True),
    ):
        assert next_instruction(look(**changes), settings).blocking is blocks


@pytest.mark.parametrize(
    ("flag", "changes", "before", "after"),
    [
        ("live.min_height_share=0.2", {"image_px": standing(distance=5.0)}, "come_nearer", None),
        ("live.max_height_share=0.5", {}, None, "step_back"),
        ("live.min_brightness=150", {}, None, "more_light"),
        ("live.face_yaw_deg=10", {"yaw_deg": 15.0}, None, "face_camera"),
    ],
)
def test_a_changed_setting_changes_what_is_asked(flag, changes, before, after):
    assert [asked(look(**changes)), asked(look(**changes), load_settings(None, [flag]))] == [before, after]


def test_the_knee_is_not_asked_for_where_it_is_seen():
    assert asked(look(visibility=np.where(np.arange(33) == KNEE["left"], 0.7, 1.0))) is None


class _Fit:
    """Stands for a leg model: shared unknowns, and how sure they are."""

    def __init__(self, height=1.1, pitch_deg=0.0, roll_deg=0.0, sd=0.01):
        self.shared = np.zeros(42)
        self.shared[[0, 1, 3]] = np.radians(pitch_deg), np.radians(roll_deg), height
        self.covariance = np.eye(42) * sd**2


@pytest.mark.parametrize(
    ("fit", "wanted"),
    [
        (_Fit(), None),
        (_Fit(height=3.5), "lower_camera"),
        (_Fit(height=0.1), "raise_camera"),
        (_Fit(pitch_deg=20.0), "tilt_camera_up"),
        (_Fit(pitch_deg=-20.0), "tilt_camera_down"),
        (_Fit(roll_deg=8.0), "level_camera"),
        (_Fit(height=3.5, sd=0.5), None),
    ],
)
def test_the_cameras_place_is_told_only_beyond_its_band(fit, wanted):
    advice = camera_advice(fit, Settings())
    assert (advice and advice.id) == wanted


@pytest.mark.parametrize(
    ("flag", "fit"),
    [
        ("live.max_pitch_deg=25", _Fit(pitch_deg=20.0)),
        ("live.max_roll_deg=10", _Fit(roll_deg=8.0)),
        ("live.camera_height=[0.3, 4.0]", _Fit(height=3.5)),
    ],
)
def test_camera_limits_are_settings(flag, fit):
    assert camera_advice(fit, Settings()) is not None
    assert camera_advice(fit, load_settings(None, [flag])) is None
