import numpy as np
import pytest
from shared_clips import SHARED

from benchmarks.truth import load_truth
from knee_track.errors import PoseError, UsageError, VideoError
from knee_track.pose.estimate import estimate_track
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HIP, KNEE, LEGS
from knee_track.settings import PoseSettings
from knee_track.video.reader import VideoReader
from knee_track.video.writer import VideoWriter

SETTINGS = PoseSettings()
NAMES = {"hip": HIP, "knee": KNEE, "ankle": ANKLE, "second_toe": FOOT_INDEX}
REAL = SHARED / "real"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no shared clips: {REAL} is missing")


def write(path, frames, fps=30.0):
    height, width = frames[0].shape[:2]
    with VideoWriter(path, width, height) as writer:
        for i, frame in enumerate(frames):
            writer.write(frame, i / fps)
    return path


def read(path, end_s, long_side_px=480):
    with VideoReader(path, long_side_px=long_side_px, end_s=end_s) as reader:
        return [frame.rgb for frame in reader]


@pytest.fixture(scope="module")
def two_people(samples_dir, tmp_path_factory):
    """A bystander stands on the left from the start; the client comes in on the right at 1.5 s and squats."""
    bystander = read(samples_dir / "front_squat_good.mp4", 0.01)[0]
    squats = read(samples_dir / "front_squat_valgus.mp4", 3.5)
    empty = [np.full_like(squats[0], 140)] * 45
    frames = [np.hstack([bystander, right]) for right in [*empty, *squats]]
    return write(tmp_path_factory.mktemp("clips") / "two.mp4", frames)


def test_landmarks_lie_on_the_rendered_joints(bundle, samples_dir):
    shares = []
    clip = samples_dir / "front_squat_valgus.mp4"
    result = estimate_track(clip, bundle, SETTINGS, end_s=3.0, progress=shares.append)
    truth = load_truth(samples_dir / "front_squat_valgus.truth.npz")
    body_px = np.ptp(result.track.image_px[0, :, 1])
    for name, index in NAMES.items():
        for leg in LEGS:
            off = result.track.image_px[:, index[leg]] - truth.point_px(leg, name)[: len(result.track)]
            assert np.median(np.linalg.norm(off, axis=1)) < 0.03 * body_px
    assert result.track.seen.all() and result.people == 1 and result.warnings == []
    assert (result.frame_count, result.variable_frame_rate, result.cuts_s) == (91, False, [])
    assert result.mean_fps == pytest.approx(30)
    assert np.abs(result.camera_motion_px).max() < 2
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1, abs=0.02)


def test_a_part_of_a_large_clip_keeps_its_times_and_full_size_pixels(bundle, samples_dir):
    clip = samples_dir / "front_squat_good.mp4"
    whole = estimate_track(clip, bundle, PoseSettings(preset="accurate"), start_s=1.0, end_s=1.5)
    small = estimate_track(clip, bundle, PoseSettings(preset="fast"), start_s=1.0, end_s=1.5)
    assert whole.track.times_s[0] == pytest.approx(1.0) and len(whole.track) == 16
    assert (small.track.width_px, small.track.height_px) == (720, 1280)
    apart = np.linalg.norm(small.track.image_px - whole.track.image_px, axis=-1)
    assert 0.1 < np.median(apart) < 6.0  # scaled down before, by less than half a percent of the body
    tall = PoseSettings(preset="fast", min_client_px=900)
    unscaled = estimate_track(clip, bundle, tall, start_s=1.0, end_s=1.5)
    assert (unscaled.track.image_px == whole.track.image_px).all()


def test_others_are_only_seen_when_looked_for(bundle, two_people):
    once = PoseSettings(probe_interval_s=60.0)
    assert estimate_track(two_people, bundle, once, end_s=2.5).people == 1
    assert estimate_track(two_people, bundle, SETTINGS, end_s=3.2).people == 2


def test_the_one_who_squats_is_the_client_though_another_was_there_first(bundle, two_people):
    result = estimate_track(two_people, bundle, SETTINGS)
    track = result.track
    hips_x = track.image_px[:, list(HIP.values()), 0].mean(axis=1)
    assert not track.seen[:44].any()
    assert track.seen[50:].mean() > 0.95
    assert (hips_x[track.seen] > track.width_px / 2).all()
    assert result.people == 2 and result.people_at_s >= 1.5
    assert any("2 people" in warning and "number 2 from the left" in warning for warning in result.warnings)


def test_another_person_is_measured_on_demand(bundle, two_people):
    track = estimate_track(two_people, bundle, SETTINGS, person=1).track
    assert track.seen.all()
    assert (track.image_px[:, list(HIP.values()), 0] < track.width_px / 2).all()
    with pytest.raises(UsageError, match="at most 2 people"):
        estimate_track(two_people, bundle, SETTINGS, person=3)


def test_a_cut_starts_the_tracker_anew(bundle, samples_dir, tmp_path):
    front = read(samples_dir / "front_squat_good.mp4", 1.0)
    side = read(samples_dir / "side_squat.mp4", 1.0)
    result = estimate_track(write(tmp_path / "cut.mp4", front + side), bundle, SETTINGS)
    assert result.cuts_s == pytest.approx([len(front) / 30], abs=0.001)
    assert np.flatnonzero(~result.track.seen).tolist() == [len(front) - 1]


def test_a_swaying_camera_is_reported(bundle, samples_dir, tmp_path):
    still = read(samples_dir / "front_squat_good.mp4", 1.0)
    moving = [np.roll(frame, 2 * i, axis=1) for i, frame in enumerate(still)]
    result = estimate_track(write(tmp_path / "sway.mp4", moving), bundle, SETTINGS)
    assert np.diff(result.camera_motion_px[5:25, 0]).mean() == pytest.approx(2, abs=0.3)


def test_an_empty_room_and_a_bad_file_are_one_sentence(bundle, tmp_path):
    room = write(tmp_path / "room.mp4", [np.full((240, 320, 3), 90, np.uint8)] * 10)
    with pytest.raises(PoseError, match=r"no person found in .*room\.mp4: film the whole body"):
        estimate_track(room, bundle, SETTINGS)
    with pytest.raises(VideoError, match="no such file"):
        estimate_track(tmp_path / "none.mp4", bundle, SETTINGS)


def test_one_frame_is_enough(bundle, samples_dir, tmp_path):
    frames = read(samples_dir / "front_squat_good.mp4", 0.01)
    result = estimate_track(write(tmp_path / "one.mp4", frames), bundle, SETTINGS)
    assert len(result.track) == 1 and result.track.seen.all()


@needs_real
def test_a_real_clip_with_two_figures_follows_one(bundle):
    result = estimate_track(REAL / "ucsd_demo.mp4", bundle, SETTINGS, end_s=2.5)
    track = result.track
    assert result.people == 2 and track.seen.all()
    assert (track.image_px[..., 0] < track.width_px / 2).all()  # the woman, not the drawn figure


@needs_real
def test_a_real_clip_with_a_title_a_cut_and_a_walking_camera(bundle):
    result = estimate_track(REAL / "mrpose_squat2.mp4", bundle, SETTINGS, end_s=6.0)
    assert result.cuts_s == pytest.approx([1.5], abs=0.1)
    assert not result.track.seen[result.track.times_s < 1.4].any()
    assert result.track.seen[result.track.times_s > 1.6].all()
    assert result.people == 1
