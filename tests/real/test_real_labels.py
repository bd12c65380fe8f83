"""Every labelled real clip through the public pipeline, against what a person saw in it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from shared_clips import SHARED

from benchmarks.real import COLUMNS, MAX_HIP_SPEED, Label, largest_hip_speed, read_labels
from knee_track import Analysis, analyze
from knee_track.pose.bundles import Bundle
from knee_track.pose.skeleton import N_LANDMARKS
from knee_track.pose.track import PoseTrack

CLIPS = SHARED / "real"
MISSING = f"no labelled real clips: {CLIPS} is missing (set KNEETRACK_SHARED)"


KNOWN_SHORTFALLS = {
    ("lnewco_good_IMG_7027.mov", "events"),
    ("lnewco_good_IMG_7035.mov", "events"),
    ("lnewco_bad_IMG_7029.mov", "events"),
}
"""One client, feet set wide and turned out 20 degrees, knees straight ahead, loose dark trousers, camera
1.4 m high: we read 7 to 11 degrees (moderate) where the eye sees none. In the enlarged frames the knees seem
to lie 4 to 8 degrees inside the third-toe line (read by hand, roughly), the knee landmark too far inside."""


def labels() -> list[object]:
    """One parameter per clip in the file's order, or one that is skipped."""
    if not CLIPS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason=MISSING), id="no clips")]
    return [pytest.param(label, id=label.file) for label in read_labels(CLIPS)]


@pytest.fixture(scope="module")
def analysis_of(bundle: Bundle) -> Callable[[str], Analysis]:
    """Analyses a clip once, with everything left at its default."""
    return cache(lambda file: analyze(CLIPS / file, offline=True))


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("label", labels())
def test_clip(
    label: Label, column: str, analysis_of: Callable[[str], Analysis], request: pytest.FixtureRequest
) -> None:
    if (label.file, column) in KNOWN_SHORTFALLS:
        request.applymarker(pytest.mark.xfail(strict=True, reason="reads moderate where the eye sees none"))
    cell = COLUMNS[column](analysis_of(label.file), label)
    assert cell.passed is not False, f"found {cell.found}, wanted {cell.wanted}"


def walking(steps_px: float) -> PoseTrack:
    """A figure 200 px tall that moves by this much in each of 60 frames at 30 per second."""
    image = np.zeros((60, N_LANDMARKS, 2))
    image[:, 0, 1], image[:, :, 0] = 200.0, steps_px * np.arange(60)[:, None]
    nothing = np.zeros((60, N_LANDMARKS))
    return PoseTrack(np.arange(60) / 30, image, np.zeros((60, N_LANDMARKS, 3)), nothing, 640, 480)


def test_hip_speed_is_counted_in_body_heights() -> None:
    assert largest_hip_speed(walking(steps_px=5.0)) == pytest.approx(5 * 30 / 200)


@pytest.mark.parametrize("hidden", [0, 20])
def test_a_skeleton_that_changes_to_somebody_else_is_too_fast(hidden: int) -> None:
    track = walking(steps_px=0.0)
    image = track.image_px.copy()
    image[30:, :, 0] += 60.0  # another person, 0.3 heights beside the first
    image[30 - hidden : 30] = np.nan
    assert largest_hip_speed(replace(track, image_px=image)) > MAX_HIP_SPEED
