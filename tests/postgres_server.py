"""A PostgreSQL server of the machine's own packages, in a temporary folder, reached by a socket in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))


def find_binaries() -> Path | None:
    """The folder with initdb and pg_ctl, of the newest version; None when there is none."""
    on_path = shutil.which("initdb")
    return BINARIES[-1] if BINARIES else Path(on_path).parent if on_path else None


@contextmanager
def server(binaries: Path) -> Iterator[str]:
    """Start a server, give its socket's folder; it refuses to run as root, who then lends it a user."""
    folder = Path(tempfile.mkdtemp(prefix="kneetrack_pg_"))  # short: a socket's path holds 107 characters
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        who = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(binaries / program), "-D", str(data), *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=folder, stdin=subprocess.DEVNULL, timeout=120, **who
        )
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        # The log goes to a file: a pipe held by the server would keep us waiting for its end.
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=40"
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield str(folder)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
