"""What the store tells: plain, frozen records, no rows of an open database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knee_track.errors import StoreError
from knee_track.results import Analysis
from knee_track.store.keys import ClipKey


@dataclass(frozen=True)
class ClientRecord:
    """A client. `folder` is what their clips' folder is called; it and `name` never leave the store."""

    id: str
    folder: str
    name: str | None
    height_m: float | None
    notes: str | None
    clips: int = 0
    last_day: date | None = None


@dataclass(frozen=True)
class Known:
    """Where a result that is there already lies, and whose it is."""

    client: str
    day: date
    folder: str


@dataclass(frozen=True)
class StoredClip:
    """An analysed clip; `folder` (with "/") lies in `place`, "" where that is the store's own folder."""

    key: ClipKey
    client: str
    day: date
    source: str
    place: str
    folder: str
    analysis: Analysis


@dataclass(frozen=True)
class Failure:
    """A file that could not be analysed, with its path redacted; `tries` counts how often."""

    file: str
    reason: str
    remedy: str
    tries: int
    client: str | None = None


def client_id(number: int) -> str:
    """The pseudonymous id: 1 is "c001"."""
    return f"c{number:03d}"


def client_number(client: str) -> int:
    """The number of an id. Raises StoreError when it is none."""
    if not re.fullmatch(r"c\d{3,9}", client):
        raise StoreError(f"'{client}' is no client's id; ids are as c001, and knee-track clients lists them.")
    return int(client[1:])


def result_folder(home: Path | None, place: str, folder: str) -> Path | None:
    """A result's folder on this machine; None where it lies at a URL.

    Raises StoreError when it would lie outside its place: such a folder is not ours to read or delete.
    """
    if "://" in place:
        return None
    ground = Path(place) if place else home
    if ground is None or not folder:
        return None
    whole = (ground / folder).resolve()
    if ground.resolve() not in whole.parents:
        raise StoreError(f"{folder}: this result lies outside {ground}; the store was changed by hand.")
    return whole
