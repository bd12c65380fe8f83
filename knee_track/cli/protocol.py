"""`knee-track protocol`: the corrective plan from a saved analysis and what the client says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from knee_track.cli.plan_options import (
    OUTPUT,
    Ask,
    Explain,
    IntakeFile,
    Language,
    LibraryFile,
    Pdf,
    PlanOptions,
    RulesFile,
    SaveIntake,
    Start,
    WeekNumber,
    explanation,
)


def protocol(
    analysis: Annotated[Path, typer.Argument(help="An analysis.json that knee-track wrote.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Folder for the plan's files; default: beside the analysis.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    intake: IntakeFile = None,
    ask: Ask = False,
    save_intake: SaveIntake = None,
    start: Start = None,
    library: LibraryFile = None,
    rules: RulesFile = None,
    language: Language = "en",
    week: WeekNumber = 1,
    pdf: Pdf = False,
    explain: Explain = False,
) -> None:
    """Write the practice plan that the findings of an analysis and the client's answers call for.

    Files: protocol.md for the coach, handout.html for the client, protocol.json, with --start a calendar.

    Example: knee-track protocol squat_kneetrack/analysis.json --intake anna.toml --start 2026-11-30
    """
    from knee_track.cli.saved import read_analysis

    options = PlanOptions(intake, ask, save_intake, start, library, rules, language, week, pdf)
    result = read_analysis(analysis)
    plan, english = options.build(result.findings, filmed=result.source.filmed)
    # Beside the analysis this plan takes the place of the earlier one, in the report too.
    own = options.update_run(english, result, analysis) if output is None else {}
    written = options.write(plan, result, output or analysis.parent, beside=own)
    typer.echo(plan.summary)
    for line in plan.referral:
        if line != plan.summary:
            typer.echo(line)
    if explain:
        for line in explanation(plan):
            typer.echo(line)
    for path in written:
        typer.echo(f"Written: {path}")
