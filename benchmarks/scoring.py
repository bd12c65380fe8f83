"""One rendered clip: what the pipeline said, beside the truth. No statistics here, and no printing.

The truth goes through the same rules as the estimate: true events come from `find_events`, true peaks from
`peak_deviation`, on curves made of the true joints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.agreement import EventTally, Measurement, match_spans, tally
from benchmarks.naive import NAIVE
from benchmarks.truth import Truth
from knee_track.curves import Curves, LegCurves
from knee_track.findings.events import Span, find_events, loaded_window, peak_frame, standing_noise_deg
from knee_track.findings.per_rep import peak_deviation, unmeasured
from knee_track.findings.severity import grade_of
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.reps.phases import phase_labels
from knee_track.reps.segmentation import RepSpan
from knee_track.results import Analysis, Grade, Phase, Rep, RepLeg, View
from knee_track.settings import Settings

Floats = NDArray[np.float64]
Outcome = Literal["measured", "refused", "missed"]

LEAST_IOU: Final = 0.3


@dataclass(frozen=True)
class LegScore:
    """One leg in one true rep. Angles in degrees.

    outcome: "missed" where the rep was not found, "refused" where it was and the knee was not measured.
    naive: other measures of the same peak, see `naive.NAIVE`; of measured legs only.
    true_phase, phase: those of the peak's moment. toe_out_deg: of the true line ankle to third toe.
    """

    rep: int
    leg: Leg
    outcome: Outcome
    peak: Measurement
    true_grade: Grade
    grade: Grade
    naive: dict[str, Measurement]
    events: EventTally
    true_phase: Phase
    phase: Phase | None
    toe_out_deg: float


@dataclass(frozen=True)
class RepScore:
    """One true rep that was found: times in seconds, depth as a fraction, flexion in degrees."""

    start_s: Measurement
    bottom_s: Measurement
    end_s: Measurement
    depth: Measurement
    knee_flexion_deg: Measurement


@dataclass(frozen=True)
class ClipScore:
    """One clip: under which conditions it was made, and what was made of it.

    stray_events: found in reps that are none, and so wrong.
    """

    clip: str
    body: str
    yaw_deg: float
    camera_height_m: float
    usable: bool
    view_name: str
    quality: str
    reps_true: int
    reps_found: int
    yaw: Measurement
    pitch: Measurement
    roll: Measurement
    reps: list[RepScore]
    legs: list[LegScore]
    stray_events: int


def score_clip(clip: str, truth: Truth, analysis: Analysis, settings: Settings) -> ClipScore:
    """Set the analysis of a clip beside its truth."""
    true = true_curves(truth, settings)
    found = match_spans(
        [Span(rep["start"], rep["end"]) for rep in truth.reps],
        [Span(rep.start_s, rep.end_s) for rep in analysis.reps],
    )
    partners = [analysis.reps[found[i]] if i in found else None for i in range(len(truth.reps))]
    known = {rep.index for rep in partners if rep is not None}
    return ClipScore(
        clip=clip,
        body=truth.scene["body"],
        yaw_deg=truth.scene["yaw"],
        camera_height_m=truth.camera["position"][2],
        usable=analysis.view.usable,
        view_name=analysis.view.name,
        quality=analysis.quality.level,
        reps_true=len(truth.reps),
        reps_found=len(analysis.reps),
        **_view(truth, analysis.view),
        reps=[_rep(truth, true, i, rep) for i, rep in enumerate(partners) if rep is not None],
        legs=[
            _leg(truth, true, analysis, i + 1, rep, leg, settings)
            for i, rep in enumerate(partners)
            for leg in LEGS
        ],
        stray_events=sum(event.rep not in known for event in analysis.events),
    )


def true_curves(truth: Truth, settings: Settings) -> Curves:
    """Curves as the pipeline would draw them with perfect sight; what no score reads is NaN."""
    depth = truth.depth
    spans = [_true_span(truth, depth, rep) for rep in truth.reps]
    phase, number = phase_labels(depth, spans, settings.reps)
    nothing = np.full(len(depth), np.nan)
    legs = {leg: _true_leg_curves(truth, leg) for leg in LEGS}
    return Curves(truth.times_s, depth, phase, number, legs, nothing, nothing, nothing, nothing, nothing)


def _true_span(truth: Truth, depth: Floats, rep: dict[str, Any]) -> RepSpan:
    start, bottom, end = (
        int(np.abs(truth.times_s - rep[name]).argmin()) for name in ("start", "bottom", "end")
    )
    return RepSpan(
        start, bottom, end, rep["start"], rep["bottom"], rep["end"], float(depth[start : end + 1].max())
    )


def _true_leg_curves(truth: Truth, leg: Leg) -> LegCurves:
    deviation = truth.deviation_deg(leg)
    nothing = np.full(len(deviation), np.nan)
    return LegCurves(
        deviation_deg=deviation,
        band_deg=np.zeros(len(deviation)),
        offset_pct_shank=100.0 * np.sin(np.radians(deviation)),
        ray_angle_deg=nothing,
        knee_flexion_deg=_flexion_deg(truth, leg),
        fppa_deg=nothing,
        toe_line_px=np.full((len(deviation), 2, 2), np.nan),
        knee_target_px=np.full((len(deviation), 2), np.nan),
    )


def _flexion_deg(truth: Truth, leg: Leg) -> Floats:
    """Angle between the thigh and the shank's continuation (n,), 0 = straight."""
    hip, knee, ankle = (truth.point_m(leg, name) for name in ("hip", "knee", "ankle"))
    thigh, shank = knee - hip, ankle - knee
    lengths = np.linalg.norm(thigh, axis=1) * np.linalg.norm(shank, axis=1)
    return np.asarray(np.degrees(np.arccos(np.sum(thigh * shank, axis=1) / lengths)))


