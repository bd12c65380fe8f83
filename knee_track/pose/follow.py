"""Passes over a clip with the pose tracker.

The first follows whom the network likes best and looks for others; a second one, needed only when that was
not always the client, shows the network nothing but the client.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.client import Box, Figure, Person, Sighting, off_client
from knee_track.pose.landmarker import People, PoseProcess
from knee_track.pose.parts import Followed
from knee_track.pose.scene import Scene
from knee_track.pose.skeleton import N_LANDMARKS
from knee_track.pose.track import PoseTrack
from knee_track.video.reader import Frame, VideoInfo

Image = NDArray[np.uint8]

FRAMES_AHEAD: Final = 2
GREY: Final = 127
ALL: Final = slice(None)
PAINT_MARGIN: Final = 0.08
BACKGROUND_MARGIN: Final = 0.15
CROP_MARGIN: Final = 0.3
RESTART_INTERVAL_S: Final = 0.5


class Pass(ABC):
    """One run of the tracker over a clip; frames are sent ahead of their answers.

    Attributes
    ----------
    times_s : of the frames sent so far
    restarts : indices of the frames at which the tracker forgot the past
    """

    def __init__(self, process: PoseProcess, video: VideoInfo) -> None:
        self.times_s: list[float] = []
        self.restarts: list[int] = []
        self._process = process
        self._size_px = (video.width_px, video.height_px)
        self._found: list[People | None] = []
        self._unanswered: deque[tuple[Callable[[People], People], Callable[[People], None]]] = deque()
        process.restart()

    def run(self, frames: Iterable[Frame], report: Callable[[float], None]) -> None:
        """Take every frame; `report` is told the time reached."""
        for frame in frames:
            self.times_s.append(frame.time_s)
            self._found.append(None)
            self._send(frame.rgb)
            self._receive(FRAMES_AHEAD)
            report(frame.time_s)
        self._receive(0)

    def track(self) -> PoseTrack:
        """What was followed, in full-size pixels.

        The frame before each restart is missing, so that nothing later filters across it.
        """
        n = len(self.times_s)
        image = np.full((n, N_LANDMARKS, 2), np.nan)
        world = np.full((n, N_LANDMARKS, 3), np.nan)
        visibility = np.full((n, N_LANDMARKS), np.nan)
        for i, people in enumerate(self._found):
            if people is not None and i + 1 not in self.restarts:
                image[i], world[i], visibility[i] = (
                    people.image_px[0],
                    people.world_m[0],
                    people.visibility[0],
                )
        return PoseTrack(np.array(self.times_s), image, world, visibility, *self._size_px)

    @abstractmethod
    def _send(self, rgb: Image) -> None:
        """Send the newest frame."""

    def _scale(self, rgb: Image) -> tuple[float, float]:
        """Full-size pixels per pixel of a decoded frame, along x and y."""
        height, width = rgb.shape[:2]
        return self._size_px[0] / width, self._size_px[1] / height

    def _box_in(self, rgb: Image, box: Box) -> tuple[slice, slice]:
        """Rows and columns of a decoded frame that a full-size box covers."""
        x, y = self._scale(rgb)
        return box.scaled(1 / x, 1 / y).slices(rgb.shape)

    def _painted(self, rgb: Image, boxes: Sequence[Box]) -> Image:
        """Copy of a decoded frame with full-size boxes painted grey."""
        copy = rgb.copy()
        for box in boxes:
            copy[self._box_in(rgb, box)] = GREY
        return copy

    def _follow(self, rgb: Image, rows: slice = ALL, columns: slice = ALL) -> None:
        """Let the tracker see the newest frame, or a part of it."""
        self._process.track(rgb[rows, columns], self.times_s[-1])
        self._await(rgb, partial(self._take, len(self.times_s) - 1), rows, columns)

    def _take(self, index: int, people: People) -> None:
        """Keep what the tracker found in a frame."""
        if people:
            self._found[index] = people

    def _await(self, rgb: Image, take: Callable[[People], None], rows: slice, columns: slice) -> None:
        """Let `take` have the answer to what was just sent, a part of `rgb`, in full-size pixels."""
        place = partial(People.placed, origin=(columns.start or 0, rows.start or 0), scale=self._scale(rgb))
        self._unanswered.append((place, take))

    def _receive(self, ahead: int) -> None:
        while len(self._unanswered) > ahead:
            place, take = self._unanswered.popleft()
            take(place(self._process.receive()))

    def _restart(self) -> None:
        """Forget the past from the newest frame on."""
        self._process.restart()
        self.restarts.append(len(self.times_s) - 1)


class FirstPass(Pass):
    """Follows whom the network finds first, watches the scene, and looks for other people.

    A look is at the whole picture and at its halves, with the one that is followed painted over: the network
    finds the most striking person first, and small ones only in small pictures.
    """

    def __init__(
        self, process: PoseProcess, video: VideoInfo, look_interval_s: float, *, halves: bool = True
    ) -> None:
        super().__init__(process, video)
        self._scene = Scene((video.width_px, video.height_px))
        self._look_interval_s = look_interval_s
        self._halves = halves
        self._next_look_s = -np.inf
        self._looks: list[tuple[int, list[Figure]]] = []
        self._followed: Box | None = None

    def followed(self, warnings: Sequence[str]) -> Followed:
        """All that was found; `warnings` come from reading."""
        sightings = [
            Sighting.of(self.times_s[i], [*_figures(self._found[i], followed=True), *others])
            for i, others in self._looks
        ]
        motion_px = np.array(self._scene.motion_px)
        return Followed(self.track(), sightings, self.restarts, motion_px, list(warnings))

    def _send(self, rgb: Image) -> None:
        if self._scene.see(rgb, self._followed and self._followed.padded(BACKGROUND_MARGIN)):
            self._restart()
        self._follow(rgb)
        if self.times_s[-1] >= self._next_look_s:
            self._next_look_s = self.times_s[-1] + self._look_interval_s
            self._look(rgb)

    def _look(self, rgb: Image) -> None:
        rest = rgb if self._followed is None else self._painted(rgb, [self._followed.padded(PAINT_MARGIN)])
        figures: list[Figure] = []
        self._looks.append((len(self.times_s) - 1, figures))
        middle = rgb.shape[1] // 2
        for columns in [ALL, slice(0, middle), slice(middle, None)][: 3 if self._halves else 1]:
            self._process.probe(rest[:, columns])
            self._await(rest, lambda people: figures.extend(_figures(people)), ALL, columns)

    def _take(self, index: int, people: People) -> None:
        super()._take(index, people)
        for figure in _figures(people):
            self._followed = figure.box


class ClientPass(Pass):
    """Follows a known client: others are painted over, and the tracker starts anew when it strays."""

    def __init__(
        self,
        process: PoseProcess,
        video: VideoInfo,
        client: Person,
        others: Sequence[Person],
        cuts: Sequence[int],
    ) -> None:
        super().__init__(process, video)
        self._client = client
        self._others = others
        self._crop = client.whole_box().padded(CROP_MARGIN)
        self._cuts = cuts
        self._strayed = False

    def _send(self, rgb: Image) -> None:
        time_s = self.times_s[-1]
        rested = time_s - self.times_s[max(self.restarts, default=0)] > RESTART_INTERVAL_S
        if len(self.times_s) - 1 in self._cuts or (self._strayed and rested):
            self._strayed = False
            self._restart()
        seen = self._painted(rgb, [other.box(time_s) for other in self._others if other.seen_at(time_s)])
        own = self._box_in(rgb, self._client.box(time_s).padded(PAINT_MARGIN))
        seen[own] = rgb[own]
        self._follow(seen, *self._box_in(rgb, self._crop))

    def _take(self, index: int, people: People) -> None:
        super()._take(index, people)
        for figure in _figures(people):
            torso, time_s = np.array([figure.torso]), np.array([self.times_s[index]])
            self._strayed |= bool(off_client(torso, time_s, self._client, self._others)[0])


def _figures(people: People | None, *, followed: bool = False) -> list[Figure]:
    return [] if people is None else [Figure.of(points, followed=followed) for points in people.image_px]
