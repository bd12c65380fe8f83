from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knee_track.pose.skeleton import FOOT_INDEX, HEEL, INDEX, N_LANDMARKS
from knee_track.pose.track import PoseTrack
from knee_track.report.trc import write_trc


def test_markers_turn_into_opensims_axes_with_feet_on_the_ground(tmp_path: Path) -> None:
    # A client who faces the camera, in MediaPipe's axes: x right, y down, z away, origin at mid-hip.
    world = np.full((2, N_LANDMARKS, 3), np.nan)
    for foot in (*HEEL.values(), *FOOT_INDEX.values()):
        world[:, foot] = [0.0, 0.9, 0.0]
    world[:, INDEX["left_hip"]] = [0.1, 0.0, 0.0]  # the client's left is the picture's right
    world[:, INDEX["nose"]] = [0.0, -0.6, -0.2]  # above the hips, toward the camera
    track = PoseTrack(
        np.array([0.0, 0.04]),
        np.full((2, N_LANDMARKS, 2), np.nan),
        world,
        np.ones((2, N_LANDMARKS)),
        100,
        100,
    )
    write_trc(tmp_path / "clip.trc", track)

    lines = (tmp_path / "clip.trc").read_text(encoding="utf-8").splitlines()
    values = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    assert values["NumFrames"] == "2"
    assert values["NumMarkers"] == "33"
    assert values["Units"] == "m"
    assert float(values["DataRate"]) == pytest.approx(25)
    names = [name for name in lines[3].split("\t")[2:] if name]
    cells = lines[-1].split("\t")
    assert float(cells[1]) == 0.04

    def marker(name: str) -> list[str]:
        start = 2 + 3 * names.index(name)
        return cells[start : start + 3]

    # OpenSim: X forward, Y up, Z to the client's right; the hips are 0.9 m above the feet.
    assert [float(value) for value in marker("nose")] == pytest.approx([0.2, 1.5, 0.0])
    assert [float(value) for value in marker("left_hip")] == pytest.approx([0.0, 0.9, -0.1])
    assert marker("left_wrist") == ["", "", ""]
