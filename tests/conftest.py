"""What tests share: where the clips are, and the pose model."""

import logging
import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import turns
from postgres_server import find_binaries, server
from shared_clips import REPOSITORY, SHARED

from knee_track.errors import ModelError
from knee_track.pose.bundles import Bundle, find_bundle

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell lets what it runs in the background ignore Ctrl-C, and what tests interrupt would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The folder of a running server's socket. Skipped where PostgreSQL is not installed."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server here: apt install postgresql")
    with server(binaries) as folder:
        yield folder


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The address of an empty database."""
    import psycopg

    name = f"kneetrack_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(host=postgres, user="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql+psycopg://postgres@/{name}?host={postgres}"
    with psycopg.connect(host=postgres, user="postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(autouse=True)
def own_priority() -> Iterator[None]:
    """SVT-AV1, run by root, gives its caller real-time priority for good: two cores then stand still."""
    if not hasattr(os, "sched_getscheduler"):
        yield
        return
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    yield
    os.sched_setscheduler(0, policy, priority)
