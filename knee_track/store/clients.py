"""Who is there: enrolling clients by the names of their folders, finding and describing them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knee_track.errors import StoreError
from knee_track.store.access import Access
from knee_track.store.names import plain_text
from knee_track.store.records import ClientRecord, client_id
from knee_track.store.tables import ClientRow, ClipRow, SessionRow


class Clients(Access):
    """The part of a store that knows people."""

    def enrol(self, folder_name: str) -> str:
        """The id of the client whose clips lie in a folder of this name; a new one where there is none."""
        folder = plain_text(folder_name)

        def work(session: Session) -> str:
            row = session.scalar(select(ClientRow).where(ClientRow.folder == folder))
            if row is None:
                row = ClientRow(folder=folder)
                session.add(row)
                session.flush()
            return client_id(row.number)

        return self.write(work)

    def clients(self) -> list[ClientRecord]:
        """All clients, in the order of their ids."""
        query = (
            select(ClientRow, func.count(ClipRow.id), func.max(SessionRow.day))
            .outerjoin(SessionRow, SessionRow.client_number == ClientRow.number)
            .outerjoin(ClipRow, ClipRow.session_id == SessionRow.id)
            .group_by(ClientRow.number)
            .order_by(ClientRow.number)
        )
        with self.reading() as session:
            return [_client(row, clips, day) for row, clips, day in session.execute(query)]

    def find(self, who: str) -> ClientRecord:
        """The client with this id, display name or folder. Raises StoreError unless there is exactly one."""
        wanted = plain_text(who).casefold()
        people = self.clients()
        found = [one for one in people if one.id == wanted] or [
            one for one in people if wanted in {name.casefold() for name in (one.folder, one.name) if name}
        ]
        if len(found) != 1:
            what = "several clients are called" if found else "there is no client"
            raise StoreError(f"{self.shown}: {what} '{who}'; knee-track clients lists them with their ids.")
        return found[0]

    def describe(
        self,
        client: str,
        *,
        name: str | None = None,
        height_m: float | None = None,
        notes: str | None = None,
    ) -> None:
        """Set what is given of a client; an empty text removes it. Raises StoreError for an unknown one."""
        given = {"name": name, "notes": notes}
        texts = {key: plain_text(value) or None for key, value in given.items() if value is not None}

        def work(session: Session) -> None:
            row = self.row_of(session, client)
            for key, value in texts.items():
                setattr(row, key, value)
            if height_m is not None:
                row.height_m = height_m

        self.write(work)


def _client(row: ClientRow, clips: int, last_day: date | None) -> ClientRecord:
    return ClientRecord(client_id(row.number), row.folder, row.name, row.height_m, row.notes, clips, last_day)
