"""Learn where BlazePose's landmarks sit against the joints: `python benchmarks/landmark_bias.py DIR [DIR
...]`.

Takes the clips of the folders that `learned_on.txt` names, and no others, compares their landmarks with the
true joints seen by the true camera, and prints `geometry/anatomy.py`'s BLAZEPOSE. Weighted least squares:
every clip and leg counts alike, quiet standing a tenth, since knees are judged in movement. What is free is
written in TERMS: what matters (three standard errors over resampled clips) and can be true of a body; the
rest is zero.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Run as a script, Python looks for modules in this file's folder; `benchmarks` lies in the one above.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.accuracy import find_clips
from benchmarks.learned import LEARNED_ON, holds, read_learned
from benchmarks.runs import CACHE, raw_pose
from benchmarks.truth import Truth, find_truth, load_truth
from knee_track.geometry import anatomy
from knee_track.geometry.anatomy import Mark, Part
from knee_track.geometry.legfit import PART_INDEX
from knee_track.pose.bundles import find_bundle
from knee_track.pose.clean import clean_track
from knee_track.pose.skeleton import LEGS
from knee_track.pose.track import PoseTrack
from knee_track.settings import Settings

Floats = NDArray[np.float64]

CAUSES: Final = ("offset", "per_flexion", "per_deviation", "per_turn", "per_stance")
TERMS: Final[dict[Part, tuple[str, str, str]]] = {
    "hip": ("of", "os", "of"),
    "knee": ("oft", "ofdt", "of"),
    "ankle": ("ot", "dt", "odt"),
    "heel": ("ofdt", "odt", "od"),
    "toe": ("dt", "odts", "odt"),
}
"""What may move a landmark forward, medially, up: o(ffset), f(lexion), d(eviation), t(urn), s(tance)."""
STANDING_WEIGHT: Final = 0.1
LOADED_DEPTH: Final = 0.05


@dataclass(frozen=True)
class Sample:
    """One clip and landmark: off (n, 2, 2) how far it lies off the joint in the picture, in shanks; axes (n,
    2, 2, 3) what an offset along (forward, medial, up) does there; causes (n, 2, 5) as CAUSES; weight (n,).
    """

    off: Floats
    axes: Floats
    causes: Floats
    weight: Floats


def samples_of(track: PoseTrack, truth: Truth) -> dict[Part, Sample]:
    """Every part's sample of one clip, n frames."""
    n = min(len(track), len(truth.times_s))
    joint = {
        part: np.stack([truth.point_m(leg, name)[:n] for leg in LEGS], axis=1)
        for part, name in zip(anatomy.PARTS, ("hip", "knee", "ankle", "heel", "third_toe"), strict=True)
    }
    shank_m = float(np.linalg.norm(joint["knee"] - joint["ankle"], axis=-1).mean())
    axes, causes = body_axes(joint), causes_of(joint, truth, shank_m)
    weight = np.where(truth.depth[:n] > LOADED_DEPTH, 1.0, STANDING_WEIGHT)
    rotation, focal = np.array(truth.camera["R"]), truth.camera["K"][0][0]
    centre = np.array([truth.camera["K"][0][2], truth.camera["K"][1][2]])
    samples = {}
    for part in anatomy.PARTS:
        seen = joint[part] @ rotation.T + np.array(truth.camera["t"])
        ahead = seen[..., 2:]
        pixels = track.image_px[:n][:, [PART_INDEX[part][leg] for leg in LEGS]]
        off = (pixels - centre - seen[..., :2] / ahead * focal) * ahead / focal / shank_m
        turned = [axis @ rotation.T for axis in axes[part]]
        moves = [a[..., :2] - seen[..., :2] / ahead * a[..., 2:] for a in turned]
        samples[part] = Sample(off, np.stack(moves, axis=-1), causes, weight)
    return samples


def body_axes(joint: dict[Part, Floats]) -> dict[Part, tuple[Floats, Floats, Floats]]:
    """(forward, medial, up) of each part, each (n, 2, 3): see anatomy.Marks."""
    side = np.array([1.0, -1.0])[:, None]
    up = np.broadcast_to([0.0, 0.0, 1.0], joint["toe"].shape)
    forward = unit((joint["toe"] - joint["ankle"]) * [1.0, 1.0, 0.0])
    medial = np.cross(forward, up) * side
    shank = unit(joint["knee"] - joint["ankle"])
    shank_medial = unit(medial - np.sum(medial * shank, axis=-1, keepdims=True) * shank)
    shank_forward = np.cross(shank, shank_medial) * side
    inward = unit(joint["hip"][:, ::-1] - joint["hip"])
    ahead = np.broadcast_to([1.0, 0.0, 0.0], inward.shape)
    leg, foot = (shank_forward, shank_medial, shank), (forward, medial, up)
    return {"hip": (ahead, inward, up), "knee": leg, "ankle": leg, "heel": foot, "toe": foot}


