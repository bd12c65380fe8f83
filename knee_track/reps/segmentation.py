"""Repetitions in the depth signal: standing to standing, with hysteresis.

Start and end of a rep are found independently, so a pause between reps belongs to neither. What goes down
but is no complete rep is kept apart with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knee_track.settings import RepSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

STARTS_INSIDE = "its start was not recorded"
ENDS_INSIDE = "its return to standing was not recorded"


@dataclass(frozen=True)
class RepSpan:
    """One movement down and up. Frame numbers count from 0; `reason` says why it is no rep, None when it is.

    start: motion onset out of standing. bottom: middle of the lowest stretch. end: rest in standing.
    depth: greatest depth, a fraction.
    """

    start_i: int
    bottom_i: int
    end_i: int
    start_s: float
    bottom_s: float
    end_s: float
    depth: float
    reason: str | None = None

    @property
    def frames(self) -> slice:
        """The frames from start to end, both included."""
        return slice(self.start_i, self.end_i + 1)


@dataclass(frozen=True)
class Segments:
    """The reps of a clip in order of time and, apart, the movements that were not counted."""

    reps: list[RepSpan]
    attempts: list[RepSpan]


def find_reps(
    depth: Floats, times_s: Floats, settings: RepSettings, *, cuts_s: Sequence[float] = ()
) -> Segments:
    """Reps and attempts in `depth` (n,), a fraction, NaN where the client is not seen, at `times_s` (n,).

    A movement begins when depth rises through `enter_depth`, counts as one when it reaches `rearm_depth`, and
    ends when depth falls through `enter_depth` again (measurement.md §2). From both crossings start and end
    are searched outward. A cut, or a client out of sight for `max_blind_s`, breaks the recording.
    """
    spans: list[RepSpan] = []
    for frames in _pieces(depth, times_s, settings.max_blind_s, cuts_s):
        spans += _spans(depth[frames], times_s[frames], frames, settings)
    spans = refuse_shallow_among_deep(spans, settings)
    return Segments(
        reps=[span for span in spans if span.reason is None],
        attempts=[span for span in spans if span.reason is not None],
    )


def _pieces(depth: Floats, times_s: Floats, max_blind_s: float, cuts_s: Sequence[float]) -> list[Ints]:
    """Frame numbers of known depth, split into uninterrupted pieces of the recording."""
    frames = np.flatnonzero(np.isfinite(depth))
    times = times_s[frames]
    broken = np.diff(times) > max_blind_s
    for cut_s in cuts_s:
        broken |= (times[:-1] < cut_s) & (cut_s <= times[1:])
    pieces = np.split(frames, np.flatnonzero(broken) + 1)
    return [piece for piece in pieces if len(piece) >= 3]


def _spans(depth: Floats, times_s: Floats, frames: Ints, settings: RepSettings) -> list[RepSpan]:
    """Every movement of one piece, each with the reason when it is no rep by itself."""
    sinking = np.gradient(depth, times_s)
    spans = []
    for first, last in _runs(depth >= settings.enter_depth):
        greatest = float(depth[first : last + 1].max())
        cut_off = first == 0 or last == len(depth) - 1
        # Cut off by the recording, a slight dip says nothing.
        if greatest < (settings.min_depth if cut_off else settings.rearm_depth):
            continue
        lowest = first + np.flatnonzero(depth[first : last + 1] >= settings.bottom_stretch * greatest)
        bottom = int(lowest[0] + lowest[-1]) // 2
        start = bottom - _steps_to_rest(sinking[bottom::-1], bottom - first, settings)
        end = bottom + _steps_to_rest(-sinking[bottom:], last - bottom, settings)
        span = RepSpan(
            start_i=int(frames[start]),
            bottom_i=int(frames[bottom]),
            end_i=int(frames[end]),
            start_s=float(times_s[start]),
            bottom_s=float(times_s[bottom]),
            end_s=float(times_s[end]),
            depth=greatest,
        )
        reason = _reason(span, first == 0, last == len(depth) - 1, settings)
        spans.append(replace(span, reason=reason))
    return spans


def _steps_to_rest(speed: Floats, crossing: int, settings: RepSettings) -> int:
    """Steps from the bottom outward to rest: past the 5 % crossing, to `rest_speed_share` of the peak speed.

    `speed` (m,) starts at the bottom and is positive where the hips lie lower toward the bottom.
    """
    peak = speed[: crossing + 1].max()
    at_rest = np.flatnonzero(speed[crossing + 1 :] < settings.rest_speed_share * peak)
    return crossing + 1 + int(at_rest[0]) if at_rest.size else len(speed) - 1


def _reason(span: RepSpan, starts_inside: bool, ends_inside: bool, settings: RepSettings) -> str | None:
    """Why this movement is no rep, None when it is one."""
    if ends_inside:
        return ENDS_INSIDE
    if starts_inside:
        return STARTS_INSIDE
    if span.depth < settings.min_depth:
        return f"too shallow: depth {span.depth:.3f}, a rep needs {settings.min_depth:g}"
    duration_s = span.end_s - span.start_s
    if duration_s < settings.min_duration_s:
        return f"too quick: {duration_s:.1f} s, a rep takes at least {settings.min_duration_s:.1f} s"
    if duration_s > settings.max_duration_s:
        return f"too slow: {duration_s:.1f} s, a rep takes at most {settings.max_duration_s:.0f} s"
    return None


def refuse_shallow_among_deep(spans: list[RepSpan], settings: RepSettings) -> list[RepSpan]:
    """Refuse what stays far above the set's median depth: an unrack, a knee bend between reps."""
    depths = [span.depth for span in spans if span.reason is None]
    if not depths:
        return spans
    least = settings.min_share_of_median * float(np.median(depths))
    reason = f"much shallower than the other reps: depth {{:.2f}}, half their median is {least:.2f}"
    return [
        replace(span, reason=reason.format(span.depth))
        if span.reason is None and span.depth < least
        else span
        for span in spans
    ]


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(stop) - 1) for first, stop in edges.reshape(-1, 2)]
