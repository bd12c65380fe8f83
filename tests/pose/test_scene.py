import numpy as np
import pytest

from knee_track.pose.client import Box
from knee_track.pose.scene import Scene
from knee_track.video.reader import VideoReader

SIZE = (640, 360)
PERSON = Box(260, 60, 380, 340)


def room(seed):
    """A wall of (400, 700) with bright and dark patches, larger than the picture taken of it."""
    rng = np.random.default_rng(seed)
    wall = np.full((400, 700, 3), 120, np.uint8)
    for x, y, w, h in zip(*(rng.integers(0, top, 30) for top in (690, 390, 40, 40)), strict=True):
        wall[y : y + h + 8, x : x + w + 8] = rng.integers(60, 180)
    return wall


def picture(wall, x, y, person_down=0):
    """What a camera sees that has moved by (x, y), with a chequered person who moves on their own."""
    frame = wall[20 + y : 380 + y, 30 + x : 670 + x].copy()
    left, top, right, bottom = 270, 80 + person_down, 370, 300
    rows, columns = np.mgrid[: bottom - top, left:right] // 20
    frame[top:bottom, left:right] = ((rows + columns) % 2 * 255)[..., None]
    return frame


def watch(frames, person=PERSON):
    scene = Scene(SIZE)
    cuts = [i for i, frame in enumerate(frames) if scene.see(frame, person)]
    return cuts, np.array(scene.motion_px)


def test_a_moving_person_does_not_move_the_camera():
    wall = room(1)
    cuts, motion = watch([picture(wall, 0, 0, person_down=down) for down in range(0, 60, 3)])
    assert cuts == []
    assert np.abs(motion).max() < 0.5


def test_camera_motion_is_the_opposite_of_the_way_of_the_camera():
    wall = room(2)
    path = [(round(15 * np.sin(i / 5)), round(i / 3)) for i in range(40)]
    _, motion = watch([picture(wall, x, y) for x, y in path])
    assert motion == pytest.approx(-np.array(path, float), abs=1.0)


def test_a_frame_of_another_size_measures_in_full_size_pixels():
    wall = room(2)
    _, motion = watch([picture(wall, x, 0)[::2, ::2] for x in (0, 4, 8)])
    assert motion[:, 0] == pytest.approx([0, -4, -8], abs=1.0)


def test_a_cut_is_found_once_and_is_no_camera_motion():
    elsewhere = room(4)[20:380, 30:670]
    cuts, motion = watch([picture(room(3), i, 0) for i in range(5)] + [elsewhere] * 5)
    assert cuts == [5]
    assert motion[-1] == pytest.approx(motion[4], abs=0.5)


def test_a_brighter_picture_is_no_cut_but_the_end_of_a_black_one_is():
    frame = picture(room(5), 0, 0)
    brighter = np.clip(frame * 0.6 + 90, 0, 255).astype(np.uint8)
    black = np.zeros_like(frame)
    assert watch([frame, brighter, frame])[0] == []
    assert watch([black, black, frame])[0] == [2]


def test_without_background_nothing_is_claimed():
    flat = [np.full((360, 640, 3), 90 + i, np.uint8) for i in range(5)]
    _, motion = watch(flat)
    assert (motion == 0).all()


def test_a_rendered_clip_from_a_tripod_stands_still(samples_dir):
    with VideoReader(samples_dir / "front_squat_valgus.mp4", end_s=4.0) as reader:
        scene = Scene((reader.info.width_px, reader.info.height_px))
        body = Box(120, 150, 600, 1150)
        cuts = [frame.index for frame in reader if scene.see(frame.rgb, body)]
    assert cuts == []
    assert np.abs(scene.motion_px).max() < 2.0
