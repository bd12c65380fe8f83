"""A made-up squat set with known numbers: curves, stick-figure track and analysis that agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from knee_track.curves import Curves, LegCurves
from knee_track.pose.skeleton import INDEX, N_LANDMARKS
from knee_track.pose.track import PoseTrack
from knee_track.results import (
    Analysis,
    Attempt,
    Block,
    Client,
    Dose,
    Event,
    Finding,
    LegSummaries,
    LegSummary,
    Model,
    Protocol,
    Quality,
    Rep,
    RepLeg,
    RepLegs,
    Session,
    Source,
    View,
    Week,
)
from knee_track.video.writer import VideoWriter

FPS = 30
WIDTH, HEIGHT = 360, 640
REST_S, MOVE_S = 1.0, 2.0
MAX_DEPTH = 0.4
BAND_DEG = 2.5
STANDING_DEG = 4.5
PEAKS_DEG = {"left": (2.0, 8.0, 12.0), "right": (1.0, 1.5, 5.0)}
GRADES = {"left": ("none", "moderate", "severe"), "right": ("none", "none", "mild")}
ANKLE_X = {"left": 225.0, "right": 135.0}
MEDIAL = {"left": -1.0, "right": 1.0}
FLOOR_Y, SHANK_PX, THIGH_PX = 580.0, 140.0, 140.0


BACKGROUND = 90


def grey() -> np.ndarray:
    """One empty picture of the made-up set."""
    return np.full((HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)


def write_clip(path: Path, picture: np.ndarray | None = None) -> Path:
    """A clip as long as the made-up set that shows one still picture, grey when not given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with VideoWriter(path, WIDTH, HEIGHT) as writer:
        for time_s in make_curves().time_s:
            writer.write(grey() if picture is None else picture, float(time_s))
    return path


def rep_times(number: int) -> tuple[float, float, float]:
    """Start, bottom and end of rep `number` (from 1)."""
    start = REST_S + (number - 1) * (MOVE_S + REST_S)
    return start, start + MOVE_S / 2, start + MOVE_S


def make_curves(reps: int = 3, knees: bool = True) -> Curves:
    n = int(round(FPS * (REST_S + reps * (MOVE_S + REST_S))))
    time_s = np.arange(n) / FPS
    share = np.zeros(n)
    rep = np.zeros(n, dtype=np.int64)
    phase = np.full(n, "standing", dtype="<U12")
    deviation = {side: np.full(n, STANDING_DEG) for side in PEAKS_DEG}
    for number in range(1, reps + 1):
        start, _, end = rep_times(number)
        inside = (time_s >= start) & (time_s <= end)
        progress = (time_s[inside] - start) / MOVE_S
        share[inside] = np.sin(np.pi * progress)
        rep[inside] = number
        phase[inside] = np.select(
            [progress < 0.4, progress < 0.6, progress < 0.8],
            ["descent", "bottom", "early_ascent"],
            "late_ascent",
        )
        for side, peaks in PEAKS_DEG.items():
            deviation[side][inside] += (peaks[number - 1] - STANDING_DEG) * share[inside]
    none = np.full(n, np.nan)
    legs = {side: _leg(side, deviation[side] if knees else none, share) for side in PEAKS_DEG}
    zeros = np.zeros(n)
    return Curves(time_s, MAX_DEPTH * share, phase, rep, legs, zeros, zeros + 1.5, zeros, zeros + 1.1, none)


def _leg(side: str, deviation: np.ndarray, share: np.ndarray) -> LegCurves:
    target = _knee_target(side, share)
    ankle = np.array([ANKLE_X[side], FLOOR_Y])
    line = np.array([ankle, ankle + [-25.0 * MEDIAL[side], 35.0]])
    return LegCurves(
        deviation_deg=deviation,
        band_deg=np.where(np.isnan(deviation), np.nan, BAND_DEG),
        offset_pct_shank=100 * np.sin(np.radians(deviation)),
        ray_angle_deg=deviation * 1.3,
        knee_flexion_deg=4.0 + 96.0 * share,
        fppa_deg=np.full_like(deviation, np.nan),
        toe_line_px=np.where(np.isnan(deviation)[:, None, None], np.nan, line),
        knee_target_px=np.where(np.isnan(deviation)[:, None], np.nan, target),
    )


