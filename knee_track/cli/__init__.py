"""The command line. Each command imports what it needs when it runs, so that `--help` is instant."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from knee_track.cli.analyze import EPILOG, analyze
from knee_track.cli.assess import EPILOG as ASSESS_EPILOG
from knee_track.cli.assess import assess
from knee_track.cli.batch import EPILOG as BATCH_EPILOG
from knee_track.cli.batch import batch
from knee_track.cli.card import card
from knee_track.cli.compare import compare
from knee_track.cli.doctor import doctor
from knee_track.cli.live import EPILOG as LIVE_EPILOG
from knee_track.cli.live import live
from knee_track.cli.models import app as models
from knee_track.cli.protocol import protocol
from knee_track.cli.serve import EPILOG as SERVE_EPILOG
from knee_track.cli.serve import serve
from knee_track.cli.settings import settings
from knee_track.cli.store import clients, export, forget, history
from knee_track.errors import KneeTrackError

WELCOME = """\
From one squat video knee-track says, per leg and per rep, how far the knee left the line over the third toe.

  1. knee-track doctor               is everything here that it needs?
  2. knee-track analyze squat.mp4    writes squat_kneetrack/report.html beside the clip
     knee-track serve                the same in the browser, and live before a camera
     knee-track live                 live before a camera, in a window

Film from the front, camera at knee height, 2.5-3 m away, whole body in the picture, feet always visible.
All commands: knee-track --help\
"""

app = typer.Typer(
    help="How far each knee leaves the line over the third toe, per leg and per rep, from one squat video.",
    epilog="Example: knee-track analyze sample_videos/front_squat_valgus.mp4",
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
app.command(epilog=EPILOG)(analyze)
app.command(epilog=ASSESS_EPILOG)(assess)
app.command(epilog=BATCH_EPILOG)(batch)
app.command()(card)
app.command()(compare)
app.command()(doctor)
app.command(epilog=LIVE_EPILOG)(live)
app.command()(protocol)
app.command(epilog=SERVE_EPILOG)(serve)
app.command()(settings)
app.command()(clients)
app.command()(history)
app.command()(export)
app.command()(forget)
app.add_typer(models, name="models")


def _print_version(wanted: bool) -> None:
    if wanted:
        from knee_track import __version__

        typer.echo(f"knee-track {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Say what to do first when no command is given."""
    if context.invoked_subcommand is None:
        typer.echo(WELCOME)


def main() -> None:
    """Run the command line; an error a person can act on is one sentence on stderr, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows "?" instead of failing (Windows code pages).
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    notes = logging.getLogger("knee_track")
    notes.addHandler(logging.StreamHandler())
    notes.setLevel(logging.INFO)
    try:
        app()
    except KneeTrackError as error:
        typer.secho(str(error), fg="red", err=True)
        sys.exit(error.exit_code)
