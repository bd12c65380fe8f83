"""Saved results on the command line: read an `analysis.json`, write a text whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from errno import EISDIR
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


def write_text(path: Path, text: str) -> None:
    """Write the whole file or nothing: under a hidden name first, then moved."""
    write_files(path.parent, {path.name: text.encode()})


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write all files into a folder, or none: each under a hidden name first, then all moved.

    Raises OutputError when the place cannot be written.
    """
    from knee_track.errors import OutputError

    parts = {folder / name: folder / f".{name}.part" for name in files}
    path = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for (path, part), content in zip(parts.items(), files.values(), strict=True):
            if path.is_dir():
                raise IsADirectoryError(EISDIR, "is a directory")
            part.write_bytes(content)
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        for part in parts.values():
            with suppress(OSError):
                part.unlink()
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"Cannot write {path} ({reason}); choose another place with -o.") from error
    return list(parts)
