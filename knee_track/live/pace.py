"""Which pose model and picture size let this machine keep up; decided from how long a picture takes.

Pure logic: told the time that each picture took, it answers with a change now and then. It steps down within
a second, and up only after long ease, later each time that proves wrong, so that it does not flap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from knee_track.pose.manifest import VARIANTS, Variant

TARGET_FPS: Final = 24.0
"""Pictures per second to be held (issue 5): a fast descent of 0.5 s still has 12."""

LONG_SIDES_PX: Final = (960, 640)
"""Picture sizes for the pose network, large to small. A client who fills 70 % of the height of a 640 x 360
picture is 250 px tall, the network's input size; a smaller picture would lose detail and hardly gain time,
since the network always works at its own size and only copying gets cheaper."""

SETTLE_FRAMES: Final = 5
"""Pictures not counted after a change: the person is looked for anew, and caches are cold."""

WINDOW_FRAMES: Final = 24
"""Pictures whose median decides: a second at the target rate."""

EASE: Final = 0.6
"""Stepping up needs the median below this share of the time allowed: a larger picture takes a tenth more, the
next model up to twice as long (MediaPipe: lite 1, full 1.4, heavy 5)."""

EASE_S: Final = 20.0
"""Stepping up needs ease for so long, and twice as long after each step up that did not last."""

LONGEST_EASE_S: Final = 600.0

SLOW_SOURCE: Final = 0.9
"""A source below this share of the target rate is called slow: 23.976 is not, 20 is."""


@dataclass(frozen=True)
class Step:
    """A pose model and the longest side of the pictures that it gets."""

    variant: Variant
    long_side_px: int


@dataclass(frozen=True)
class Change:
    """What is to be different from now on.

    Attributes
    ----------
    step : to be used now, None when it stays
    notice : sentence for the user, None when there is nothing to say
    """

    step: Step | None = None
    notice: str | None = None


def ladder(available: Iterable[Variant], wanted: Variant = "full") -> list[Step]:
    """Steps from the wanted model downward: smaller pictures first, then the next lighter model.

    Only models in `available` count; without `wanted` among them, the lighter ones are tried, then any.
    """
    order = [variant for variant in reversed(VARIANTS) if variant in set(available)]
    at_most = [variant for variant in order if VARIANTS.index(variant) <= VARIANTS.index(wanted)]
    return [Step(variant, side) for variant in at_most or order[-1:] for side in LONG_SIDES_PX]


class Pace:
    """Chooses the step of the ladder that holds the target rate.

    Parameters
    ----------
    steps : from `ladder`, best first, not empty
    target_fps : pictures per second to be held
    camera : the source is one, and its own rate is watched too; a clip is as fast as it was filmed

    Attributes
    ----------
    step : the one in use
    """

    def __init__(self, steps: list[Step], target_fps: float = TARGET_FPS, *, camera: bool = True) -> None:
        if not steps:
            raise ValueError("no pose model to choose from")
        self._steps = steps
        self._place = 0
        self._target_fps = target_fps
        self._camera = camera
        self._allowed_s = 1.0 / target_fps
        self._ease_s = EASE_S
        self._rose_s: float | None = None
        self._told: set[str] = set()
        self._easy_since_s: float | None = None
        self._begin_anew()

    @property
    def step(self) -> Step:
        """The step in use."""
        return self._steps[self._place]

    def note(self, busy_s: float, captured_s: float, number: int) -> Change | None:
        """Learn from one picture; a change when one is due.

        Parameters
        ----------
        busy_s : from taking the picture to its decision: what bounds the rate
        captured_s, number : of the `Frame`; their steps tell the rate of the source
        """
        self._seen += 1
        if self._seen <= SETTLE_FRAMES:
            return None
        self._busy_s.append(busy_s)
        self._captured.append((captured_s, number))
        if len(self._busy_s) < WINDOW_FRAMES:
            return None
        usual_s = median(self._busy_s)
        if usual_s > self._allowed_s:
            return self._too_slow(usual_s, captured_s)
        if usual_s < EASE * self._allowed_s and self._place > 0:
            return self._at_ease(captured_s)
        self._easy_since_s = None
        return self._slow_source() if self._camera else None

    def _begin_anew(self) -> None:
        self._seen = 0
        self._busy_s: deque[float] = deque(maxlen=WINDOW_FRAMES)
        self._captured: deque[tuple[float, int]] = deque(maxlen=WINDOW_FRAMES)
        self._easy_since_s = None

    def _too_slow(self, usual_s: float, captured_s: float) -> Change | None:
        self._easy_since_s = None
        if self._place + 1 == len(self._steps):
            return self._once("machine", self._cannot_hold(usual_s))
        if self._rose_s is not None and captured_s - self._rose_s < self._ease_s:
            self._ease_s = min(2.0 * self._ease_s, LONGEST_EASE_S)
        self._rose_s = None
        before = self.step
        self._place += 1
        self._begin_anew()
        if self.step.variant == before.variant:
            return Change(self.step)
        return Change(
            self.step,
            f"The pose model '{before.variant}' is too slow here for {self._target_fps:.0f} pictures per "
            f"second; '{self.step.variant}' is used, which is faster and less exact.",
        )

    def _at_ease(self, captured_s: float) -> Change | None:
        if self._easy_since_s is None:
            self._easy_since_s = captured_s
        if captured_s - self._easy_since_s < self._ease_s:
            return None
        self._place -= 1
        self._rose_s = captured_s
        self._told.discard("machine")
        self._begin_anew()
        return Change(self.step)

    def _cannot_hold(self, usual_s: float) -> str:
        """At the bottom of the ladder."""
        get = ", or get the lighter pose model: knee-track models fetch --variant lite"
        lighter = "" if self.step.variant == "lite" else get
        return (
            f"This machine manages {int(1.0 / usual_s)} pictures per second, {self._target_fps:.0f} are "
            f"needed to see quick movement well: close other programs{lighter}."
        )

    def _slow_source(self) -> Change | None:
        (first_s, first), (last_s, last) = self._captured[0], self._captured[-1]
        fps = (last - first) / max(last_s - first_s, 1e-6)
        if fps >= SLOW_SOURCE * self._target_fps:
            return None
        return self._once(
            "source",
            f"The camera gives only {fps:.0f} pictures per second, {self._target_fps:.0f} are needed to see "
            "quick movement well: more light helps, cameras slow down in the dark.",
        )

    def _once(self, topic: str, notice: str) -> Change | None:
        if topic in self._told:
            return None
        self._told.add(topic)
        return Change(notice=notice)
