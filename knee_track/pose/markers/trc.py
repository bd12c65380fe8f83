"""OpenSim's marker file, `.trc`.

The layout follows the TRC description in the OpenSim documentation, and what programs make of it: fields
parted by tabs or spaces, more or fewer tabs after a name, an empty line before the data or none, missing
markers as empty fields or NaN.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import MarkerError
from knee_track.pose.markers.data import Markers, checked, metres_per

Floats = NDArray[np.float64]
HEADER_LINES: Final = 5
BEFORE_MARKERS: Final = 2
"""Frame number and time."""


def read_trc(path: Path) -> Markers:
    """Read the markers of a `.trc` file, in metres. Raises MarkerError."""
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise MarkerError(f"{path}: cannot be read ({error.strerror}).") from error
    if len(lines) <= HEADER_LINES or "frame" not in lines[3].casefold():
        raise MarkerError(f"{path}: is no TRC file; its fourth line must begin with Frame# and Time.")
    header = dict(zip_longest(_cells(lines[1]), _cells(lines[2])[: len(_cells(lines[1]))], fillvalue=""))
    scale_m = metres_per(header.get("Units", ""), path)
    names = tuple(cell for cell in _cells(lines[3]) if cell)[BEFORE_MARKERS:]
    rows = [
        _row(path, number, line, BEFORE_MARKERS + 3 * len(names))
        for number, line in enumerate(lines[HEADER_LINES:], start=HEADER_LINES + 1)
        if line.strip()
    ]
    table = np.array(rows).reshape(-1, BEFORE_MARKERS + 3 * len(names))
    if not np.isfinite(table[:, 1]).all():
        raise MarkerError(f"{path}: a frame has no time; the second column must hold seconds.")
    points = table[:, BEFORE_MARKERS:].reshape(len(table), len(names), 3)
    return checked(path, names, table[:, 1], scale_m * points)


def _cells(line: str) -> list[str]:
    """Fields of a line: between tabs where there are any, so that empty ones count, else between spaces."""
    return [cell.strip() for cell in line.split("\t")] if "\t" in line else line.split()


def _row(path: Path, number: int, line: str, width: int) -> list[float]:
    """One frame as `width` numbers, NaN where a field is empty."""
    cells = _cells(line)
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if "\t" in line:  # programs drop the empty fields at a line's end
        cells += [""] * (width - len(cells))
    if len(cells) != width:
        raise MarkerError(
            f"{path}: line {number} has {len(cells)} fields, the marker names need {width}; "
            "part fields with tabs, and leave those of a missing marker empty."
        )
    try:
        return [float(cell) if cell else np.nan for cell in cells]
    except ValueError as error:
        raise MarkerError(f"{path}: line {number} holds something that is no number ({error}).") from error
