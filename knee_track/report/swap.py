"""An output folder appears as a whole: filled under a hidden name, then moved to its final one."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from knee_track.errors import OutputError
from knee_track.results import Source


def prove_writable(place: Path) -> None:
    """Prove that the folder `place`, which need not exist yet, takes new folders, or raise OutputError."""
    try:
        probe = _hidden(_ground(place), "probe")
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        raise _unwritable(place, error) from error


def publish(wanted: Path, source: Source, fill: Callable[[Path], None]) -> Path:
    """Let `fill` write into a hidden folder, then move it to `wanted` and return where it ended up.

    An earlier result of the same clip is replaced; a folder with anything else in it is kept and the new one
    gets a number ("…_2"). When `fill` fails, nothing is left behind and an earlier result stays untouched.
    Raises OutputError when the place cannot be written.
    """
    part = _hidden(_ground(wanted.parent), wanted.name)
    try:
        part.mkdir()
        fill(part)
        return move_in(part, wanted, source)
    except OSError as error:
        raise _unwritable(wanted.parent, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _ground(place: Path) -> Path:
    """The nearest existing folder: `place` or one above it, on the same disk."""
    return next(folder for folder in (place, *place.absolute().parents) if folder.exists())


def _hidden(place: Path, name: str) -> Path:
    return place / f".kneetrack_tmp_{uuid.uuid4().hex[:8]}_{name}"


def _unwritable(place: Path, error: OSError) -> OutputError:
    reason = (error.strerror or str(error)).lower()
    return OutputError(f"Cannot write results to {place} ({reason}); choose another folder with -o.")


def move_in(part: Path, wanted: Path, source: Source) -> Path:
    """Move a filled folder of the same disk to `wanted`, as `publish` says. Raises OSError."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    numbered = (wanted.with_name(f"{wanted.name}_{number}") for number in itertools.count(2))
    for target in itertools.chain([wanted], numbered):
        if _holds_clip(target, source):
            _replace(part, target)
            return target
        if not target.exists():
            try:
                os.rename(part, target)
                return target
            except OSError:
                if not target.exists():  # else another run took this name meanwhile: try the next
                    raise
    raise AssertionError("the names never end")


def _holds_clip(folder: Path, source: Source) -> bool:
    """Whether the folder holds a result of the same clip: the same content, or the same path if unknown."""
    try:
        earlier = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))["source"]
        sha256, path = earlier["sha256"], earlier["path"]
    except (OSError, ValueError, LookupError, TypeError):
        return False
    if sha256 and source.sha256:
        return bool(sha256 == source.sha256)
    return bool(path == source.path)


def _replace(part: Path, target: Path) -> None:
    """Swap two folders' places; the moment between the two renames is all that a reader can miss."""
    old = _hidden(target.parent, target.name)
    os.rename(target, old)
    try:
        os.rename(part, target)
    except OSError:
        os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)
