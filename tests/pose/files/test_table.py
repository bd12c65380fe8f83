"""CSV files in the layouts that people write: the same landmarks come back from each."""

import numpy as np
import pytest
from landmark_files import FPS, blazepose, sample, write_long, write_wide

from knee_track.errors import PoseFileError, UsageError
from knee_track.pose.files import Hints, open_pose, read_pose
from knee_track.pose.skeleton import KNEE, LANDMARKS

SIZE = (720, 1280)
AXIS_WORDS = {"x": "x", "y": "y", "z": "z", "v": "visibility"}


@pytest.fixture(scope="module")
def points(samples_dir):
    return blazepose(sample(samples_dir / "front_squat_good.truth.npz"))[:40]


def seconds(n):
    return [f"{i / FPS:.6f}" for i in range(n)]


def whole(n):
    return list(range(n))


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def upper(i, axis):
    return f"{LANDMARKS[i].upper()}_{axis}"


WIDE = {
    "numbered": (lambda i, a: f"{a}{i}", {"time": seconds}),
    "counted from 1": (lambda i, a: f"{a}{i + 1}", {"time": seconds}),
    "number first": (lambda i, a: f"{i}_{a}", {"timestamp_ms": lambda n: [1000 * i / FPS for i in range(n)]}),
    "landmark_0_x": (lambda i, a: f"landmark_{i}_{AXIS_WORDS[a]}", {"frame": whole}),
    "LEFT_KNEE_x": (upper, {"frame": whole, "time_s": seconds}),
    "x_left_knee": (lambda i, a: f"{AXIS_WORDS[a]}_{LANDMARKS[i]}", {"frame": whole}),
    "PoseLandmark.LEFT_KNEE.x": (lambda i, a: f"PoseLandmark.{LANDMARKS[i].upper()}.{a}", {"": whole}),
    "left knee x": (lambda i, a: f"{LANDMARKS[i].replace('_', ' ')} {AXIS_WORDS[a]}", {"frame": whole}),
    "leftKnee.x": (
        lambda i, a: f"{camel(LANDMARKS[i])}.{a}",
        {"timeMs": lambda n: [1000 * i / FPS for i in range(n)]},
    ),
    "ms without a unit": (upper, {"timestamp": lambda n: [round(1000 * i / FPS) for i in range(n)]}),
    "us without a unit": (upper, {"timestamp": lambda n: [round(1e6 * i / FPS) for i in range(n)]}),
}
LONG = {
    "names": (lambda i: LANDMARKS[i], {"frame": whole}),
    "upper case and time": (lambda i: LANDMARKS[i].upper(), {"time_s": seconds}),
    "numbers": (lambda i: i, {"frame": whole, "timestamp": seconds}),
    "counted from 1": (lambda i: i + 1, {"frame": lambda n: [i + 1 for i in range(n)]}),
}


def head_of(head, n):
    return {name: values(n) for name, values in head.items()}


def assert_is(pose, points):
    track = pose.track
    np.testing.assert_allclose(track.image_px, points, atol=2e-3)
    np.testing.assert_allclose(track.times_s, np.arange(len(points)) / FPS, atol=6e-4)
    assert track.kind == "blazepose" and not track.cleaned and not track.has_world
    assert track.visibility[0, KNEE["left"]] == pytest.approx(0.98)
    assert "CSV" in pose.format


@pytest.mark.parametrize("scale", ["pixels", "shares"])
@pytest.mark.parametrize("layout", WIDE)
def test_one_row_per_frame(tmp_path, points, layout, scale):
    names, head = WIDE[layout]
    given = points / SIZE if scale == "shares" else points
    path = write_wide(tmp_path / "squat.csv", given, names, head_of(head, len(points)))
    has_time = any("time" in name.lower() for name in head)
    assert_is(open_pose(path, Hints(size_px=SIZE, fps=None if has_time else FPS)), points)


@pytest.mark.parametrize("layout", LONG)
def test_one_row_per_landmark(tmp_path, points, layout):
    names, head = LONG[layout]
    path = write_long(tmp_path / "squat.csv", points / SIZE, names, head_of(head, len(points)))
    has_time = any("time" in name.lower() for name in head)
    assert_is(open_pose(path, Hints(size_px=SIZE, fps=None if has_time else FPS)), points)


def test_semicolons_and_decimal_commas(tmp_path, points):
    path = write_wide(tmp_path / "squat.csv", points, upper, {"frame": whole(len(points))}, delimiter=";")
    assert_is(open_pose(path, Hints(size_px=SIZE, fps=FPS)), points)


