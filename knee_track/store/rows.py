"""An analysis as rows, and the rows as an analysis again: what went in comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from knee_track.pose.skeleton import LEGS
from knee_track.results import Analysis, Event, Finding, Frontal, LegSummary, Rep, RepLeg
from knee_track.store.tables import (
    Base,
    EventRow,
    FindingRow,
    LegResultRow,
    ProtocolRow,
    RepLegRow,
    RepRow,
)

REP_FIELDS = [name for name in Rep.model_fields if name not in ("legs", "frontal")]
PARTS: tuple[type[Base], ...] = (LegResultRow, RepRow, RepLegRow, EventRow, FindingRow, ProtocolRow)
# Kept in rows of their own, and so not in `clips.facts`.
IN_ROWS = {"reps", "events", "legs", "findings", "protocol"}


def facts_of(analysis: Analysis) -> dict[str, Any]:
    """What of an analysis has no rows of its own: source, model, view, quality, attempts and the like."""
    return analysis.model_dump(mode="json", exclude=IN_ROWS)


def rows_of(analysis: Analysis, clip_id: int) -> list[tuple[type[Base], list[dict[str, Any]]]]:
    """The rows of a clip's parts by table, those first that others refer to."""
    reps = [
        rep.model_dump(mode="json", include=set(REP_FIELDS)) | _dump(rep.frontal) for rep in analysis.reps
    ]
    rep_legs = [
        {"rep": rep.index, "leg": leg, **_dump(getattr(rep.legs, leg))}
        for rep in analysis.reps
        for leg in LEGS
        if getattr(rep.legs, leg) is not None
    ]
    plan = analysis.protocol
    tables: list[tuple[type[Base], list[dict[str, Any]]]] = [
        (LegResultRow, [{"leg": leg, **_dump(getattr(analysis.legs, leg))} for leg in LEGS]),
        (RepRow, reps),
        (RepLegRow, rep_legs),
        (EventRow, _numbered(analysis.events)),
        (FindingRow, _numbered(analysis.findings)),
        (ProtocolRow, [{"status": plan.status, "summary": plan.summary, "plan": _dump(plan)}]),
    ]
    return [(table, [{"clip_id": clip_id, **row} for row in rows]) for table, rows in tables if rows]


def analysis_from(facts: Mapping[str, Any], parts: Iterable[Base]) -> Analysis:
    """The analysis of one clip from its facts and its parts' rows, in the order of their keys."""
    rows: dict[type[Base], list[Base]] = {}
    for part in parts:
        rows.setdefault(type(part), []).append(part)
    legs: dict[int, dict[str, Any]] = {}
    for row in rows.get(RepLegRow, []):
        assert isinstance(row, RepLegRow)
        legs.setdefault(row.rep, {})[row.leg] = _fields(row, RepLeg.model_fields)
    summaries = {row.leg: row for row in rows.get(LegResultRow, []) if isinstance(row, LegResultRow)}
    (plan,) = rows[ProtocolRow]
    assert isinstance(plan, ProtocolRow)
    return Analysis.model_validate(
        {
            **facts,
            "reps": [_rep(row, legs) for row in rows.get(RepRow, []) if isinstance(row, RepRow)],
            "events": [_fields(row, Event.model_fields) for row in rows.get(EventRow, [])],
            "findings": [_fields(row, Finding.model_fields) for row in rows.get(FindingRow, [])],
            "legs": {leg: _fields(row, LegSummary.model_fields) for leg, row in summaries.items()},
            "protocol": plan.plan,
        }
    )


def _rep(row: RepRow, legs: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        **_fields(row, REP_FIELDS),
        "frontal": _fields(row, Frontal.model_fields),
        "legs": {leg: legs.get(row.index, {}).get(leg) for leg in LEGS},
    }


def _numbered(records: Sequence[BaseModel]) -> list[dict[str, Any]]:
    return [{"number": number, **_dump(record)} for number, record in enumerate(records, start=1)]


def _dump(record: BaseModel) -> dict[str, Any]:
    return record.model_dump(mode="json")


def _fields(row: Base, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
