"""The overview of a store, written beside the results: `index.html`, the summaries and `failures.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knee_track.pose.skeleton import LEGS
from knee_track.report.html import environment
from knee_track.report.summary import TOO_FAR_OUT, Verdict
from knee_track.report.tables import write_table
from knee_track.report.words import GRADES, TITLES, count, signed
from knee_track.store.charts import Spark, sparkline
from knee_track.store.extra import needs_extra
from knee_track.store.files import private_file, private_folder, write_private
from knee_track.store.history_page import FILE_NAME as HISTORY
from knee_track.store.history_page import report_link
from knee_track.store.records import Failure, client_id
from knee_track.store.store import Store
from knee_track.store.tables import ClipRow, EventRow, FindingRow, LegResultRow, RepRow, SessionRow

MAX_CLIENTS: Final = 1000  # about 1.5 MB of page; the summaries hold everybody
MAX_EVENTS: Final = 20
MAX_FAILURES: Final = 200  # failures.csv holds all


@dataclass(frozen=True)
class Knee:
    """A leg's last grade, and its median peaks over time where there are several."""

    verdict: Verdict
    spark: Spark | None


@dataclass(frozen=True)
class Row:
    """A client in the overview."""

    client: str
    clips: int
    last_day: date
    movement: str
    knees: dict[str, Knee]
    report: str | None
    history: str | None


@dataclass(frozen=True)
class Worst:
    """An event of a client's last day."""

    client: str
    day: date
    event: EventRow
    report: str | None


class Filmed(NamedTuple):
    """One leg in one clip, as the overview reads it."""

    number: int
    day: date
    recorded_at: str | None
    sha256: str
    movement: str
    place: str
    folder: str
    leg: str
    grade: str
    median_deg: float | None
    too_far_out: bool

    def when(self) -> tuple[date, str, str]:
        """The order of a client's clips, the same as in their history."""
        return self.day, self.recorded_at or "", self.sha256


def write_overview(store: Store, out: Path, at: str | None = None) -> Path:
    """Write `index.html`, `summary.csv`, `summary.parquet` and `failures.csv` into `out`; return the page.

    Each file is replaced as a whole and readable by its owner alone; the page names clients by their ids.
    `at` is the URL to which `out` will be copied, with the results.
    Raises OutputError when the place cannot be written, StoreError when the store does not answer.
    """
    with needs_extra():
        from knee_track.store.summary import write_summaries

    private_folder(out)
    write_summaries(store, out)
    failures = store.failures()
    write_failures(out / "failures.csv", failures)
    with store.reading() as session:
        rows = _clients(session, store, out, at)
        page = environment("store").get_template("overview.html.j2")
        html = page.render(
            clients=rows[:MAX_CLIENTS],
            more_clients=max(0, len(rows) - MAX_CLIENTS),
            events=_worst(session, store, out, at),
            max_events=MAX_EVENTS,
            failures=failures[:MAX_FAILURES],
            more_failures=max(0, len(failures) - MAX_FAILURES),
            totals=[
                count(len(rows), "client"),
                count(sum(row.clips for row in rows), "clip"),
                count(session.scalar(select(func.count()).select_from(RepRow)) or 0, "rep"),
                count(len(failures), "failure"),
            ],
        )
    return write_private(out / "index.html", html)


def write_failures(path: Path, failures: Sequence[Failure]) -> None:
    """`failures.csv`: file, reason, remedy and tries, mode 0600. Raises OutputError."""
    with private_file(path) as part:
        write_table(
            part,
            ["file", "reason", "remedy", "tries"],
            ((one.file, one.reason, one.remedy, one.tries) for one in failures),
        )


def _clients(session: Session, store: Store, out: Path, at: str | None) -> list[Row]:
    """One row per client with clips, those filmed last first."""
    too_far_out = select(FindingRow.clip_id).where(
        FindingRow.clip_id == ClipRow.id,
        FindingRow.id == "lateral_knee",
        FindingRow.leg.in_((LegResultRow.leg, "both")),
    )
    query = (
        select(
            SessionRow.client_number,
            SessionRow.day,
            ClipRow.recorded_at,
            ClipRow.sha256,
            ClipRow.movement,
            ClipRow.place,
            ClipRow.folder,
            LegResultRow.leg,
            LegResultRow.grade,
            LegResultRow.median_peak_deviation_deg,
            too_far_out.exists(),
        )
        .join(ClipRow, ClipRow.session_id == SessionRow.id)
        .join(LegResultRow, LegResultRow.clip_id == ClipRow.id)
    )
    people: dict[int, list[Filmed]] = {}
    for row in session.execute(query):
        filmed = Filmed._make(row)
        people.setdefault(filmed.number, []).append(filmed)
    found = [_row(sorted(filmed, key=Filmed.when), store, out, at) for filmed in people.values()]
    return sorted(found, key=lambda row: (-row.last_day.toordinal(), row.client))


def _row(filmed: Sequence[Filmed], store: Store, out: Path, at: str | None) -> Row:
    """A client's row from all of their clips, oldest first. The curves are of the movement filmed last."""
    last, client = filmed[-1], client_id(filmed[-1].number)
    page = out / client / HISTORY
    return Row(
        client,
        len({one.sha256 for one in filmed}),
        last.day,
        TITLES[last.movement],
        {
            leg: _knee([one for one in filmed if (one.movement, one.leg) == (last.movement, leg)])
            for leg in LEGS
        },
        report_link(last.place, last.folder, out, store.home, at),
        f"{client}/{HISTORY}" if page.is_file() else None,
    )


def _knee(filmed: Sequence[Filmed]) -> Knee:
    medians = [one.median_deg for one in filmed if one.median_deg is not None]
    grade = filmed[-1].grade if filmed else "unknown"
    verdict = Verdict(grade, GRADES[grade])
    if grade == "none" and filmed[-1].too_far_out:
        verdict = Verdict("lateral", TOO_FAR_OUT)
    if not medians:
        return Knee(verdict, None)
    words = f"{signed(medians[-1])}°, median of the reps’ peaks"
    if len(medians) > 1:
        words = f"{signed(medians[0])}° to {words}, {len(medians)} clips"
    return Knee(verdict, sparkline(medians, words))


def _worst(session: Session, store: Store, out: Path, at: str | None) -> list[Worst]:
    """Each knee's worst event in each clip of its client's last day, worst first."""
    worst = func.row_number().over(
        partition_by=(EventRow.clip_id, EventRow.leg),
        order_by=(EventRow.peak_deviation_deg.desc(), EventRow.number),
    )
    ranked = select(EventRow.clip_id, EventRow.number, worst.label("place")).subquery()
    last = (
        select(SessionRow.client_number, func.max(SessionRow.day).label("day"))
        .group_by(SessionRow.client_number)
        .subquery()
    )
    query = (
        select(EventRow, ClipRow.place, ClipRow.folder, SessionRow.client_number, SessionRow.day)
        .join(ranked, (ranked.c.clip_id == EventRow.clip_id) & (ranked.c.number == EventRow.number))
        .join(ClipRow, EventRow.clip_id == ClipRow.id)
        .join(SessionRow, ClipRow.session_id == SessionRow.id)
        .join(last, (last.c.client_number == SessionRow.client_number) & (last.c.day == SessionRow.day))
        .where(ranked.c.place == 1)
        .order_by(EventRow.peak_deviation_deg.desc(), ClipRow.sha256, EventRow.number)
        .limit(MAX_EVENTS)
    )
    return [
        Worst(client_id(number), day, event, report_link(place, folder, out, store.home, at))
        for event, place, folder, number, day in session.execute(query)
    ]
