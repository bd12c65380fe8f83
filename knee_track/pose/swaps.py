"""Put left and right back where the pose network exchanged them.

With a blurred face, from behind or from the side, BlazePose can take the left leg for the right one and back
from one frame to the next. Nobody moves like that: the landmarks of both sides jump, and would not have
jumped had they been exchanged.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry.filters import spans
from knee_track.pose.skeleton import HIP, LANDMARKS, SHOULDER, mirror_order
from knee_track.pose.track import PoseTrack
from knee_track.settings import CleanSettings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TWIN = np.array(mirror_order())
LEFT = np.array([i for i, name in enumerate(LANDMARKS) if "left" in name])
# Legs and upper body are exchanged independently; both together are a front-to-back flip of the whole person.
PARTS = {"legs": LEFT[HIP["left"] <= LEFT], "arms and shoulders": LEFT[HIP["left"] > LEFT]}


def repair_swaps(track: PoseTrack, settings: CleanSettings) -> tuple[PoseTrack, list[str]]:
    """Exchange left and right back wherever a part of the body was exchanged.

    Returns the repaired track and a sentence for each part that needed it. Only the landmarks' continuity is
    used: which of the two ways is the right one is decided by the majority of the frames between two losses
    of the person (longer than `max_gap_s`).
    """
    image, world, visibility = track.image_px.copy(), track.world_m.copy(), track.visibility.copy()
    min_jump_px = settings.swap_min_jump * _trunk_px(track.image_px)
    warnings = []
    for part, left in PARTS.items():
        swapped = np.zeros(len(track), dtype=bool)
        swapped[track.seen] = _swapped(
            track.times_s[track.seen], track.image_px[track.seen], left, min_jump_px, settings
        )
        if swapped.any():
            both = np.concatenate([left, TWIN[left]])
            frames = np.ix_(swapped, both)
            twins = np.ix_(swapped, TWIN[both])
            image[frames], world[frames] = track.image_px[twins], track.world_m[twins]
            visibility[frames] = track.visibility[twins]
            warnings.append(_sentence(part, track.times_s, swapped))
    return replace(track, image_px=image, world_m=world, visibility=visibility), warnings


def _swapped(
    times_s: Floats, image_px: Floats, left: NDArray[np.int_], min_jump_px: float, settings: CleanSettings
) -> Bools:
    """(m,) True where the part is exchanged, for frames in which the person was seen."""
    here, there = image_px[:, left], image_px[:, TWIN[left]]
    kept = _squared(here[1:] - here[:-1]) + _squared(there[1:] - there[:-1])
    exchanged = _squared(here[1:] - there[:-1]) + _squared(there[1:] - here[:-1])
    jumped = np.sqrt(kept / (2 * len(left))) > min_jump_px
    flips = jumped & (exchanged < settings.swap_max_share * kept)
    frame_s = np.median(np.diff(times_s)) if len(times_s) > 1 else 0.0
    lost = np.diff(times_s) - frame_s > settings.max_gap_s
    state = np.concatenate([[0], np.cumsum(flips & ~lost) % 2])
    run = np.concatenate([[0], np.cumsum(lost)])
    for number in np.unique(run):
        frames = run == number
        if state[frames].mean() > 0.5:
            state[frames] = 1 - state[frames]
    return np.asarray(state == 1)


def _squared(moved: Floats) -> Floats:
    """(m,) squared lengths (m, landmarks, 2) summed over the landmarks that are known."""
    return np.asarray(np.nansum(moved**2, axis=(1, 2)))


def _trunk_px(image_px: Floats) -> float:
    """Median length of the trunk in the picture; infinite when never seen, so that nothing is judged."""
    shoulders = image_px[:, list(SHOULDER.values())].mean(axis=1)
    hips = image_px[:, list(HIP.values())].mean(axis=1)
    lengths = np.linalg.norm(shoulders - hips, axis=1)
    known = lengths[np.isfinite(lengths)]
    return float(np.median(known)) if known.size else np.inf


def _sentence(part: str, times_s: Floats, swapped: Bools) -> str:
    """Say what was repaired, and when it began for the first few times."""
    starts = [f"{times_s[span.start]:.1f} s" for span in spans(swapped)]
    when = ", ".join(starts[:3]) + (f" and {len(starts) - 3} more" if len(starts) > 3 else "")
    return (
        f"Left and right {part} had changed places in {swapped.sum()} frames (at {when}) and were put back."
    )
