"""OpenSim marker file (.trc) of the world landmarks."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import FOOT_INDEX, HEEL, LANDMARKS, LEGS
from knee_track.pose.track import PoseTrack

FEET = [index[side] for index in (HEEL, FOOT_INDEX) for side in LEGS]


def write_trc(path: Path, track: PoseTrack) -> None:
    """Write all 33 landmarks in metres, OpenSim's axes; missing markers are empty fields.

    The coordinates are MediaPipe's world landmarks: good for an animation or a first scaling, unfit for
    measuring knees. The layout follows the TRC description in the OpenSim documentation.
    """
    points = to_opensim(track.world_m)
    fps = f"{track.fps:.6g}"
    markers = "\t".join(f"{name}\t\t" for name in LANDMARKS)
    axes = "\t".join(f"X{i}\tY{i}\tZ{i}" for i in range(1, len(LANDMARKS) + 1))
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{fps}\t{fps}\t{len(track)}\t{len(LANDMARKS)}\tm\t{fps}\t1\t{len(track)}",
        f"Frame#\tTime\t{markers}",
        f"\t\t{axes}",
        "",
    ]
    for number, (time_s, row) in enumerate(zip(track.times_s, points, strict=True), start=1):
        cells = "\t".join("" if np.isnan(value) else f"{value:.5f}" for value in row.ravel())
        lines.append(f"{number}\t{time_s:.6f}\t{cells}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def to_opensim(world_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """MediaPipe's axes (x right, y down, z away) to OpenSim's (X forward, Y up, Z to the client's right).

    (n, 33, 3) to (n, 33, 3), for a client who faces the camera. MediaPipe's origin is the mid-hip; here the
    lowest foot point of each frame stands on Y = 0, so that a squat goes down instead of the feet going up.
    """
    points = -world_m[..., ::-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # frames without any foot stay NaN
        floor = np.nanmin(points[:, FEET, 1], axis=1)
    points[..., 1] -= floor[:, None]
    return points
