"""What is under the veil: nothing to be known by; what is beside it: untouched."""

import numpy as np

from knee_track.pose.skeleton import HIP, N_LANDMARKS, SHOULDER
from knee_track.pose.track import PoseTrack
from knee_track.report.veil import CELLS, Veil

SIZE = (400, 600)
HEAD_PX = 30.0  # about half the height of a drawn head
CENTRE = np.array([200.0, 120.0])


def track(frames=5, *, turned=False, missing=()):
    """A figure 400 pixels tall; turned away, all points of the face lie close together inside the head."""
    points = np.full((frames, N_LANDMARKS, 2), 300.0)
    spread = 3.0 if turned else HEAD_PX / 2
    angles = np.linspace(0, 2 * np.pi, 11, endpoint=False)
    points[:, :11] = CENTRE + spread * np.column_stack([np.cos(angles), np.sin(angles)])
    for part, y, half in ((SHOULDER, 180.0, 45.0), (HIP, 310.0, 25.0)):
        points[:, part["left"]], points[:, part["right"]] = (200 + half, y), (200 - half, y)
    points[list(missing)] = np.nan
    times = np.arange(frames) / 30
    n = (frames, N_LANDMARKS)
    return PoseTrack(times, points, np.zeros((*n, 3)), np.ones(n), *SIZE)


def noise(scale=1.0):
    shape = (round(SIZE[1] * scale), round(SIZE[0] * scale), 3)
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


def veiled(figure, index=0, scale=1.0):
    before = noise(scale)
    after = before.copy()
    Veil(figure).hide(after, index)
    return before, after


def changed(before, after):
    return (before != after).any(axis=2)


def test_the_whole_head_is_covered_from_before_and_behind_and_the_knees_are_not():
    for turned in (False, True):
        before, after = veiled(track(turned=turned))
        hidden = changed(before, after)
        rows, columns = np.ogrid[: SIZE[1], : SIZE[0]]
        head = (columns - CENTRE[0]) ** 2 + (rows - CENTRE[1]) ** 2 <= (1.3 * HEAD_PX) ** 2
        assert hidden[head].mean() > 0.98
        assert not hidden[320:].any()


def test_no_detail_is_left_under_the_veil():
    """Noise of single pixels: after the veil, neighbours are alike, since few dots are left of it."""
    _, after = veiled(track())
    y, x = CENTRE.astype(int)[::-1]
    part = after[y - 20 : y + 20, x - 20 : x + 20].astype(float)
    assert np.abs(np.diff(part, axis=1)).mean() < 8  # of noise it would be 85
    assert CELLS <= 6


def test_the_veil_follows_the_picture_s_size():
    before, after = veiled(track(), scale=0.5)
    hidden = changed(before, after)
    at = np.argwhere(hidden)
    assert np.abs(at.mean(axis=0)[::-1] - CENTRE / 2).max() < 3


def test_where_the_client_is_not_found_the_head_is_covered_between_its_places():
    figure = track(missing=(0, 2, 4))
    for index in range(5):
        before, after = veiled(figure, index)
        assert changed(before, after)[120, 190:210].all()


def test_a_head_at_the_edge_and_a_clip_without_anybody_are_no_error():
    figure = track()
    figure.image_px[:] -= (190, 110)
    veiled(figure)
    before, after = veiled(track(missing=range(5)))
    assert not changed(before, after).any()
