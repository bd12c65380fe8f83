"""Tests that play in real time take turns with all others of the run: on two cores they need both."""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path

import pytest


@cache
def place() -> tempfile.TemporaryDirectory[str]:
    """Where the turns of this run are kept; made by the process that starts the others, gone with it."""
    return tempfile.TemporaryDirectory(prefix="knee_track_turns_")


def turn_of(item: pytest.Item) -> AbstractContextManager[None]:
    """The turn of a test; marked `alone`, it has the machine to itself. One process never waits."""
    worker = getattr(item.config, "workerinput", {})
    if "turns" not in worker:
        return nullcontext()
    return _turn(Path(worker["turns"]), alone=item.get_closest_marker("alone") is not None)


@contextmanager
def _turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold a place in the room, or the whole of it. Who waits for the room keeps the door shut."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (folder / "door").open("w") as door, (folder / "room").open("w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield
