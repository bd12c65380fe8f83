"""What could not be analysed, why, and how often it was tried."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from knee_track.store.access import Access
from knee_track.store.names import plain_text, redacted_path, redacted_text
from knee_track.store.records import Failure, client_id, client_number
from knee_track.store.tables import FailureRow


class Failures(Access):
    """The part of a store that lists failures."""

    def add_failure(self, file: str, reason: str, remedy: str, client: str | None = None) -> int:
        """Note that a file could not be analysed, and return how often that has happened.

        Parameters
        ----------
        file : its path inside the folder of clips, with "/"
        reason, remedy : what is wrong with it, and what to do
        client : the id, where it is known; their names are then taken out of all three texts
        """

        def work(session: Session) -> int:
            texts = self._failure_texts(session, file, reason, remedy, client)
            query = select(FailureRow).where(FailureRow.file == texts["file"])
            row = session.scalar(query.with_for_update())  # two who count at once both count
            if row is None:
                row = FailureRow(tries=0, client_number=client_number(client) if client else None)
                session.add(row)
            for name, value in texts.items():
                setattr(row, name, value)
            row.tries += 1
            session.flush()
            return row.tries

        return self.write(work)

    def clear_failure(self, file: str, client: str | None = None) -> None:
        """Take a file off the failures: analysed after all, or gone. Give what `add_failure` got."""

        def work(session: Session) -> None:
            shown = self._failure_texts(session, file, "", "", client)["file"]
            session.execute(delete(FailureRow).where(FailureRow.file == shown))

        self.write(work)

    def failures(self) -> list[Failure]:
        """All failures, by file."""
        with self.reading() as session:
            rows = session.scalars(select(FailureRow)).all()
            found = [
                Failure(
                    row.file,
                    row.reason,
                    row.remedy,
                    row.tries,
                    None if row.client_number is None else client_id(row.client_number),
                )
                for row in rows
            ]
        # Sorted here: databases order letters differently.
        return sorted(found, key=lambda one: one.file)

    def _failure_texts(
        self, session: Session, file: str, reason: str, remedy: str, client: str | None
    ) -> dict[str, str]:
        texts = {"file": plain_text(file), "reason": plain_text(reason), "remedy": plain_text(remedy)}
        if client is None:
            return texts
        folder = self.row_of(session, client).folder
        told = {name: redacted_text(texts[name], file, folder, client) for name in ("reason", "remedy")}
        return {"file": redacted_path(file, folder, client), **told}
