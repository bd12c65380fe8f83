"""The binary marker file of most laboratories, `.c3d`, read with ezc3d (an extra)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from knee_track.errors import MarkerError
from knee_track.pose.markers.data import Markers, checked, metres_per


def read_c3d(path: Path) -> Markers:
    """Read the markers of a `.c3d` file, in metres; a point with a negative residual is missing (c3d.org).

    Raises MarkerError when it cannot be read, or ezc3d is not installed.
    """
    try:
        import ezc3d
    except ImportError as error:
        raise MarkerError(
            f"{path}: reading c3d files needs ezc3d; install it with: pip install ezc3d."
        ) from error
    try:
        content = ezc3d.c3d(str(path))
    except Exception as error:  # ezc3d raises bare RuntimeError, OSError and IndexError alike
        raise MarkerError(f"{path}: is no readable c3d file ({error}).") from error
    parameters = content["parameters"].get("POINT", {})
    names = _words(parameters, "LABELS")
    number = 2
    while more := _words(parameters, f"LABELS{number}"):  # beyond 255 labels c3d goes on in another list
        names += more
        number += 1
    scale_m = metres_per((_words(parameters, "UNITS") or [""])[0], path)
    rate_hz = float(np.ravel(parameters.get("RATE", {}).get("value", [0.0]))[0])
    if not rate_hz > 0.0:
        raise MarkerError(f"{path}: does not say how many frames a second it holds (POINT:RATE).")
    points = np.asarray(content["data"]["points"], dtype=np.float64)[:3].transpose(2, 1, 0)
    residuals = np.asarray(content["data"]["meta_points"]["residuals"], dtype=np.float64)[0].T
    points = np.where((residuals < 0.0)[..., None], np.nan, points)
    names = names[: points.shape[1]]
    times_s = np.arange(len(points)) / rate_hz
    return checked(path, tuple(names), times_s, scale_m * points[:, : len(names)])


def _words(parameters: dict[str, Any], name: str) -> list[str]:
    """Texts of a parameter; none when the file lacks it."""
    return [str(word).strip() for word in parameters.get(name, {}).get("value", [])]
