"""Who is in the picture, and which of them is the client.

Now and then the follower looks for everybody. The people seen at those moments are linked into `Person`s by
position; the client is the person that is large, central, moves and stays, or the one that was asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import UsageError
from knee_track.pose.skeleton import HIP, SHOULDER
from knee_track.pose.track import Floats

TORSO: Final = [*SHOULDER.values(), *HIP.values()]
SAME_HEIGHTS: Final = 0.25
"""Two figures of one moment whose torsos are closer than this, in body heights, are one person."""
MIN_HEIGHT_SHARE: Final = 0.33
"""Figures below this share of the tallest are gym equipment, pictures on the wall or people far away."""
MIN_LOOKS: Final = 2
"""Seen at fewer looks than this, a figure is a mistake of the network or a passer-by."""
REACH_HEIGHTS: Final = 0.3
REACH_HEIGHTS_PER_S: Final = 0.8
"""A torso moves no further between two looks than reach plus speed; 0.8 heights/s is a brisk walk."""
OFF_HEIGHTS: Final = 0.6
"""A skeleton this far, in body heights, from where the client stands is somebody else's."""
TRAVEL_FULL_HEIGHTS: Final = 0.25
"""Up-and-down travel of the hips, in body heights, that counts as full movement: a parallel squat."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the upright, full-size picture."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, points: Floats) -> Self:
        """Smallest box that holds (n, 2) points; NaN points are left out."""
        (left, top), (right, bottom) = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
        return cls(float(left), float(top), float(right), float(bottom))

    @property
    def height(self) -> float:
        """Bottom minus top."""
        return self.bottom - self.top

    def padded(self, share: float) -> Self:
        """Grown on every side by a share of its height."""
        pad = share * self.height
        return type(self)(self.left - pad, self.top - pad, self.right + pad, self.bottom + pad)

    def scaled(self, x: float, y: float) -> Self:
        """The same box in a picture that is `x` times as wide and `y` times as high."""
        return type(self)(x * self.left, y * self.top, x * self.right, y * self.bottom)

    def slices(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Rows and columns of an array of this shape that the box covers."""
        height, width = shape[:2]
        return (
            slice(max(0, int(self.top)), min(height, max(0, round(self.bottom)))),
            slice(max(0, int(self.left)), min(width, max(0, round(self.right)))),
        )

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """(n,) whether each (x, y) lies inside."""
        inside = (points >= (self.left, self.top)) & (points <= (self.right, self.bottom))
        return np.asarray(inside.all(axis=1))


@dataclass(frozen=True)
class Figure:
    """One person at one moment.

    Attributes
    ----------
    box : of all landmarks
    torso : (x, y) middle of shoulders and hips, full-size pixels
    followed : whether the tracker was following this person
    """

    box: Box
    torso: tuple[float, float]
    followed: bool = False

    @classmethod
    def of(cls, points: Floats, *, followed: bool = False) -> Self:
        """From (33, 2) landmarks in full-size pixels."""
        x, y = points[TORSO].mean(axis=0)
        return cls(Box.around(points), (float(x), float(y)), followed)

    def distance_to(self, other: Figure) -> float:
        """Between the torsos, in heights of the taller one."""
        x, y = (a - b for a, b in zip(self.torso, other.torso, strict=True))
        return float(np.hypot(x, y)) / max(self.box.height, other.box.height, 1.0)


@dataclass(frozen=True)
class Sighting:
    """Everybody seen at one moment."""

    time_s: float
    figures: tuple[Figure, ...]

    @classmethod
    def of(cls, time_s: float, figures: Sequence[Figure]) -> Self:
        """Of figures that may repeat: earlier ones win, and small ones are left out."""
        tallest = max((figure.box.height for figure in figures), default=0.0)
        kept: list[Figure] = []
        for figure in figures:
            known = any(figure.distance_to(other) < SAME_HEIGHTS for other in kept)
            if not known and figure.box.height >= MIN_HEIGHT_SHARE * tallest:
                kept.append(figure)
        return cls(time_s, tuple(kept))


@dataclass
class Person:
    """One person over the looks at which they were seen."""

    times_s: list[float] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    def torsos(self, times_s: Floats) -> Floats:
        """(n, 2) where the torso is, interpolated between looks and held before and after."""
        return self._between(times_s, [figure.torso for figure in self.figures])

    def expected(self, time_s: float) -> Figure:
        """The last figure, moved on to a later look; only sideways, for people walk but squat in place."""
        last, speed = self.figures[-1], 0.0
        if len(self.figures) > 1:
            speed = (last.torso[0] - self.figures[-2].torso[0]) / (self.times_s[-1] - self.times_s[-2])
        return replace(last, torso=(last.torso[0] + speed * (time_s - self.times_s[-1]), last.torso[1]))

    def seen_at(self, time_s: float) -> bool:
        """Whether the moment lies between the first and the last look at which the person was seen."""
        return self.times_s[0] <= time_s <= self.times_s[-1]

    def heights(self) -> Floats:
        """(looks,) height of the box."""
        return np.array([figure.box.height for figure in self.figures])

    def box(self, time_s: float) -> Box:
        """Where the person is at one moment, interpolated between looks and held before and after."""
        boxes = [(b.left, b.top, b.right, b.bottom) for b in (figure.box for figure in self.figures)]
        return Box(*self._between(np.array([time_s]), boxes)[0])

    def whole_box(self) -> Box:
        """Everywhere the person was seen."""
        corners = [((f.box.left, f.box.top), (f.box.right, f.box.bottom)) for f in self.figures]
        return Box.around(np.array(corners).reshape(-1, 2))

    def _between(self, times_s: Floats, rows: Sequence[tuple[float, ...]]) -> Floats:
        columns = np.array(rows).T
        return np.stack([np.interp(times_s, self.times_s, column) for column in columns], axis=-1)