def _knee_target(side: str, share: np.ndarray) -> np.ndarray:
    x = ANKLE_X[side] - 20.0 * MEDIAL[side] * share
    return np.stack([x, FLOOR_Y - SHANK_PX * (1 - 0.15 * share)], axis=1)


def make_track(curves: Curves) -> PoseTrack:
    """A stick figure of the client facing the camera: the client's left on the picture's right."""
    n = len(curves.time_s)
    image = np.full((n, N_LANDMARKS, 2), np.nan)
    share = curves.depth / MAX_DEPTH
    hip_y = FLOOR_Y - (SHANK_PX + THIGH_PX) * (1 - curves.depth)

    def put(name: str, x: np.ndarray | float, y: np.ndarray | float) -> None:
        image[:, INDEX[name], 0], image[:, INDEX[name], 1] = x, y

    put("nose", 180.0, hip_y - 190)
    for side, medial in MEDIAL.items():
        deviation = np.nan_to_num(curves.legs[side].deviation_deg)  # type: ignore[index]
        target = _knee_target(side, share)
        put(f"{side}_shoulder", 180 - 45 * medial, hip_y - 140)
        put(f"{side}_elbow", 180 - 55 * medial, hip_y - 75)
        put(f"{side}_wrist", 180 - 40 * medial, hip_y - 110)
        put(f"{side}_hip", 180 - 25 * medial, hip_y)
        put(f"{side}_knee", target[:, 0] + medial * SHANK_PX * np.sin(np.radians(deviation)), target[:, 1])
        put(f"{side}_ankle", ANKLE_X[side], FLOOR_Y)
        put(f"{side}_heel", ANKLE_X[side] + 4 * medial, FLOOR_Y + 8)
        put(f"{side}_foot_index", ANKLE_X[side] - 20 * medial, FLOOR_Y + 35)
    world = np.zeros((n, N_LANDMARKS, 3))
    world[:, :, :2] = (np.nan_to_num(image) - [180.0, 0.0]) / 330
    world[:, :, 1] -= hip_y[:, None] / 330
    return PoseTrack(curves.time_s, image, world, np.full((n, N_LANDMARKS), 0.9), WIDTH, HEIGHT)


def make_analysis(
    path: Path | str = "clips/squat.mp4", *, sha256: str = "a" * 64, reps: int = 3, knees: bool = True
) -> Analysis:
    """Analysis of the made-up set: `knees=False` is a refused side view, `reps=0` a clip of standing."""
    curves = make_curves(reps, knees)
    events = [_event(side, i) for i in range(reps) for side in PEAKS_DEG if GRADES[side][i] != "none"]
    analysis = Analysis(
        software_version="0.1.0",
        source=Source(
            path=str(path),
            sha256=sha256,
            width_px=WIDTH,
            height_px=HEIGHT,
            duration_s=len(curves.time_s) / FPS,
            frame_count=len(curves.time_s),
            mean_fps=float(FPS),
            variable_frame_rate=False,
            recorded_at="2026-05-04T09:30:00+00:00",
        ),
        client=Client(id="client-7", height_m=1.78),
        model=Model(name="BlazePose", variant="full", sha256="b" * 64, runtime_version="mediapipe 1.2.2"),
        view=_view(knees),
        movement="squat" if reps else "unknown",
        reps=[_rep(i, knees) for i in range(reps)],
        attempts=[Attempt(start_s=0.1, end_s=0.7, reason="too shallow")],
        events=events if knees else [],
        legs=LegSummaries(
            left=_summary("left", knees and reps > 0), right=_summary("right", knees and reps > 0)
        ),
        asymmetry_deg=6.5 if knees and reps else None,
        asymmetry_band_deg=2.0 if knees and reps else None,
        quality=Quality(level="medium", warnings=["The picture is dark."]),
        findings=[Finding(id="medial_knee", leg="left", text="The left knee moves inward.")] if knees else [],
        protocol=_protocol()
        if knees and reps
        else Protocol(status="none", summary="No plan: nothing measured."),
        disclaimer="This report is an automated movement-coaching aid based on one camera.",
        changed_settings={"events": {"enter_deg": 4.5}},
    )
    analysis._curves = curves
    analysis._track = make_track(curves)
    return analysis


