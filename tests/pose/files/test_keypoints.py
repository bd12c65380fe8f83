"""OpenPose and Halpe files made of rendered truth: the same points come back, of the right person."""

import json

import numpy as np
import pytest
from landmark_files import FPS, people_file, sample, write_alphapose, write_openpose

from knee_track.errors import PoseFileError, UsageError
from knee_track.pose.files import Hints, open_pose, read_pose
from knee_track.pose.skeleton import ANKLE, HEEL, HIP, INDEX, KNEE, LEGS


@pytest.fixture(scope="module")
def clip(samples_dir):
    return sample(samples_dir / "front_squat_good.truth.npz")


@pytest.fixture
def hints(clip):
    return Hints(size_px=clip.size, fps=FPS)


def assert_is(track, clip, **tolerance):
    """The track holds the clip's points."""
    np.testing.assert_allclose(track.times_s, clip.truth.times_s, atol=2e-4)
    for leg in LEGS:
        for part, index in (("hip", HIP), ("knee", KNEE), ("ankle", ANKLE), ("heel", HEEL)):
            np.testing.assert_allclose(
                track.image_px[:, index[leg]], clip.points[f"{leg}_{part}"], **{"atol": 1e-3} | tolerance
            )
    assert np.isnan(track.image_px[:, INDEX["left_index"]]).all()
    assert track.kind == "coco_feet" and not track.has_world and not track.cleaned


@pytest.mark.parametrize("layout", ["BODY_25", "HALPE_26"])
def test_a_folder_with_a_file_per_frame(tmp_path, clip, hints, layout):
    pose = open_pose(write_openpose(tmp_path / "json", clip.keypoints(layout)), hints)
    assert_is(pose.track, clip)
    assert layout.split("_")[0] in pose.format.upper()
    assert (pose.track.width_px, pose.track.height_px) == clip.size
    assert pose.track.visibility[0, HIP["left"]] == 1.0


@pytest.mark.parametrize(("layout", "declared"), [("BODY_25", "openpose"), ("HALPE_26", "halpe")])
def test_a_declared_format_is_read_alike(tmp_path, clip, hints, layout, declared):
    folder = write_openpose(tmp_path / "json", clip.keypoints(layout))
    assert_is(read_pose(folder, hints, format=declared), clip)
    other = {"openpose": "halpe", "halpe": "openpose"}[declared]
    with pytest.raises(PoseFileError, match="as declared"):
        read_pose(folder, hints, format=other)


def test_alphapose_results(tmp_path, clip, hints):
    assert_is(read_pose(write_alphapose(tmp_path / "results.json", clip.keypoints("HALPE_26")), hints), clip)


def test_halpe_with_face_and_hands(tmp_path, clip, hints):
    more = np.concatenate([clip.keypoints("HALPE_26"), np.ones((len(clip.truth.times_s), 110, 3))], axis=1)
    pose = open_pose(write_alphapose(tmp_path / "results.json", more), hints)
    assert_is(pose.track, clip)
    assert pose.format == "Halpe-136"


def test_shares_of_the_picture_are_told_from_pixels(tmp_path, clip, hints):
    keypoints = clip.keypoints("BODY_25")
    keypoints[..., :2] /= clip.size
    folder = tmp_path / "json"
    folder.mkdir()
    for i, one in enumerate(keypoints):
        flat = {"people": [{"pose_keypoints_2d": one.ravel().tolist()}]}
        (folder / f"{i}.json").write_text(json.dumps(flat))
    assert_is(read_pose(folder, hints), clip)


def test_frames_without_a_file_are_frames_without_a_person(tmp_path, clip, hints):
    track = read_pose(write_openpose(tmp_path / "json", clip.keypoints("BODY_25"), skip=(50, 51)), hints)
    assert len(track) == len(clip.truth.times_s)
    assert np.flatnonzero(~track.seen).tolist() == [50, 51]


@pytest.mark.parametrize(("first", "start_s"), [(0, 0.0), (1, 0.0), (90, 3.0)])
def test_frames_keep_their_place_in_the_video(tmp_path, clip, hints, first, start_s):
    track = read_pose(write_openpose(tmp_path / "json", clip.keypoints("BODY_25"), first=first), hints)
    assert track.times_s[0] == pytest.approx(start_s)


def test_the_videos_own_frame_times_are_taken(tmp_path, clip):
    times_s = np.cumsum(np.linspace(0.03, 0.05, len(clip.truth.times_s))) - 0.03
    folder = write_openpose(tmp_path / "json", clip.keypoints("BODY_25"))
    hints = Hints(frame_times_s=times_s, video_size_px=clip.size)
    np.testing.assert_allclose(read_pose(folder, hints).times_s, times_s)
    with pytest.raises(PoseFileError, match="the video ends after 100 frames; name the video"):
        read_pose(folder, Hints(frame_times_s=times_s[:100], video_size_px=clip.size))


def test_points_of_no_confidence_are_missing(tmp_path, clip, hints):
    keypoints = clip.keypoints("BODY_25")
    keypoints[10:20, 13, 2] = 0.0  # left knee
    keypoints[20:30, 13, 2] = 0.3
    track = read_pose(write_openpose(tmp_path / "json", keypoints), hints)
    assert np.isnan(track.image_px[10:20, KNEE["left"]]).all()
    assert track.visibility[25, KNEE["left"]] == pytest.approx(0.6)


