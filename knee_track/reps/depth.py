"""Depth of the squat over time: how far the hips have sunk, as a fraction of their standing height.

depth = 1 − (mid-hip height above the ankles ÷ its standing value), measured in the picture. The standing
value is no constant: a hand-held camera comes nearer, a client walks back from the phone, a clip starts in
mid-squat. It is therefore read wherever the client stands, and drawn as a line through those moments. World
landmarks tell when that is: too biased to measure joint angles, they know neither the camera's place nor its
scale. Tracks without them are told by the hips' height in shanks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import ANKLE, HIP, KNEE, LEGS, SHOULDER, Leg
from knee_track.pose.track import PoseTrack
from knee_track.reps import picture
from knee_track.settings import RepSettings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def depth_signal(track: PoseTrack, settings: RepSettings) -> Floats:
    """Depth per frame, (n,) fraction: 0 standing, about 0.39 at 100° of knee flexion (measurement.md §2).

    NaN where the hips are missing. Ankles that leave the picture for a while are taken to stand still. All
    NaN when hips or ankles are never seen. The landmarks of rendered people under-read it by 10 to 25 %.
    """
    return depth_on(track, standing_scale(track, settings))


@dataclass(frozen=True)
class StandingScale:
    """What depth is measured against.

    times_s, heights_px (k,): when the client stood, and how high mid-hip was above the ankles then; empty
    when never. step_px: how much lower the left ankle lies in the picture with both feet down, None when one
    leaves the floor.
    """

    times_s: Floats
    heights_px: Floats
    step_px: float | None

    @property
    def known(self) -> bool:
        """Whether the client was ever seen standing."""
        return len(self.times_s) > 0


def standing_scale(track: PoseTrack, settings: RepSettings) -> StandingScale:
    """What a track says of its standing moments."""
    step_px = _planted_step_px(track, settings)
    height = _hip_height_px(track, step_px)
    knots = [
        _knot(track.times_s[moment], height[moment]) for moment in _standing_moments(track, height, settings)
    ]
    times_s, heights_px = np.array(knots).reshape(-1, 2).T
    return StandingScale(times_s, heights_px, step_px)


def depth_on(track: PoseTrack, scale: StandingScale) -> Floats:
    """Depth (n,) on a scale that may come from other frames; its ends are held beyond its times."""
    if not scale.known:
        return np.full(len(track), np.nan)
    standing_px = np.interp(track.times_s, scale.times_s, scale.heights_px)
    return np.asarray(1.0 - _hip_height_px(track, scale.step_px) / standing_px)


def hip_height_px(track: PoseTrack, settings: RepSettings) -> Floats:
    """Height of mid-hip above the ankles in the picture, (n,) px; NaN where the hips are missing."""
    return _hip_height_px(track, _planted_step_px(track, settings))


def _hip_height_px(track: PoseTrack, step_px: float | None) -> Floats:
    hips_y = _hips_y_px(track)
    return _ankle_line_px(track, step_px) - hips_y


def _hips_y_px(track: PoseTrack) -> Floats:
    return _mean_seen(track.image_px[:, [HIP[leg] for leg in LEGS], 1])


def knee_bend_deg(track: PoseTrack, leg: Leg) -> Floats:
    """Rough knee flexion from the world landmarks, (n,) degrees, 0 = straight; reads 62 to 90 at 100°."""
    return _bend_deg(track.world_m[:, HIP[leg]], track.world_m[:, KNEE[leg]], track.world_m[:, ANKLE[leg]])


def hip_bend_deg(track: PoseTrack, leg: Leg) -> Floats:
    """Rough hip flexion (trunk against thigh) from the world landmarks, (n,) degrees, 0 = straight."""
    return _bend_deg(track.world_m[:, SHOULDER[leg]], track.world_m[:, HIP[leg]], track.world_m[:, KNEE[leg]])


def foot_step_px(track: PoseTrack) -> Floats:
    """How much lower in the picture the left ankle is than the right one, (n,) px; NaN if one is missing."""
    return np.asarray(track.image_px[:, ANKLE["left"], 1] - track.image_px[:, ANKLE["right"], 1])


def _planted_step_px(track: PoseTrack, settings: RepSettings) -> float | None:
    """`foot_step_px` with both feet down, None when one leaves the floor in this clip.

    Two planted feet keep their distance in the picture, whatever perspective makes of it.
    """
    ankles_y = track.image_px[:, [ANKLE[leg] for leg in LEGS], 1]
    step = foot_step_px(track)
    step = step[np.isfinite(step)]
    if step.size:
        low, middle, high = np.percentile(step, [5, 50, 95])
        usual_px = np.nanpercentile(np.fmax(ankles_y[:, 0], ankles_y[:, 1]) - _hips_y_px(track), 90)
        if high - low < settings.lifted_foot * usual_px:
            return float(middle)
    return None


def _ankle_line_px(track: PoseTrack, step_px: float | None) -> Floats:
    """Picture height (y) of the ankles that carry the client, (n,) px.

    Midway between planted feet, also while one is hidden; where a foot leaves the floor, the lower ankle
    carries.
    """
    ankles_y = track.image_px[:, [ANKLE[leg] for leg in LEGS], 1]
    if step_px is None:
        return _fill(np.fmax(ankles_y[:, 0], ankles_y[:, 1]), track.times_s)
    return _fill(_mean_seen(ankles_y + np.array([-0.5, 0.5]) * step_px), track.times_s)


def _standing_moments(track: PoseTrack, height: Floats, settings: RepSettings) -> list[NDArray[np.intp]]:
    """Frame numbers of each spell of standing, long spells cut into parts of about `standing_window_s`.

    The client stands where one leg is about as straight, at hip and knee, as it ever gets, and for a while: a
    leg that looks straight for a few frames in mid-squat is a slip of the world landmarks.
    """
    frames = _straight(track, height, settings)
    if not len(frames):
        return []
    spells = np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1)
    lasting = [spell for spell in spells if len(spell) / track.fps >= settings.min_standing_s]
    parts = []
    for spell in lasting or spells:
        duration_s = track.times_s[spell[-1]] - track.times_s[spell[0]]
        parts += np.array_split(spell, max(1, round(duration_s / settings.standing_window_s)))
    return parts


def _straight(track: PoseTrack, height: Floats, settings: RepSettings) -> NDArray[np.intp]:
    """Numbers of the frames in which a leg is about as straight as it ever gets."""
    if not track.has_world:
        tall = picture.tallness(track, height, settings.standing_window_s)
        known = np.isfinite(tall)
        if not known.any():
            return np.flatnonzero(known)
        return np.flatnonzero(known & (tall > settings.standing_height * np.percentile(tall[known], 95)))
    bends = np.array([(knee_bend_deg(track, leg) + hip_bend_deg(track, leg)) / 2 for leg in LEGS])
    bend = np.fmin(bends[0], bends[1])
    known = np.isfinite(bend) & np.isfinite(height)
    if not known.any():
        return np.flatnonzero(known)
    return np.flatnonzero(known & (bend < np.percentile(bend[known], 5) + settings.standing_bend_deg))


def _knot(times_s: Floats, height: Floats) -> tuple[float, float]:
    """Time and height of the upper part of a moment of standing: its ends already lead into a squat."""
    upper = height >= np.percentile(height, 70)
    return float(times_s[upper].mean()), float(height[upper].mean())


def _bend_deg(a: Floats, b: Floats, c: Floats) -> Floats:
    """Angle by which the chain a-b-c departs from a straight line, (n,) degrees."""
    first, second = b - a, c - b
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.sum(first * second, axis=-1) / lengths
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _fill(values: Floats, times_s: Floats) -> Floats:
    """`values` with NaN replaced along a line between the neighbours, held at the ends."""
    seen = np.isfinite(values)
    if not seen.any():
        return values
    return np.interp(times_s, times_s[seen], values[seen])


def _mean_seen(values: Floats) -> Floats:
    """Mean over axis 1 of what is not NaN; NaN where nothing is seen."""
    count = np.isfinite(values).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.nansum(values, axis=1) / count)
