"""Storage at a URL (`s3://…`, `file://…`, whatever fsspec knows): a few verbs, errors in one sentence.

Nothing here needs more than an object store gives: files appear whole, folders are but the beginnings of
names, nothing is renamed and nothing locked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from knee_track.errors import KneeTrackError, OutputError, UsageError, VideoError
from knee_track.store.extra import needs_extra

Place = Path | str
"""A path on this machine or a disk that all share, or a URL."""
RIGHTS: Final = "check its name, and that this machine may use it"


@dataclass(frozen=True)
class Found:
    """A file at a URL: its path below that, size in bytes, and the day on which it last changed, if told."""

    file: str
    size: int
    changed: date | None


def place_of(text: str) -> Place:
    """A URL as text without a slash at its end, anything else as a path."""
    return text.rstrip("/") if "://" in text else Path(text)


def below(place: Place, name: str) -> Place:
    """A name inside a place."""
    return place / name if isinstance(place, Path) else f"{place}/{name}"


def files_below(url: str) -> list[Found]:
    """All files below a URL, by name. Raises UsageError where there is no such place or no answer."""
    with _plainly(UsageError, url, "cannot be read", RIGHTS):
        storage, root = _storage(url)
        if not storage.isdir(root):
            raise UsageError(f"{url}: no such folder; check the name.")
        found = storage.find(root, detail=True)
    start = len(root.rstrip("/")) + 1
    return [
        Found(path[start:], int(facts.get("size") or 0), _changed(facts))
        for path, facts in sorted(found.items())
    ]


def names_in(url: str) -> list[str]:
    """Names of the files directly at a URL; none where there is no such place. Raises OutputError."""
    with _plainly(OutputError, url, "cannot be read", RIGHTS):
        storage, root = _storage(url)
        if not storage.isdir(root):
            return []
        return sorted(path.rsplit("/", 1)[-1] for path in storage.find(root, maxdepth=1))


def read_text(url: str) -> str:
    """A small text file. Raises OutputError."""
    with _plainly(OutputError, url, "cannot be read", RIGHTS):
        storage, path = _storage(url)
        return str(storage.cat_file(path).decode())


def write_text(url: str, text: str) -> None:
    """Write a small text file. Raises OutputError."""
    with _plainly(OutputError, url, "cannot be written", RIGHTS):
        storage, path = _storage(url)
        storage.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        storage.pipe_file(path, text.encode())


def fetch(url: str, target: Path) -> Path:
    """Copy a clip to this machine. Raises VideoError."""
    with _plainly(VideoError, url, "cannot be copied to where it is analysed", RIGHTS):
        storage, path = _storage(url)
        storage.get_file(path, str(target))
    return target


def upload(folder: Path, url: str) -> None:
    """Copy a folder's files to a URL, in the place of whatever lay there. Raises OutputError."""
    remove(url)
    with _plainly(OutputError, url, "cannot be written", RIGHTS):
        storage, root = _storage(url)
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                put(storage, path, f"{root}/{path.relative_to(folder).as_posix()}")


def upload_files(folder: Path, url: str) -> None:
    """Copy the files directly in a folder to a URL, beside what lies there. Raises OutputError."""
    with _plainly(OutputError, url, "cannot be written", RIGHTS):
        storage, root = _storage(url)
        for path in sorted(folder.iterdir()):
            if path.is_file():
                put(storage, path, f"{root}/{path.name}")


def put(storage: Any, path: Path, target: str) -> None:
    """Copy one file; the folder above it is made where the storage knows folders."""
    storage.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
    storage.put_file(str(path), target)


def remove(url: str) -> None:
    """Delete a file or a folder; one that is not there is no fault. Raises OutputError."""
    with _plainly(OutputError, url, "cannot be deleted", RIGHTS):
        storage, path = _storage(url)
        with suppress(FileNotFoundError):
            storage.rm(path, recursive=True)


def _storage(url: str) -> tuple[Any, str]:
    """The storage and the path in it; what it remembers of folders may be old and is forgotten."""
    with needs_extra():
        from fsspec.core import url_to_fs
    storage, path = url_to_fs(url)
    storage.invalidate_cache()
    return storage, path


def _changed(facts: Any) -> date | None:
    """Storages call it and write it differently."""
    for name in ("LastModified", "last_modified", "mtime", "updated", "created"):
        told = facts.get(name)
        if isinstance(told, datetime):
            return told.date()
        if isinstance(told, int | float):
            return date.fromtimestamp(told)
        if isinstance(told, str):
            return datetime.fromisoformat(told).date()
    return None


@contextmanager
def _plainly(kind: type[KneeTrackError], url: str, what: str, remedy: str) -> Iterator[None]:
    """Turn whatever a storage complains of, each with errors of its own, into one sentence."""
    try:
        yield
    except KneeTrackError:
        raise
    except Exception as error:
        told = getattr(error, "strerror", None) or str(error) or type(error).__name__
        reason = told.splitlines()[0].rstrip(".").replace(";", ",")
        if isinstance(error, ImportError):  # fsspec says which package of which storage is missing
            raise UsageError(f"{url}: this kind of storage is not installed ({reason}).") from error
        raise kind(f"{url}: {what} ({reason.lower()}); {remedy}.") from error
