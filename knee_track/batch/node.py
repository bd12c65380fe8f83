"""Where a worker keeps a clip while it is at it, on its own machine, and what killed ones left there."""

from __future__ import annotations

import getpass
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from knee_track.store.files import private_folder


@contextmanager
def node_folder() -> Iterator[Path]:
    """A folder in the system's temporary place, taken away at the end; those of killed runs are as well.

    A run that is killed takes nothing away, and what it leaves is a client's video: the next one on this
    machine does. Its lock tells that nobody is at it any more. Raises OutputError.
    """
    ground = private_folder(Path(tempfile.gettempdir(), f"kneetrack_{getpass.getuser()}"))
    for old in ground.glob("*.lock"):
        _clean(old)
    folder = ground / uuid.uuid4().hex[:12]
    lock = FileLock(folder.with_suffix(".lock"))
    with lock:
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            Path(lock.lock_file).unlink(missing_ok=True)


def _clean(lock_file: Path) -> None:
    lock = FileLock(lock_file)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return
    shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
    lock_file.unlink(missing_ok=True)
    lock.release()
