"""Follow one of several people through keypoints that were found frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knee_track.pose.client import (
    Box,
    Figure,
    Sighting,
    choose_client,
    fullest_moment,
    link_people,
    several_people,
)
from knee_track.pose.track import Floats


@dataclass(frozen=True)
class FollowedKeypoints:
    """points (n, k, 3) of the client: x, y, confidence; NaN where not seen. people: most seen at once."""

    points: Floats
    people: int
    warnings: tuple[str, ...]


def follow(
    times_s: Floats, frames: Sequence[Floats], torso: Sequence[int], width_px: float, person: int | None
) -> FollowedKeypoints:
    """The client among everybody, by place from frame to frame and then as in a video (pose/client.py).

    Parameters
    ----------
    frames : per frame (people, k, 3) pixels and confidence, NaN where missing
    torso : numbers of shoulders and hips among the k keypoints
    person : counted from left to right where the most people are seen; None lets size, place, movement and
        presence decide

    Raises UsageError when there is no such person.
    """
    whose: dict[int, Floats] = {}
    sightings = []
    for time_s, people in zip(times_s.tolist(), frames, strict=True):
        figures = []
        for points in people:
            figure = _figure(points, torso)
            if figure is not None:
                figures.append(figure)
                whose[id(figure)] = points
        sightings.append(Sighting.of(time_s, sorted(figures, key=lambda one: -one.box.height)))
    linked = link_people(sightings)
    k = next((people.shape[1] for people in frames if len(people)), 0)
    followed = np.full((len(frames), k, 3), np.nan)
    if not linked:
        return FollowedKeypoints(followed, 0, ())
    client = choose_client(linked, max(1, round(width_px)), person)
    row_of = {time_s: i for i, time_s in enumerate(times_s.tolist())}
    for time_s, figure in zip(client.times_s, client.figures, strict=True):
        followed[row_of[time_s]] = whose[id(figure)]
    moment_s, row = fullest_moment(linked)
    return FollowedKeypoints(followed, len(row), tuple(several_people(client, row, moment_s)))


def _figure(points: Floats, torso: Sequence[int]) -> Figure | None:
    """One person at one moment; None without any of shoulders and hips."""
    trunk = points[list(torso), :2]
    trunk = trunk[np.isfinite(trunk).all(axis=1)]
    if not len(trunk):
        return None
    x, y = trunk.mean(axis=0)
    return Figure(Box.around(points[:, :2]), (float(x), float(y)))
