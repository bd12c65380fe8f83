"""`knee-track compare`: two analyses of one client, and where that moves the plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from knee_track.cli.plan_options import LibraryFile

if TYPE_CHECKING:
    from knee_track.protocol.retest import LegChange


def compare(
    before: Annotated[Path, typer.Argument(help="The earlier analysis.json.")],
    after: Annotated[Path, typer.Argument(help="The later analysis.json.")],
    same_session: Annotated[
        bool, typer.Option("--same-session", help="Both were filmed in one session: smaller changes count.")
    ] = False,
    pain: Annotated[
        int | None, typer.Option(min=0, max=10, help="Worst pain while training since then, 0-10.")
    ] = None,
    week: Annotated[
        int | None, typer.Option(min=1, help="The week of the earlier plan that was just done.")
    ] = None,
    library: LibraryFile = None,
) -> None:
    """Say per leg whether the knee tracks better than before, and whether the plan goes on.

    Exit code 1 when no leg can be compared.

    Example: knee-track compare before/analysis.json after/analysis.json --week 2 --pain 1
    """
    from knee_track.cli.saved import read_analysis
    from knee_track.protocol.library import load_library
    from knee_track.protocol.retest import compare as compare_analyses
    from knee_track.protocol.retest import stage_after

    earlier, later = read_analysis(before), read_analysis(after)
    defaults = load_library(library).defaults
    result = compare_analyses(earlier, later, defaults, same_session=same_session, pain=pain)
    stage = stage_after(earlier.protocol, week, result.step) if week is not None else None
    for leg in result.legs:
        typer.echo(leg_line(leg))
    typer.echo(result.text)
    if stage is not None:
        typer.echo(f"Train next: weeks {stage} of the earlier plan.")
    elif week is not None and result.step == "on":
        typer.echo("The earlier plan ends here; the plan of the later analysis says what is next.")
    if all(leg.change == "not comparable" for leg in result.legs):
        raise typer.Exit(1)


def leg_line(leg: LegChange) -> str:
    """One leg: "Left: improved, +9.6° to +2.1°, change −7.5° ± 4.4° (a change counts above 5°)"."""
    from knee_track.report.words import signed, signed_band

    name = leg.leg.capitalize()
    if leg.before_deg is None or leg.after_deg is None or leg.change_deg is None:
        return f"{name}: {leg.change}: {leg.reason}."
    return (
        f"{name}: {leg.change}, mean of {leg.reps[0]} and {leg.reps[1]} reps {signed(leg.before_deg)}° to "
        f"{signed(leg.after_deg)}°, change {signed_band(leg.change_deg, leg.band_deg)} "
        f"(a change counts above {leg.detectable_deg:g}°)"
    )
