"""A clip divided into parts that are followed at the same time, each in a pose process of its own.

The network runs on one core and takes longer than everything else. How a clip is divided depends on the clip
alone, never on the machine, so that every machine gives the same numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from knee_track.pose.client import Sighting
from knee_track.pose.track import Floats, PoseTrack

PARTS: Final = 2
MIN_PART_S: Final = 3.0
LONG_S: Final = 75.0
"""From here on a clip has as many parts as make each last about `LONG_PART_S`: work for many cores."""
LONG_PART_S: Final = 30.0
WARM_UP_S: Final = 1.0
"""A later part begins this much early: meanwhile its tracker finds the person and its smoothing settles."""
LONG_WARM_UP_S: Final = 3.0
"""The same in a long clip, where it costs a tenth: time to look round for others twice as well.

More brings the tracks no nearer to those of an undivided clip: the network looks where it last found the
person, so that two runs that began at different frames stay apart by the same 0.1 px (median, in pictures of
480 px; seen after 1, 3, 6 and 10 s). Peaks of one 80 s clip of 28 reps: divided and undivided 0.15° apart
(median, at most 0.44°); undivided and undivided but begun 0.1 s later 0.25° (0.64°).
"""

Span = tuple[float | None, float | None]
WHOLE: Final[Span] = (None, None)


def divide(start_s: float, end_s: float) -> list[Span]:
    """First and last moment of each part, the warm-up included; None at the ends of the whole."""
    length_s = end_s - start_s
    count, early_s = PARTS if length_s >= PARTS * MIN_PART_S else 1, WARM_UP_S
    if length_s >= LONG_S:
        count, early_s = math.ceil(length_s / LONG_PART_S), LONG_WARM_UP_S
    inner_s = np.linspace(start_s, end_s, count + 1)[1:-1].tolist()
    return list(zip([None, *(s - early_s for s in inner_s)], [*inner_s, None], strict=True))


@dataclass(frozen=True)
class Followed:
    """What was found in a clip or a part of it, n frames.

    Attributes
    ----------
    track : the one that the network followed
    sightings : everybody seen at some of the moments
    cuts : indices of the first frames after cuts
    motion_px : (n, 2) how far the background has moved since the first frame, in full-size pixels
    warnings : sentences about what was lost or repaired while reading
    """

    track: PoseTrack
    sightings: list[Sighting]
    cuts: list[int]
    motion_px: Floats
    warnings: list[str]

    def and_then(self, later: Followed) -> Followed:
        """Put the next part behind; it takes over at its own copy of this part's last frame.

        That frame is later's, because only later knows whether a cut comes right after it.
        """
        first = int(np.searchsorted(later.track.times_s, self.track.times_s[-1]))
        seam_s = float(later.track.times_s[first])
        last = int(np.searchsorted(self.track.times_s, seam_s))
        shift_px = self.motion_px[-1] - later.motion_px[first]
        return Followed(
            track=_joined(self.track, last, later.track, first),
            sightings=[
                *(sighting for sighting in self.sightings if sighting.time_s < seam_s),
                *(sighting for sighting in later.sightings if sighting.time_s >= seam_s),
            ],
            cuts=[
                *(cut for cut in self.cuts if cut < last),
                *(cut - first + last for cut in later.cuts if cut >= first),
            ],
            motion_px=np.concatenate([self.motion_px[:last], later.motion_px[first:] + shift_px]),
            warnings=[*self.warnings, *later.warnings],
        )


def _joined(one: PoseTrack, last: int, other: PoseTrack, first: int) -> PoseTrack:
    """The frames of one track before `last`, then those of another from `first` on."""

    def join(rows: Floats, later_rows: Floats) -> Floats:
        return np.concatenate([rows[:last], later_rows[first:]])

    return replace(
        one,
        times_s=join(one.times_s, other.times_s),
        image_px=join(one.image_px, other.image_px),
        world_m=join(one.world_m, other.world_m),
        visibility=join(one.visibility, other.visibility),
    )