def causes_of(joint: dict[Part, Floats], truth: Truth, shank_m: float) -> Floats:
    """(n, 2, 5) what may move a landmark: 1, flexion, deviation, the foot's turn from the camera, wider
    stance.
    """
    shank, thigh = unit(joint["knee"] - joint["ankle"]), unit(joint["hip"] - joint["knee"])
    flexion = np.arccos(np.clip(np.sum(shank * thigh, axis=-1), -1.0, 1.0))
    deviation = np.radians(np.stack([truth.deviation_deg(leg)[: len(shank)] for leg in LEGS], axis=1))
    foot, to_camera = joint["toe"] - joint["ankle"], np.array(truth.camera["position"]) - joint["ankle"]
    turn = np.arctan2(foot[..., 1], foot[..., 0]) - np.arctan2(to_camera[..., 1], to_camera[..., 0])
    apart = np.linalg.norm((joint["ankle"][:, 0] - joint["ankle"][:, 1])[:, :2], axis=-1) / shank_m
    wider = np.repeat(apart[:, None] - anatomy.USUAL_STANCE.mean, 2, axis=1)
    return np.stack([np.ones_like(flexion), flexion, deviation, turn * [1.0, -1.0], wider], axis=-1)


def learn(part: Part, samples: Sequence[Sample]) -> Mark:
    """The part's mark from every clip's sample."""
    free = np.array([[letter in axis for letter in "ofdts"] for axis in TERMS[part]]).ravel()
    rows = [rows_of(sample, free, leg) for sample in samples for leg in range(2)]
    design, off = np.concatenate([row[0] for row in rows]), np.concatenate([row[1] for row in rows])
    root = np.sqrt(np.concatenate([row[2] for row in rows]))
    solution, *_ = np.linalg.lstsq(design * root[:, None], off * root, rcond=None)
    left = [(off - design @ solution).reshape(-1, 2) for design, off, _ in rows]
    constant = np.array(
        [np.average(e, axis=0, weights=row[2][::2]) for e, row in zip(left, rows, strict=True)]
    ).reshape(-1, 2, 2)
    constant[:, 0, 0] *= -1.0  # medial of the left leg is to the picture's left
    moved = np.zeros(free.size)
    moved[free] = solution[:-2]
    by_cause = {cause: rounded(row) for cause, row in zip(CAUSES, moved.reshape(3, -1).T, strict=True)}
    return Mark(
        **by_cause,  # type: ignore[arg-type]
        scatter=rounded(np.sqrt(np.mean([e.var(axis=0) for e in left], axis=0))),  # type: ignore[arg-type]
        person_sd=rounded(constant.mean(axis=1).std(axis=0)),  # type: ignore[arg-type]
        side_sd=rounded((constant[:, 0] - constant[:, 1]).std(axis=0) / 2.0),  # type: ignore[arg-type]
        lopsided=rounded(solution[-2:]),  # type: ignore[arg-type]
    )


def rows_of(sample: Sample, free: NDArray[np.bool_], leg: int) -> tuple[Floats, Floats, Floats]:
    """Design (2n, k), what is seen (2n,) and weights (2n,) of one leg; picture x and y take turns."""
    seen = np.isfinite(sample.off[:, leg]).all(axis=-1)
    effects = sample.axes[seen, leg, :, :, None] * sample.causes[seen, leg, None, None, :]
    lopsided = np.broadcast_to(np.diag([-1.0, 1.0 - 2.0 * leg]), (len(effects), 2, 2))
    design = np.concatenate([effects.reshape(len(effects), 2, -1)[..., free], lopsided], axis=-1)
    weight = np.repeat(sample.weight[seen] / sample.weight[seen].sum(), 2)
    return design.reshape(len(weight), -1), sample.off[seen, leg].ravel(), weight


def unit(vectors: Floats) -> Floats:
    """Vectors (..., 3) of length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def rounded(values: Floats) -> tuple[float, ...]:
    """To a thousandth of a shank, half a millimetre."""
    return tuple(float(value) + 0.0 for value in values.round(3))


def main() -> None:
    """Print the marks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    names = read_learned(LEARNED_ON)
    clips = [
        clip
        for folder in parser.parse_args().folders
        for clip in find_clips(folder)
        if holds(names, clip.stem)
    ]
    settings, bundle, every = Settings(), find_bundle(), []
    for clip in clips:
        if abs(load_truth(find_truth(clip)).scene["yaw"]) > settings.view.max_yaw_deg:
            continue
        track, _ = clean_track(raw_pose(clip, bundle, settings.pose, CACHE).track, settings.clean)
        every.append(samples_of(track, load_truth(find_truth(clip))))
    print(f"# {len(every)} clips")
    for part in anatomy.PARTS:
        print(f'    "{part}": {learn(part, [samples[part] for samples in every])},')


if __name__ == "__main__":
    main()
