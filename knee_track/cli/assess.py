"""`knee-track assess`: the natural clip and the add-on tests of one client, and one plan for them all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from knee_track.cli.common import (
    RESULTS,
    ClientId,
    ConfigFile,
    Height,
    Mirrored,
    Offline,
    Overrides,
    Quiet,
    VideoOut,
)
from knee_track.cli.plan_options import (
    Explain,
    IntakeFile,
    Language,
    LibraryFile,
    Pdf,
    PlanOptions,
    RulesFile,
    Sources,
    Start,
    WeekNumber,
    explanation,
)
from knee_track.cli.progress import ProgressBar
from knee_track.pose.skeleton import LEGS, Leg

if TYPE_CHECKING:
    from knee_track.protocol.assessment import Assessment, ClipName
    from knee_track.protocol.rules import AddOnTests
    from knee_track.results import Analysis, Protocol

TESTS = "The tests (at least one; videos, or an analysis.json of an earlier run)"
EPILOG = """\
Examples:

  knee-track assess --natural squat.mp4 --cued cued.mp4 --heel-lift board.mp4

  knee-track assess --natural squat_kneetrack/analysis.json --knee-to-wall "left=8 right=11"

  knee-track assess --natural squat.mp4 --single-leg-left left.mp4 --single-leg-right right.mp4
"""


def assess(
    natural: Annotated[
        Path, typer.Option(help="Squats without cue or help: the base of all.", show_default=False)
    ],
    cued: Annotated[
        Path | None,
        typer.Option(help="The same squats with one cue, at the same depth.", rich_help_panel=TESTS),
    ] = None,
    heel_lift: Annotated[
        Path | None, typer.Option(help="With the heels on a 2.5-5 cm board.", rich_help_panel=TESTS)
    ] = None,
    single_leg_left: Annotated[
        Path | None, typer.Option(help="Single-leg squats on the left leg.", rich_help_panel=TESTS)
    ] = None,
    single_leg_right: Annotated[
        Path | None, typer.Option(help="Single-leg squats on the right leg.", rich_help_panel=TESTS)
    ] = None,
    knee_to_wall: Annotated[
        str | None,
        typer.Option(
            metavar="CM", help="Big toe to wall, 'left=8 right=11', in centimetres.", rich_help_panel=TESTS
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Where the folder assess_kneetrack goes; default: beside the natural clip.",
            rich_help_panel=RESULTS,
        ),
    ] = None,
    height: Height = None,
    client: ClientId = None,
    mirrored: Mirrored = False,
    video_out: VideoOut = True,
    quiet: Quiet = False,
    offline: Offline = False,
    config: ConfigFile = None,
    set_: Overrides = None,
    intake: IntakeFile = None,
    start: Start = None,
    library: LibraryFile = None,
    rules: RulesFile = None,
    language: Language = "en",
    week: WeekNumber = 1,
    pdf: Pdf = False,
    explain: Explain = False,
) -> None:
    """Judge the add-on tests of one session (cue, heels raised, one leg, knee to wall) and write one plan."""
    import logging

    from knee_track.cli.session import Session
    from knee_track.protocol.addon import assess as judge
    from knee_track.settings import load_settings

    if quiet:
        logging.getLogger("knee_track").setLevel(logging.ERROR)
    options = PlanOptions(
        intake=intake, start=start, library=library, rules=rules, language=language, week=week, pdf=pdf
    )
    given = options.check()
    distances = read_knee_to_wall(knee_to_wall, given.rules.tests)
    settings = load_settings(config, set_ or [])
    session = Session.of(natural, cued, heel_lift, single_leg_left, single_leg_right, client=client)
    session.check(tests=len(session.paths) - 1 + len(distances))
    folder = session.folder(out)
    with ProgressBar(hidden=quiet) as bar:
        clips = session.analysed(
            folder,
            bar,
            video=video_out,
            settings=settings,
            height_m=height,
            client_id=client,
            mirrored=mirrored,
            offline=offline,
        )

    def judged(language: str) -> Assessment:
        return judge(
            clips["natural"],
            clips.get("cued"),
            clips.get("heel_lift"),
            clips.get("single_left"),
            clips.get("single_right"),
            distances,
            library=given.library,
            rules=given.rules,
            language=language,
        )

    result = judged("en")
    told = result if language == result.language else judged(language)
    own = session.written.get("natural")
    plan, written = write(result, told, clips, distances, folder, options, given, own)
    if not quiet:
        show(result, plan, explanation(plan) if explain else [], written)


def write(
    result: Assessment,
    told: Assessment,
    clips: Mapping[ClipName, Analysis],
    distances: Mapping[Leg, float],
    folder: Path,
    options: PlanOptions,
    given: Sources,
    own: Path | None,
) -> tuple[Protocol, list[Path]]:
    """Build the plan and write it with all results: all files or none.

    told: the same assessment in the plan's language, for the plan; the record is English.
    own: the natural clip's analysis.json when this session wrote it.
    """
    from knee_track.cli.saved import write_files
    from knee_track.report.assessment import RECORD, combined, record_json, with_open_ends

    natural = clips["natural"]
    plan, english = options.build(
        given, result.findings, filmed=natural.source.filmed, tests_done=result.tests_done
    )
    plan, english = with_open_ends(plan, told), with_open_ends(english, result)
    record = {RECORD: record_json(result, clips, distances, english).encode()}
    written = options.write(plan, combined(natural, result, plan), folder, beside=record)
    if own is not None:  # the natural clip's own report shows the plan of the session
        write_files(own.parent, options.update_run(english, natural, own))
    return plan, written


def show(result: Assessment, plan: Protocol, reasons: Sequence[str], written: Sequence[Path]) -> None:
    """One line per test and leg, the notes, where it steers, and where the plan is."""
    for line in [*(one.line for one in result.results), *result.notes]:
        typer.echo(line)
    for route in result.route:
        typer.echo(f"Route: {route.text}")
    if not result.route and plan.status != "none":
        typer.echo("Route: none of its own; the plan is that of the natural clip.")
    typer.echo(plan.summary)
    for line in [*(line for line in plan.referral if line != plan.summary), *reasons]:
        typer.echo(line)
    for path in written:
        typer.echo(f"Written: {path}")


def read_knee_to_wall(text: str | None, tests: AddOnTests) -> dict[Leg, float]:
    """From "left=8 right=11.5", in cm; raises UsageError for anything else."""
    from knee_track.errors import UsageError
    from knee_track.protocol.knee_to_wall import check_knee_to_wall

    if text is None:
        return {}
    one = r"\b(left|right)\s*[=:]\s*(-?\d+(?:[.,]\d+)?)(?:\s*cm\b)?"
    found, rest = re.findall(one, text), re.sub(one, "", text)
    sides = {name: float(number.replace(",", ".")) for name, number in found}
    if not found or len(sides) < len(found) or rest.strip(" ,;"):
        raise UsageError(
            f"--knee-to-wall {text}: give centimetres per leg, as --knee-to-wall 'left=8 right=11'."
        )
    distances: dict[Leg, float] = {leg: sides[leg] for leg in LEGS if leg in sides}
    check_knee_to_wall(distances, tests)
    return distances
