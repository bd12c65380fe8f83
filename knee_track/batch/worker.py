"""A worker: a process that does one task after another and ends when its run does.

What a hostile clip does to a decoder (a crash, a loop, all memory) ends a worker, not the run.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from knee_track.batch.clips import Job, Looked
from knee_track.batch.storage import Place, fetch, upload, write_text
from knee_track.batch.work import Equipment, Tools, analyse, look, told
from knee_track.system import end_with_parent, one_thread

TELL_INTERVAL_S: Final = 0.25


@dataclass(frozen=True)
class Target:
    """A URL for a result's folder, and that of a note, made before, of where it is about to appear."""

    url: str
    note: str
    text: str


@dataclass(frozen=True)
class Task:
    """A clip's place to look into, or a job to do with a scratch folder; `limit_s` is how long it may take.

    target : where the result goes when not into the scratch folder
    """

    number: int
    what: Place | Job
    scratch: Path | None
    limit_s: float
    target: Target | None = None


@dataclass(frozen=True)
class Done:
    """What a task gave: Looked, the result's folder, or its analysis as JSON when it went to a URL."""

    value: Any


@dataclass(frozen=True)
class Failed:
    """Why it gave nothing."""

    reason: str
    remedy: str


def serve(connection: Connection, equipment: Equipment, log: Path) -> None:
    """Do what comes over the connection until it says None; tell shares done (float), then Done or Failed."""
    _prepare(equipment, log)
    with one_thread(), Tools(equipment) as tools:
        while (task := connection.recv()) is not None:
            connection.send(_outcome(task, tools, connection))


def _prepare(equipment: Equipment, log: Path) -> None:
    """Own rights, own log, one thread, a limit; Ctrl-C is for the run to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)
    handle = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    end_with_parent()
    if equipment.memory_mb is not None:
        _limit_memory(equipment.memory_mb)
    import cv2

    cv2.setNumThreads(1)


def _limit_memory(megabytes: int) -> None:
    """Let the system refuse more, where it can: Linux counts what is written to, of each process apart."""
    with suppress(ImportError, OSError, ValueError):
        resource = importlib.import_module("resource")
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = megabytes << 20
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if most < 0 else min(wanted, most), most))


def _outcome(task: Task, tools: Tools, connection: Connection) -> Done | Failed:
    job = task.what if isinstance(task.what, Job) else None
    places: list[Place] = [task.what.clip.place if isinstance(task.what, Job) else task.what]
    try:
        if job is None:
            return Done(_looked(places[0], places))
        assert task.scratch is not None
        places.append(task.scratch / job.name)
        shutil.rmtree(task.scratch, ignore_errors=True)  # of a worker that died at it
        task.scratch.mkdir(parents=True)
        folder = analyse(job, tools, task.scratch, _teller(connection))
        return Done(folder if task.target is None else _sent(folder, task.target))
    except Exception as error:
        return Failed(*told(error, *places))


def _looked(place: Place, places: list[Place]) -> Looked:
    """A look into a clip, copied to this machine first when it lies at a URL."""
    if isinstance(place, Path):
        return look(place)
    with TemporaryDirectory(prefix="kneetrack_") as folder:
        places.append(Path(folder, "clip"))
        return look(fetch(place, Path(folder, "clip")))


def _sent(folder: Path, target: Target) -> bytes:
    """Copy a result to its URL, and let the machine forget it; the analysis goes to the run."""
    analysis = (folder / "analysis.json").read_bytes()
    write_text(target.note, target.text)
    upload(folder, target.url)
    shutil.rmtree(folder.parent, ignore_errors=True)
    return analysis


def _teller(connection: Connection) -> Any:
    """Tells the share done a few times a second, from whichever thread."""
    last_s = -TELL_INTERVAL_S
    one_at_a_time = threading.Lock()

    def tell(share: float) -> None:
        nonlocal last_s
        with one_at_a_time:
            now_s = time.monotonic()
            if now_s - last_s >= TELL_INTERVAL_S:
                last_s = now_s
                connection.send(share)

    return tell
