"""What the live check says after a frame: plain data for a window, a page or a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from knee_track.pose.skeleton import Leg
from knee_track.results import Grade, Level, Phase, Working

Floats = NDArray[np.float64]

Stage = Literal["setup", "standing", "ready", "measuring", "paused"]
"""setup: something is to be put right first. standing: stand still, to calibrate. ready: calibrated, before
the first rep. measuring: in a set. paused: see `LiveState.paused_by`."""
Feedback = Literal["every", "alternate", "summary", "off"]
"""Faded feedback: a cue in every rep that earns one, in every other rep, only after the set, or never."""
PauseReason = Literal["user", "lost", "second_person", "camera_moved"]


@dataclass(frozen=True)
class Instruction:
    """One thing to do now. blocking: nothing can be calibrated before it is done; else it is advice."""

    id: str
    text: str
    blocking: bool = False


@dataclass(frozen=True)
class LegNow:
    """One leg in this frame; None where not measured.

    deviation_deg: medial positive. band_deg: half-width of the 95 % interval. grade: "none" unless the
    deviation reaches both the event threshold and the band, so that noise is never coloured; "unknown" when
    not measured. event: an event is open. toe_line_px (2, 2), knee_target_px (2,): where to draw the
    third-toe line and the knee's place over it, in pixels of the frame as it came.
    """

    deviation_deg: float | None = None
    band_deg: float | None = None
    grade: Grade = "unknown"
    event: bool = False
    toe_line_px: Floats | None = None
    knee_target_px: Floats | None = None


@dataclass(frozen=True)
class LiveEvent:
    """A valgus event as it is seen live; end_s None while it lasts. grade: of the peak so far.

    band_deg: half-width of the 95 % interval, the widest inside the event.
    """

    leg: Leg
    rep: int
    phase: Phase
    start_s: float
    end_s: float | None
    peak_deviation_deg: float
    band_deg: float
    grade: Grade
    static: bool = False


@dataclass(frozen=True)
class Cue:
    """Tell the client now: this leg goes in. At most one per rep."""

    leg: Working
    rep: int
    time_s: float
    deviation_deg: float
    band_deg: float


@dataclass(frozen=True)
class RepLegResult:
    """One leg of a finished rep, from the recorded analysis' functions."""

    peak_deviation_deg: float | None
    band_deg: float | None
    grade: Grade
    peak_phase: Phase | None


@dataclass(frozen=True)
class LiveRep:
    """A finished rep. number counts from 1; times as given to `step`; legs: the working ones."""

    number: int
    start_s: float
    bottom_s: float
    end_s: float
    depth: float
    legs: dict[Leg, RepLegResult] = field(default_factory=dict)
    measured: bool = False
    """False from the moment it is counted until its numbers are there, a moment later."""


@dataclass(frozen=True)
class LiveState:
    """Everything after one frame.

    time_s: of the frame, as given. stage, paused_by, instruction: see there; one instruction at a time.
    standing_s: quiet standing so far, to `live.standing_s`. legs: both, in this frame. depth, phase, rep: of
    the movement under way; phase None while standing; rep is the number it will have if it counts. reps: all
    finished ones. new_reps: those of them whose numbers came with this frame. opened, closed: events that
    began or ended with this frame. cue: only in the frame that decides it. calibrated: a leg model is held.
    quality: low without quiet standing, medium with advice not followed. landmarks_px (33, 2): smoothed, in
    pixels of the frame as it came.
    """

    time_s: float
    stage: Stage
    instruction: Instruction | None = None
    paused_by: PauseReason | None = None
    standing_s: float = 0.0
    legs: dict[Leg, LegNow] = field(default_factory=dict)
    depth: float | None = None
    phase: Phase | None = None
    rep: int | None = None
    reps: tuple[LiveRep, ...] = ()
    new_reps: tuple[LiveRep, ...] = ()
    opened: tuple[LiveEvent, ...] = ()
    closed: tuple[LiveEvent, ...] = ()
    cue: Cue | None = None
    calibrated: bool = False
    quality: Level = "low"
    landmarks_px: Floats | None = None
