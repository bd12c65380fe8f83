"""Saved results on the command line: read an `analysis.json`, write a text whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from errno import EISDIR
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knee_track.errors import OutputError
    from knee_track.results import Analysis


def read_analysis(path: Path) -> Analysis:
    """The analysis in a file. Raises UsageError, naming the field, when it is not one."""
    from pydantic import ValidationError

    from knee_track.errors import UsageError
    from knee_track.results import Analysis

    try:
        return Analysis.model_validate_json(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: cannot read this file ({reason}); give an analysis.json.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "file"
        raise UsageError(
            f"{path}: not an analysis.json of this version ('{field}': {first['msg'].lower()}); "
            "analyse the clip again."
        ) from error


def write_text(path: Path, text: str, option: str = "-o") -> None:
    """Write the whole file or nothing; an error names the option that says where."""
    write_files(path.parent, {path.name: text.encode()}, option)


def prove_file_writable(path: Path, option: str) -> None:
    """Prove that a file can be written, leaving nothing behind, or raise OutputError naming the option."""
    try:
        ground = next(folder for folder in path.absolute().parents if folder.exists())
        if path.is_dir():
            raise IsADirectoryError(EISDIR, "is a directory")
        probe = ground / f".{path.name}.probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _unwritable(path, error, option) from error


def write_files(
    folder: Path, files: Mapping[str, bytes], option: str = "-o", *, without: Collection[str] = ()
) -> list[Path]:
    """Write all files into a folder and remove those named in `without`, or do nothing.

    Each is written under a hidden name, then all are moved to their own; the files that were there are kept
    until the last one is moved. An error or an interruption brings them back and removes what was made.
    Raises OutputError, naming the option that says where, when the place cannot be written.
    """
    swap = _Swap(
        {folder / name: content for name, content in files.items()}, [folder / one for one in without]
    )
    made: list[Path] = []
    try:
        made += [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        swap.run()
    except BaseException as error:
        swap.undo()
        for place in made:
            with suppress(OSError):
                place.rmdir()  # only one that is empty goes
        if isinstance(error, OSError):
            raise _unwritable(swap.at or folder, error, option) from error
        raise
    return list(swap.files)


class _Swap:
    """Files that take the places of others, and some that go; `at` is the one that is being worked on."""

    def __init__(self, files: Mapping[Path, bytes], going: Sequence[Path]) -> None:
        self.files = files
        self.going = going
        self.new = {path: path.with_name(f".{path.name}.part") for path in files}
        self.old = {path: path.with_name(f".{path.name}.old") for path in (*files, *going)}
        self.moving = False
        self.at: Path | None = None

    def run(self) -> None:
        """Write, copy what is there, move, and drop the copies."""
        for path, content in self.files.items():
            self.at = path
            if path.is_dir():
                raise IsADirectoryError(EISDIR, "is a directory")
            self.new[path].write_bytes(content)
        for path, old in self.old.items():
            self.at = path
            old.unlink(missing_ok=True)
            if os.path.lexists(path):
                shutil.copy2(path, old, follow_symlinks=False)
        self.moving = True
        for path, new in self.new.items():
            self.at = path
            new.replace(path)
        for path in self.going:
            self.at = path
            path.unlink(missing_ok=True)
        self.moving = False
        self._drop(self.old.values())

    def undo(self) -> None:
        """As it was before: what was moved is replaced by its copy, or removed where there was nothing.

        A copy that cannot be moved back stays.
        """
        moved = [
            path
            for path in self.old
            if self.moving and not os.path.lexists(self.new.get(path, path))  # for one that goes: itself
        ]
        for path in moved:
            with suppress(OSError):
                if os.path.lexists(self.old[path]):
                    self.old[path].replace(path)
                else:
                    path.unlink(missing_ok=True)
        self._drop([*self.new.values(), *(old for path, old in self.old.items() if path not in moved)])

    def _drop(self, paths: Iterable[Path]) -> None:
        for path in paths:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError, option: str) -> OutputError:
    from knee_track.errors import OutputError

    reason = (error.strerror or str(error)).lower()
    return OutputError(f"Cannot write {path} ({reason}); choose another place with {option}.")
