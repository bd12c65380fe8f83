"""What is worth a word after a frame, each thing once: for JSON lines, a page, or a log.

A happening is a plain dict with a `type` (instruction, event, cue, rep, set, status). Times are seconds on
the clock of the source, angles degrees, medial positive, with the half-width of their 95 % band; what was not
measured is None.
"""

from __future__ import annotations

import math
from typing import Any

from knee_track.live.saving import Saved
from knee_track.live.sources import Status
from knee_track.live.state import Cue, Instruction, LiveEvent, LiveRep, LiveState
from knee_track.pose.skeleton import LEGS
from knee_track.report.summary import headline

Happening = dict[str, Any]


class Happenings:
    """Turns states into happenings: instructions, events, cues and reps."""

    def __init__(self) -> None:
        self._told: Instruction | None = None

    def of(self, state: LiveState) -> list[Happening]:
        """What this state brings that the ones before did not."""
        found = [_event(event) for event in (*state.opened, *state.closed)]
        found += [_cue(state.cue)] if state.cue is not None else []
        found += [_rep(rep) for rep in state.new_reps]
        if state.instruction is not None and state.instruction != self._told:
            found.append(_instruction(state.instruction, state.time_s))
        self._told = state.instruction
        return found


def status_happening(status: Status) -> Happening:
    """What a source or the runner told."""
    return {"type": "status", "kind": status.kind, "text": status.sentence}


def set_happening(saved: Saved) -> Happening:
    """A set that was saved, in short; the whole is in its folder."""
    analysis = saved.analysis
    legs = {}
    for leg in LEGS:
        result = getattr(analysis.legs, leg)
        legs[leg] = {
            "grade": result.grade,
            "median_peak_deviation_deg": rounded(result.median_peak_deviation_deg),
            "band_deg": rounded(result.band_deg),
        }
    return {
        "type": "set",
        "folder": str(saved.folder),
        "reps": len(analysis.reps),
        "legs": legs,
        "text": headline(analysis),
    }


def _instruction(instruction: Instruction, time_s: float) -> Happening:
    return {
        "type": "instruction",
        "time_s": rounded(time_s, 3),
        "id": instruction.id,
        "text": instruction.text,
    }


def _event(event: LiveEvent) -> Happening:
    return {
        "type": "event",
        "leg": event.leg,
        "rep": event.rep,
        "phase": event.phase,
        "start_s": rounded(event.start_s, 3),
        "end_s": rounded(event.end_s, 3),
        "peak_deviation_deg": rounded(event.peak_deviation_deg),
        "band_deg": rounded(event.band_deg),
        "grade": event.grade,
        "static": event.static,
    }


def _cue(cue: Cue) -> Happening:
    return {
        "type": "cue",
        "time_s": rounded(cue.time_s, 3),
        "rep": cue.rep,
        "leg": cue.leg,
        "deviation_deg": rounded(cue.deviation_deg),
        "band_deg": rounded(cue.band_deg),
    }


def _rep(rep: LiveRep) -> Happening:
    return {
        "type": "rep",
        "rep": rep.number,
        "start_s": rounded(rep.start_s, 3),
        "bottom_s": rounded(rep.bottom_s, 3),
        "end_s": rounded(rep.end_s, 3),
        "depth": rounded(rep.depth, 2),
        "legs": {
            leg: {
                "peak_deviation_deg": rounded(result.peak_deviation_deg),
                "band_deg": rounded(result.band_deg),
                "grade": result.grade,
                "peak_phase": result.peak_phase,
            }
            for leg, result in rep.legs.items()
        },
    }


def rounded(value: float | None, digits: int = 1) -> float | None:
    """For JSON: missing is None, and no number has digits that mean nothing."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits) + 0.0
