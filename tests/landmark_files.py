"""Landmark files as other programs write them, made of the truth of rendered clips."""

import csv
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.truth import Truth, load_truth
from knee_track.pose.skeleton import INDEX, LEGS

FPS = 30.0
BODY_25 = (
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist mid_hip right_hip "
    "right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear left_ear left_big_toe "
    "left_small_toe left_heel right_big_toe right_small_toe right_heel"
)
HALPE_26 = (
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow "
    "left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle head neck mid_hip "
    "left_big_toe right_big_toe left_small_toe right_small_toe left_heel right_heel"
)
NAMES = {"BODY_25": BODY_25.split(), "HALPE_26": HALPE_26.split()}
COCO = ("hip", "knee", "ankle", "heel", "big_toe", "small_toe")


@dataclass(frozen=True)
class Clip:
    """size: of the picture. points: name → (n, 2) pixels of COCO's points."""

    truth: Truth
    size: tuple[int, int]
    points: dict[str, np.ndarray]

    def keypoints(self, layout: str, confidence: float = 0.9) -> np.ndarray:
        """(n, k, 3) in the layout's order; what the renderer does not know has confidence 0."""
        names, n = NAMES[layout], len(self.truth.times_s)
        array = np.zeros((n, len(names), 3))
        for k, name in enumerate(names):
            if name in self.points:
                array[:, k, :2], array[:, k, 2] = self.points[name], confidence
        return array


def sample(path: Path) -> Clip:
    """Of a sample clip; its truth holds no small toe, so the third toe's mirror image stands in for it."""
    truth = load_truth(path)
    points = {}
    for leg in LEGS:
        for part in ("hip", "knee", "ankle", "heel", "big_toe"):
            points[f"{leg}_{part}"] = truth.point_px(leg, part)
        points[f"{leg}_small_toe"] = 2 * truth.point_px(leg, "third_toe") - truth.point_px(leg, "big_toe")
    return Clip(truth, tuple(truth.camera["size"]), points)


def rendered(path: Path) -> Clip:
    """Of a clip of the shared folder, where COCO's points are known; skips the test where they are not."""
    if not path.is_file():
        pytest.skip(f"{path} is missing")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        frames = json.load(file)["frames"]
    if "big_toe_coco" not in frames[0]["left"]["p2d"]:
        pytest.skip(f"{path.name} holds no COCO points")
    truth = load_truth(path)
    points = {
        f"{leg}_{part}": np.array([frame[leg]["p2d"][f"{part}_coco"] for frame in frames])
        for leg in LEGS
        for part in COCO
    }
    for leg in LEGS:
        for part in ("shoulder", "elbow", "wrist"):
            points[f"{leg}_{part}"] = np.array([frame[leg]["p2d"][part] for frame in frames])
    return Clip(truth, tuple(truth.camera["size"]), points)


def people_file(*people: np.ndarray) -> dict:
    """One frame in OpenPose's form, of (k, 3) each."""
    flat = [{"person_id": [-1], "pose_keypoints_2d": np.round(one, 3).ravel().tolist()} for one in people]
    return {"version": 1.3, "people": flat}


def write_openpose(folder: Path, *people: np.ndarray, first: int = 0, skip: tuple[int, ...] = ()) -> Path:
    """A folder of files, one per frame, of people (n, k, 3) each."""
    folder.mkdir(parents=True)
    for i in range(len(people[0])):
        if i not in skip:
            path = folder / f"clip_{first + i:012d}_keypoints.json"
            path.write_text(json.dumps(people_file(*(one[i] for one in people))))
    return folder


def write_alphapose(path: Path, keypoints: np.ndarray) -> Path:
    """AlphaPose's default results: one list of everybody in every frame."""
    results = [
        {
            "image_id": f"{i}.jpg",
            "category_id": 1,
            "keypoints": np.round(one, 3).ravel().tolist(),
            "score": 2.5,
        }
        for i, one in enumerate(keypoints)
    ]
    path.write_text(json.dumps(results))
    return path


def blazepose(clip: Clip) -> np.ndarray:
    """(n, 33, 2) pixels: the joints of a clip in BlazePose's places, NaN for the rest."""
    points = np.full((len(clip.truth.times_s), 33, 2), np.nan)
    for leg in LEGS:
        for part in ("hip", "knee", "ankle", "heel"):
            points[:, INDEX[f"{leg}_{part}"]] = clip.points[f"{leg}_{part}"]
        points[:, INDEX[f"{leg}_foot_index"]] = clip.truth.point_px(leg, "second_toe")
    return points


def write_wide(path: Path, points: np.ndarray, names, head: dict[str, list], delimiter: str = ",") -> Path:
    """One row per frame; `names(index, axis)` names a column; `head` are the first columns."""
    columns = [(i, axis) for i in range(33) for axis in "xyzv"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([*head, *(names(i, axis) for i, axis in columns)])
        for row, frame in enumerate(points):
            cells = [_cell(frame[i], axis) for i, axis in columns]
            if delimiter == ";":
                cells = [cell.replace(".", ",") for cell in cells]
            writer.writerow([*(values[row] for values in head.values()), *cells])
    return path


def write_long(path: Path, points: np.ndarray, names, head: dict[str, list]) -> Path:
    """One row per landmark and frame."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*head, "landmark", "x", "y", "z", "visibility"])
        for row, frame in enumerate(points):
            for i in range(33):
                cells = [_cell(frame[i], axis) for axis in "xyzv"]
                writer.writerow([*(values[row] for values in head.values()), names(i), *cells])
    return path


def _cell(point: np.ndarray, axis: str) -> str:
    if axis == "z":
        return "-0.1"
    if axis == "v":
        return "0.98" if np.isfinite(point).all() else "0"
    value = point["xy".index(axis)]
    return "" if np.isnan(value) else f"{value:.6f}"
