"""What the page is told of a live state: only what it draws. Places are shares of the picture, 0 to 1."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knee_track.live.happenings import rounded
from knee_track.live.sources import Frame
from knee_track.live.state import LegNow, LiveRep, LiveState
from knee_track.live.timings import Timing
from knee_track.pose.skeleton import ANKLE, HIP, KNEE, LEGS

Floats = NDArray[np.float64]

SHOWN_REPS: Final = 30


def state_words(frame: Frame, state: LiveState, timing: Timing) -> dict[str, Any]:
    """A state as JSON; degrees with one digit, missing is None."""
    height, width = frame.rgb.shape[:2]
    size = np.array([width, height], dtype=float)
    marks = state.landmarks_px
    return {
        "type": "state",
        "number": frame.number,
        "stage": state.stage,
        "paused_by": state.paused_by,
        "instruction": state.instruction.text if state.instruction else None,
        "blocking": bool(state.instruction and state.instruction.blocking),
        "standing_s": rounded(state.standing_s),
        "legs": {leg: _leg(state.legs.get(leg, LegNow()), size) for leg in LEGS},
        "bones": {leg: None if marks is None else _bones(marks, leg, size) for leg in LEGS},
        "phase": state.phase,
        "reps": [_rep(rep) for rep in state.reps[-SHOWN_REPS:]],
        "count": len(state.reps),
        "quality": state.quality,
        "fps": round(timing.fps, 1),
        "late_ms": round(1000 * timing.total_s),
    }


def _leg(now: LegNow, size: Floats) -> dict[str, Any]:
    return {
        "deg": rounded(now.deviation_deg),
        "band": rounded(now.band_deg),
        "grade": now.grade,
        "event": now.event,
        "line": _places(now.toe_line_px, size),
        "target": _places(now.knee_target_px, size),
    }


def _bones(marks_px: Floats, leg: str, size: Floats) -> list[Any] | None:
    """Hip, knee and ankle of a leg."""
    return _places(marks_px[[HIP[leg], KNEE[leg], ANKLE[leg]]], size)  # type: ignore[index]


def _rep(rep: LiveRep) -> dict[str, Any]:
    legs = {
        leg: {"deg": rounded(one.peak_deviation_deg), "band": rounded(one.band_deg), "grade": one.grade}
        for leg, one in rep.legs.items()
    }
    return {"number": rep.number, "measured": rep.measured, "legs": legs}


def _places(points_px: Floats | None, size: Floats) -> list[Any] | None:
    """Points (..., 2) in shares of the picture; None when one is unknown."""
    if points_px is None or not np.isfinite(points_px).all():
        return None
    places: list[Any] = np.round(points_px / size, 4).tolist()
    return places
