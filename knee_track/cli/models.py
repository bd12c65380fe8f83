"""`knee-track models`: list, fetch and verify pose model bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from knee_track.errors import ModelError
from knee_track.pose.manifest import KNOWN_BUNDLES, VARIANTS, Variant, file_name

app = typer.Typer(help="Pose models on this machine: list (default), fetch, verify.", rich_markup_mode=None)


def _kept() -> list[Path]:
    """Bundle files in the folders that knee-track looks in, in its order."""
    from knee_track.pose.bundles import bundle_folders

    paths = [folder / file_name(variant) for variant in VARIANTS for folder in bundle_folders()]
    return [path for path in paths if path.is_file()]


def _verdict(path: Path) -> tuple[bool, str]:
    """Whether a kept file can be used, and one line about it."""
    from knee_track.pose.bundles import read_bundle

    try:
        bundle = read_bundle(path)
    except ModelError as error:
        return False, f"damaged  {error}"
    source = next(known.source for known in KNOWN_BUNDLES if known.sha256 == bundle.sha256)
    return True, f"ok  {path}\n    {bundle.variant}, {source}, SHA-256 {bundle.sha256}"


@app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List the pose models on this machine and the ones knee-track knows."""
    if context.invoked_subcommand is not None:
        return
    kept = _kept()
    typer.echo("On this machine:" if kept else "On this machine: none; run 'knee-track models fetch'.")
    for path in kept:
        typer.echo(f"  {_verdict(path)[1]}")
    typer.echo("\nTrusted (a file with any other SHA-256 is refused):")
    for known in KNOWN_BUNDLES:
        typer.echo(f"  {known.variant:5}  {known.size / 1e6:5.1f} MB  {known.sha256}  {known.source}")


@app.command()
def fetch(
    variant: Annotated[
        Variant, typer.Option(help="lite is faster and rougher, heavy slower and finer.")
    ] = "full",
) -> None:
    """Get a pose model unless it is here already.

    Example: knee-track models fetch --variant heavy
    """
    from knee_track.pose.bundles import find_bundle

    bundle = find_bundle(variant)
    typer.echo(f"Pose model '{bundle.variant}' is ready: {bundle.origin}")


@app.command()
def verify() -> None:
    """Check the SHA-256 of every pose model on this machine."""
    kept = _kept()
    if not kept:
        raise ModelError("There is no pose model on this machine: run 'knee-track models fetch'.")
    verdicts = [_verdict(path) for path in kept]
    for _, line in verdicts:
        typer.echo(line)
    if not all(good for good, _ in verdicts):
        raise ModelError("A damaged pose model is never used; 'knee-track models fetch' replaces it.")
