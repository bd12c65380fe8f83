"""Judge and advise: from measured curves, wherever they come from, to the analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knee_track import __version__, results
from knee_track.curves import Curves
from knee_track.findings.asymmetry import asymmetry, common_drift_deg, roll_warning
from knee_track.findings.events import find_events, find_lateral_events, leg_visibility, standing_noise_deg
from knee_track.findings.findings import list_findings
from knee_track.findings.per_rep import rep_frontal, rep_leg, unmeasured
from knee_track.findings.quality import ClipFacts, assess_quality, trust
from knee_track.findings.severity import is_static, summarise_leg
from knee_track.findings.whole_set import WholeSet
from knee_track.geometry import anatomy
from knee_track.geometry.calibration import Calibration, Point, check_given, left_out, record_of
from knee_track.geometry.measure import Clip, Measured
from knee_track.geometry.stance import legs_of
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.pose.track import SceneFacts
from knee_track.protocol.plan import build_protocol
from knee_track.protocol.safety import DISCLAIMER, MARKER_DISCLAIMER
from knee_track.reps.movement import Recognition
from knee_track.reps.phases import loaded_window
from knee_track.reps.segmentation import RepSpan
from knee_track.results import Analysis, LegSummaries, Rep, RepLegs
from knee_track.settings import Settings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Declared:
    """What the user says of the clip; None leaves it to the program.

    movement, leg: which exercise, and the working leg of a one-legged one. mirrored: a selfie recording.
    height_m: the client's height, for millimetres. client_id: a pseudonym, never a name. toes, toes_at_s,
    camera_height_m, camera_distance_m: see geometry.calibration.Calibration.
    """

    movement: results.Movement | None = None
    leg: Leg | None = None
    mirrored: bool = False
    height_m: float | None = None
    client_id: str | None = None
    toes: Mapping[Leg, Point] = field(default_factory=dict)
    toes_at_s: float | None = None
    camera_height_m: float | None = None
    camera_distance_m: float | None = None

    def calibration(self, focal_length_35mm: float | None = None) -> Calibration | None:
        """What helps the fit, checked as far as it can be without the clip; None when there is nothing."""
        known = Calibration(
            toes_px=self.toes,
            toes_at_s=self.toes_at_s,
            camera_height_m=self.camera_height_m,
            camera_distance_m=self.camera_distance_m,
            client_height_m=self.height_m,
            focal_length_35mm=focal_length_35mm,
        )
        check_given(known)
        return None if known.empty else known


@dataclass(frozen=True)
class Recording:
    """What is known of a track's origin.

    motion_px (n, 2): how far the background has moved. cuts_s: first moments after cuts. warnings: sentences
    from reading the clip. people: most people seen at once. truncated: the file ended early.
    focal_length_35mm: as the camera wrote it, millimetres.
    """

    source: results.Source
    model: results.Model | None
    motion_px: Floats
    cuts_s: Sequence[float] = ()
    warnings: Sequence[str] = field(default_factory=tuple)
    people: int = 1
    truncated: bool = False
    focal_length_35mm: float | None = None


def conclude(
    clip: Clip,
    found: Recognition,
    measured: Measured,
    recording: Recording,
    declared: Declared,
    settings: Settings,
    *,
    notes: Sequence[str] = (),
) -> Analysis:
    """Judge and advise: from measured curves, wherever they come from, to the analysis.

    notes: what cleaning the data or reading its markers has to say to the reader.
    """
    quality = assess_quality(_facts(clip, found, measured, recording, settings), settings.quality)
    known = declared.calibration(recording.focal_length_35mm)
    warnings = [*recording.warnings, *notes, *found.notes, *quality.warnings]
    if known is not None and measured.view.usable:
        warnings += left_out(known, measured.marked)
    quality = results.Quality(level=quality.level, warnings=list(dict.fromkeys(warnings)))
    result = _judge(clip, found, measured, quality, declared, settings)
    findings = list_findings(result, settings)
    analysis = Analysis(
        software_version=__version__,
        source=recording.source,
        client=results.Client(id=declared.client_id, height_m=declared.height_m),
        calibration=None if known is None else record_of(known, measured.marked),
        model=recording.model,
        view=measured.view,
        movement=found.movement,
        reps=list(result.reps),
        attempts=found.attempts,
        events=list(result.events),
        legs=result.legs,
        asymmetry_deg=result.asymmetry_deg,
        asymmetry_band_deg=result.asymmetry_band_deg,
        quality=result.quality,
        findings=findings,
        protocol=build_protocol(findings, filmed=recording.source.filmed),
        disclaimer=DISCLAIMER if recording.source.filmed else MARKER_DISCLAIMER,
        changed_settings=settings.changed(),
    )
    analysis._curves, analysis._track = measured.curves, clip.track
    analysis._scene = SceneFacts(
        motion_px=clip.motion_px,
        cuts_s=tuple(recording.cuts_s),
        people=recording.people,
        mirrored=declared.mirrored,
        origin=Path(recording.source.path).name,
        focal_length_35mm=recording.focal_length_35mm,
    )
    return analysis


def _judge(
    clip: Clip,
    found: Recognition,
    measured: Measured,
    quality: results.Quality,
    declared: Declared,
    settings: Settings,
) -> WholeSet:
    """Events, grades and asymmetry of the set."""
    curves = measured.curves
    events: list[results.Event] = []
    lateral = []
    for leg in LEGS:
        seen = leg_visibility(clip.track.visibility, leg)
        sigma = standing_noise_deg(curves, leg)
        events += find_events(
            curves,
            leg,
            seen,
            settings,
            sigma_deg=sigma,
            static=is_static(measured.posture[leg].hka_deg, settings.events),
            trust=trust(quality.level, settings.quality),
        )
        lateral += find_lateral_events(curves, leg, seen, settings, sigma_deg=sigma)
    events.sort(key=lambda event: (event.start_s, event.leg))
    reps = [_rep(i, span, found, measured, declared, settings) for i, span in enumerate(found.reps)]
    legs = LegSummaries(
        **{
            leg: summarise_leg(
                [record for rep in reps if (record := getattr(rep.legs, leg)) is not None],
                [event for event in events if event.leg == leg],
                measured.posture[leg],
                settings,
            )
            for leg in LEGS
        }
    )
    difference, band = asymmetry(legs)
    drift = None if measured.upright_known else common_drift_deg(curves, settings.grade)
    if drift is not None:
        quality = results.Quality(level=quality.level, warnings=[*quality.warnings, roll_warning(drift)])
    return WholeSet(
        movement=found.movement,
        view=measured.view,
        reps=reps,
        events=events,
        legs=legs,
        quality=quality,
        asymmetry_deg=difference,
        asymmetry_band_deg=band,
        drift_suspected=drift is not None,
        lateral_events=lateral,
    )


def _rep(
    index: int, span: RepSpan, found: Recognition, measured: Measured, declared: Declared, settings: Settings
) -> Rep:
    """One rep with the records of its working legs."""
    curves = measured.curves
    working = legs_of(found.working[index])
    records = {
        leg: rep_leg(
            curves,
            leg,
            index + 1,
            settings.grade,
            standing_deviation_deg=measured.posture[leg].deviation_deg,
            shank_m=_shank_m(leg, measured, declared),
            fppa_band_deg=measured.bands.fppa_deg,
        )
        if measured.view.usable
        else unmeasured()
        for leg in working
    }
    flexion = _largest_flexion(curves, working, span)
    return Rep(
        index=index + 1,
        start_s=span.start_s,
        bottom_s=span.bottom_s,
        end_s=span.end_s,
        depth=float(np.nanmax(curves.depth[span.frames])),
        depth_band=settings.reps.depth_band,
        knee_flexion_deg=flexion,
        knee_flexion_band_deg=None if flexion is None else settings.reps.knee_flexion_band_deg,
        working_leg=found.working[index] or "both",
        legs=RepLegs(left=records.get("left"), right=records.get("right")),
        frontal=rep_frontal(curves, index + 1, measured.bands, settings.grade),
    )


def _shank_m(leg: Leg, measured: Measured, declared: Declared) -> float | None:
    """Length of a shank: as measured, else a share of the client's height, else None."""
    if measured.shank_m is not None:
        return measured.shank_m[leg]
    return None if declared.height_m is None else anatomy.SHANK_SHARE_OF_HEIGHT * declared.height_m


