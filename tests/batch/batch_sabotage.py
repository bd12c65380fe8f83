"""What hostile clips do to a worker, done on purpose: each function is called with every task."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

NOTES = Path(os.environ.get("SABOTAGE_NOTES", "."))


def path_of(task: Any) -> Path:
    return task.what if isinstance(task.what, Path) else task.what.clip.path


def die(task: Any) -> None:
    """As a decoder dies on a clip whose name says so."""
    if "deadly" in path_of(task).name:
        os.kill(os.getpid(), signal.SIGSEGV)


def die_once(task: Any) -> None:
    """As a worker dies to which something else happened."""
    note = NOTES / path_of(task).name
    if "unlucky" in path_of(task).name and not note.exists():
        note.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def hang(task: Any) -> None:
    """As a decoder in a loop."""
    if "endless" in path_of(task).name:
        time.sleep(600)


def devour(task: Any) -> None:
    """As a picture of absurd size."""
    if "huge" in path_of(task).name:
        bytearray(3 << 30)


def wait(task: Any) -> None:
    """Let the test act while a clip is being analysed."""
    if task.scratch is not None:
        (NOTES / "begun").touch()
        until = time.monotonic() + 30
        while not (NOTES / "go").exists() and time.monotonic() < until:
            time.sleep(0.05)


def fill_disk(task: Any) -> None:
    """As a disk that is full: no file may grow beyond 20 kB."""
    import resource

    full = task.scratch is not None and "oversize" in path_of(task).name
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000 if full else unlimited, unlimited))
