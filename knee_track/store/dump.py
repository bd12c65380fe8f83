"""The tables' plain rows: those of one client, or all of them in a form that two runs can be compared by."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session

from knee_track.store.access import Access
from knee_track.store.tables import Base, ClipRow, SessionRow

Plain = dict[str, Any]

# How the run went, not what it found: when, where, under which numbers, how often tried.
OF_THE_RUN: Final = {
    "clients": {"number"},
    "sessions": {"id"},
    "clips": {"id", "added_at", "place"},
    "failures": {"id", "tries"},
}
ID: Final = re.compile(r"(?<![A-Za-z0-9])c\d{3,9}(?![A-Za-z0-9])")


def rows_by_table(session: Session, number: int | None = None) -> Iterator[tuple[str, list[Plain]]]:
    """All rows of each table in the order of their keys, or those of the client with this number."""
    for table in Base.metadata.sorted_tables:
        query = select(table) if number is None else _of_client(table, number)
        found = session.execute(query.order_by(*table.primary_key))
        yield table.name, [dict(row._mapping) for row in found]


def _of_client(table: Table, number: int) -> Select[Any]:
    sessions = select(SessionRow.id).where(SessionRow.client_number == number)
    if table.name == "clients":
        return select(table).where(table.c.number == number)
    if "client_number" in table.c:
        return select(table).where(table.c.client_number == number)
    if "session_id" in table.c:
        return select(table).where(table.c.session_id.in_(sessions))
    clips = select(ClipRow.id).where(ClipRow.session_id.in_(sessions))
    return select(table).where(table.c.clip_id.in_(clips))


def rows_for_comparison(store: Access) -> list[str]:
    """Every row of the store as one line of JSON, sorted; two stores with the same content give the same.

    Without what belongs to the run alone: times, numbers given in the order of arrival, and tries. In their
    place stand the client's folder, the session's day and the clip's key.
    """
    lines = []
    with store.reading() as session:
        tables = dict(rows_by_table(session))
    folders = {row["number"]: row["folder"] for row in tables["clients"]}
    days = {row["id"]: [folders[row["client_number"]], str(row["day"])] for row in tables["sessions"]}
    clips = {row["id"]: [row[name] for name in _KEY] for row in tables["clips"]}
    for name, rows in tables.items():
        for row in rows:
            told = {key: value for key, value in row.items() if key not in OF_THE_RUN.get(name, set())}
            for column, names in (("client_number", folders), ("session_id", days), ("clip_id", clips)):
                if told.get(column) is not None:
                    told[column] = names[told[column]]
            line = json.dumps({"table": name, **told}, sort_keys=True, default=str, ensure_ascii=False)
            lines.append(ID.sub("client", line))
    return sorted(lines)


_KEY: Final = ("sha256", "settings_digest", "model_sha256", "software_version")
