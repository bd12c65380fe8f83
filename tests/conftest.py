"""What tests share: where the clips are, and the pose model."""

import os
from pathlib import Path

import pytest

from knee_track.errors import ModelError
from knee_track.pose.bundles import Bundle, find_bundle

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """The rendered sample clips with their truth, part of the repository."""
    return REPOSITORY / "sample_videos"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Clips that are not part of the repository; tests that need them are skipped without."""
    folder = Path(os.environ.get("KNEETRACK_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared clips: {folder} is missing (set KNEETRACK_SHARED)")
    return folder


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """The full pose model kept on this machine. Without one, pose tests are skipped; in CI they fail."""
    try:
        return find_bundle("full", offline=True)
    except ModelError:
        reason = "no pose model: run knee-track models fetch"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