def test_a_clocks_times_count_from_the_first(tmp_path, points):
    clock = [1_764_000_000_000 + round(1000 * i / FPS) for i in range(len(points))]
    path = write_wide(tmp_path / "squat.csv", points, upper, {"timestamp": clock})
    assert_is(open_pose(path, Hints(size_px=SIZE)), points)


def test_there_is_one_person_in_a_table(tmp_path, points):
    path = write_wide(tmp_path / "squat.csv", points, upper, {})
    with pytest.raises(UsageError, match="--person 2: .* one person"):
        read_pose(path, Hints(size_px=SIZE, fps=FPS, person=2))


def test_frames_that_were_left_out_are_missing(tmp_path, points):
    kept = [i for i in range(len(points)) if i not in (7, 8)]
    path = write_wide(tmp_path / "squat.csv", points[kept], upper, {"frame": kept})
    track = read_pose(path, Hints(size_px=SIZE, fps=FPS))
    assert np.flatnonzero(~track.seen).tolist() == [7, 8]


def test_a_declared_rate_overrules_the_times(tmp_path, points):
    path = write_wide(tmp_path / "squat.csv", points, upper, {"time": seconds(len(points))})
    assert read_pose(path, Hints(size_px=SIZE, fps=60.0)).fps == pytest.approx(60.0)


def without_feet(path, points):
    return write_wide(
        path, points, lambda i, a: f"skip{i}{a}" if "foot_index" in LANDMARKS[i] else upper(i, a), {}
    )


def without_knee_rows(path, points):
    return write_long(
        path,
        points,
        lambda i: "tail" if "knee" in LANDMARKS[i] else LANDMARKS[i],
        {"frame": whole(len(points))},
    )


def without_landmarks(path, points):
    return write_wide(path, points, lambda i, a: f"column{i}{a}", {})


def without_names(path, points):
    return write_wide(path, points, lambda i, a: f"{i}.{'xyzv'.index(a)}", {})


def without_frames(path, points):
    return write_long(path, points, lambda i: LANDMARKS[i], {})


def backwards(path, points):
    return write_wide(path, points, upper, {"time": seconds(len(points))[::-1]})


def twice(path, points):
    return write_long(path, points, lambda i: LANDMARKS[i], {"frame": [i // 2 for i in range(len(points))]})


def untimed(path, points):
    return write_wide(path, points, upper, {"time": ["", *seconds(len(points))[1:]]})


def words(path, points):
    return write_wide(path, points, upper, {"time": ["soon"] * len(points)})


def single(path, points):
    return write_wide(path, points[:1], upper, {})


def nobody(path, points):
    return write_wide(path, points * np.nan, upper, {})


def metres(path, points):
    hips = points[:, 23:25].mean(axis=1, keepdims=True)
    return write_wide(path, (points - hips) / 500, upper, {})


def short_row(path, points):
    write_wide(path, points, upper, {})
    path.write_text(path.read_text() + "1,2,3\n")
    return path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (without_feet, "columns are missing: left_foot_index_x, left_foot_index_y, right_foot_index_x"),
        (without_knee_rows, "landmarks are missing: left_knee, right_knee"),
        (without_landmarks, "has no columns of landmarks; they are called x0, y0"),
        (without_names, "first row holds no column names"),
        (without_frames, r"columns are missing: frame \(or a time\)"),
        (backwards, r"the time of frame 2 \(1\.26667 s\) is not later"),
        (twice, "several rows for one landmark of one frame"),
        (untimed, "frame 1 has no time"),
        (words, "column 'time' holds"),
        (single, "holds a single frame"),
        (nobody, "holds no person"),
        (metres, "look like world landmarks"),
        (short_row, "row 42 has 3 of 132 columns"),
    ],
)
def test_what_is_wrong_with_a_table(tmp_path, points, make, says):
    path = make(tmp_path / "squat.csv", points)
    hints = Hints(size_px=SIZE, fps=None if make in (backwards, untimed) else FPS)
    with pytest.raises(PoseFileError, match=says) as error:
        read_pose(path, hints)
    assert str(path) in str(error.value)


def test_a_file_that_is_nothing_of_the_kind(tmp_path):
    (tmp_path / "squat.docx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    with pytest.raises(PoseFileError, match=r"squat\.docx: is no landmark file of a known kind; known are"):
        read_pose(tmp_path / "squat.docx")
    with pytest.raises(PoseFileError, match=r"gone\.csv: no such file or folder"):
        read_pose(tmp_path / "gone.csv")
    with pytest.raises(PoseFileError, match="is a folder; MediaPipe landmarks are one"):
        read_pose(tmp_path, format="mediapipe")
