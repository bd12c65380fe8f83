"""Stretches of the clip in which the measured feet stand still in the picture.

A leg model is fitted per stance: a foot that is set anew, another working leg, or a camera that wanders
starts a new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, KNEE, LEGS, Leg
from knee_track.pose.track import PoseTrack
from knee_track.reps.segmentation import RepSpan
from knee_track.results import Working
from knee_track.settings import ViewSettings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Stance:
    """frames (n,): where these feet stand. legs: the measured ones. reps: 0-based numbers of its reps."""

    frames: Bools
    legs: tuple[Leg, ...]
    reps: tuple[int, ...]


def legs_of(working: Working | None) -> tuple[Leg, ...]:
    """The legs that carry a rep; none when that could not be told."""
    if working is None:
        return ()
    return LEGS if working == "both" else (working,)


def find_stances(
    track: PoseTrack, reps: Sequence[RepSpan], working: Sequence[Working | None], settings: ViewSettings
) -> list[Stance]:
    """Group reps (in order of time) whose measured feet keep their place in the picture."""
    length_px = shank_px(track)
    groups: list[list[int]] = []
    for number, span in enumerate(reps):
        feet = _feet_px(track, legs_of(working[number]))
        if groups and working[groups[-1][0]] == working[number]:
            before = np.nanmedian(feet[reps[groups[-1][0]].frames], axis=0)
            moved = np.linalg.norm(np.nanmedian(feet[span.frames], axis=0) - before, axis=-1)
            if np.nanmax(moved, initial=0.0) <= settings.foot_moved_share * length_px:
                groups[-1].append(number)
                continue
        groups.append([number])
    return [_stance(track, reps, group, legs_of(working[group[0]]), length_px, settings) for group in groups]


def sway_px(track: PoseTrack, stance: Stance, settings: ViewSettings) -> Floats:
    """How far a hand-held camera has moved the picture (n, 2) px, read from the feet that stand still.

    Zero for a steady camera: there the feet's small movements are landmark error, not sway. Rotations of a
    camera that stays in place shift the picture; a camera that walks is another matter and shows as misfit.
    """
    feet = _feet_px(track, stance.legs)
    seen = np.isfinite(feet).all(axis=(1, 2))
    moved = np.zeros((len(track), 2))
    if not (seen & stance.frames).any():
        return moved
    home = np.median(feet[seen & stance.frames], axis=0)
    moved[seen] = np.median(feet[seen] - home, axis=1)
    low, high = np.percentile(moved[seen & stance.frames], [3, 97], axis=0)
    return moved if np.max(high - low) > settings.sway_share * shank_px(track) else np.zeros_like(moved)


def feet_home_px(track: PoseTrack, stance: Stance, leg: Leg) -> Floats:
    """Where a foot stands, (2, 2) px: ankle and foot index; NaN for a foot that is not seen."""
    feet = _feet_px(track, (leg,))[stance.frames]
    seen = feet[np.isfinite(feet).all(axis=(1, 2))]
    return np.asarray(np.median(seen, axis=0)) if len(seen) else np.full((2, 2), np.nan)


def standing_then(track: PoseTrack, stance: Stance, moment: int, settings: ViewSettings) -> tuple[Leg, ...]:
    """Measured legs whose foot stood in frame `moment` where it stands in this stance."""
    if stance.frames[moment]:
        return stance.legs
    homes = {leg: feet_home_px(track, stance, leg) for leg in stance.legs}
    return legs_at_home(track, moment, homes, settings.foot_moved_share * shank_px(track))


def legs_at_home(
    track: PoseTrack, moment: int, homes_px: Mapping[Leg, Floats], limit_px: float
) -> tuple[Leg, ...]:
    """Legs whose foot, in frame `moment`, is no further than a limit from its home (2, 2) px."""
    return tuple(
        leg
        for leg, home_px in homes_px.items()
        if (np.linalg.norm(_feet_px(track, (leg,))[moment] - home_px, axis=-1) <= limit_px).all()
    )


def camera_speed(motion_px: Floats, track: PoseTrack, stance: Stance) -> float:
    """How fast the background moves while these feet stand, in shank lengths per second."""
    steps = np.linalg.norm(np.diff(motion_px[stance.frames], axis=0), axis=1)
    return float(np.nansum(steps) * track.fps / max(len(steps), 1) / shank_px(track))


def _stance(
    track: PoseTrack,
    reps: Sequence[RepSpan],
    group: list[int],
    legs: tuple[Leg, ...],
    length_px: float,
    settings: ViewSettings,
) -> Stance:
    """Frames of the group's reps, and those around them while the feet have not moved yet."""
    feet = _feet_px(track, legs)
    inside = np.zeros(len(track), dtype=bool)
    for number in group:
        inside[reps[number].frames] = True
    first, last = reps[group[0]].start_i, reps[group[-1]].end_i
    before = reps[group[0] - 1].end_i + 1 if group[0] > 0 else 0
    after = reps[group[-1] + 1].start_i if group[-1] + 1 < len(reps) else len(track)
    home = np.nanmedian(feet[inside], axis=0)
    away = np.nanmax(np.linalg.norm(feet - home, axis=-1), axis=1, initial=0.0)
    still = away <= settings.foot_moved_share * length_px
    frames = inside.copy()
    frames[before:first] = _unbroken(still[before:first], from_end=True)
    frames[last + 1 : after] = _unbroken(still[last + 1 : after], from_end=False)
    frames[first:last] |= still[first:last]
    return Stance(frames, legs, tuple(group))


def _unbroken(mask: Bools, *, from_end: bool) -> Bools:
    """True from one end up to the first False."""
    ordered = mask[::-1] if from_end else mask
    kept = np.logical_and.accumulate(ordered) if len(ordered) else ordered
    return kept[::-1] if from_end else kept


def _feet_px(track: PoseTrack, legs: tuple[Leg, ...]) -> Floats:
    """(n, k, 2) px: ankle and foot index of the legs."""
    return np.asarray(track.image_px[:, [i for leg in legs for i in (ANKLE[leg], FOOT_INDEX[leg])]])


def shank_px(track: PoseTrack) -> float:
    """Longest usual shank in the picture, px."""
    lengths = [track.image_px[:, KNEE[leg]] - track.image_px[:, ANKLE[leg]] for leg in LEGS]
    return float(np.nanpercentile(np.linalg.norm(lengths, axis=-1), 90))
