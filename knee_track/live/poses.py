"""The pose process of a live run: started warm, fed pictures of a chosen size, exchanged without a pause."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import KneeTrackError, ModelError
from knee_track.live.pace import Step
from knee_track.live.picture import shrunk
from knee_track.pose.bundles import find_bundle
from knee_track.pose.landmarker import People, PoseProcess
from knee_track.pose.manifest import VARIANTS, Variant
from knee_track.video.orientation import Image

MAX_PEOPLE: Final = 2
"""Enough to see that the client is not alone."""

log = logging.getLogger(__name__)


class Pose(Protocol):
    """What is needed of a `PoseProcess`."""

    def track(self, rgb: NDArray[np.uint8], time_s: float) -> None:
        """Send the next picture."""
        ...

    def probe(self, rgb: NDArray[np.uint8]) -> None:
        """Send a picture in which everybody is to be found."""
        ...

    def receive(self) -> People:
        """Landmarks of the oldest picture not yet answered."""
        ...

    def restart(self) -> None:
        """Follow somebody anew."""
        ...

    def close(self) -> None:
        """End it."""
        ...


MakePose = Callable[[Variant], Pose]


def make_pose(variant: Variant) -> Pose:
    """Pose process with a bundle kept on this machine; raises ModelError when there is none."""
    return PoseProcess(find_bundle(variant, offline=True).data, MAX_PEOPLE)


def available_variants() -> list[Variant]:
    """Pose models kept on this machine, light to heavy."""

    def is_here(variant: Variant) -> bool:
        try:
            find_bundle(variant, offline=True)
        except ModelError:
            return False
        return True

    return [variant for variant in VARIANTS if is_here(variant)]


class Poses:
    """Sends pictures to the pose process of the current step, one at a time, and gives people back full size.

    Parameters
    ----------
    make : makes a pose process
    step : to begin with; its process is ready when this returns
    probes : be ready for `send_for_everybody` too

    Raises
    ------
    ModelError, PoseError : when it cannot be made
    """

    def __init__(self, make: MakePose, step: Step, *, probes: bool = False) -> None:
        self._make = make
        self._probes = probes
        self._step = step
        self._sent_shape: tuple[int, ...] | None = None
        self._scale = (1.0, 1.0)
        self._next: tuple[Step, threading.Thread] | None = None
        self._made: Pose | None = None
        self._pose = _warm(make, step.variant, probes)

    def send(self, rgb: Image, time_s: float) -> None:
        """Send a picture (h, w, 3); a new size makes the pose process look for the client anew."""
        small = shrunk(rgb, self._step.long_side_px)
        if self._sent_shape not in (None, small.shape):
            self._pose.restart()
        self._sent_shape = small.shape
        self._scale = (rgb.shape[1] / small.shape[1], rgb.shape[0] / small.shape[0])
        self._pose.track(small, time_s)

    def send_for_everybody(self, rgb: Image) -> None:
        """Send a picture (h, w, 3) in which everybody is to be found, not only the client followed."""
        small = shrunk(rgb, self._step.long_side_px)
        self._scale = (rgb.shape[1] / small.shape[1], rgb.shape[0] / small.shape[0])
        self._pose.probe(small)

    def receive(self) -> People:
        """People in the picture sent, in pixels of the picture as it was before it was made smaller."""
        return self._pose.receive().placed((0, 0), self._scale)

    def turn_to(self, step: Step) -> None:
        """Use another step: its size at the next picture, its model as soon as its process is ready."""
        if step.variant == self._step.variant:
            self._step = step
            return
        self._drop_next()
        thread = threading.Thread(target=self._prepare, args=(step.variant,), name="live-pose", daemon=True)
        self._next = (step, thread)
        thread.start()

    def exchange(self) -> None:
        """Go over to the prepared process if there is one; only while no picture is unanswered."""
        if self._next is None or self._next[1].is_alive():
            return
        step, made = self._next[0], self._made
        self._next = self._made = None
        if made is not None:
            self._pose.close()
            self._pose, self._step, self._sent_shape = made, step, None

    def close(self) -> None:
        """End all pose processes; a picture on its way is dropped."""
        self._drop_next()
        self._pose.close()

    def _prepare(self, variant: Variant) -> None:
        try:
            self._made = _warm(self._make, variant, self._probes)
        except KneeTrackError as error:
            log.warning("The pose model '%s' cannot be used: %s", variant, error)

    def _drop_next(self) -> None:
        if self._next is not None:
            self._next[1].join()
            if self._made is not None:
                self._made.close()
        self._next = self._made = None


def _warm(make: MakePose, variant: Variant, probes: bool) -> Pose:
    """A pose process that has loaded all it needs: empty pictures take it a second."""
    pose = make(variant)
    empty = np.zeros((64, 64, 3), np.uint8)
    try:
        if probes:
            pose.probe(empty)
            pose.receive()
        pose.track(empty, 0.0)
        pose.receive()
        pose.restart()
    except BaseException:
        pose.close()
        raise
    return pose
