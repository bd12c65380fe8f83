"""`knee-track settings`: every threshold with its value, unit, meaning and source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from knee_track.settings import Section, Settings


def settings(
    toml: Annotated[
        bool, typer.Option("--toml", help="Print a commented settings file to start from.")
    ] = False,
) -> None:
    """List every threshold with its value, unit, meaning and source.

    Example: knee-track settings --toml > mine.toml
    """
    from knee_track.settings import Settings

    if toml:
        typer.echo(_as_toml(Settings()))
    else:
        _print_table(Settings())


def _rows(section: Section) -> Iterator[tuple[str, Any, str, str, str]]:
    """(name, value, unit, meaning, source) of each setting in a section."""
    for name, field in type(section).model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        yield (
            name,
            getattr(section, name),
            str(extra["unit"]),
            field.description or "",
            str(extra["source"]),
        )


def _as_toml(values: Settings) -> str:
    """Settings as commented TOML; JSON and TOML write these plain values alike."""
    lines = ["# knee-track settings. Keep the lines you want to change; the rest stays at its default."]
    for title, section in values:
        lines += ["", f"[{title}]"]
        for name, value, unit, meaning, source in _rows(section):
            lines += [f"# {f'{unit}: ' if unit else ''}{meaning} ({source})", f"{name} = {json.dumps(value)}"]
    return "\n".join(lines)


def _print_table(values: Settings) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("setting", "value", "meaning [source]", box=None, pad_edge=False)
    for title, section in values:
        for name, value, unit, meaning, source in _rows(section):
            table.add_row(f"{title}.{name}", f"{value} {unit}", Text(f"{meaning} [{source}]"))
    Console(highlight=False).print(table)
    typer.echo("\nChange one with --set section.name=value, or several in a file: knee-track settings --toml")
