"""What hostile clips do to a worker, done on purpose: a function is called before every look and analysis.

The fixture `sabotage` has every new worker import this and call `install`.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from knee_track.batch import worker

NOTES = Path(os.environ.get("SABOTAGE_NOTES", "."))


def install(name: str) -> None:
    """Call the function of this name before whatever this worker does."""
    deed, look, analyse = globals()[name], worker.look, worker.analyse

    def look_after(path: Path) -> Any:
        deed(path, False)
        return look(path)

    def analyse_after(job: Any, *rest: Any) -> Any:
        deed(job.clip.path, True)
        return analyse(job, *rest)

    worker.look, worker.analyse = look_after, analyse_after


def die(path: Path, analysing: bool) -> None:
    """As a decoder dies on a clip whose name says so."""
    if "deadly" in path.name:
        os.kill(os.getpid(), signal.SIGSEGV)


def die_once(path: Path, analysing: bool) -> None:
    """As a worker dies to which something else happened."""
    note = NOTES / path.name
    if "unlucky" in path.name and not note.exists():
        note.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def hang(path: Path, analysing: bool) -> None:
    """As a decoder in a loop."""
    if "endless" in path.name:
        time.sleep(600)


def devour(path: Path, analysing: bool) -> None:
    """As a picture of absurd size."""
    if "huge" in path.name:
        bytearray(3 << 30)


def wait(path: Path, analysing: bool) -> None:
    """Let the test act while a clip is being analysed."""
    if analysing:
        (NOTES / "begun").touch()
        until = time.monotonic() + 30
        while not (NOTES / "go").exists() and time.monotonic() < until:
            time.sleep(0.05)


def fill_disk(path: Path, analysing: bool) -> None:
    """As a disk that is full: no file may grow beyond 20 kB."""
    import resource

    full = analysing and "oversize" in path.name
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000 if full else unlimited, unlimited))


def in_cluster(path: Path, analysing: bool) -> None:
    """What the workers of a cluster do."""
    note(path, analysing)
    die(path, analysing)


def note(path: Path, analysing: bool) -> None:
    """Tell which clip is being analysed, and on which of a cluster's machines."""
    if analysing:
        (NOTES / f"{time.monotonic_ns()}_{os.getpid()}").write_text(
            f"{os.environ['CLUSTER_NODE']} {path.name}"
        )
