"""Finding clips in a folder and below, whatever else lies there."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Final

from knee_track.batch.clips import About, Clip
from knee_track.batch.names import client_of, day_of
from knee_track.errors import UsageError

SUFFIXES: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".qt", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".m2v", ".mts", ".m2ts", ".ts"}
    | {".3gp", ".3g2", ".wmv", ".asf", ".flv", ".f4v", ".ogv", ".ogg", ".mxf", ".vob", ".dv", ".gif"}
)
RESULT: Final = re.compile(r".*_kneetrack(_\d+)?")
SNIFFED: Final = 12  # bytes that tell MP4, Matroska and AVI


@dataclass(frozen=True)
class Patterns:
    """Which files to take: shell patterns against the path inside the folder of clips, or the name alone."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def take(self, file: str) -> bool:
        """Whether a file is wanted; without `include` all are."""
        name = PurePosixPath(file).name
        match = [any(fnmatch(file, one) or fnmatch(name, one) for one in some) for some in self._both()]
        return (match[0] or not self.include) and not match[1]

    def _both(self) -> tuple[Sequence[str], Sequence[str]]:
        return self.include, self.exclude


def discover(root: Path, out: Path | None, patterns: Patterns, about: About) -> list[Clip]:
    """All clips below a folder, by path. `out`, hidden files and our own results are passed over.

    Links to folders are followed, each folder once. A file counts as a clip by its ending, or else by how
    its content begins. Raises UsageError when `root` is no folder that can be read.
    """
    if not root.is_dir():
        what = "is a file; give the folder it lies in" if root.exists() else "no such folder; check the name"
        raise UsageError(f"{root}: {what}.")
    try:
        os.scandir(root).close()
    except OSError as error:
        raise UsageError(f"{root}: cannot be read ({error.strerror}); change its permissions.") from error
    files = [(path.relative_to(root).as_posix(), path) for path in _files(root, out)]
    return [
        clip_below(root, file, about)
        for file, path in sorted(files)
        if patterns.take(file) and looks_like_clip(path)
    ]


def clip_below(root: Path, file: str, about: About) -> Clip:
    """A clip as its path describes it, `file` inside the folder of clips `root`."""
    path, inside, home = root / file, PurePosixPath(file), root.resolve().name or "clips"
    size, problem = 0, None
    try:
        status = path.stat()
        size = status.st_size
        if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device would never end
            problem = "is no file", "Take it away."
    except OSError as error:
        reason = (error.strerror or "no such file").lower()
        problem = f"cannot be read ({reason})", "Repair the link or the folder, or take the file away."
    return Clip(path, file, client_of(inside, home), day_of(inside), size, about, problem)


def looks_like_clip(path: Path) -> bool:
    """Whether a file is, or says it is, a video. A text with a video's name is one that will fail."""
    if path.stem.endswith("_annotated"):  # our own drawing, put here by hand
        return False
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        if not path.is_file():  # reading a pipe would never end
            return False
        with path.open("rb") as file:
            start = file.read(SNIFFED)
    except OSError:
        return False
    return (
        start[4:8] == b"ftyp"
        or start[:4] == b"\x1a\x45\xdf\xa3"
        or (start[:4] == b"RIFF" and start[8:12] == b"AVI ")
    )


def _files(root: Path, out: Path | None) -> Iterator[Path]:
    """Every file that is not hidden; a folder that was seen under another name is not entered again."""
    seen = {_identity(place) for place in (root, out) if place is not None and place.is_dir()}
    waiting = [root]
    while waiting:
        try:
            entries = sorted(os.scandir(waiting.pop()), key=lambda entry: entry.name)
        except OSError:  # a folder that may not be read, or is gone
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.name.startswith("."):
                continue
            if not _is_folder(entry):
                yield path
            elif not RESULT.fullmatch(entry.name) and (which := _identity(path)) not in seen:
                seen.add(which)
                waiting.append(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def _identity(folder: Path) -> tuple[int, int] | str:
    try:
        status = folder.stat()
    except OSError:
        return str(folder)
    return status.st_dev, status.st_ino
