"""What is done: adding results exactly once, and reading them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Final

from sqlalchemy import Row, Select, delete, insert, select
from sqlalchemy.orm import Session

from knee_track.results import Analysis
from knee_track.store.access import Access
from knee_track.store.keys import ClipKey
from knee_track.store.names import without_names
from knee_track.store.records import Known, StoredClip, client_id, client_number
from knee_track.store.rows import PARTS, analysis_from, facts_of, rows_of
from knee_track.store.tables import Base, ClipRow, SessionRow

AT_ONCE: Final = 500  # values in one question; SQLite takes at least 999


class Clips(Access):
    """The part of a store that holds results."""

    def known(self, keys: Collection[ClipKey]) -> dict[ClipKey, Known]:
        """Those of the keys that the store holds, with whose they are and where their results lie."""
        contents = sorted({key.sha256 for key in keys})
        wanted, found = set(keys), {}
        with self.reading() as session:
            for start in range(0, len(contents), AT_ONCE):
                query = _clips().where(ClipRow.sha256.in_(contents[start : start + AT_ONCE]))
                for clip, day, number in session.execute(query):
                    if (key := _key(clip)) in wanted:
                        found[key] = Known(client_id(number), day, clip.folder)
        return found

    def add_analysis(
        self,
        key: ClipKey,
        client: str,
        analysis: Analysis,
        folder: str | PurePosixPath,
        day: date,
    ) -> bool:
        """Add a result, exactly once however often and from wherever it is added; whether it was new.

        An earlier result of the same clip and client (other settings, model or version) gives way to it.

        Parameters
        ----------
        client : the id, from `enrol`
        analysis : is stored `without_names`
        folder : of the result, relative to the folder of results, with "/"
        day : when the clip was recorded
        """
        where = PurePosixPath(folder)
        if where.is_absolute() or ".." in where.parts or not where.parts:
            raise ValueError(f"{folder}: give the result's folder relative to the folder of results")
        neutral = without_names(analysis, client, day, key.sha256)

        def work(session: Session) -> bool:
            # One writer per client at a time: nobody adds another result of the clip meanwhile.
            number = self.row_of(session, client, lock=True).number
            if session.scalar(_with_key(select(ClipRow.id), key)) is not None:
                return False
            own = select(SessionRow.id).where(SessionRow.client_number == number)
            session.execute(delete(ClipRow).where(ClipRow.sha256 == key.sha256, ClipRow.session_id.in_(own)))
            clip = self._clip_row(key, neutral, str(where))
            clip.session_id = _session_id(session, number, day)
            session.add(clip)
            session.flush()
            for table, rows in rows_of(neutral, clip.id):
                session.execute(insert(table), rows)
            _drop_empty_sessions(session, number)
            return True

        return self.write(work)

    def _clip_row(self, key: ClipKey, analysis: Analysis, folder: str) -> ClipRow:
        return ClipRow(
            **key._asdict(),
            source=analysis.source.path,
            recorded_at=analysis.source.recorded_at,
            place=self.place,
            folder=folder,
            movement=analysis.movement,
            view=analysis.view.name,
            quality=analysis.quality.level,
            facts=facts_of(analysis),
        )

    def remove(self, key: ClipKey) -> None:
        """Take a clip's rows out, so that it counts as not done; its folder stays."""
        self.write(lambda session: session.execute(_with_key(delete(ClipRow), key)))

    def history(self, client: str) -> list[StoredClip]:
        """All clips of a client with their analyses, oldest first."""
        query = _clips().where(SessionRow.client_number == client_number(client))
        with self.reading() as session:
            self.row_of(session, client)
            clips = session.execute(query).all()
            parts = _parts(session, [clip.id for clip, _, _ in clips])
            found = [_stored(row, parts) for row in clips]
        # Sorted here: databases order letters, and what is missing, differently.
        return sorted(found, key=lambda one: (one.day, one.analysis.source.recorded_at or "", one.key))


def _clips() -> Select[ClipRow, date, int]:
    """Clips with their day and client number."""
    return select(ClipRow, SessionRow.day, SessionRow.client_number).join(
        SessionRow, ClipRow.session_id == SessionRow.id
    )


def _with_key(statement: Any, key: ClipKey) -> Any:
    return statement.where(*(getattr(ClipRow, name) == value for name, value in key._asdict().items()))


def _key(clip: ClipRow) -> ClipKey:
    return ClipKey(clip.sha256, clip.settings_digest, clip.model_sha256, clip.software_version)


def _session_id(session: Session, number: int, day: date) -> int:
    """The session of a client and day, made when there is none."""
    row = session.scalar(select(SessionRow).where(SessionRow.client_number == number, SessionRow.day == day))
    if row is None:
        row = SessionRow(client_number=number, day=day)
        session.add(row)
        session.flush()
    return row.id


def _drop_empty_sessions(session: Session, number: int) -> None:
    """A clip that moved to another day may leave an empty session behind."""
    filled = select(ClipRow.session_id)
    session.execute(
        delete(SessionRow).where(SessionRow.client_number == number, SessionRow.id.not_in(filled))
    )


def _parts(session: Session, clips: Sequence[int]) -> Mapping[int, list[Base]]:
    """The rows of each clip's parts, in the order of their keys."""
    found: dict[int, list[Base]] = {clip: [] for clip in clips}
    tables: tuple[Any, ...] = PARTS
    for table in tables:
        for start in range(0, len(clips), AT_ONCE):
            some = clips[start : start + AT_ONCE]
            keys = table.__table__.primary_key
            for row in session.scalars(select(table).where(table.clip_id.in_(some)).order_by(*keys)):
                found[row.clip_id].append(row)
    return found


def _stored(row: Row[ClipRow, date, int], parts: Mapping[int, list[Base]]) -> StoredClip:
    clip, day, number = row
    return StoredClip(
        _key(clip),
        client_id(number),
        day,
        clip.source,
        clip.place,
        clip.folder,
        analysis_from(clip.facts, parts[clip.id]),
    )