def _view(knees: bool) -> View:
    if knees:
        return View(name="front", yaw_deg=2.0, pitch_deg=4.0, roll_deg=-0.5, mirrored=False, usable=True)
    return View(
        name="side",
        yaw_deg=70.0,
        pitch_deg=4.0,
        roll_deg=0.0,
        mirrored=False,
        usable=False,
        reasons=["Camera stands 70° to the side; film from the front at knee height, 2.5 to 3 m away."],
    )


def _rep(i: int, knees: bool) -> Rep:
    start, bottom, end = rep_times(i + 1)
    legs = RepLegs(left=_rep_leg("left", i, knees), right=_rep_leg("right", i, knees))
    return Rep(
        index=i + 1,
        start_s=start,
        bottom_s=bottom,
        end_s=end,
        depth=MAX_DEPTH,
        knee_flexion_deg=100.0,
        working_leg="both",
        legs=legs,
    )


def _rep_leg(side: str, i: int, knees: bool) -> RepLeg:
    if not knees:
        return RepLeg(
            peak_deviation_deg=None,
            band_deg=None,
            excursion_deg=None,
            peak_offset_pct_shank=None,
            toe=None,
            peak_phase=None,
            grade="unknown",
        )
    peak = PEAKS_DEG[side][i]
    return RepLeg(
        peak_deviation_deg=peak,
        band_deg=BAND_DEG,
        excursion_deg=peak - STANDING_DEG,
        peak_offset_pct_shank=float(100 * np.sin(np.radians(peak))),
        toe="inside" if peak > 10 else "big" if peak > 4 else "third",
        peak_phase="bottom",
        peak_s=rep_times(i + 1)[1],
        grade=GRADES[side][i],
    )


def _event(side: str, i: int) -> Event:
    _, bottom, _ = rep_times(i + 1)
    peak = PEAKS_DEG[side][i]
    return Event(
        leg=side,
        rep=i + 1,
        phase="bottom",
        start_s=bottom - 0.5,
        end_s=bottom + 0.4,
        peak_s=bottom,
        peak_deviation_deg=peak,
        band_deg=BAND_DEG,
        mean_deviation_deg=peak * 0.8,
        peak_offset_pct_shank=float(100 * np.sin(np.radians(peak))),
        grade=GRADES[side][i],
        static=False,
        confidence=0.82,
    )


def _summary(side: str, measured: bool) -> LegSummary:
    peaks = sorted(PEAKS_DEG[side])
    return LegSummary(
        grade=("moderate" if side == "left" else "intermittent") if measured else "unknown",
        worst_grade=("severe" if side == "left" else "mild") if measured else "unknown",
        reps_with_events=(2 if side == "left" else 1) if measured else 0,
        median_peak_deviation_deg=peaks[1] if measured else None,
        band_deg=BAND_DEG if measured else None,
        borderline=measured and side == "left",
        standing_deviation_deg=STANDING_DEG if measured else None,
        standing_hka_deg=1.0 if measured else None,
    )


def _protocol() -> Protocol:
    dose = Dose(
        id="act_clam",
        name="Clam",
        sets=2,
        reps=12,
        tempo="2-1-2",
        rest_s=45,
        per_side=True,
        why="The left knee moves inward.",
        cues=["Heels together", "Open the top knee"],
    )
    session = Session(name="A", minutes=25, blocks=[Block(phase="activate", leg="left", exercises=[dose])])
    return Protocol(
        status="corrective",
        summary="Eight weeks, three sessions a week.",
        weeks=[Week(weeks="1-2", focus="Release and activate", sessions_per_week=3, sessions=[session])],
        gates=["Grade mild or better in two sessions."],
        retest=["Film again after week 4."],
        safety=["Stop when pain exceeds 5 of 10."],
        hypotheses=["TFL may dominate."],
    )
