"""The landmarks of the set so far, bounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.landmarker import People
from knee_track.pose.skeleton import N_LANDMARKS
from knee_track.pose.track import PoseTrack

Floats = NDArray[np.float64]
Size = tuple[int, int]

COLUMNS = 6
"""Of a landmark: picture x and y, world x, y and z, visibility."""


@dataclass(frozen=True)
class Landmarks:
    """One person in one frame.

    image_px (33, 2): pixels of the upright picture. visibility (33,): 0 to 1. world_m (33, 3): metres from
    mid-hip.
    """

    image_px: Floats
    visibility: Floats
    world_m: Floats

    @classmethod
    def of(cls, people: People) -> Landmarks | None:
        """The first of the people that the pose network answers with, None when there is nobody."""
        if not len(people):
            return None
        return cls(people.image_px[0], people.visibility[0], people.world_m[0])

    def track(self, time_s: float, size: Size) -> PoseTrack:
        """A pose track of this one frame; size: width and height in pixels."""
        return PoseTrack(
            np.array([time_s]), self.image_px[None], self.world_m[None], self.visibility[None], *size
        )


class TrackBuffer:
    """Frames in order of time; those older than `keep_s` before the newest are dropped.

    A frame without the client is kept as missing, so that gaps stay gaps.
    """

    def __init__(self, keep_s: float) -> None:
        self.keep_s = keep_s
        self._rows = np.empty((256, N_LANDMARKS, COLUMNS), dtype=np.float32)
        self._times_s = np.empty(256)
        self._motion_px = np.empty((256, 2))
        self._first = self._end = 0

    def __len__(self) -> int:
        return self._end - self._first

    @property
    def times_s(self) -> Floats:
        """(n,) times of the frames that are kept."""
        return self._times_s[self._first : self._end]

    def append(self, time_s: float, seen: Landmarks | None, motion_px: Floats) -> None:
        """Take the next frame; `motion_px` (2,): where the background has moved to."""
        if self._end == len(self._times_s):
            self._make_room()
        row = self._rows[self._end]
        if seen is None:
            row[...] = np.nan
        else:
            row[:, :2], row[:, 2:5], row[:, 5] = seen.image_px, seen.world_m, seen.visibility
        self._times_s[self._end], self._motion_px[self._end] = time_s, motion_px
        self._end += 1
        self.drop_before(time_s - self.keep_s)

    def drop_before(self, time_s: float) -> None:
        """Forget what is older."""
        self._first += int(np.searchsorted(self.times_s, time_s))

    def track(self, size: Size, from_s: float = -np.inf) -> PoseTrack:
        """A copy of the frames from a moment on."""
        kept = self._since(from_s)
        rows = self._rows[kept].astype(np.float64)
        return PoseTrack(self._times_s[kept].copy(), rows[..., :2], rows[..., 2:5], rows[..., 5], *size)

    def motion_px(self, from_s: float = -np.inf) -> Floats:
        """(n, 2) background travel since the first of these frames."""
        moved = self._motion_px[self._since(from_s)]
        return np.asarray(moved - moved[:1])

    @property
    def moved_px(self) -> Floats:
        """(2,) where the background has moved to in the newest frame."""
        return np.array(self._motion_px[self._end - 1])

    def _since(self, from_s: float) -> slice:
        return slice(self._first + int(np.searchsorted(self.times_s, from_s)), self._end)

    def _make_room(self) -> None:
        """Move what is kept to the front of an array that is at least twice as long as it."""
        kept, n = slice(self._first, self._end), len(self)
        size = max(256, 2 * n)

        def moved(values: NDArray[np.floating]) -> NDArray[np.floating]:
            fresh = np.empty((size, *values.shape[1:]), dtype=values.dtype)
            fresh[:n] = values[kept]
            return fresh

        self._rows, self._times_s, self._motion_px = (  # type: ignore[assignment]
            moved(values) for values in (self._rows, self._times_s, self._motion_px)
        )
        self._first, self._end = 0, n
