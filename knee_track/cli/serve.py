"""`knee-track serve`: the local web page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from knee_track.cli.common import ConfigFile, Offline, Overrides

EPILOG = """\
Examples:

  knee-track serve

  knee-track serve -o clients/anna --no-browser

  knee-track serve --host 0.0.0.0 --https
"""

NEEDED = "The page needs more packages; install them with: python -m pip install 'knee-track[web]'"


def serve(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the results; earlier ones in it are shown.")
    ] = Path("knee_track_results"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on; 0.0.0.0 lets other devices of your network in, with a token."
        ),
    ] = "127.0.0.1",
    https: Annotated[
        bool,
        typer.Option("--https", help="With a certificate of this machine's own; a phone's camera needs it."),
    ] = False,
    max_upload: Annotated[float, typer.Option(min=0.001, help="Largest video, GB.")] = 2.0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    offline: Offline = False,
    config: ConfigFile = None,
    set_: Overrides = None,
) -> None:
    """Open the page in the browser: live check, analysis of videos, earlier results."""
    from knee_track.errors import UsageError
    from knee_track.pose.bundles import find_bundle
    from knee_track.report.swap import prove_writable
    from knee_track.settings import load_settings

    try:
        from knee_track.web.serving import Serving
    except ModuleNotFoundError as error:
        raise UsageError(NEEDED) from error
    settings = load_settings(config, set_ or [])
    prove_writable(out)
    find_bundle("full", offline=offline)  # fetched now if need be: the page itself never goes out
    serving = Serving(out.absolute(), host, port, https, int(max_upload * 1e9), settings)
    serving.run(typer.echo, browser=browser)
