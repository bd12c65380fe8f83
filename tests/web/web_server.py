"""A real `knee-track serve`, and other things that the tests of the page share."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Server:
    """A running `knee-track serve`; said: what it has printed."""

    process: subprocess.Popen
    out: Path
    temp: Path
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is, without the token."""
        found = next(re.search(r"https?://[^/\s]+", line) for line in self.said if "knee-track is at" in line)
        return found[0]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self, **options) -> httpx.Client:
        """As a page of this server: with its Origin."""
        return httpx.Client(base_url=self.url, headers={"origin": self.url}, timeout=120, **options)

    def uploads(self) -> list[Path]:
        return sorted(self.temp.glob("knee_track_web_*/*"))

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def start_server(out: Path, temp: Path, *options: str) -> Server:
    temp.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "knee_track", "serve", "--no-browser", "--offline", "-o", str(out)]
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(temp), "PYTHONUNBUFFERED": "1", "XDG_DATA_HOME": str(temp / "data")},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    server = Server(process, out, temp)
    for line in process.stdout:
        server.said.append(line.rstrip("\n"))
        if "Ctrl-C" in line:
            break
    wait_until(lambda: answers(server))
    return server


def answers(server: Server) -> bool:
    try:
        return httpx.get(server.url, verify=False).status_code < 500
    except httpx.TransportError:
        return False


def wait_until(condition, timeout_s: float = 30.0) -> bool:
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        if condition():
            return True
        time.sleep(0.05)
    return False
