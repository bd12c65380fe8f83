"""MediaPipe landmarks as CSV, in the layouts that people write.

Wide: one row per frame, a column per landmark and axis, by number (`x0, y0, z0, v0, …, x32`, also counted
from 1) or by name (`LEFT_KNEE_x`, `x_left_knee`). Long: one row per landmark and frame, columns `frame` or a
time, `landmark` (name or number), `x`, `y` and perhaps `visibility`. Depth (z) is not used. Numbers have
decimal points, or commas where columns are parted by semicolons.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import PoseFileError
from knee_track.pose.files.common import (
    NEEDED,
    Hints,
    PoseFile,
    every_frame,
    listed,
    make_track,
    only_person,
    read_text,
    times_of,
)
from knee_track.pose.skeleton import INDEX, LANDMARKS, N_LANDMARKS
from knee_track.pose.track import Floats, SceneFacts

Columns = dict[str, Floats]
Texts = dict[str, list[str]]

VISIBILITY: Final = ("v", "vis", "visibility", "visib", "score", "confidence", "conf")
FRAME: Final = (
    "frame",
    "frame_id",
    "frame_number",
    "frame_no",
    "frame_idx",
    "frame_index",
    "frameid",
    "image_id",
)
LANDMARK: Final = (
    "landmark", "landmark_id", "landmark_index", "landmark_idx", "landmark_name", "joint", "keypoint",
    "point", "name", "id", "index",
)  # fmt: skip
SECONDS: Final = ("time", "time_s", "t", "t_s", "seconds", "sec", "time_sec", "timestamp", "timestamp_s")
MILLISECONDS: Final = ("time_ms", "t_ms", "ms", "milliseconds", "timestamp_ms", "timestamps_ms")
AXES: Final = {"x": 0, "y": 1, "z": 2} | dict.fromkeys(VISIBILITY, 3)
A_DAY_S: Final = 86_400.0
"""Times that begin later are a clock's, and are counted from the first."""
LONGEST_FRAME_S: Final = 1.0
"""Steps larger than this are no seconds, whatever the column is called, but ms (or us, or ns)."""

_NUMBER = re.compile(r"(?:pose|landmark|lm|kp|keypoint|point|p)?_?(\d+)")


def read_csv(path: Path, hints: Hints) -> PoseFile:
    """Landmarks of a CSV file, wide or long; raises PoseFileError."""
    only_person(path, hints)
    texts = _texts(path)
    is_long = any(name in texts for name in LANDMARK) and {"x", "y"} <= set(texts)
    frames, points, times_s = (_long if is_long else _wide)(path, texts)
    if times_s is None or hints.fps is not None:
        rows = every_frame(frames) if (np.diff(frames) > 0).all() else frames
        points, times_s = _spread(points, frames, rows), times_of(rows, path, hints)
    visibility = points[..., 3] if np.isfinite(points[..., 3]).any() else None
    track = make_track(path, times_s, points[..., :2], visibility, hints)
    shape = "one row per landmark" if is_long else "one row per frame"
    return PoseFile(track, f"MediaPipe landmarks (CSV, {shape})", SceneFacts.still(len(track)))


def landmark_of(text: str) -> str | int | None:
    """The landmark, or its number, that "PoseLandmark.LEFT_KNEE", "left knee" or "25" means; None if none."""
    plain = _plain(text)
    plain = plain.removeprefix("poselandmark_").removeprefix("pose_landmark_")
    if plain in INDEX:
        return plain
    swapped = re.sub(r"^(.*)_(left|right)$", r"\2_\1", plain)
    for name in (swapped, swapped.replace("mouth_", "")):
        if name in INDEX:
            return name
    found = _NUMBER.fullmatch(plain)
    return int(found[1]) if found else None


