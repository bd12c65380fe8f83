"""The store of clients, their clips and what was found in them: a database and the pages made from it.

What others need of it:

>>> from knee_track.store import ClipKey, open_store
>>> with open_store("OUT") as store:                       # or postgresql+psycopg://user@host/name
...     client = store.enrol("Anna")                       # "c001"; the name stays in the store
...     store.known([key])                                 # what of this is done already
...     store.add_analysis(key, client, analysis, folder, day)

The pages and tables of a whole store: `knee_track.store.overview.write_overview`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from knee_track.store.keys import ClipKey, settings_digest
from knee_track.store.names import neutral_name, without_names

if TYPE_CHECKING:
    from knee_track.store.store import Store

__all__ = ["ClipKey", "neutral_name", "open_store", "settings_digest", "without_names"]


def open_store(where: str | Path, out: Path | None = None, *, create: bool = True) -> Store:
    """The store at a place, made when it is not there yet and brought to this version's form.

    Parameters
    ----------
    where
        A SQLite file, a folder (then `kneetrack.db` in it), or a URL `postgresql+psycopg://user@host/name`.
    out
        The folder that holds the results; by default the one that the SQLite file lies in.
    create
        Whether to make a store where there is none.

    Raises
    ------
    StoreError
        The place cannot be reached, is something else, or was written by a newer version of knee-track.
    """
    from knee_track.store.extra import needs_extra

    with needs_extra():
        from knee_track.store.opening import open_at
    return open_at(where, out, create=create)