def _largest_flexion(curves: Curves, working: tuple[Leg, ...], span: RepSpan) -> float | None:
    """Mean over the working legs of the largest knee flexion in a rep, degrees."""
    largest = [np.nanmax(curves.legs[leg].knee_flexion_deg[span.frames], initial=-np.inf) for leg in working]
    known = [float(value) for value in largest if np.isfinite(value)]
    return sum(known) / len(known) if known else None


def _facts(
    clip: Clip, found: Recognition, measured: Measured, recording: Recording, settings: Settings
) -> ClipFacts:
    """What decides how far the clip can be trusted."""
    loaded = loaded_window(clip.depth, clip.rep, settings.grade)
    hidden = [
        leg_visibility(clip.track.visibility, leg)[loaded] < settings.events.min_visibility
        for leg in LEGS
        if any(leg in legs_of(who) for who in found.working)
    ]
    points = clip.track.image_px[clip.track.seen]
    tall_px = float(np.nanmedian(np.nanmax(points[..., 1], axis=1) - np.nanmin(points[..., 1], axis=1)))
    travel = np.ptp(recording.motion_px[np.isfinite(recording.motion_px).all(axis=1)], axis=0)
    return ClipFacts(
        fps=clip.track.fps,
        reps=len(found.reps),
        people=recording.people,
        cuts_s=recording.cuts_s,
        truncated=recording.truncated,
        filmed=recording.source.filmed,
        invisible_share=float(np.mean(hidden)) if loaded.any() and hidden and measured.view.usable else 0.0,
        missing_share=float(np.mean(~clip.track.seen)),
        camera_motion_share=float(np.hypot(*travel)) / tall_px,
        fit_residual_share=measured.residual_share,
        settled=measured.settled,
        hand_held=measured.hand_held,
        yaw_deg=measured.view.yaw_deg if measured.view.usable else None,
    )
