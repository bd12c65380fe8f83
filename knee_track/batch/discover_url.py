"""Finding clips at a URL: what `discover` is for a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from knee_track.batch.clips import About, Clip
from knee_track.batch.discover import RESULT, SUFFIXES, Patterns
from knee_track.batch.manifest import FILE_NAME, Line, read_manifest
from knee_track.batch.names import client_of, day_of
from knee_track.batch.storage import Found, Place, fetch, files_below

MISSING: Final = ("cannot be read (no such file)", "Copy it there.")


def clips_at(
    root: str, out: Place, patterns: Patterns, about: About, *, manifest: bool
) -> tuple[list[Clip], list[Line]]:
    """All clips below a URL, by path, and the lines of the manifest that lies there, if it is asked for.

    As in a folder, `out`, hidden files and our own results are passed over. A clip is known by its ending
    alone: looking into every other file would take a request each. Raises UsageError.
    """
    found = files_below(root)
    inside = f"{out}/".removeprefix(f"{root}/") if f"{out}/".startswith(f"{root}/") else None
    clips = [
        clip_of(root, one, about) for one in found if _is_clip(one.file, inside) and patterns.take(one.file)
    ]
    there = manifest and any(one.file == FILE_NAME for one in found)
    return clips, _manifest(root) if there else []


def clip_of(root: str, found: Found, about: About) -> Clip:
    """A clip as its name and what the storage tells of it describe it."""
    path = PurePosixPath(found.file)
    home = root.rpartition("/")[2] or "clips"
    return Clip(
        Path(found.file),
        found.file,
        client_of(path, home),
        day_of(path),
        found.size,
        about,
        url=f"{root}/{found.file}",
        changed=found.changed,
    )


def missing_clip(root: str, file: str, about: About) -> Clip:
    """A clip that a manifest names and that is not there."""
    path = PurePosixPath(file)
    home = root.rpartition("/")[2] or "clips"
    return Clip(Path(file), file, client_of(path, home), day_of(path), 0, about, MISSING, f"{root}/{file}")


def _is_clip(file: str, out: str | None) -> bool:
    path = PurePosixPath(file)
    if path.suffix.lower() not in SUFFIXES or path.stem.endswith("_annotated"):
        return False
    if out is not None and file.startswith(out):
        return False
    return not any(part.startswith(".") for part in path.parts) and not _in_result(path.parts[:-1])


def _in_result(folders: Sequence[str]) -> bool:
    return any(RESULT.fullmatch(folder) for folder in folders)


def _manifest(root: str) -> list[Line]:
    with TemporaryDirectory(prefix="kneetrack_") as folder:
        return read_manifest(fetch(f"{root}/{FILE_NAME}", Path(folder, FILE_NAME)))
