import numpy as np
import pytest

from knee_track.pose.client import Sighting
from knee_track.pose.estimate import estimate_track
from knee_track.pose.parts import WARM_UP_S, WHOLE, Followed, divide
from knee_track.pose.skeleton import N_LANDMARKS
from knee_track.pose.track import PoseTrack
from knee_track.settings import PoseSettings
from knee_track.video.reader import VideoReader


def followed(times_s, *, label, cuts=(), motion_px=0.0):
    """A part whose landmarks all say `label`, with the background moving evenly from 0 on."""
    times_s = np.asarray(times_s, dtype=float)
    shape = (len(times_s), N_LANDMARKS)
    image = np.full((*shape, 2), float(label))
    for cut in cuts:
        image[cut - 1] = np.nan
    track = PoseTrack(times_s, image, np.zeros((*shape, 3)), np.ones(shape), 640, 480)
    motion = np.outer(times_s - times_s[0], [motion_px, 0.0])
    sightings = [Sighting(float(time_s), ()) for time_s in times_s[::2]]
    return Followed(track, sightings, list(cuts), motion, [])


def test_a_short_clip_is_one_part_and_a_long_one_overlaps():
    assert divide(0.0, 4.0) == [WHOLE]
    assert divide(0.0, 0.0) == [WHOLE]
    assert divide(10.0, 30.0) == [(None, 20.0), (20.0 - WARM_UP_S, None)]


def test_the_later_part_takes_over_at_the_last_frame_of_the_first():
    one, other = (
        followed(np.arange(0, 5), label=1, motion_px=3),
        followed(np.arange(3, 9), label=2, motion_px=3),
    )
    whole = one.and_then(other)
    assert whole.track.times_s.tolist() == list(range(9))
    assert whole.track.image_px[:, 0, 0].tolist() == [1] * 4 + [2] * 5
    assert whole.motion_px[:, 0].tolist() == [3 * i for i in range(9)]
    assert [sighting.time_s for sighting in whole.sightings] == [0, 2, 5, 7]


@pytest.mark.parametrize(
    ("in_one", "in_other", "expected"), [([3], [], 3), ([4], [1], 4), ([], [2], 5), ([], [4], 7)]
)
def test_a_cut_is_kept_once_wherever_it_lies(in_one, in_other, expected):
    one = followed(np.arange(0, 5), label=1, cuts=in_one)
    whole = one.and_then(followed(np.arange(3, 9), label=2, cuts=in_other))
    assert whole.cuts == [expected]
    assert np.flatnonzero(~whole.track.seen).tolist() == [expected - 1]


def test_parts_without_a_common_frame_are_put_end_to_end():
    one, other = followed([0, 1, 2], label=1, motion_px=3), followed([7, 8], label=2, motion_px=3)
    whole = one.and_then(other)
    assert whole.track.times_s.tolist() == [0, 1, 2, 7, 8]
    assert whole.motion_px[:, 0].tolist() == [0, 3, 6, 6, 9]


def test_the_seam_is_not_seen_in_a_clip(bundle, samples_dir):
    clip = samples_dir / "side_squat.mp4"
    result = estimate_track(clip, bundle, PoseSettings())
    with VideoReader(clip, long_side_px=64) as reader:
        assert result.track.times_s.tolist() == [frame.time_s for frame in reader]
    assert result.track.seen.all() and result.people == 1 and result.cuts_s == []
    steps_px = np.nanmedian(np.linalg.norm(np.diff(result.track.image_px, axis=0), axis=2), axis=1)
    seam = np.abs(result.track.times_s[1:] - result.track.times_s[-1] / 2) < 0.1
    assert steps_px[seam].max() < steps_px.max()
