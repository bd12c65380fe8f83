"""`summary.csv` and `summary.parquet`: one row per rep of all clips, for anyone's own statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Column, Select, Table, and_, select
from sqlalchemy.types import Boolean, Date, Double, Integer

from knee_track.pose.skeleton import LEGS
from knee_track.report.tables import write_table
from knee_track.results import Frontal, RepLeg
from knee_track.store.access import Access
from knee_track.store.files import private_file
from knee_track.store.records import client_id
from knee_track.store.rows import REP_FIELDS
from knee_track.store.tables import ClipRow, RepLegRow, RepRow, SessionRow

AT_ONCE: Final = 10_000  # rows held in memory: a few MB, however large the store
KINDS: Final = ((Boolean, pa.bool_()), (Integer, pa.int32()), (Double, pa.float64()), (Date, pa.date32()))


def write_summaries(store: Access, out: Path) -> None:
    """Write both tables into `out`, mode 0600, each whole or not at all.

    Columns: client, day, clip, content, movement, view, quality and folder, then those of a result's
    `reps.csv`. Ordered by client, day, content and rep. Missing is empty in CSV, null in Parquet.
    Raises OutputError when the place cannot be written.
    """
    columns = _columns()
    with private_file(out / "summary.parquet") as part, private_file(out / "summary.csv") as text:
        chunks = _chunks(store, list(columns.values()))
        schema = pa.schema([(name, _kind(column)) for name, column in columns.items()])
        with pq.ParquetWriter(part, schema) as file:
            write_table(text, list(columns), chain.from_iterable(_also(file, schema, chunks)))


def _also(file: Any, schema: Any, chunks: Iterator[list[Sequence[Any]]]) -> Iterator[list[Sequence[Any]]]:
    """Each chunk once more, after it went into the Parquet file: both tables see the same moment."""
    for chunk in chunks:
        arrays = [
            pa.array(values, kind)
            for values, kind in zip(zip(*chunk, strict=True), schema.types, strict=True)
        ]
        file.write_batch(pa.record_batch(arrays, schema=schema))
        yield chunk


def _columns() -> dict[str, Column[Any]]:
    """What each column is called, and which column of the database it is."""
    clips, reps = _table(ClipRow), _table(RepRow)
    own = {"clip": "source", "content": "sha256"}
    named = [
        (name, clips.c[own.get(name, name)]) for name in ("clip", "content", "movement", "view", "quality")
    ]
    columns = [
        ("client", _table(SessionRow).c.client_number),
        ("day", _table(SessionRow).c.day),
        *named,
        ("folder", clips.c.folder),
        ("rep", reps.c.rep),
        *((name, reps.c[name]) for name in REP_FIELDS if name != "index"),
        *((f"{leg}_{name}", LEG_TABLES[leg].c[name]) for leg in LEGS for name in RepLeg.model_fields),
        *((name, reps.c[name]) for name in Frontal.model_fields),
    ]
    return dict(columns)


def _table(row: Any) -> Table:
    table: Table = row.__table__
    return table


LEG_TABLES: Final = {leg: _table(RepLegRow).alias(leg) for leg in LEGS}


def _query(columns: Sequence[Column[Any]]) -> Select[Any]:
    clips, reps, sessions = _table(ClipRow), _table(RepRow), _table(SessionRow)
    joined: Any = reps.join(clips, reps.c.clip_id == clips.c.id)
    joined = joined.join(sessions, clips.c.session_id == sessions.c.id)
    for leg, table in LEG_TABLES.items():
        same = and_(table.c.clip_id == reps.c.clip_id, table.c.rep == reps.c.rep, table.c.leg == leg)
        joined = joined.outerjoin(table, same)
    order = (sessions.c.client_number, sessions.c.day, clips.c.sha256, clips.c.id, reps.c.rep)
    return select(*columns).select_from(joined).order_by(*order)


def _chunks(store: Access, columns: Sequence[Column[Any]]) -> Iterator[list[Sequence[Any]]]:
    with store.reading() as session:
        found = session.execute(_query(columns), execution_options={"yield_per": AT_ONCE})
        for chunk in found.partitions():
            yield [(client_id(row[0]), *row[1:]) for row in chunk]


def _kind(column: Column[Any]) -> Any:
    if column.name == "client_number":
        return pa.string()
    return next((kind for sort, kind in KINDS if isinstance(column.type, sort)), pa.string())