def _view(truth: Truth, view: View) -> dict[str, Measurement]:
    """Camera angles; the yaw of a refused view, too, where there is one."""
    return {
        "yaw": Measurement.of(truth.scene["yaw"], view.yaw_deg, view.yaw_band_deg),
        "pitch": Measurement.of(truth.camera["pitch_deg"], view.pitch_deg, view.pitch_band_deg),
        "roll": Measurement.of(picture_roll_deg(truth), view.roll_deg, view.roll_band_deg),
    }


def picture_roll_deg(truth: Truth) -> float:
    """How far what is seen is turned clockwise, degrees: the direction of the world's up in the picture."""
    right, down, _ = np.array(truth.camera["R"])[:, 2]
    return float(np.degrees(np.arctan2(right, -down)))


def _rep(truth: Truth, true: Curves, i: int, found: Rep) -> RepScore:
    """Timing, depth and flexion of the i-th true rep."""
    commanded, inside = truth.reps[i], true.rep == i + 1
    flexion = np.mean([true.legs[leg].knee_flexion_deg[inside].max() for leg in LEGS])
    return RepScore(
        start_s=Measurement(commanded["start"], found.start_s),
        bottom_s=Measurement(commanded["bottom"], found.bottom_s),
        end_s=Measurement(commanded["end"], found.end_s),
        depth=Measurement.of(float(true.depth[inside].max()), found.depth, found.depth_band),
        knee_flexion_deg=Measurement.of(float(flexion), found.knee_flexion_deg, found.knee_flexion_band_deg),
    )


def _leg(
    truth: Truth,
    true: Curves,
    analysis: Analysis,
    number: int,
    rep: Rep | None,
    leg: Leg,
    settings: Settings,
) -> LegScore:
    """One leg in the true rep `number`, found as `rep` or not at all."""
    peak = _peak(true, true.legs[leg].deviation_deg, number, settings)
    if peak is None:
        raise ValueError(f"true rep {number} never loads the knees")
    record: RepLeg = (getattr(rep.legs, leg) if rep is not None else None) or unmeasured()
    outcome = _outcome(rep, record)
    found_events = [event for event in analysis.events if rep is not None and event.rep == rep.index]
    return LegScore(
        rep=number,
        leg=leg,
        outcome=outcome,
        peak=Measurement.of(peak, record.peak_deviation_deg, record.band_deg),
        true_grade=grade_of(peak, settings.grade),
        grade=record.grade,
        naive=_naive(analysis, leg, peak, rep, settings) if rep and outcome == "measured" else {},
        events=tally(
            true_events(true, leg, number, settings),
            [Span(event.start_s, event.end_s) for event in found_events if event.leg == leg],
            LEAST_IOU,
        ),
        true_phase=_true_phase(true, leg, number, peak, settings),
        phase=record.peak_phase,
        toe_out_deg=float(np.median(truth.toe_out_deg(leg)[true.rep == number])),
    )


def _true_phase(true: Curves, leg: Leg, number: int, peak_deg: float, settings: Settings) -> Phase:
    """Phase of the true peak, by the rule that the program uses."""
    window = loaded_window(true, number, settings.grade.loaded_depth)
    top = peak_frame(true.legs[leg].deviation_deg, window, peak_deg, settings.grade.peak_within_deg)
    return cast(Phase, str(true.phase[top]))


def _outcome(rep: Rep | None, record: RepLeg) -> Outcome:
    if rep is None:
        return "missed"
    return "refused" if record.peak_deviation_deg is None else "measured"


def true_events(true: Curves, leg: Leg, number: int, settings: Settings) -> list[Span]:
    """The events that the program's own rule sees on the true curve of one rep."""
    every = find_events(true, leg, np.ones(len(true.rep)), settings, sigma_deg=standing_noise_deg(true, leg))
    return [Span(event.start_s, event.end_s) for event in every if event.rep == number]


def _naive(
    analysis: Analysis, leg: Leg, true_deg: float, rep: Rep, settings: Settings
) -> dict[str, Measurement]:
    """The peak by the naive measures, in the window that the pipeline graded."""
    curves, track = analysis.curves, analysis.track
    assert curves is not None and track is not None, "an analysis of this run holds its curves"
    standing = curves.phase == "standing"
    return {
        name: Measurement.of(true_deg, _peak(curves, measure(track, leg, standing), rep.index, settings))
        for name, measure in NAIVE.items()
    }


def _peak(curves: Curves, deviation_deg: Floats, number: int, settings: Settings) -> float | None:
    """Peak of a curve (n,) in the loaded window of one rep."""
    window = loaded_window(curves, number, settings.grade.loaded_depth)
    return peak_deviation(deviation_deg, window, settings.grade)
