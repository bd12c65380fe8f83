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
from knee_track.pose.scene import Scene
from knee_track.pose.skeleton import N_LANDMARKS
from knee_track.pose.track import PoseTrack
from knee_track.video.reader import Frame, VideoInfo

Image = NDArray[np.uint8]

FRAMES_AHEAD: Final = 2
GREY: Final = 127
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
        self._unanswered: deque[Callable[[People], None]] = deque()
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

    def _scale(self, rgb: Image) -> float:
        """Full-size pixels per pixel of a decoded frame."""
        return self._size_px[0] / int(rgb.shape[1])

    def _follow(self, rgb: Image, scale: float, origin_px: tuple[float, float] = (0.0, 0.0)) -> None:
        """Let the tracker see the newest frame, or the part of it that begins at `origin_px`."""
        self._process.track(rgb, self.times_s[-1])
        self._unanswered.append(partial(self._take, len(self.times_s) - 1, scale, origin_px))

    def _take(self, index: int, scale: float, origin_px: tuple[float, float], people: People) -> None:
        if people:
            self._found[index] = people.placed(scale, origin_px)

    def _receive(self, ahead: int) -> None:
        while len(self._unanswered) > ahead:
            self._unanswered.popleft()(self._process.receive())

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
        self.scene = Scene(video.width_px)
        self._look_interval_s = look_interval_s
        self._halves = halves
        self._next_look_s = -np.inf
        self._looks: list[tuple[int, list[Figure]]] = []
        self._followed: Box | None = None

    def sightings(self) -> list[Sighting]:
        """Everybody seen at each look, the one that was followed included."""
        return [
            Sighting.of(self.times_s[i], [*_figures(self._found[i], followed=True), *others])
            for i, others in self._looks
        ]

    def _send(self, rgb: Image) -> None:
        if self.scene.see(rgb, self._followed and self._followed.padded(BACKGROUND_MARGIN)):
            self._restart()
        self._follow(rgb, self._scale(rgb))
        if self.times_s[-1] >= self._next_look_s:
            self._next_look_s = self.times_s[-1] + self._look_interval_s
            self._look(rgb)

    def _look(self, rgb: Image) -> None:
        scale, middle = self._scale(rgb), rgb.shape[1] // 2
        rest = rgb if self._followed is None else _painted(rgb, [self._followed.padded(PAINT_MARGIN)], scale)
        figures: list[Figure] = []
        self._looks.append((len(self.times_s) - 1, figures))
        for left, right in [(0, None), (0, middle), (middle, None)][: 3 if self._halves else 1]:
            self._process.probe(rest[:, left:right])
            self._unanswered.append(partial(self._take_look, figures, scale, (left * scale, 0.0)))

    def _take(self, index: int, scale: float, origin_px: tuple[float, float], people: People) -> None:
        super()._take(index, scale, origin_px, people)
        for figure in _figures(self._found[index]):
            self._followed = figure.box

    def _take_look(
        self, figures: list[Figure], scale: float, origin_px: tuple[float, float], people: People
    ) -> None:
        figures += _figures(people.placed(scale, origin_px))


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
        scale = self._scale(rgb)
        own = self._client.box(time_s).padded(PAINT_MARGIN).scaled(1 / scale).slices(rgb.shape)
        seen = _painted(rgb, [other.box(time_s) for other in self._others if other.seen_at(time_s)], scale)
        seen[own] = rgb[own]
        rows, columns = self._crop.scaled(1 / scale).slices(rgb.shape)
        self._follow(seen[rows, columns], scale, (columns.start * scale, rows.start * scale))

    def _take(self, index: int, scale: float, origin_px: tuple[float, float], people: People) -> None:
        super()._take(index, scale, origin_px, people)
        for figure in _figures(self._found[index]):
            torso, time_s = np.array([figure.torso]), np.array([self.times_s[index]])
            self._strayed |= bool(off_client(torso, time_s, self._client, self._others)[0])


def _figures(people: People | None, *, followed: bool = False) -> list[Figure]:
    return [] if people is None else [Figure.of(points, followed=followed) for points in people.image_px]


def _painted(rgb: Image, boxes: Sequence[Box], scale: float) -> Image:
    """Copy of a picture with full-size boxes painted grey."""
    copy = rgb.copy()
    for box in boxes:
        copy[box.scaled(1 / scale).slices(rgb.shape)] = GREY
    return copy
