"""Files that their owner alone can read, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from knee_track.errors import OutputError


def private_folder(folder: Path) -> Path:
    """Make a folder and those above it that are missing, mode 0700 whatever the umask; return it.

    A folder that is there already keeps its mode. Raises OutputError.
    """
    try:
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        for place in reversed(missing):
            with suppress(FileExistsError):
                place.mkdir(mode=0o700)
                place.chmod(0o700)
        if not folder.is_dir():
            raise NotADirectoryError(20, "Not a directory")
    except OSError as error:
        raise unwritable(folder, error) from error
    return folder


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """A hidden file beside `path` to write into, mode 0600; it takes the place of `path` when all went well.

    Raises OutputError when the place cannot be written.
    """
    private_folder(path.parent)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink()


def write_private(path: Path, text: str) -> Path:
    """Write a text file (UTF-8, mode 0600) whole or not at all, and return its path. Raises OutputError."""
    with private_file(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


def unwritable(path: Path, error: OSError) -> OutputError:
    """The one sentence about a place that takes no files."""
    reason = (error.strerror or str(error)).lower()
    return OutputError(f"Cannot write {path} ({reason}); choose another place.")
