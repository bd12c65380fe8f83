"""When the sessions and re-tests of a plan are, once the first day is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from knee_track.errors import UsageError
from knee_track.protocol.rules import Stage
from knee_track.results import Protocol, Session, Week

# On which days of a training week the sessions are, counted from its first day: spread evenly.
DAYS: Final = {n: tuple(round(i * 7 / n) for i in range(n)) for n in range(1, 8)}
YEARS: Final = (2000, 2100)  # in which a plan may start


@dataclass(frozen=True)
class Appointment:
    """One session on a day; `week` counts from 1."""

    day: date
    week: int
    stage: Week
    session: Session


def read_start(text: str) -> date:
    """The day of the first session, as people type it. Raises UsageError."""
    first, last = YEARS
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--start {text} is not a date; write it as 2026-11-30.") from error
    if not first <= day.year <= last:
        raise UsageError(f"--start {text} is far off; give a day in the years {first} to {last}.")
    return day


def sessions_on(plan: Protocol, start: date) -> list[Appointment]:
    """Every session of a plan whose first one is on `start`, in order."""
    appointments = []
    for stage in plan.weeks:
        first, last = stage.span
        for week in range(first, last + 1):
            for offset, session in zip(DAYS[len(stage.sessions)], stage.sessions, strict=True):
                day = start + timedelta(weeks=week - 1, days=offset)
                appointments.append(Appointment(day, week, stage, session))
    return appointments


def retest_dates(stages: Sequence[Stage], start: date | None) -> list[date]:
    """The last day of the last week of each stage; empty without a first day."""
    if start is None:
        return []
    return [start + timedelta(weeks=stage.weeks[1], days=-1) for stage in stages]
