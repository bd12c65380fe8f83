"""What is shown of the legs in one frame: colour only out of noise, and points where the picture has them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from knee_track.findings.events import leg_visibility
from knee_track.findings.severity import grade_of
from knee_track.live.buffer import Landmarks, Size
from knee_track.live.events_online import LegSample
from knee_track.live.held import Held, SolvedFrame
from knee_track.live.state import LegNow
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.pose.track import PoseTrack
from knee_track.settings import Settings

Floats = NDArray[np.float64]


def leg_now(leg: Leg, solved: SolvedFrame, held: Held, settings: Settings, *, in_rep: bool) -> LegNow:
    """One leg of a solved frame; graded only in the loaded window, from the entry on and beyond its band."""
    curve = solved.curves[leg]
    deviation, band = float(curve.deviation_deg[0]), float(curve.band_deg[0])
    if not np.isfinite(deviation):
        return LegNow()
    loaded = in_rep and solved.depth >= settings.grade.loaded_depth
    clear = deviation >= max(held.enter_deg(leg, settings), band)
    return LegNow(
        deviation_deg=deviation,
        band_deg=band,
        grade=grade_of(deviation, settings.grade) if loaded and clear else "none",
        toe_line_px=curve.toe_line_px[0],
        knee_target_px=curve.knee_target_px[0],
    )


def leg_samples(
    legs: dict[Leg, LegNow], now: PoseTrack, depth: float, held: Held, settings: Settings
) -> dict[Leg, LegSample]:
    """What the events of a rep want to know of one frame; now: its track, depth: a fraction."""
    loaded = depth >= settings.grade.loaded_depth
    samples = {}
    for leg in LEGS:
        deviation, band = legs[leg].deviation_deg, legs[leg].band_deg
        visible = bool(leg_visibility(now.visibility, leg)[0] >= settings.events.min_visibility)
        samples[leg] = LegSample(
            deviation_deg=float("nan") if deviation is None else deviation,
            usable=loaded and visible,
            enter_deg=held.enter_deg(leg, settings),
            static=held.static[leg],
            band_deg=float("nan") if band is None else band,
        )
    return samples


def as_filmed(leg: LegNow, mirror_px: int | None) -> LegNow:
    """Drawn points put back into a mirrored picture of this width, None for one that is not."""
    if leg.toe_line_px is None or leg.knee_target_px is None:
        return leg
    return replace(
        leg,
        toe_line_px=points_as_filmed(leg.toe_line_px, mirror_px),
        knee_target_px=points_as_filmed(leg.knee_target_px, mirror_px),
    )


def points_as_filmed(points_px: Floats, mirror_px: int | None) -> Floats:
    """Points (..., 2) of the true scene where a mirrored picture of this width shows them; sides stay."""
    if mirror_px is None:
        return points_px.copy()
    return np.asarray(points_px * np.array([-1.0, 1.0]) + np.array([mirror_px, 0.0]))


def in_size(seen: Landmarks | None, size: Size, wanted: Size) -> Landmarks | None:
    """Landmarks in pixels of the first frame's size, should a camera change its mind."""
    if seen is None or size == wanted:
        return seen
    return replace(seen, image_px=seen.image_px * (np.array(wanted) / np.array(size)))
