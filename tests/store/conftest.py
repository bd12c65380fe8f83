from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from knee_track.store import open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store is made: both kinds of database, one after the other."""
    if request.param == "sqlite":
        return str(tmp_path / "out")
    address: str = request.getfixturevalue("database")
    return address


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of results."""
    folder = tmp_path / "out"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def store(where: str, out: Path) -> Iterator[object]:
    """An empty store."""
    with open_store(where, out) as opened:
        yield opened


@pytest.fixture
def open_again(where: str, out: Path) -> Callable[[], object]:
    """Open the same store once more."""
    return lambda: open_store(where, out)