def _plain(text: str) -> str:
    """A name in lower case with single underscores: "leftKnee.x" is left_knee_x."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def column_of(text: str) -> tuple[str | int, int] | None:
    """The landmark (name or number) and axis (0 x, 1 y, 2 z, 3 visibility) that a wide column holds."""
    plain = _plain(text)
    if found := re.fullmatch(r"([a-z]+)(\d+)", plain):
        return (int(found[2]), AXES[found[1]]) if found[1] in AXES else None
    first, _, rest = plain.partition("_")
    head, _, last = plain.rpartition("_")
    for axis, landmark in ((last, head), (first, rest)):
        if axis in AXES and landmark and (what := landmark_of(landmark)) is not None:
            return what, AXES[axis]
    return None


def _texts(path: Path) -> Texts:
    """Cells by column; names in lower case."""
    content = read_text(path).decode("utf-8-sig", errors="replace")
    first = content.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(content), delimiter=delimiter) if any(map(str.strip, row))]
    names = [_plain(name) for name in rows[0]] if rows else []
    if not any(re.search("[a-z]", name) for name in names):
        raise PoseFileError(f"{path}: its first row holds no column names; name them, e.g. x0,y0,z0,v0,x1,…")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) < len(names):
            raise PoseFileError(f"{path}: row {line} has {len(row)} of {len(names)} columns; write it again.")
    if delimiter == ";":
        rows = [rows[0], *([cell.replace(",", ".") for cell in row] for row in rows[1:])] if rows else rows
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(names)}


def _numbers(path: Path, name: str, cells: Sequence[str]) -> Floats:
    """A column as numbers; empty is NaN."""
    try:
        return np.array([float(cell) if cell.strip() else np.nan for cell in cells])
    except ValueError as error:
        raise PoseFileError(
            f"{path}: column '{name}' holds something that is no number ({error})."
        ) from error


def _wide(path: Path, texts: Texts) -> tuple[NDArray[np.int64], Floats, Floats | None]:
    """Frame numbers (n,), points (n, 33, 4) and times (n,) of a table with one row per frame."""
    found = {place: name for name in texts if (place := column_of(name)) is not None}
    numbers = {what for what, _ in found if isinstance(what, int)}
    shift = 1 if numbers and 0 not in numbers and N_LANDMARKS in numbers else 0
    n = len(next(iter(texts.values())))
    points = np.full((n, N_LANDMARKS, 4), np.nan)
    for (what, axis), name in found.items():
        index = what - shift if isinstance(what, int) else INDEX[what]
        if 0 <= index < N_LANDMARKS:
            points[:, index, axis] = _numbers(path, name, texts[name])
    _check_columns(path, found, shift)
    frames = _column(path, texts, FRAME)
    numbered = np.arange(n) if frames is None else _whole(path, frames)
    return numbered, points, _times(path, texts)


def _check_columns(path: Path, found: Mapping[tuple[str | int, int], str], shift: int) -> None:
    """Raise PoseFileError when x or y of a landmark that is needed has no column."""
    there = {(what - shift if isinstance(what, int) else INDEX[what], axis) for what, axis in found}
    missing = [
        f"{LANDMARKS[index]}_{'xy'[axis]}"
        for index in NEEDED
        for axis in (0, 1)
        if (index, axis) not in there
    ]
    if len(missing) == 2 * len(NEEDED):
        raise PoseFileError(
            f"{path}: has no columns of landmarks; they are called x0, y0, … y32, or left_knee_x and so on, "
            "or there is a row per landmark with the columns frame, landmark, x, y."
        )
    if missing:
        raise PoseFileError(
            f"{path}: columns are missing: {listed(missing)}; export hips to feet of both legs."
        )


def _long(path: Path, texts: Texts) -> tuple[NDArray[np.int64], Floats, Floats | None]:
    """As `_wide`, of a table with one row per landmark and frame."""
    which = _landmarks(path, texts)
    times_s, frames = _times(path, texts), _column(path, texts, FRAME)
    key = frames if frames is not None else times_s
    if key is None:
        raise PoseFileError(f"{path}: columns are missing: frame (or a time); each row must tell its frame.")
    known = which >= 0
    keys, first, row = np.unique(key[known], return_index=True, return_inverse=True)
    cells = row * N_LANDMARKS + which[known]
    if len(np.unique(cells)) < len(cells):
        raise PoseFileError(
            f"{path}: holds several rows for one landmark of one frame; keep one person, each frame once."
        )
    points = np.full((len(keys), N_LANDMARKS, 4), np.nan)
    for name in texts:
        if name in AXES:
            points[row, which[known], AXES[name]] = _numbers(path, name, texts[name])[known]
    missing = [LANDMARKS[index] for index in NEEDED if index not in which]
    if missing:
        raise PoseFileError(
            f"{path}: landmarks are missing: {listed(missing)}; export hips to feet of both legs."
        )
    numbered = np.arange(len(keys)) if frames is None else _whole(path, keys)
    return numbered, points, None if times_s is None else times_s[known][first]


def _landmarks(path: Path, texts: Texts) -> NDArray[np.int64]:
    """Number of each row's landmark, -1 where it is none of the 33."""
    name = next(name for name in LANDMARK if name in texts)
    told = {text: landmark_of(text) for text in set(texts[name])}
    numbers = {what for what in told.values() if isinstance(what, int)}
    shift = 1 if numbers and 0 not in numbers and N_LANDMARKS in numbers else 0
    index = {
        text: -1 if what is None else what - shift if isinstance(what, int) else INDEX[what]
        for text, what in told.items()
    }
    found = np.array([index[text] for text in texts[name]], dtype=np.int64)
    if not (found >= 0).any():
        raise PoseFileError(f"{path}: column '{name}' names none of MediaPipe's 33 landmarks.")
    return np.where(found < N_LANDMARKS, found, -1)


def _column(path: Path, texts: Texts, names: Sequence[str]) -> Floats | None:
    """The first of these columns, or None."""
    name = next((name for name in names if name in texts), None)
    return None if name is None else _numbers(path, name, texts[name])


def _times(path: Path, texts: Texts) -> Floats | None:
    """Seconds of each row, or None; the unit follows from the name, and from steps too long for seconds."""
    if (in_ms := _column(path, texts, MILLISECONDS)) is not None:
        return in_ms / 1000
    times = _column(path, texts, SECONDS)
    if times is None:
        return None
    steps = np.diff(np.unique(times[np.isfinite(times)]))
    step = float(np.median(steps)) if steps.size else 0.0
    scale = 1.0
    while step / scale > LONGEST_FRAME_S:
        scale *= 1000.0
    times = times / scale
    return times - times[0] if times[0] > A_DAY_S else times


def _whole(path: Path, numbers: Floats) -> NDArray[np.int64]:
    """Frame numbers that rise, as integers."""
    if not np.isfinite(numbers).all() or (numbers % 1 != 0).any():
        raise PoseFileError(f"{path}: the column of frame numbers must hold whole numbers.")
    return numbers.astype(np.int64)


def _spread(points: Floats, frames: NDArray[np.int64], rows: NDArray[np.int64]) -> Floats:
    """Points of `frames` put into `rows`; NaN where a row has none."""
    if len(rows) == len(frames):
        return points
    spread = np.full((len(rows), *points.shape[1:]), np.nan)
    spread[np.searchsorted(rows, frames)] = points
    return spread
