"""Which markers stand for which point: presets, files, and what an error says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knee_track.errors import MarkerError, UsageError
from knee_track.pose.joints import NEEDED
from knee_track.pose.markers.data import Markers
from knee_track.pose.markers.mapping import choose_mapping, presets
from knee_track.pose.skeleton import LEGS

FILE = Path("trial.trc")


def markers_named(*names: str) -> Markers:
    return Markers(names, np.array([0.0, 0.1]), np.ones((2, len(names), 3)))


def test_every_preset_fits_a_file_of_its_own_names() -> None:
    for name, preset in presets().items():
        markers = markers_named(*preset.needed())
        assert choose_mapping(markers, name, FILE) == preset
        for leg in LEGS:
            for part in NEEDED:
                if part != "hip" or preset.pelvis is None:
                    assert sum(preset.weights(leg, part).values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("names", "preset"),
    [
        ("{0}Hip {0}Knee {0}Ankle {0}BigToe {0}SmallToe {0}Heel", "halpe_26"),
        ("Anna:{0}HJC {0}KJC {0}AJC {0}TOE {0}HEE", "cgm_joint_centres"),
        ("{0}HJC {0}KJC {0}AJC {0}TOE {0}FMH {0}VMH", "cgm2"),
        ("{0}FEP {0}FEO {0}TIO {0}TOE {0}KNE {0}ANK {0}ASI {0}PSI {0}HEE", "plug_in_gait"),
        ("{0}ASI {0}PSI {0}KNE {0}ANK {0}TOE {0}HEE", "plug_in_gait_outer"),
    ],
)
def test_the_first_preset_that_fits_is_taken(names: str, preset: str) -> None:
    markers = markers_named(*(name.format(side) for side in "LR" for name in names.split()))
    assert choose_mapping(markers, None, FILE) == presets()[preset]


def test_opencaps_two_kinds_of_names_are_told_apart() -> None:
    for preset in ("opencap", "opencap_markers"):
        markers = markers_named(*presets()[preset].needed())
        assert choose_mapping(markers, None, FILE) == presets()[preset]


def test_missing_names_are_listed_with_the_nearest_that_are_there() -> None:
    names = [f"{side}{name}" for side in "LR" for name in ("Hip", "Knee", "Ankle", "BigToe", "SmallToe")]
    names[names.index("RSmallToe")] = "RSmalToe"
    with pytest.raises(
        MarkerError, match=r"trial\.trc: For 'halpe_26' it lacks RSmallToe \(nearest: RSmalToe"
    ):
        choose_mapping(markers_named(*names), "halpe_26", FILE)
    with pytest.raises(
        MarkerError, match=r"fit no preset \(joints, halpe_26.*lacks RSmallToe.*--markers FILE"
    ):
        choose_mapping(markers_named(*names), None, FILE)


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"--markers theia: neither a preset \(joints, .*ior\) nor a file"):
        choose_mapping(markers_named("a"), "theia", FILE)


MINE = """
sides = { left = "L_", right = "R_" }
[points]
hip = "{side}H"
knee = ["{side}KL", "{side}KM"]
ankle = { "{side}AL" = 0.4, "{side}AM" = 0.6 }
third_toe = "{side}T3"
"""


def test_a_file_of_the_users_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8")
    names = [side + name for side in ("L_", "R_") for name in ("H", "KL", "KM", "AL", "AM", "T3")]
    mapping = choose_mapping(markers_named(*names), str(path), FILE)
    assert mapping.weights("right", "ankle") == {"R_AL": 0.4, "R_AM": 0.6}
    assert mapping.weights("left", "knee") == {"L_KL": 0.5, "L_KM": 0.5}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('hip = "{side}H"\n', "", r"points lacks hip"),
        ("= 0.6", "= 0.7", r"points\.ankle: the weights of its markers must add up to 1"),
        ("[points]", "[point]", r"'points': field required|'points': Field required"),
        ('right = "R_"', 'rihgt = "R_"', r"sides"),
        ("[points]", "[points", r"cannot read this mapping"),
    ],
)
def test_a_wrong_file_names_the_field(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"mine\.toml: .*({says})"):
        choose_mapping(markers_named("a"), str(path), FILE)
