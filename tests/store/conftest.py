from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from postgres_server import find_binaries, server

from knee_track.store import open_store


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
    name = f"kneetrack_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(host=postgres, user="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql+psycopg://postgres@/{name}?host={postgres}"
    with psycopg.connect(host=postgres, user="postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
