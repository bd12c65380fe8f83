"""What the store needs beside knee-track itself, asked for in one sentence when it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from knee_track.errors import StoreError

PACKAGES = {
    "sqlalchemy": "store",
    "alembic": "store",
    "pyarrow": "store",
    "psycopg": "postgres",
    "fsspec": "cluster",
}


@contextmanager
def needs_extra() -> Iterator[None]:
    """Turn the missing package of an extra into a StoreError that says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in PACKAGES:
            raise
        raise StoreError(
            f"The store needs the package {package}; "
            f"install it with: python -m pip install 'knee-track[{PACKAGES[package]}]'."
        ) from error
