"""`knee-track card`: a page to print that says how to film."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def card(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the page.")] = Path(
        "filming_card.html"
    ),
    language: Annotated[
        str, typer.Option("--language", help="Language of the card, as en; an unknown one lists them.")
    ] = "en",
) -> None:
    """Write a one-page card for clients: where to put the phone, what to wear, what to do.

    Example: knee-track card -o filming_card.html
    """
    from knee_track.cli.saved import write_text
    from knee_track.report.card import filming_card

    write_text(output, filming_card(language=language))
    typer.echo(f"Written: {output}")