def two_people(clip, tmp_path):
    """The squatter in the middle and a smaller one who stands still at the left, in changing order."""
    client = clip.keypoints("BODY_25")
    other = np.repeat(client[:1], len(client), axis=0)
    known = other[..., 2] > 0
    other[..., :2] = np.where(known[..., None], other[..., :2] * 0.8 + [-220.0, 150.0], 0.0)
    folder = tmp_path / "json"
    folder.mkdir()
    for i in range(len(client)):
        pair = (client[i], other[i]) if i % 3 else (other[i], client[i])
        (folder / f"clip_{i:012d}_keypoints.json").write_text(json.dumps(people_file(*pair)))
    return folder, other


def test_of_several_people_the_one_who_squats_is_followed(tmp_path, clip, hints):
    folder, other = two_people(clip, tmp_path)
    pose = open_pose(folder, hints)
    assert_is(pose.track, clip)
    assert pose.scene.people == 2
    assert "2 people" in pose.warnings[0] and "number 2 from the left" in pose.warnings[0]
    first = open_pose(folder, Hints(size_px=clip.size, fps=FPS, person=1))
    np.testing.assert_allclose(first.track.image_px[:, KNEE["left"]], other[:, 13, :2], atol=1e-3)
    with pytest.raises(UsageError, match="--person 3: at most 2 people"):
        open_pose(folder, Hints(size_px=clip.size, fps=FPS, person=3))


def broken_json(folder, clip):
    write_openpose(folder, clip.keypoints("BODY_25")[:5])
    (folder / "clip_000000000002_keypoints.json").write_text('{"people": [')


def no_people(folder, clip):
    write_openpose(folder, clip.keypoints("BODY_25")[:5] * 0.0)


def empty_lists(folder, clip):
    folder.mkdir()
    for i in range(4):
        (folder / f"{i}.json").write_text('{"people": []}')


def few_keypoints(folder, clip):
    write_openpose(folder, clip.keypoints("BODY_25")[:5, :18])


def mixed_models(folder, clip):
    write_openpose(folder, clip.keypoints("BODY_25")[:5])
    (folder / "clip_000000000005_keypoints.json").write_text(
        json.dumps(people_file(clip.keypoints("HALPE_26")[5]))
    )


def one_frame(folder, clip):
    write_openpose(folder, clip.keypoints("BODY_25")[:1])


def two_clips(folder, clip):
    write_openpose(folder, clip.keypoints("BODY_25")[:5])
    (folder / "other_000000000002_keypoints.json").write_text(
        json.dumps(people_file(clip.keypoints("BODY_25")[0]))
    )


def another_json(folder, clip):
    write_openpose(folder, clip.keypoints("BODY_25")[:5])
    (folder / "settings.json").write_text("[]")


def cut_numbers(folder, clip):
    folder.mkdir()
    for i in range(3):
        (folder / f"{i}.json").write_text('{"people": [{"pose_keypoints_2d": [1, 2, 3, 4]}]}')


def subfolder(folder, clip):
    folder.mkdir()
    (folder / "camera_1").mkdir()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (broken_json, r"clip_000000000002_keypoints\.json: is not JSON \(line 1\)"),
        (no_people, "there is nobody in any frame"),
        (empty_lists, "there is nobody in any frame"),
        (few_keypoints, r"have 18 keypoints, not BODY_25 \(25 keypoints\) or Halpe-26"),
        (mixed_models, "mixes people of 25 and 26 keypoints"),
        (one_frame, "holds a single frame"),
        (two_clips, "two files of frame 2"),
        (another_json, r"settings\.json: holds no list of people"),
        (cut_numbers, "4 numbers are no keypoints"),
        (subfolder, r"holds no \.json files with keypoints; did you mean camera_1"),
    ],
)
def test_what_is_wrong_with_a_folder(tmp_path, clip, hints, make, says):
    make(tmp_path / "json", clip)
    with pytest.raises(PoseFileError, match=says) as error:
        read_pose(tmp_path / "json", hints)
    assert str(tmp_path / "json") in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}', "holds a single frame; name the folder"),
        ('[{"image_id": "0.jpg"}]', "is no list of AlphaPose results"),
        ("[1, 2", "is not JSON"),
        ("[]", "there is nobody"),
        ('[{"image_id": "0.jpg", "keypoints": ["a"]}]', "are not numbers"),
        ("", "is empty"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path, hints, text, says):
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(PoseFileError, match=says):
        read_pose(path, hints)


@pytest.mark.parametrize(
    ("hints", "says"),
    [
        (Hints(fps=FPS), "does not say how large the picture is.*--pose-size"),
        (Hints(size_px=(720, 1280)), "does not say how many frames.*--pose-fps"),
        (Hints(size_px=(320, 240), fps=FPS), "said to be 320 × 240; give the right size with --pose-size"),
    ],
)
def test_what_the_files_do_not_say(tmp_path, clip, hints, says):
    folder = write_openpose(tmp_path / "json", clip.keypoints("BODY_25")[:5])
    with pytest.raises(PoseFileError, match=says):
        read_pose(folder, hints)
