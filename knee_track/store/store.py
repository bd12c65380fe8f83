"""The store as a whole."""

from __future__ import annotations

from knee_track.store.clients import Clients
from knee_track.store.clips import Clips
from knee_track.store.failures import Failures


class Store(Clients, Clips, Failures):
    """Clients and their clips in a database. Safe for several processes at once; each opens its own.

    `home` is the folder of the SQLite file, None with a server; `place` is where results of this run lie, ""
    where that is `home`. Every method raises StoreError, in one sentence, when the database does not answer.
    """
