"""`knee-track clients`, `history`, `export`, `forget`: what the store knows of people.

What needs SQLAlchemy is imported once a store is open: opening says in one sentence when it is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knee_track.store.leaving import Belongings
    from knee_track.store.records import ClientRecord
    from knee_track.store.store import Store
    from knee_track.store.trend import Trend

Where = Annotated[
    str,
    typer.Option(
        "--db",
        envvar="KNEETRACK_DB",
        help="The store: the results' folder, a database file, or postgresql+psycopg://user@host/name.",
    ),
]
Who = Annotated[str, typer.Argument(help="The client's id (c001), display name or folder.")]


def clients(
    db: Where = ".",
    name: Annotated[
        tuple[str, str] | None, typer.Option(help='Set a display name: c001 "Anna"; "" removes it.')
    ] = None,
    height: Annotated[
        tuple[str, float] | None, typer.Option(help="Set the height in metres: c001 1.75.")
    ] = None,
    note: Annotated[
        tuple[str, str] | None, typer.Option(help='Set a note: c001 "old injury left"; "" removes it.')
    ] = None,
) -> None:
    """List the clients with their ids, or set what is known of one.

    Names and notes stay in the store: results, pages and messages hold the id alone.

    Example: knee-track clients --db results --name c001 "Anna"
    """
    from knee_track.store import open_store

    if height is not None:
        from knee_track.pipeline import check_height

        check_height(height[1])
    with open_store(db, create=False) as store:
        if name is not None:
            store.describe(store.find(name[0]).id, name=name[1])
        if height is not None:
            store.describe(store.find(height[0]).id, height_m=height[1])
        if note is not None:
            store.describe(store.find(note[0]).id, notes=note[1])
        _print_clients(store.clients())


def _print_clients(people: list[ClientRecord]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not people:
        typer.echo("No client yet.")
        return
    table = Table("id", "name", "folder", "height", "clips", "last filmed", "note", box=None)
    for one in people:
        height = f"{one.height_m:.2f} m" if one.height_m else ""
        texts = (one.id, one.name or "", one.folder, height, str(one.clips), str(one.last_day or ""))
        table.add_row(*(Text(text) for text in (*texts, one.notes or "")))
    Console().print(table)


def history(
    client: Who,
    db: Where = ".",
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="The page to write; by default history.html in the client's folder."
        ),
    ] = None,
) -> None:
    """Say per leg whether the knee tracks better than in the first clip, and draw it over time.

    Improved or worse is said only beyond the minimum detectable change, as in knee-track compare.

    Example: knee-track history c001 --db results
    """
    from knee_track.report.words import count
    from knee_track.store import open_store
    from knee_track.store.history_page import FILE_NAME, progress, write_history

    with open_store(db, create=False) as store:
        person = store.find(client)
        clips = store.history(person.id)
        page = out or (store.home or Path.cwd()) / person.id / FILE_NAME
        if clips:
            write_history(page, person.id, clips, store.home)
        if clips and out is None:
            _write_overviews(store, [page.parent.parent])
    typer.echo(f"{person.id}{f' ({person.name})' if person.name else ''}: {count(len(clips), 'clip')}")
    for trend in progress(clips):
        _print_trend(trend)
    if clips:
        typer.echo(f"page  {page}")


def _print_trend(trend: Trend) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from knee_track.report.summary import verdict as leg_verdict
    from knee_track.report.words import TITLES, signed_band
    from knee_track.store.history_page import reason, since, verdict

    typer.echo(f"\n{TITLES[trend.movement]}. {verdict(trend)}")
    table = Table("day", "reps", "mean peak", "grade", "since the first", "since the one before", box=None)
    for point in trend.points:
        number = "–" if point.mean_deg is None else signed_band(point.mean_deg, point.band_deg)
        first = "first" if point is trend.first else since(point.since_first)
        cells = (
            f"{point.clip.day}",
            f"{point.reps}",
            number,
            leg_verdict(point.clip.analysis, trend.leg).words,
            first,
            since(point.since_last),
        )
        table.add_row(*map(Text, cells))
    Console().print(table)
    for point in trend.points:
        if note := point.obstacle or reason(point):
            typer.echo(f" {point.clip.day}: {note}.")


def export(
    client: Who,
    out: Annotated[Path, typer.Option("-o", "--out", help="The zip file to write.")],
    db: Where = ".",
) -> None:
    """Put everything of one client into a zip file: rows as JSON, and the result folders.

    Example: knee-track export c001 -o c001.zip --db results
    """
    from knee_track.store import open_store

    with open_store(db, create=False) as store:
        from knee_track.store.leaving import export as export_client

        kept = export_client(store, store.find(client).id, out)
    typer.echo(f"{out}: {_counted(kept)}")
    for folder in kept.missing:
        typer.echo(f"Not there any more: {folder}", err=True)


def forget(
    client: Who,
    db: Where = ".",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything of one client: rows, result folders, pages. There is no way back.

    The clips as filmed are yours to delete.

    Example: knee-track forget c001 --db results
    """
    from knee_track.store import open_store

    with open_store(db, create=False) as store:
        from knee_track.store.leaving import belongings
        from knee_track.store.leaving import forget as forget_client

        person = store.find(client)
        kept = belongings(store, person.id)
        typer.echo(f"{person.id} ({person.name or person.folder}): {_counted(kept)}")
        for place in (*kept.paths, *kept.elsewhere):
            typer.echo(f"  {place}")
        if not yes and not typer.confirm("Delete all this? It cannot be undone"):
            typer.echo("Nothing was deleted.")
            raise typer.Exit(1)
        forget_client(store, person.id)
        _write_overviews(store, _grounds(store, kept))
        _write_overviews_at(store, {row["place"] for row in kept.rows["clips"] if "://" in row["place"]})
    typer.echo(f"{person.id} is forgotten. The clips as filmed are still where you keep them.")


def _counted(kept: Belongings) -> str:
    """What there is: "rows: clients 1, sessions 2, clips 3, …; folders and pages: 1"."""
    rows = ", ".join(f"{table.replace('_', ' ')} {number}" for table, number in kept.counts.items())
    return f"rows: {rows}; folders and pages: {len(kept.paths)}"


def _grounds(store: Store, kept: Belongings) -> list[Path]:
    """The folders of results that held something of a client."""
    places = {row["place"] for row in kept.rows["clips"]}
    local = {Path(place) for place in places if place and "://" not in place}
    return sorted(local | ({store.home} if store.home and "" in places | {store.place} else set()))


def _write_overviews(store: Store, grounds: list[Path]) -> None:
    """Write those overviews anew that are there, so that they tell what the store does."""
    from knee_track.store.overview import write_overview

    for ground in grounds:
        if (ground / "index.html").is_file():
            write_overview(store, ground)


def _write_overviews_at(store: Store, urls: set[str]) -> None:
    """The same for results at URLs."""
    from knee_track.batch.elsewhere import overview_at

    for url in sorted(urls):
        overview_at(store, url)
