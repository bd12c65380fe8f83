"""`knee-track protocol`: the corrective plan again, from a saved analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
    from knee_track.cli.saved import read_analysis, write_text
    from knee_track.protocol.markdown import protocol_markdown
    from knee_track.protocol.plan import build_protocol

    result = read_analysis(analysis)
    plan = build_protocol(result.findings, filmed=result.source.filmed)
    target = output or analysis.with_name("protocol.md")
    write_text(target, protocol_markdown(plan, result))
    typer.echo(plan.summary)
    typer.echo(f"Written: {target}")
