"""MediaPipe's pose landmarker in a process of its own.

Why a process: MediaPipe's wheels report usage to play.googleapis.com over libcurl (google-ai-edge/mediapipe
issue 6291). Proxy variables that point at a closed loopback port keep that on this machine, but they belong
to a whole process and would break every other network use in it. Besides, a crash of native code ends only
the child and becomes one sentence here, and frames are sent ahead, so that decoding overlaps inference.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import IO, Final, Self

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import PoseError
from knee_track.pose import worker
from knee_track.pose.track import Floats
from knee_track.system import explain_missing_libraries

PROXY_VARIABLES: Final = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
_CHATTER: Final = re.compile(r"[IW]\d{4} |INFO|WARNING")


@dataclass(frozen=True)
class People:
    """Everybody found in one frame.

    Attributes
    ----------
    image_px : (people, 33, 2) pixels of the picture that was sent; x right, y down
    visibility : (people, 33) 0 to 1
    world_m : (people, 33, 3) metres from mid-hip
    """

    image_px: Floats
    visibility: Floats
    world_m: Floats

    def __len__(self) -> int:
        return len(self.image_px)

    def placed(self, origin: tuple[int, int], scale: tuple[float, float]) -> People:
        """The same people in a larger picture: `origin` is the place there of this one, before enlarging."""
        return replace(self, image_px=(self.image_px + origin) * scale)


class PoseProcess:
    """The child process; a context manager.

    Send frames with `track` (one person, followed from frame to frame) or `probe` (everybody in this frame),
    then fetch the answers with `receive`, one per frame and in order. Keep only a few unanswered: the child
    takes two frames ahead. Every method raises PoseError when the process fails.

    Parameters
    ----------
    bundle : bytes of a checked pose model
    max_people : the most people that a probe finds
    """

    def __init__(self, bundle: bytes, max_people: int) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        # Bound but never listening: every connection is refused, and no other program can take the port.
        self._refusing = socket.socket()
        self._refusing.bind(("127.0.0.1", 0))
        port = self._refusing.getsockname()[1]
        self._child = subprocess.Popen(
            [sys.executable, "-P", worker.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=offline_environment(f"http://127.0.0.1:{port}"),
        )
        _widen(self._child.stdin)
        self._sizes: deque[tuple[int, int]] = deque()
        self._zero_ms: int | None = None
        self._last_ms = -1
        self._send(worker.REQUEST.pack(worker.MODEL, len(bundle), max_people, 0), bundle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; whatever it was doing is dropped."""
        self._child.kill()
        self._child.communicate()
        self._log.close()
        self._refusing.close()

    def kill(self) -> None:
        """End the child at once, from any thread: who waits for an answer gets a PoseError."""
        self._child.kill()

    @property
    def pid(self) -> int:
        """Number of the child process."""
        return self._child.pid

    def restart(self) -> None:
        """Follow somebody anew from the next tracked frame on; earlier frames do not smooth later ones."""
        self._zero_ms, self._last_ms = None, -1
        self._send(worker.REQUEST.pack(worker.RESTART, 0, 0, 0))

    def track(self, rgb: NDArray[np.uint8], time_s: float) -> None:
        """Send the next (height, width, 3) frame of the followed person.

        MediaPipe gets whole milliseconds since the (re)start, bumped where two frames fall into one.
        """
        time_ms = round(time_s * 1000)
        if self._zero_ms is None:
            self._zero_ms = time_ms
        self._last_ms = max(time_ms - self._zero_ms, self._last_ms + 1)
        self._send_frame(worker.TRACK, rgb, self._last_ms)

    def probe(self, rgb: NDArray[np.uint8]) -> None:
        """Send one (height, width, 3) frame in which everybody is to be found."""
        self._send_frame(worker.PROBE, rgb, 0)

    def receive(self) -> People:
        """Answer for the oldest frame not yet answered."""
        (count,) = worker.REPLY.unpack(self._read(worker.REPLY.size))
        rows = np.frombuffer(self._read(count * worker.N_ROWS * worker.ROW * 4), np.float32)
        people = rows.reshape(count, worker.N_ROWS, worker.ROW).astype(np.float64)
        size = self._sizes.popleft()
        return People(people[..., :2] * size, people[..., 2], people[..., 3:])

    def _send_frame(self, kind: int, rgb: NDArray[np.uint8], time_ms: int) -> None:
        height, width = rgb.shape[:2]
        # MediaPipe sees nothing, silently, in an array with gaps between its rows.
        self._send(worker.REQUEST.pack(kind, width, height, time_ms), np.ascontiguousarray(rgb).data)
        self._sizes.append((width, height))

    def _send(self, head: bytes, payload: bytes | memoryview = b"") -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(head)
            self._child.stdin.write(payload)
            self._child.stdin.flush()
        except OSError as error:
            raise PoseError(self._death()) from error

    def _read(self, size: int) -> bytes:
        assert self._child.stdout is not None
        data = self._child.stdout.read(size)
        if len(data) < size:
            raise PoseError(self._death())
        return data

    def _death(self) -> str:
        """One sentence for the user from the child's last words."""
        code = self._child.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        said = [line.strip() for line in lines if line.strip() and not _CHATTER.match(line)]
        return explain_missing_libraries() or (
            f"The pose process failed ({said[-1] if said else f'exit code {code}'}); "
            "run 'knee-track doctor' to check this machine."
        )


def offline_environment(proxy: str) -> dict[str, str]:
    """Copy of this process's environment in which every request goes to `proxy`."""
    environment = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
    return environment | dict.fromkeys(PROXY_VARIABLES, proxy)


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a pipe hold 1 MB where the system allows it: a frame then passes in a few turns."""
    if sys.platform == "linux" and pipe is not None:
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
