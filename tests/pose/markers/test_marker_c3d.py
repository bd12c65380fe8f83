"""C3D files written by ezc3d itself."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from knee_track.errors import MarkerError
from knee_track.pose.markers.data import read_markers

NAMES = ["LHJC", "LKJC", "LTOE"]


def write_c3d(path: Path, names: list[str], points: np.ndarray, unit: str, rate_hz: float = 100.0) -> None:
    """Points (n, k, 3), NaN for missing, written as a laboratory would."""
    ezc3d = pytest.importorskip("ezc3d", reason="reading c3d needs ezc3d: pip install -e '.[c3d]'")
    content = ezc3d.c3d()
    content["parameters"]["POINT"]["RATE"]["value"] = [rate_hz]
    content["parameters"]["POINT"]["LABELS"]["value"] = names
    content["parameters"]["POINT"]["UNITS"]["value"] = [unit] if unit else []
    content["data"]["points"] = np.concatenate([points, np.ones((*points.shape[:2], 1))], axis=2).transpose(
        2, 1, 0
    )
    content.write(str(path))


@pytest.mark.parametrize(("unit", "metres"), [("mm", 0.001), ("m", 1.0)])
def test_points_names_and_times_come_back(tmp_path: Path, unit: str, metres: float) -> None:
    points = np.arange(1.0, 37.0).reshape(4, 3, 3)
    points[2, 1] = np.nan
    write_c3d(tmp_path / "trial.c3d", NAMES, points, unit)
    markers = read_markers(tmp_path / "trial.c3d")
    assert markers.names == tuple(NAMES)
    np.testing.assert_allclose(markers.times_s, [0.0, 0.01, 0.02, 0.03])
    np.testing.assert_allclose(markers.points_m, metres * points, rtol=1e-6)


def test_a_point_with_a_negative_residual_is_missing(tmp_path: Path) -> None:
    ezc3d = pytest.importorskip("ezc3d", reason="reading c3d needs ezc3d: pip install -e '.[c3d]'")
    write_c3d(tmp_path / "trial.c3d", NAMES, np.arange(1.0, 28.0).reshape(3, 3, 3), "mm")
    content = ezc3d.c3d(str(tmp_path / "trial.c3d"))
    content["data"]["meta_points"]["residuals"][0, 1, 2] = -1.0
    content.write(str(tmp_path / "invalid.c3d"))
    missing = ~np.isfinite(read_markers(tmp_path / "invalid.c3d").points_m).all(axis=-1)
    assert np.argwhere(missing).tolist() == [[2, 1]]


def test_a_file_without_a_unit_is_refused(tmp_path: Path) -> None:
    write_c3d(tmp_path / "trial.c3d", NAMES, np.ones((3, 3, 3)), "")
    with pytest.raises(MarkerError, match=r"trial\.c3d: its header holds no unit"):
        read_markers(tmp_path / "trial.c3d")


def test_something_else_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("ezc3d", reason="reading c3d needs ezc3d: pip install -e '.[c3d]'")
    (tmp_path / "trial.c3d").write_bytes(b"no c3d at all" * 100)
    with pytest.raises(MarkerError, match=r"trial\.c3d: is no readable c3d file"):
        read_markers(tmp_path / "trial.c3d")


def test_without_ezc3d_it_is_named_with_the_way_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trial.c3d").touch()
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(MarkerError, match=r"pip install ezc3d"):
        read_markers(tmp_path / "trial.c3d")
