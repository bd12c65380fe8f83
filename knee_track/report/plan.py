"""The corrective plan, arranged for a page: one table per stage, every exercise explained once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from knee_track.results import Dose, Protocol, Week

Phase = Literal["release", "activate", "integrate", "retrain"]


@dataclass(frozen=True)
class Row:
    """One exercise of a stage and the names of the sessions that hold it."""

    dose: Dose
    leg: str
    sessions: list[str] = field(default_factory=list)


def week_table(week: Week) -> dict[Phase, list[Row]]:
    """The stage's exercises by phase. Sessions share most of them, so that one table says it all."""
    table: dict[Phase, list[Row]] = {}
    for session in week.sessions:
        for block in session.blocks:
            rows = table.setdefault(block.phase, [])
            for dose in block.exercises:
                row = next((row for row in rows if row.dose == dose and row.leg == block.leg), None)
                if row is None:
                    row = Row(dose, block.leg)
                    rows.append(row)
                row.sessions.append(session.name)
    return table


def exercises(protocol: Protocol) -> list[Dose]:
    """Every exercise of the plan once, in the order of its first use."""
    unique: dict[str, Dose] = {}
    for week in protocol.weeks:
        for dose in week.doses:
            unique.setdefault(dose.id, dose)
    return list(unique.values())
