"""The store of clients, their clips and what was found in them: a database and the pages made from it.

What others need of it:

>>> from knee_track.store import ClipKey, open_store, settings_digest, without_names
>>> with open_store("OUT") as store:                          # or a URL, with out="OUT"
...     client = store.enrol("Anna")                          # "c001"; the name stays here
...     store.known(keys)                                     # {key: Known} of those that are done
...     neutral = without_names(analysis, client, day)        # before its files are written
...     store.add_analysis(key, client, neutral, "c001/…_kneetrack", day)    # whether it was new
...     store.add_failure("Anna/broken.mp4", reason, remedy, client)         # how often it failed
...     store.clear_failure("Anna/broken.mp4", client)
...     write_overview(store, Path("OUT"))                    # knee_track.store.overview

Results lie in `OUT/<client id>/<name>_kneetrack`. Every process opens a store of its own; none is taken
through a fork. Two stores are the same when `dump.rows_for_comparison` says the same of both.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from knee_track.store.keys import ClipKey, settings_digest
from knee_track.store.names import neutral_name, without_names

if TYPE_CHECKING:
    from knee_track.store.store import Store

__all__ = ["ClipKey", "neutral_name", "open_store", "settings_digest", "without_names"]


def open_store(where: str | Path, out: str | Path | None = None, *, create: bool = True) -> Store:
    """The store at a place, made when it is not there yet and brought to this version's form.

    Parameters
    ----------
    where
        A SQLite file, a folder (then `kneetrack.db` in it), or a URL `postgresql+psycopg://user@host/name`.
    out
        The folder or URL that holds the results; by default the one that the SQLite file lies in.
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
