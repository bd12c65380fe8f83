"""Named points over time, as a marker file holds them, and how such a file is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import MarkerError, UsageError

Floats = NDArray[np.float64]
Up = Literal["x", "y", "z", "-x", "-y", "-z"]
UPS: Final[tuple[Up, ...]] = get_args(Up)
METRES: Final = {
    "mm": 0.001,
    "millimeter": 0.001,
    "millimeters": 0.001,
    "cm": 0.01,
    "m": 1.0,
    "meter": 1.0,
    "meters": 1.0,
}
ENDINGS: Final = (".trc", ".c3d")


@dataclass(frozen=True)
class Markers:
    """Markers of one recording. Missing is NaN.

    Attributes
    ----------
    names : k names as the file has them
    times_s : (n,) seconds from the first frame, strictly rising
    points_m : (n, k, 3) metres in the laboratory's own axes
    up : the laboratory's axis that points up, None when the file does not say
    """

    names: tuple[str, ...]
    times_s: Floats
    points_m: Floats
    up: Up | None = None

    def __post_init__(self) -> None:
        wanted = (len(self.times_s), len(self.names), 3)
        if self.points_m.shape != wanted:
            raise ValueError(f"points_m has shape {self.points_m.shape}, expected {wanted}")

    def find(self, name: str) -> int | None:
        """Column of a marker: by its name, else without a "Subject:" before it, else in any case."""
        short = [found.rpartition(":")[2] for found in self.names]
        for wanted, candidates in (
            (name, list(self.names)),
            (name, short),
            (name.casefold(), [found.casefold() for found in short]),
        ):
            if wanted in candidates:
                return candidates.index(wanted)
        return None


def up_named(text: str | None) -> Up | None:
    """The axis that `--up` names: x, y or z, with a sign if it is wanted. Raises UsageError."""
    if text is None:
        return None
    for known in UPS:
        if text.strip().lower().removeprefix("+") == known:
            return known
    raise UsageError(f"--up {text}: say x, y or z, with a minus when the axis points down.")


def read_markers(path: Path) -> Markers:
    """Read an OpenSim `.trc` or a `.c3d` file.

    Raises MarkerError when it cannot be read, UsageError for another kind of file; the text says what to do.
    """
    from knee_track.pose.markers.c3d import read_c3d
    from knee_track.pose.markers.trc import read_trc

    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"{path}: markers are read from {' and '.join(ENDINGS)} files.")
    if not path.is_file():
        raise MarkerError(f"{path}: there is no such file.")
    return read_trc(path) if ending == ".trc" else read_c3d(path)


def metres_per(unit: str, path: Path) -> float:
    """Length of a file's unit in metres. Raises MarkerError when there is none or it is not known."""
    word = unit.strip().casefold()
    if not word:
        raise MarkerError(f"{path}: its header holds no unit of length; write mm, cm or m into Units.")
    if word not in METRES:
        raise MarkerError(f"{path}: its unit of length is '{unit.strip()}'; known are mm, cm and m.")
    return METRES[word]


def checked(path: Path, names: tuple[str, ...], times_s: Floats, points_m: Floats) -> Markers:
    """Markers with times from zero and without points at the very origin.

    Some programs write 0, 0, 0 for a marker that was not seen. Raises MarkerError for less than two frames,
    times that do not rise, or no marker at all.
    """
    if len(times_s) < 2 or not names:
        raise MarkerError(f"{path}: holds {len(names)} markers in {len(times_s)} frames; nothing to measure.")
    if not np.all(np.diff(times_s) > 0.0):
        raise MarkerError(f"{path}: its times do not rise from frame to frame.")
    unseen = np.all(points_m == 0.0, axis=-1, keepdims=True)
    return Markers(names, times_s - times_s[0], np.where(unseen, np.nan, points_m))
