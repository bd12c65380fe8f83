"""What tests share: where the clips are, and the pose model."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import turns
from shared_clips import REPOSITORY, SHARED

from knee_track.errors import ModelError
from knee_track.pose.bundles import Bundle, find_bundle


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Real-time tests run alone (module fixtures included, which a fixture of its own could not hold)."""
    with turns.turn_of(item):
        return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Processes of pytest-xdist learn where turns are taken."""
    node.workerinput["turns"] = turns.place().name


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """The rendered sample clips with their truth, part of the repository."""
    return REPOSITORY / "sample_videos"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Clips that are not part of the repository; tests that need them are skipped without."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared clips: {SHARED} is missing (set KNEETRACK_SHARED)")
    return SHARED


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


@pytest.fixture(autouse=True)
def own_log_level() -> Iterator[None]:
    """A command run with --quiet in this process must not silence the tests after it."""
    log = logging.getLogger("knee_track")
    level = log.level
    yield
    log.setLevel(level)
