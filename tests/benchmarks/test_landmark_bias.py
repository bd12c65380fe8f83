"""Learning where landmarks sit: from landmarks that were put in known places, those places come back."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import landmark_bias
from benchmarks.ablation import VARIANTS, marks_of
from benchmarks.truth import load_truth
from knee_track.geometry import anatomy

sys.path.insert(0, str(Path(__file__).parents[1] / "geometry"))
from rendered_landmarks import perfect_track  # noqa: E402

CLIPS = ("front_squat_good", "front_squat_valgus")


@pytest.mark.parametrize("part", anatomy.PARTS)
def test_known_places_are_learned(samples_dir: Path, part: anatomy.Part) -> None:
    samples = []
    for name in CLIPS:
        path = samples_dir / f"{name}.truth.npz"
        samples.append(landmark_bias.samples_of(perfect_track(path)[0], load_truth(path))[part])
    mark = landmark_bias.learn(part, samples)
    assert np.max([mark.scatter, mark.person_sd, mark.side_sd]) < 0.003  # nothing is left unexplained
    assert mark.lopsided == pytest.approx(anatomy.BLAZEPOSE[part].lopsided, abs=0.004)


def test_off_is_measured_in_shanks_along_the_picture(samples_dir: Path) -> None:
    path = samples_dir / "front_squat_good.truth.npz"
    track, truth = perfect_track(path, "joints")
    sample = landmark_bias.samples_of(track, truth)["knee"]
    np.testing.assert_allclose(sample.off, 0.0, atol=1e-6)
    shank_px = truth.camera["K"][0][0] * 0.01 / np.linalg.norm(truth.camera["position"][:2])
    track.image_px[:, 25, 0] += shank_px  # the left knee, a centimetre to the right
    moved = landmark_bias.samples_of(track, truth)["knee"].off[:, 0, 0]
    shank_m = np.linalg.norm(truth.point_m("left", "knee") - truth.point_m("left", "ankle"), axis=1).mean()
    assert moved.mean() == pytest.approx(0.01 / shank_m, rel=0.15)  # the knee comes nearer as it bends


def test_ablation_takes_one_part_away() -> None:
    full = anatomy.BLAZEPOSE
    for variant, change in VARIANTS.items():
        knee = marks_of(change)["knee"]
        same = knee == full["knee"]
        # the knee's place does not depend on stance, so that variant alone leaves it as it is
        assert same == (variant in ("as it is", "no change with stance"))
    assert marks_of(VARIANTS["raw landmarks"])["toe"].offset == (0.0, 0.0, 0.0)
