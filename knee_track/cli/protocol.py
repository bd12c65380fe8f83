"""`knee-track protocol`: the corrective plan again, from a saved analysis."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knee_track.results import Analysis


def protocol(
    analysis: Annotated[Path, typer.Argument(help="An analysis.json that knee-track wrote.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Where to write the plan; default: protocol.md beside the analysis."
        ),
    ] = None,
) -> None:
    """Write the practice plan that the findings of an analysis call for.

    Example: knee-track protocol squat_kneetrack/analysis.json -o plan.md
    """
    from knee_track.protocol.markdown import protocol_markdown
    from knee_track.protocol.plan import build_protocol

    result = _read(analysis)
    plan = build_protocol(result.findings, filmed=result.source.filmed)
    target = output or analysis.with_name("protocol.md")
    _write(target, protocol_markdown(plan, result))
    typer.echo(plan.summary)
    typer.echo(f"Written: {target}")


def _read(path: Path) -> Analysis:
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


def _write(path: Path, text: str) -> None:
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
