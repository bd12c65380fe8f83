"""Saved results on the command line: read an `analysis.json`, write a text whole or not at all."""

from __future__ import annotations

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
    from knee_track.errors import OutputError

    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"Cannot write {path} ({reason}); choose another place with -o.") from error
