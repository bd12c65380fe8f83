"""A stick figure before a camera, with a head and hands, as the live engine is fed it."""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "reps"))

from moving_figure import Figure, clock, there_and_back  # noqa: E402

from knee_track.live.buffer import Landmarks  # noqa: E402
from knee_track.pose.skeleton import HIP, LEGS, SHOULDER  # noqa: E402

SIZE = (720, 1280)


def squats(duration_s, *reps, fps=30, **filmed):
    """Raw track of a client who stands, and squats in `reps`: (start, end, depth)."""
    times = clock(duration_s, fps)
    depth = sum((d * there_and_back(times, start, end, hold=0.3) for start, end, d in reps), 0.0 * times)
    return with_head(Figure(times).squat(depth).film(**filmed))


def with_head(track):
    """The figure's missing landmarks put where a head is: above the shoulders by half the trunk."""
    for points in (track.image_px, track.world_m):
        chest = points[:, [SHOULDER[leg] for leg in LEGS]].mean(axis=1)
        hips = points[:, [HIP[leg] for leg in LEGS]].mean(axis=1)
        head = chest + 0.5 * (chest - hips)
        missing = np.isnan(points).any(axis=(0, 2))
        points[:, missing] = head[:, None]
    return track


def frames(track):
    """(time, landmarks) of every frame."""
    for i, time_s in enumerate(track.times_s):
        yield float(time_s), Landmarks(track.image_px[i], track.visibility[i], track.world_m[i])


def instructions(states):
    """Names of the instructions in their order, each once in a row."""
    names = [state.instruction.id if state.instruction else None for state in states]
    return [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
