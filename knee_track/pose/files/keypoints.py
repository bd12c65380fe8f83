"""Keypoints as JSON: OpenPose's BODY_25 with a file per frame, and Halpe-26 in that form or AlphaPose's.

OpenPose's form, which Pose2Sim and Sports2D write too: a folder of files, each with
`people[].pose_keypoints_2d` = x, y, confidence of each point in turn; the last number in a file's name is its
frame's. AlphaPose's form: one list of `image_id` and `keypoints`. A point of confidence 0 is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from knee_track.errors import PoseFileError
from knee_track.pose.files.common import (
    Hints,
    PoseFile,
    check_times,
    every_frame,
    in_pixels,
    number_in,
    read_text,
    times_of,
)
from knee_track.pose.files.feet import BODY_25, HALPE_26, coco_track
from knee_track.pose.files.people import follow
from knee_track.pose.track import Floats, SceneFacts


@dataclass(frozen=True)
class Layout:
    """A set of keypoints: its name, how many a person has in the file, and those that are used, in order."""

    title: str
    count: int
    names: list[str]


OPENPOSE: Final = (Layout("OpenPose BODY_25", 25, BODY_25),)
HALPE: Final = (Layout("Halpe-26", 26, HALPE_26), Layout("Halpe-136", 136, HALPE_26))
NAMES: Final = "BODY_25 (25 keypoints) or Halpe-26 (26)"

Frames = dict[int, list[Floats]]
"""Per frame number everybody's keypoints, (k, 3) each."""


def read_keypoints(path: Path, hints: Hints, layouts: Sequence[Layout]) -> PoseFile:
    """Keypoints of a folder or file, as one of these layouts; raises PoseFileError or UsageError."""
    frames = _folder(path) if path.is_dir() else _alphapose(path)
    layout = _layout(path, frames, layouts)
    given = np.array(sorted(frames), dtype=np.int64)
    check_times(given.astype(np.float64), path)  # before asking for a frame rate
    numbers = every_frame(given)
    times_s = times_of(numbers, path, hints)
    check_times(times_s, path)
    everybody = [_stacked(frames.get(int(number), []), layout) for number in numbers]
    joined = np.concatenate(everybody)
    size = hints.size_for(path)
    # the range of all people of all frames tells pixels from shares
    pixels = in_pixels(joined[..., :2], path, hints)
    parts = np.split(np.concatenate([pixels, joined[..., 2:]], axis=2), _ends(everybody))
    torso = [
        layout.names.index(f"{side}_{part}") for part in ("shoulder", "hip") for side in ("left", "right")
    ]
    client = follow(times_s, parts, torso, size[0], hints.person)
    if client.people == 0:
        raise _nobody(path)
    track = coco_track(times_s, client.points[..., :2], client.points[..., 2], layout.names, size)
    return PoseFile(track, layout.title, SceneFacts.still(len(track), client.people), client.warnings)


read_json: Final[Callable[[Path, Hints], PoseFile]] = partial(read_keypoints, layouts=(*OPENPOSE, *HALPE))
read_openpose: Final[Callable[[Path, Hints], PoseFile]] = partial(read_keypoints, layouts=OPENPOSE)
read_halpe: Final[Callable[[Path, Hints], PoseFile]] = partial(read_keypoints, layouts=HALPE)


def _folder(path: Path) -> Frames:
    """One file per frame."""
    files = sorted(path.glob("*.json"))
    if not files:
        inside = sorted(folder.name for folder in path.iterdir() if folder.is_dir())
        hint = f"did you mean {inside[0]} in it" if inside else "OpenPose writes them with --write_json"
        raise PoseFileError(f"{path}: this folder holds no .json files with keypoints; {hint}.")
    frames: Frames = {}
    for order, file in enumerate(files):
        number = number_in(file.stem.removesuffix("_keypoints"))
        number = order if number is None else number
        if number in frames:
            raise PoseFileError(
                f"{path}: holds two files of frame {number} ({file.name} is one); "
                "keep the files of one clip and one camera in a folder."
            )
        document = _json(file)
        if not isinstance(document, dict) or not isinstance(document.get("people"), list):
            raise PoseFileError(f"{file}: holds no list of people, so it is no OpenPose file; take it away.")
        people = [one.get("pose_keypoints_2d", one.get("pose_keypoints")) for one in document["people"]]
        frames[number] = [_points(file, one) for one in people if one]
    return frames


