"""OpenSim's marker files, as programs write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from marker_files import trc_text

from knee_track.errors import MarkerError, UsageError
from knee_track.pose.markers.data import read_markers

NAMES = ["RHip", "left knee", "Subject:LToe"]
TIMES = np.array([2.0, 2.02, 2.04])
POINTS = np.arange(1.0, 28.0).reshape(3, 3, 3)


def written(folder: Path, text: str) -> Path:
    path = folder / "made.trc"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("unit", "metres"), [("mm", 0.001), ("cm", 0.01), ("m", 1.0), ("MM", 0.001)])
def test_points_come_in_metres_and_times_from_zero(tmp_path: Path, unit: str, metres: float) -> None:
    markers = read_markers(written(tmp_path, trc_text(NAMES, TIMES, POINTS, unit)))
    assert markers.names == tuple(NAMES)
    np.testing.assert_allclose(markers.times_s, [0.0, 0.02, 0.04])
    np.testing.assert_allclose(markers.points_m, metres * POINTS)


@pytest.mark.parametrize("gap", ["\t", "\t\t", "\t\t\t", "\t \t\t"])
@pytest.mark.parametrize("blank_line", [True, False])
def test_header_spacing_may_be_irregular(tmp_path: Path, gap: str, blank_line: bool) -> None:
    text = trc_text(NAMES, TIMES, POINTS, gap=gap, blank_line=blank_line)
    text = text.replace(NAMES[-1], NAMES[-1] + gap)  # many programs end the line with tabs
    markers = read_markers(written(tmp_path, text))
    assert markers.names == tuple(NAMES)
    np.testing.assert_allclose(markers.points_m, POINTS)


def test_fields_may_be_parted_by_spaces(tmp_path: Path) -> None:
    names = ["RHip", "RKnee", "RToe"]
    markers = read_markers(written(tmp_path, trc_text(names, TIMES, POINTS, gap="\t").replace("\t", "  ")))
    assert markers.names == tuple(names)
    np.testing.assert_allclose(markers.points_m, POINTS)


def test_missing_markers_are_blank_nan_or_zero(tmp_path: Path) -> None:
    points = POINTS.copy()
    points[0, 1] = np.nan
    points[2, 2] = np.nan  # blank at the line's end, where programs drop the tabs
    points[1, 0] = 0.0
    text = "\n".join(line.rstrip("\t") for line in trc_text(NAMES, TIMES, points).split("\n"))
    text = text.replace("\t14\t", "\tNaN\t")  # Y of the second marker in the second frame
    markers = read_markers(written(tmp_path, text))
    missing = ~np.isfinite(markers.points_m)
    assert missing[0, 1].all() and missing[2, 2].all() and missing[1, 0].all()
    assert missing[1, 1].tolist() == [False, True, False]
    assert missing.sum() == 10


def test_a_marker_is_found_without_its_subject_and_in_any_case(tmp_path: Path) -> None:
    markers = read_markers(written(tmp_path, trc_text(NAMES, TIMES, POINTS)))
    assert [markers.find(name) for name in ("LToe", "rhip", "Left Knee", "Knee")] == [2, 0, 1, None]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"unit": ""}, r"holds no unit of length; write mm, cm or m into Units"),
        ({"units_name": "Unit"}, r"holds no unit of length"),
        ({"unit": "inch"}, r"its unit of length is 'inch'; known are mm, cm and m"),
    ],
)
def test_a_missing_or_unknown_unit_is_refused(tmp_path: Path, change: dict[str, str], says: str) -> None:
    with pytest.raises(MarkerError, match=rf"made\.trc: .*{says}"):
        read_markers(written(tmp_path, trc_text(NAMES, TIMES, POINTS, **change)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("once upon a time", "is no TRC file"),
        (trc_text(NAMES, TIMES, POINTS) + "4\t2.06\t" + "\t".join("1" * 12) + "\n", "line 10 has 14 fields"),
        (trc_text(NAMES, TIMES, POINTS).replace("\t5\t", "\tfive\t"), "line 7 holds something that is no"),
        (trc_text(NAMES, TIMES[[0, 0, 1]], POINTS), "its times do not rise"),
        (trc_text(NAMES, TIMES[:1], POINTS[:1]), "nothing to measure"),
        (trc_text(NAMES, TIMES, POINTS).replace("\t2.020000\t", "\t\t"), "a frame has no time"),
        (trc_text(NAMES, TIMES, POINTS, gap="\t").replace("\t", " "), "line 7 has 11 fields, .* need 14"),
    ],
)
def test_a_damaged_file_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(MarkerError, match=rf"made\.trc: .*{says}"):
        read_markers(written(tmp_path, text))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"clip\.csv: markers are read from \.trc and \.c3d files"):
        read_markers(tmp_path / "clip.csv")
    with pytest.raises(MarkerError, match=r"gone\.trc: there is no such file"):
        read_markers(tmp_path / "gone.trc")
