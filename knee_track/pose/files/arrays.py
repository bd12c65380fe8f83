"""MediaPipe landmarks as NPZ: our own `landmarks.npz`, or a plain file with documented keys.

A plain file holds `landmarks` (n, 33, 2 or more): x, y, then z and visibility if there are four, in pixels
or as shares of the picture; and, each optional: `visibility` (n, 33), `world_m` (n, 33, 3), `times_s` (n,)
or `fps`, `size_px` (width, height).
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import PoseFileError, VideoError
from knee_track.pose.files.common import Hints, PoseFile, check_times, make_track, only_person, times_of
from knee_track.pose.skeleton import N_LANDMARKS
from knee_track.pose.track import ARRAYS, OWN_FORMAT, Floats, SceneFacts, load_track

Arrays = dict[str, NDArray[Any]]
PLAIN = "a plain file holds 'landmarks' (frames, 33, x y z visibility), 'times_s' or 'fps', and 'size_px'"


def read_npz(path: Path, hints: Hints) -> PoseFile:
    """Landmarks of an NPZ file; raises PoseFileError."""
    only_person(path, hints)
    arrays = _arrays(path)
    if "landmarks" not in arrays:
        return _own(path, arrays)
    points = _shaped(path, arrays, "landmarks", "x, y, z, visibility", least=2)
    visibility = _shaped(path, arrays, "visibility", "") if "visibility" in arrays else None
    if visibility is None and points.shape[-1] >= 4:
        visibility = points[..., 3]
    world = _shaped(path, arrays, "world_m", "x, y, z", least=3) if "world_m" in arrays else None
    times_s, hints = _times(path, arrays, len(points), hints)
    track = make_track(
        path, times_s, points[..., :2], visibility, hints, own_size=_size(path, arrays), world_m=world
    )
    return PoseFile(track, "MediaPipe landmarks (NPZ)", SceneFacts.still(len(track)))


def _own(path: Path, arrays: Arrays) -> PoseFile:
    """What an earlier run saved; its landmarks are cleaned ones and say so."""
    missing = [key for key in (*ARRAYS, "size_px") if key not in arrays]
    if missing:
        raise PoseFileError(f"{path}: holds no 'landmarks' and no '{missing[0]}'; {PLAIN}.")
    try:
        track, scene = load_track(path)
    except VideoError as error:
        raise PoseFileError(str(error)) from error
    if track.kind == "joints":
        raise PoseFileError(
            f"{path}: holds joints from 3-D markers, seen in no picture; "
            f"analyse the marker file itself, {scene.origin or 'the .trc or .c3d'}, with --pose."
        )
    check_times(track.times_s, path)
    if not track.seen.any():
        raise PoseFileError(f"{path}: holds no person in any frame.")
    return PoseFile(track, OWN_FORMAT, scene)


def _arrays(path: Path) -> Arrays:
    try:
        with np.load(path, allow_pickle=False) as data:
            return {name: data[name] for name in data.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise PoseFileError(
            f"{path}: is no usable NPZ file ({error}); save it again with numpy.savez."
        ) from error


def _shaped(path: Path, arrays: Arrays, key: str, axes: str, least: int = 0) -> Floats:
    """An array (n, 33) or (n, 33, at least `least`), or PoseFileError."""
    try:
        values = arrays[key].astype(np.float64)
    except (TypeError, ValueError) as error:
        raise PoseFileError(f"{path}: '{key}' holds no numbers; {PLAIN}.") from error
    n = len(arrays["landmarks"]) if arrays["landmarks"].ndim else 0
    fits = values.ndim == (3 if least else 2) and values.shape[:2] == (n, N_LANDMARKS)
    if not fits or (least and values.shape[2] < least):
        wanted = f"({n}, 33{f', {axes}' if axes else ''})"
        raise PoseFileError(f"{path}: '{key}' has the shape {values.shape}, not {wanted}; {PLAIN}.")
    return values


def _times(path: Path, arrays: Arrays, n: int, hints: Hints) -> tuple[Floats, Hints]:
    """Times (n,) by what is declared, else the file's times, else its rate, else the video's."""
    if hints.fps is None and "times_s" in arrays:
        times_s = arrays["times_s"].astype(np.float64).ravel()
        if len(times_s) != n:
            raise PoseFileError(
                f"{path}: has {n} frames, but {len(times_s)} times; 'times_s' needs one each."
            )
        return times_s, hints
    if hints.fps is None and "fps" in arrays and float(arrays["fps"]) > 0:
        hints = replace(hints, fps=float(arrays["fps"]))
    return times_of(np.arange(n), path, hints), hints


def _size(path: Path, arrays: Arrays) -> tuple[int, int] | None:
    if "size_px" not in arrays:
        return None
    size = arrays["size_px"].ravel()
    if size.size != 2 or not (size > 0).all():
        raise PoseFileError(f"{path}: 'size_px' must be the picture's width and height in pixels.")
    return int(size[0]), int(size[1])