def _alphapose(path: Path) -> Frames:
    """One list of everybody in every frame."""
    document = _json(path)
    if isinstance(document, dict) and "people" in document:
        raise PoseFileError(
            f"{path}: holds a single frame; name the folder that holds the files of all frames."
        )
    if not isinstance(document, list) or not all(_is_result(one) for one in document):
        raise PoseFileError(
            f"{path}: is no list of AlphaPose results with 'image_id' and 'keypoints'; "
            "write it with AlphaPose's default format."
        )
    images: dict[str, list[Floats]] = {}
    for one in document:
        images.setdefault(str(one["image_id"]), []).append(_points(path, one["keypoints"]))
    numbers = [number_in(Path(name).stem) for name in images]
    if None in numbers or len(set(numbers)) < len(numbers):
        numbers = list(range(len(images)))
    return {int(number or 0): people for number, people in zip(numbers, images.values(), strict=True)}


def _is_result(one: Any) -> bool:
    return isinstance(one, Mapping) and "image_id" in one and "keypoints" in one


def _json(path: Path) -> Any:
    text = read_text(path)
    if not text.strip():
        raise PoseFileError(f"{path}: is empty; export the landmarks again.")
    try:
        return json.loads(text)
    except ValueError as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise PoseFileError(f"{path}: is not JSON{where}; export the landmarks again.") from error


def _points(path: Path, flat: Any) -> Floats:
    """(k, 3) of x, y, confidence in turn; NaN where the confidence is 0 or missing."""
    try:
        values = np.array(flat, dtype=np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise PoseFileError(f"{path}: its keypoints are not numbers; export the landmarks again.") from error
    if values.size == 0 or values.size % 3:
        raise PoseFileError(f"{path}: {values.size} numbers are no keypoints of x, y and confidence.")
    points = values.reshape(-1, 3)
    points[~(points[:, 2] > 0.0) | ~np.isfinite(points).all(axis=1)] = np.nan
    return points


def _layout(path: Path, frames: Frames, layouts: Sequence[Layout]) -> Layout:
    """The layout that everybody in the file has; raises PoseFileError when there is none."""
    counts = {len(points) for people in frames.values() for points in people}
    if not counts:
        raise _nobody(path)
    if len(counts) > 1:
        told = " and ".join(str(count) for count in sorted(counts))
        raise PoseFileError(
            f"{path}: mixes people of {told} keypoints; keep the files of one model in a folder."
        )
    (count,) = counts
    for layout in layouts:
        if layout.count == count:
            return layout
    declared = len(layouts) < len(OPENPOSE) + len(HALPE)
    wanted = f"{layouts[0].title} ({layouts[0].count} keypoints, as declared)" if declared else NAMES
    raise PoseFileError(
        f"{path}: its people have {count} keypoints, not {wanted}; "
        "knees over toes need a model with heels and toes."
    )


def _stacked(people: list[Floats], layout: Layout) -> Floats:
    """(people, k, 3) of the keypoints that are used."""
    used = [points[: len(layout.names)] for points in people if np.isfinite(points).any()]
    return np.stack(used) if used else np.empty((0, len(layout.names), 3))


def _ends(parts: Sequence[Floats]) -> list[int]:
    """Where to split what was joined."""
    return [int(end) for end in np.cumsum([len(part) for part in parts])[:-1]]


def _nobody(path: Path) -> PoseFileError:
    return PoseFileError(f"{path}: there is nobody in any frame; check the run that found the keypoints.")