def link_people(sightings: Sequence[Sighting]) -> list[Person]:
    """Persons made of figures that are where they are expected from one look to the next.

    Those seen only once, and never followed by the tracker, are left out.
    """
    people: list[Person] = []
    for sighting in sightings:
        free = list(sighting.figures)
        if people and free:
            free = _continue_people(people, sighting)
        people += [Person([sighting.time_s], [figure]) for figure in free]
    return [
        person
        for person in people
        if len(person.figures) >= MIN_LOOKS or any(figure.followed for figure in person.figures)
    ]


def _continue_people(people: Sequence[Person], sighting: Sighting) -> list[Figure]:
    """Add each figure to the person it continues; returns those that continue nobody."""
    from scipy.optimize import linear_sum_assignment

    apart = np.array(
        [[person.expected(sighting.time_s).distance_to(f) for f in sighting.figures] for person in people]
    )
    waited_s = np.array([sighting.time_s - person.times_s[-1] for person in people])
    reach = np.minimum(REACH_HEIGHTS + REACH_HEIGHTS_PER_S * waited_s, 2.0)[:, None]
    rows, columns = linear_sum_assignment(np.where(apart <= reach, apart, 1e3))
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    taken = {column: row for row, column in pairs if apart[row, column] <= reach[row, 0]}
    for column, row in taken.items():
        people[row].times_s.append(sighting.time_s)
        people[row].figures.append(sighting.figures[column])
    return [figure for i, figure in enumerate(sighting.figures) if i not in taken]


def fullest_moment(people: Sequence[Person]) -> tuple[float, list[Person]]:
    """First look at which the most people are seen at once: its time, and the people from left to right."""
    seen = Counter(time_s for person in people for time_s in person.times_s)
    time_s = max(sorted(seen), key=lambda moment_s: seen[moment_s], default=0.0)
    row = [person for person in people if time_s in person.times_s]
    return time_s, sorted(row, key=lambda person: person.figures[person.times_s.index(time_s)].torso[0])


def choose_client(people: Sequence[Person], width_px: int, number: int | None = None) -> Person:
    """The client among `people`.

    By number: counted from 1, from left to right, at the first moment at which the most people are seen at
    once. Else by four equal shares: size, nearness to the middle of the picture, travel of the torso up and
    down, and presence: how often the person was seen, and how often the tracker followed nobody else. Raises
    UsageError when there is no such number.
    """
    if number is not None:
        time_s, row = fullest_moment(people)
        if not 1 <= number <= len(row):
            seen = "1 person is" if len(row) == 1 else f"{len(row)} people are"
            raise UsageError(
                f"--person {number}: at most {seen} seen at once (at {time_s:.1f} s); "
                "count them from left to right, from 1."
            )
        return row[number - 1]
    looks = max(len(person.figures) for person in people)
    tallest_px = max(float(np.median(person.heights())) for person in people)
    return max(people, key=lambda person: _score(person, looks, tallest_px, width_px))


def several_people(client: Person, row: Sequence[Person], time_s: float) -> list[str]:
    """Sentence that says who was measured and how to choose another, when there is anybody else."""
    if len(row) < 2:
        return []
    place = f"number {row.index(client) + 1} from the left" if client in row else "somebody not seen then"
    return [
        f"{len(row)} people are in the picture (at {time_s:.1f} s); measured was {place}, "
        "choose another one with --person N."
    ]


def _score(person: Person, looks: int, tallest_px: float, width_px: int) -> float:
    torsos = np.array([figure.torso for figure in person.figures])
    height_px = float(np.median(person.heights()))
    size = height_px / tallest_px
    middle = 1.0 - min(1.0, abs(float(np.median(torsos[:, 0])) / width_px - 0.5) * 2.0)
    travel = min(1.0, float(np.ptp(torsos[:, 1])) / (TRAVEL_FULL_HEIGHTS * height_px))
    presence = (len(person.figures) + sum(figure.followed for figure in person.figures)) / (2 * looks)
    return size + middle + travel + presence


def off_client(
    torsos_px: Floats, times_s: Floats, client: Person, others: Sequence[Person]
) -> NDArray[np.bool_]:
    """(n,) whether a skeleton with its torso at (n, 2) is somebody else's; NaN torsos are not.

    So it is when it is far from where the client stands, or when another person stands much nearer.
    """
    height_px = float(np.median(client.heights()))
    away = np.linalg.norm(torsos_px - client.torsos(times_s), axis=1)
    off = away > OFF_HEIGHTS * height_px
    for other in others:
        near = np.linalg.norm(torsos_px - other.torsos(times_s), axis=1) < away / 2
        there = (times_s >= other.times_s[0]) & (times_s <= other.times_s[-1])
        off |= near & there & (away > SAME_HEIGHTS / 2 * height_px)
    return np.asarray(off)
