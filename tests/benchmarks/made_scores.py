"""Made-up scores with known errors."""

from __future__ import annotations

from typing import Any

from benchmarks.agreement import EventTally, Measurement
from benchmarks.naive import NAIVE
from benchmarks.scoring import ClipScore, LegScore, RepScore


def leg_score(true: float = 8.0, error: float = 0.0, band: float = 2.5, **changes: Any) -> LegScore:
    """A measured leg with one event, found at once; `changes` replace fields."""
    fields: dict[str, Any] = {
        "rep": 1,
        "leg": "left",
        "outcome": "measured",
        "peak": Measurement(true, true + error, band),
        "true_grade": "moderate",
        "grade": "moderate",
        "naive": {name: Measurement(true, true + 5.0) for name in NAIVE},
        "events": EventTally(1, 1, (0.0,)),
        "true_phase": "bottom",
        "phase": "bottom",
        "toe_out_deg": 18.0,
    }
    return LegScore(**{**fields, **changes})


def refused_leg(true: float = 8.0) -> LegScore:
    """A leg whose knee was not measured."""
    return leg_score(outcome="refused", peak=Measurement(true), naive={}, events=EventTally(1, 0), phase=None)


def clip_score(legs: list[LegScore], clip: str = "r00", **changes: Any) -> ClipScore:
    """A clip from the front at 0.9 m whose view was found exactly; `changes` replace fields."""
    nothing = Measurement(0.0, 0.0)
    fields: dict[str, Any] = {
        "clip": clip,
        "body": "man",
        "yaw_deg": 0.0,
        "camera_height_m": 0.9,
        "usable": True,
        "view_name": "front",
        "quality": "high",
        "reps_true": 1,
        "reps_found": 1,
        "yaw": nothing,
        "pitch": nothing,
        "roll": nothing,
        "reps": [
            RepScore(*[nothing] * 3, depth=Measurement(0.4, 0.4), knee_flexion_deg=Measurement(100, 100))
        ],
        "legs": legs,
        "stray_events": 0,
    }
    return ClipScore(**{**fields, **changes})
