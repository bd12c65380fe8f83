"""What the database complains of, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from knee_track.errors import StoreError


@contextmanager
def said_plainly(shown: str) -> Iterator[None]:
    """Turn a database's error into a StoreError; `shown` names the store.

    IntegrityError passes: two writers who made the same row are no fault, and the second tries again.
    """
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        raise StoreError(sentence(shown, getattr(error, "orig", None) or error)) from error


def sentence(shown: str, cause: BaseException) -> str:
    """The store's name, the first line of the reason, and what to do."""
    lines = str(cause).strip().splitlines() or ["no reason given"]
    reason = lines[0].rstrip(".:")
    return f"{shown}: the store cannot be used ({reason}); {_remedy(reason)}."


def _remedy(reason: str) -> str:
    if "not a database" in reason or "malformed" in reason:
        return "give a file that knee-track made, or one that does not exist yet, with --db"
    if "locked" in reason:
        return "another run is writing to it for long; try again when that is done"
    if "full" in reason:
        return "make room on the disk"
    if "readonly" in reason or "unable to open" in reason:
        return "check the rights of the file and its folder"
    return "check that the server runs and that address, user and password are right"
