"""The rendered sample's landmarks as a camera and a pose process give them, at a pace of our own."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from live_fakes import FakePose, FakeSource, PoseMaker

from knee_track.live.sources import Frame, now_s
from knee_track.pose.landmarker import People
from knee_track.pose.track import PoseTrack

LANDMARKS = Path(__file__).parent / "front_squat_valgus.npz"


class ClipSource(FakeSource):
    """Blank pictures at the times of the clip, `rounds` times, at least `interval_s` apart.

    With a pose, the next comes only when the last was looked at: nothing is skipped on a busy machine.
    """

    name = "The clip"

    def __init__(
        self, track: PoseTrack, pose: "ClipPose | None" = None, interval_s: float = 0.004, rounds: int = 1
    ) -> None:
        super().__init__(interval_s=interval_s, size=(track.width_px, track.height_px))
        self.times_s = track.times_s
        self.length_s = float(track.times_s[-1]) + 1.0
        self.rounds = rounds
        self.pose = pose

    def __iter__(self) -> Iterator[Frame]:
        for number in range(self.rounds * len(self.times_s)):
            if self._closed.wait(self._interval_s):
                return
            lap, place = divmod(number, len(self.times_s))
            time_s = lap * self.length_s + float(self.times_s[place])
            yield Frame(self._rgb, now_s(), time_s, number)
            while self.pose is not None and self.pose.looked_at_s < time_s and not self._closed.is_set():
                time.sleep(0.001)


class ClipPose(FakePose):
    """Answers with the clip's landmarks of the time that is asked for."""

    def __init__(self, track: PoseTrack) -> None:
        super().__init__()
        self._clip = track
        self._asked: list[float | None] = []
        self.looked_at_s = -1.0

    def track(self, rgb: Any, time_s: float) -> None:
        self._asked.append(time_s)
        super().track(rgb, time_s)
        self.looked_at_s = time_s

    def probe(self, rgb: Any) -> None:
        self._asked.append(None)
        super().probe(rgb)

    def receive(self) -> People:
        _, width, _ = self._due.popleft()
        clip, time_s = self._clip, self._asked.pop(0)
        place = (
            0 if time_s is None else int(np.argmin(np.abs(clip.times_s - time_s % (clip.times_s[-1] + 1))))
        )
        scale = width / clip.width_px  # the empty picture that warms the process is smaller
        return People(
            clip.image_px[None, place] * scale, clip.visibility[None, place], clip.world_m[None, place]
        )


class NobodyPose(FakePose):
    """Sees nobody."""

    looked_at_s = float("inf")

    def receive(self) -> People:
        self._due.popleft()
        return People(np.empty((0, 33, 2)), np.empty((0, 33)), np.empty((0, 33, 3)))


class ClipPoses(PoseMaker):
    """Makes poses of one kind."""

    def __init__(self, pose: FakePose) -> None:
        super().__init__()
        self._pose = pose

    def __call__(self, variant: Any) -> FakePose:
        return self._pose
