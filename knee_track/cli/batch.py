"""`knee-track batch`: a folder of clips in, a store of clients with their results out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from knee_track.cli.common import (
    EXPERT,
    RESULTS,
    BlurFaces,
    ConfigFile,
    Mirrored,
    ModelFile,
    Movement,
    Offline,
    Overrides,
    Preset,
    Quiet,
    Variant,
    VideoOut,
    WorkingLeg,
)

if TYPE_CHECKING:
    from knee_track.batch.runner import Account, Order
    from knee_track.batch.storage import Place

WHICH = "Which clips"
INTERRUPTED, WITH_FAILURES = 130, 3

EPILOG = """\
Examples:

  knee-track batch clips -o results

  knee-track batch clips -o results --dry-run

  knee-track batch clips -o results --exclude "*warmup*" --no-video

Client and date come from the path (anna/2026-11-03_squat.mp4, anna_2026-11-03.mp4) or from clips/manifest.csv
with the columns file, client, date, height_m, movement, leg, mirrored, person, start_s, end_s.
"""


def batch(
    clips: Annotated[str, typer.Argument(help="The folder of clips, or a URL.", show_default=False)],
    out: Annotated[
        str, typer.Option("--out", "-o", help="Folder for the results, or a URL.", show_default=False)
    ],
    include: Annotated[
        list[str] | None,
        typer.Option(help="Only files that match, as 'anna/*'; repeatable.", rich_help_panel=WHICH),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(help="No files that match, as '*warmup*'; repeatable.", rich_help_panel=WHICH),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="What is known of each clip; default: CLIPS/manifest.csv.", rich_help_panel=WHICH),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show the plan, with names, and do nothing.", rich_help_panel=WHICH),
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Try clips again that ended their workers.", rich_help_panel=WHICH),
    ] = False,
    movement: Movement = None,
    leg: WorkingLeg = None,
    mirrored: Mirrored = False,
    video: VideoOut = True,
    blur_faces: BlurFaces = False,
    delete_source: Annotated[
        bool,
        typer.Option(
            "--delete-source",
            help="Delete the clips whose results are there, after asking.",
            rich_help_panel=RESULTS,
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Delete without asking.", rich_help_panel=RESULTS)
    ] = False,
    db: Annotated[
        str | None,
        typer.Option(
            envvar="KNEETRACK_DB",
            help="The store, if not in OUT: a file, or postgresql+psycopg://user@host/name.",
            rich_help_panel=RESULTS,
        ),
    ] = None,
    quiet: Quiet = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Clips at the same time; default: one per core.", rich_help_panel=EXPERT),
    ] = None,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(help="Who works: this machine, or a Ray cluster.", rich_help_panel=EXPERT),
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option(
            help="The cluster, as host:6379; default: one made of this machine.", rich_help_panel=EXPERT
        ),
    ] = None,
    time_limit: Annotated[
        float,
        typer.Option(
            min=0.01,
            help="Factor on the time a clip may take (3 min and 1 min per second).",
            rich_help_panel=EXPERT,
        ),
    ] = 1.0,
    memory: Annotated[
        int,
        typer.Option(
            min=0, help="MB that each process of a worker may use, 0: no limit.", rich_help_panel=EXPERT
        ),
    ] = 6000,
    preset: Preset = None,
    variant: Variant = "full",
    model: ModelFile = None,
    offline: Offline = False,
    config: ConfigFile = None,
    set_: Overrides = None,
) -> None:
    """Analyse the clips in a folder that are new, and show each client's progress.

    A clip that cannot be analysed stops nothing; failures.csv says why. Whatever ends a run, the same command
    goes on from there. Ctrl-C finishes the clips that were begun.
    """
    from knee_track.batch.clips import About
    from knee_track.batch.discover import Patterns
    from knee_track.batch.runner import Order
    from knee_track.batch.work import Equipment
    from knee_track.errors import UsageError
    from knee_track.pose.bundles import find_bundle
    from knee_track.pose.crew import usable_cores
    from knee_track.settings import load_settings

    places = _places(clips, out, engine)
    _check_deletion(delete_source, yes, places)
    if address and engine != "ray":
        raise UsageError("--address is where a Ray cluster is; add --engine ray.")
    settings = load_settings(config, ([f"pose.preset={preset}"] if preset else []) + (set_ or []))
    bundle = find_bundle(variant, model, offline=offline)
    order = Order(
        *places,
        Equipment(
            settings,
            variant,
            model.absolute() if model else None,
            About(movement, leg, mirrored),
            video,
            blur_faces,
            memory or None,
        ),
        bundle.sha256,
        workers=workers or (usable_cores() if engine == "local" else 0),
        db=db,
        manifest=manifest,
        patterns=Patterns(include or (), exclude or ()),
        limit=time_limit,
        again=again,
        engine=engine,
        address=address,
    )
    if dry_run:
        from knee_track.batch.dry_run import show_plan

        show_plan(order)
        return
    account = _run(order, quiet=quiet)
    if delete_source:
        _delete_sources(order, account, yes=yes)
    if account.stopped:
        raise typer.Exit(INTERRUPTED)
    if account.failed:
        raise typer.Exit(WITH_FAILURES)


def _places(clips: str, out: str, engine: str) -> tuple[Place, Place]:
    """Where clips and results lie; other machines know nothing of the folder we are in."""
    from knee_track.batch.storage import place_of

    found = place_of(clips), place_of(out)
    if engine == "local":
        return found
    first, second = (place.absolute() if isinstance(place, Path) else place for place in found)
    return first, second


def _check_deletion(delete_source: bool, yes: bool, places: tuple[Place, Place]) -> None:
    import sys

    from knee_track.errors import UsageError

    if delete_source and not all(isinstance(place, Path) for place in places):
        raise UsageError("--delete-source works with folders only; delete what lies at a URL there.")
    if delete_source and not (yes or sys.stdin.isatty()):
        raise UsageError("--delete-source asks before it deletes, and nobody is there to answer; give --yes.")


def _run(order: Order, *, quiet: bool) -> Account:
    """The run with its screen, and the summary at its end. A second Ctrl-C ends it at once."""
    from knee_track.batch.runner import run_batch
    from knee_track.batch.screen import BatchScreen

    try:
        with BatchScreen(quiet=quiet) as screen:
            account = run_batch(order, screen)
    except KeyboardInterrupt as error:
        typer.echo("Stopped. What was done is kept; the same command goes on from there.", err=True)
        raise typer.Exit(INTERRUPTED) from error
    if not quiet:
        _print_summary(order, account)
    return account


def _print_summary(order: Order, account: Account) -> None:
    from knee_track.batch.storage import below
    from knee_track.report.words import count

    typer.echo(
        f"{count(account.found, 'clip')}: {len(account.analysed)} analysed, "
        f"{len(account.done_before)} done before, {len(account.failed)} failed"
        + (f", {account.left} left; the same command goes on from there." if account.stopped else ".")
    )
    if account.failed:
        typer.echo(f"reasons   {below(order.out, 'failures.csv')}")
    typer.echo(f"overview  {below(order.out, 'index.html')}")
    typer.echo(f"progress  knee-track history c001 --db {order.db or order.out}")


def _delete_sources(order: Order, account: Account, *, yes: bool) -> None:
    """Delete the clips whose results are there, after asking."""
    from knee_track.batch.deletion import deletable, delete
    from knee_track.report.words import count

    paths = deletable(order, account)
    if not paths:
        typer.echo("No clip to delete.")
        return
    gigabytes = sum(path.stat().st_size for path in paths) / 1e9
    told = f"{count(len(paths), 'clip')} ({gigabytes:.1f} GB) in {order.clips} whose results are there"
    if not yes and not typer.confirm(f"Delete {told}? It cannot be undone"):
        typer.echo("Nothing was deleted.")
        return
    deleted = delete(paths)
    typer.echo(f"Deleted: {count(deleted, 'clip')}.")
