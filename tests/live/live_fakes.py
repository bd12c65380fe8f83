"""What the live tests share: sources, pose processes and engines that do as they are told."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

import numpy as np

from knee_track.live.sources import Frame, Status
from knee_track.live.timings import Timing
from knee_track.pose.landmarker import People
from knee_track.pose.manifest import Variant


def wait_until(condition: Callable[[], bool], timeout_s: float = 15.0) -> bool:
    """Whether a condition comes true in time; the time is generous, machines are busy."""
    end_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.005)
    return True


def live_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(("live-", "prefetch"))]


class Told(list[Status]):
    """Keeps what it is told."""

    def __call__(self, status: Status) -> None:
        self.append(status)

    @property
    def kinds(self) -> list[str]:
        return [status.kind for status in self]


class FakeSource:
    """Gives `count` pictures (all of them without end), one per interval, until closed.

    Parameters
    ----------
    pauses : number of a picture → seconds to wait before it
    """

    name = "The fake"
    waits = True

    def __init__(
        self,
        count: int | None = None,
        interval_s: float = 0.001,
        size: tuple[int, int] = (64, 48),
        pauses: dict[int, float] | None = None,
    ) -> None:
        self.on_status: Callable[[Status], None] = Told()
        self.given = 0
        self._count = count
        self._interval_s = interval_s
        self._rgb = np.zeros((size[1], size[0], 3), np.uint8)
        self._pauses = pauses or {}
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._closed.set()

    def __iter__(self) -> Iterator[Frame]:
        start_s = time.monotonic()
        while self._count is None or self.given < self._count:
            if self._closed.wait(self._interval_s + self._pauses.get(self.given, 0.0)):
                return
            captured_s = time.monotonic()
            yield Frame(self._rgb, captured_s, captured_s - start_s, self.given)
            self.given += 1


class FakePose:
    """Answers `takes_s` after a picture was sent: one person in the middle of it."""

    def __init__(self, takes_s: float = 0.0, log: list[Any] | None = None) -> None:
        self.takes_s = takes_s
        self.sizes: list[tuple[int, int]] = []
        self.restarts = 0
        self.probes = 0
        self.closed = False
        self.most_on_their_way = 0
        self._log = [] if log is None else log
        self._due: deque[tuple[float, int, int]] = deque()
        self._over = threading.Event()

    def track(self, rgb: Any, time_s: float) -> None:
        height, width = rgb.shape[:2]
        self.sizes.append((width, height))
        self._due.append((time.monotonic() + self.takes_s, width, height))
        self.most_on_their_way = max(self.most_on_their_way, len(self._due))
        self._log.append(("track", time_s))

    def probe(self, rgb: Any) -> None:
        height, width = rgb.shape[:2]
        self.probes += 1
        self._due.append((time.monotonic() + self.takes_s, width, height))

    def receive(self) -> People:
        due_s, width, height = self._due.popleft()
        self._over.wait(max(0.0, due_s - time.monotonic()))
        image_px = np.broadcast_to([width / 2, height / 2], (1, 33, 2)).copy()
        return People(image_px, np.ones((1, 33)), np.zeros((1, 33, 3)))

    def restart(self) -> None:
        self.restarts += 1

    def close(self) -> None:
        self.closed = True
        self._over.set()


class PoseMaker:
    """Makes fake poses, `takes_s` per variant, and keeps them."""

    def __init__(self, log: list[Any] | None = None, **takes_s: float) -> None:
        self.made: list[tuple[Variant, FakePose]] = []
        self._takes_s = takes_s
        self._log = log

    def __call__(self, variant: Variant) -> FakePose:
        pose = FakePose(self._takes_s[variant], self._log)
        self.made.append((variant, pose))
        return pose


class FakeEngine:
    """Gives back what it is given."""

    def __init__(self, log: list[Any] | None = None) -> None:
        self._log = [] if log is None else log

    def step(self, people: People, time_s: float, size: tuple[int, int]) -> tuple[People, float, Any]:
        self._log.append(("step", time_s))
        return people, time_s, size


class Kept:
    """A sink that keeps all it is told."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.states: list[Any] = []
        self.timings: list[Timing] = []

    def __call__(self, frame: Frame, state: Any, timing: Timing) -> None:
        self.frames.append(frame)
        self.states.append(state)
        self.timings.append(timing)

    @property
    def numbers(self) -> list[int]:
        return [frame.number for frame in self.frames]


def rising(values: Iterable[float]) -> bool:
    numbers = list(values)
    return all(a < b for a, b in zip(numbers, numbers[1:], strict=False))
