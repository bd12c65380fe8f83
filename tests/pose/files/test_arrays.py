"""NPZ files: those of an earlier run, and plain ones with documented keys."""

import numpy as np
import pytest
from landmark_files import FPS, blazepose, sample

from knee_track.errors import PoseFileError
from knee_track.pose.files import Hints, open_pose, read_pose
from knee_track.pose.track import PoseTrack, SceneFacts

SIZE = (720, 1280)


@pytest.fixture(scope="module")
def points(samples_dir):
    return blazepose(sample(samples_dir / "front_squat_good.truth.npz"))[:40]


def track_of(points, **more):
    n = len(points)
    world = np.zeros((n, 33, 3))
    return PoseTrack(np.arange(n) / FPS, points, world, np.full((n, 33), 0.9), *SIZE, **more)


def test_a_saved_track_comes_back_with_its_scene(tmp_path, points):
    path = tmp_path / "landmarks.npz"
    motion = np.outer(np.arange(len(points)), [1.0, 0.5])
    track_of(points, kind="coco_feet", cleaned=True).save(path, SceneFacts(motion, (0.5,), 2, True))
    pose = open_pose(path)
    np.testing.assert_allclose(pose.track.image_px, points, atol=1e-3)
    assert (pose.track.kind, pose.track.cleaned) == ("coco_feet", True)
    np.testing.assert_allclose(pose.scene.motion_px, motion)
    assert (pose.scene.cuts_s, pose.scene.people, pose.scene.mirrored) == ((0.5,), 2, True)


def test_a_file_of_the_first_version_holds_cleaned_blazepose_landmarks(tmp_path, points):
    track = track_of(points)
    names = ("times_s", "image_px", "world_m", "visibility")
    np.savez(tmp_path / "old.npz", size_px=np.array(SIZE), **{name: getattr(track, name) for name in names})
    old = open_pose(tmp_path / "old.npz")
    assert (old.track.kind, old.track.cleaned) == ("blazepose", True)
    np.testing.assert_array_equal(old.scene.motion_px, np.zeros((len(track), 2)))


@pytest.mark.parametrize("clock", ["times_s", "fps", "declared"])
@pytest.mark.parametrize("axes", [2, 4])
def test_a_plain_file(tmp_path, points, clock, axes):
    n = len(points)
    more = {"times_s": {"times_s": np.arange(n) / FPS}, "fps": {"fps": FPS}, "declared": {}}[clock]
    landmarks = points / SIZE
    if axes == 4:
        landmarks = np.concatenate([landmarks, np.zeros((n, 33, 1)), np.full((n, 33, 1), 0.7)], axis=2)
    np.savez(tmp_path / "plain.npz", landmarks=landmarks, size_px=np.array(SIZE), **more)
    track = read_pose(tmp_path / "plain.npz", Hints(fps=FPS if clock == "declared" else None))
    np.testing.assert_allclose(track.image_px, points, atol=1e-6)
    np.testing.assert_allclose(track.times_s, np.arange(n) / FPS)
    assert not track.cleaned and not track.has_world
    assert np.nanmax(track.visibility) == (0.7 if axes == 4 else 1.0)


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"poses": np.zeros((5, 33, 2))}, "holds no 'landmarks' and no 'times_s'; a plain file holds"),
        ({"landmarks": np.zeros((5, 17, 2))}, r"'landmarks' has the shape \(5, 17, 2\), not \(5, 33"),
        ({"landmarks": np.zeros((5, 33, 2)), "times_s": np.arange(4)}, "has 5 frames, but 4 times"),
        ({"landmarks": np.zeros((5, 33, 2)), "times_s": np.zeros(5)}, "time of frame 2 .* is not later"),
        ({"landmarks": np.zeros((1, 33, 2)), "fps": 30.0}, "holds a single frame"),
        ({"landmarks": np.full((5, 33, 2), np.nan), "fps": 30.0}, "holds no person"),
        ({"landmarks": np.full((5, 33, 2), 0.5)}, "does not say how many frames"),
        ({"landmarks": np.full((5, 33, 2), 0.5), "fps": 30.0}, "does not say how large"),
        ({"landmarks": np.full((5, 33, 2), "a")}, "'landmarks' holds no numbers"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path, arrays, says):
    path = tmp_path / "wrong.npz"
    np.savez(path, **arrays)
    with pytest.raises(PoseFileError, match=says):
        read_pose(path)


def test_a_damaged_file(tmp_path, points):
    path = tmp_path / "cut.npz"
    track_of(points).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(PoseFileError, match="is no usable NPZ file"):
        read_pose(path)
