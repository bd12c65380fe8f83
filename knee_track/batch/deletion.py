"""Deleting clips as filmed, once their results are there."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from knee_track.batch.runner import Account, Order
from knee_track.errors import VideoError
from knee_track.store import open_store
from knee_track.store.records import result_folder
from knee_track.video.info import file_sha256


def deletable(order: Order, account: Account) -> list[Path]:
    """The clips that this run analysed whose content is still the same and whose result lies in its place.

    A link is not among them: what it points to lies elsewhere and is not this folder's to delete.
    """
    assert isinstance(order.out, Path), "the command refuses a URL"
    with open_store(order.db or str(order.out), order.out, create=False) as store:
        known = store.known([job.key for job in account.analysed])
    found = []
    for job in account.analysed:
        path, result = job.clip.path, known.get(job.key)
        folder = result_folder(order.out, "", result.folder) if result else None
        if folder is None or not (folder / "landmarks.npz").is_file() or path.is_symlink():
            continue
        with suppress(VideoError):
            if file_sha256(path) == job.key.sha256:
                found.append(path)
    return found


def delete(paths: Iterable[Path]) -> int:
    """Delete files and return how many are gone; one that may not be deleted stays."""
    gone = 0
    for path in paths:
        with suppress(OSError):
            path.unlink()
            gone += 1
    return gone
