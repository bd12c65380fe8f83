"""The fallback against closed-form geometry: a camera at knee height, straight ahead (measurement.md
§1.4)."""

import numpy as np
import pytest

from knee_track.geometry import closed_form
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HIP, KNEE
from knee_track.pose.track import PoseTrack

SHANK_M, DISTANCE_M, HEIGHT_M, FOCAL_PX = 0.415, 3.0, 0.5, 1200.0


def film(deviation_deg, tilts_deg, toe_out_deg):
    """A track of two legs whose shanks lean by `tilts_deg` (n,) over their third-toe lines."""
    out, off, lean = np.radians(toe_out_deg), np.radians(deviation_deg), np.radians(tilts_deg)[:, None]
    n, image = len(tilts_deg), np.full((len(tilts_deg), 33, 2), np.nan)
    for leg, side in (("left", 1.0), ("right", -1.0)):
        ahead = np.array([np.cos(out), side * np.sin(out), 0.0])
        medial = np.array([np.sin(out), -side * np.cos(out), 0.0])
        up = np.array([0.0, 0.0, 1.0])
        ankle = np.array([0.0, side * 0.18, 0.08])
        upright = np.sin(lean) * ahead + np.cos(lean) * up
        knee = ankle + SHANK_M * (np.sin(off) * medial + np.cos(off) * upright)
        toe = ankle + closed_form.TOE_OVER_SHANK * SHANK_M * ahead - 0.06 * up
        hip = np.array([-0.1, side * 0.09, 0.8])
        for index, point in ((ANKLE, ankle), (KNEE, knee), (FOOT_INDEX, toe), (HIP, hip)):
            image[:, index[leg]] = project(point)
    return PoseTrack(
        np.arange(n) / 30.0, image, np.full((n, 33, 3), np.nan), np.ones((n, 33)), 720, 1280, "joints"
    )


def project(point):
    """Pixels of client-axes points (forward, left, up) before a level camera that faces the client."""
    point = np.atleast_2d(point)
    depth = DISTANCE_M - point[:, 0]
    across, down = point[:, 1], HEIGHT_M - point[:, 2]
    return np.stack([across, down], axis=1) / depth[:, None] * FOCAL_PX + [360.0, 640.0]


@pytest.mark.parametrize("deviation", [0.0, 6.0, 12.0, -5.0])
@pytest.mark.parametrize("toe_out", [5.0, 18.0])
def test_a_level_camera_at_knee_height_sees_the_true_deviation(deviation, toe_out):
    tilts = np.concatenate([np.zeros(10), np.linspace(0.0, 30.0, 30)])
    track = film(deviation, tilts, toe_out)
    for leg in ("left", "right"):
        found = closed_form.deviation_deg(track, leg)
        assert found[-10:] == pytest.approx(deviation, abs=0.8)


def test_a_missing_knee_has_no_number():
    track = film(3.0, np.linspace(0.0, 30.0, 20), 15.0)
    track.image_px[4, KNEE["left"]] = np.nan
    found = closed_form.deviation_deg(track, "left")
    assert np.isnan(found[4]) and np.isfinite(found[5])
