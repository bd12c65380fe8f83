"""From a file of 3-D markers to an analysis: no picture, no camera, the same judgement.

read ─▶ which marker is what ─▶ joints ─▶ clean ─▶ depth, reps & phases ─▶ curves ─▶ `judgement.conclude`
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knee_track import results
from knee_track.curves import Curves, LegCurves
from knee_track.errors import MarkerError
from knee_track.geometry import frontal, spatial
from knee_track.geometry.filters import butterworth, fill_gaps
from knee_track.geometry.front_view import front_track
from knee_track.geometry.legfit import quiet_standing
from knee_track.geometry.measure import Clip, Measured
from knee_track.geometry.stance import legs_of
from knee_track.judgement import Declared, Recording, conclude
from knee_track.pipeline import check_height, check_part
from knee_track.pose.estimate import is_irregular
from knee_track.pose.joints import Joints
from knee_track.pose.markers.convert import joints_of
from knee_track.pose.markers.data import read_markers, up_named
from knee_track.pose.markers.mapping import Mapping, choose_mapping
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.reps.movement import Recognition, recognise_movement
from knee_track.reps.phases import phase_labels
from knee_track.reps.segmentation import find_reps
from knee_track.results import Analysis
from knee_track.settings import Settings
from knee_track.video.reader import file_sha256

Floats = NDArray[np.float64]


def analyze_markers(
    path: Path | str,
    *,
    settings: Settings | None = None,
    mapping: str | None = None,
    up: str | None = None,
    movement: results.Movement | None = None,
    leg: Leg | None = None,
    height_m: float | None = None,
    client_id: str | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
) -> Analysis:
    """Analyse 3-D markers (`.trc`, `.c3d`) of a squat.

    Parameters
    ----------
    path : the marker file
    settings : thresholds, see knee_track.settings
    mapping : name of a preset or path of a mapping file (`pose/markers/presets.toml`); None: what fits
    up : the laboratory's axis that points up, x, y or z, with a minus when it points down; None: found
    movement, leg, height_m, client_id : see judgement.Declared; millimetres come from the markers themselves
    start_s, end_s : analyse only this part; times stay those of the whole file

    Returns
    -------
    Analysis
        with `.curves` and `.track` behind it; `view` is unknown and usable, its angles are None. The track is
        an ideal front view of the joints, 1 px = 1 mm. There is no picture: the source's size is 0 × 0.

    Raises
    ------
    KneeTrackError : unusable file, markers that are missing, wrong usage; the text says what to do
    """
    check_height(height_m)
    check_part(start_s, end_s)
    path, settings = Path(path), settings or Settings()
    markers = read_markers(path)
    chosen = choose_mapping(markers, mapping, path)
    try:
        joints = joints_of(markers, chosen, up_named(up))
    except MarkerError as error:
        raise MarkerError(f"{path}: {error}") from error
    joints = joints.between(start_s, end_s)
    if len(joints) < 2:
        raise MarkerError(f"{path}: nothing is recorded in the part asked for; choose other times.")
    declared = Declared(movement, leg, False, height_m, client_id)
    return analyze_joints(joints, _source(path, joints, chosen), declared, settings)


def analyze_joints(
    joints: Joints, source: results.Source, declared: Declared, settings: Settings
) -> Analysis:
    """Analyse joints in space: clean, find reps, measure knees, judge, advise."""
    joints = clean_joints(joints, settings)
    clip, found = segment_joints(joints, settings, declared)
    measured = measure_joints(joints, clip, found, settings)
    recording = Recording(source, None, clip.motion_px)
    adapted = with_marker_bands(settings)
    analysis = conclude(clip, found, measured, recording, declared, adapted, notes=joints.notes)
    analysis.changed_settings = settings.changed()
    return analysis


def clean_joints(joints: Joints, settings: Settings) -> Joints:
    """Joints without short gaps and jitter.

    No outliers are taken out, unlike in `clean_track`: laboratories have edited their data, and the median
    would cut the peaks of slow recordings.
    """
    points = fill_gaps(joints.times_s, joints.points_m, settings.clean.max_gap_s)
    return replace(joints, points_m=butterworth(joints.times_s, points, settings.markers.cutoff_hz))


def segment_joints(
    joints: Joints, settings: Settings, declared: Declared | None = None
) -> tuple[Clip, Recognition]:
    """Depth, reps and phases of clean joints, and what movement they are."""
    declared = declared or Declared()
    depth = spatial.depth_of(joints, settings.reps)
    track = front_track(joints)
    segments = find_reps(depth, joints.times_s, settings.reps)
    found = recognise_movement(
        track, depth, segments, settings.reps, movement=declared.movement, leg=declared.leg
    )
    phase, number = phase_labels(depth, found.reps, settings.reps)
    return Clip(track, depth, phase, number, np.zeros((len(track), 2))), found


def measure_joints(joints: Joints, clip: Clip, found: Recognition, settings: Settings) -> Measured:
    """Curves and posture of the legs; in a rep only of those that carry it."""
    placement_sd_m = joints.placement_sd_m or settings.markers.placement_sd_mm / 1000.0
    with np.errstate(invalid="ignore"):
        quiet = quiet_standing(clip.depth, joints.times_s) & (clip.phase == "standing")
    legs: dict[Leg, LegCurves] = {}
    for leg in LEGS:
        curves = spatial.leg_curves(joints, leg, placement_sd_m)
        if found.movement == "single_leg_squat":
            angle = frontal.fppa_deg(
                clip.track.image_px, leg, quiet, curves.knee_flexion_deg, settings.frontal
            )
            curves = replace(curves, fppa_deg=angle)
        legs[leg] = _where(curves, _carries(clip, found, leg) | (clip.rep == 0))
    return Measured(
        curves=_curves(joints, clip, legs, found, quiet, settings),
        view=_no_camera(),
        posture={leg: spatial.posture(joints, leg, quiet, placement_sd_m) for leg in LEGS},
        residual_share=None,
        bands=frontal.frontal_bands(0.0, settings.frontal),
        shank_m={leg: spatial.shank_m(joints, leg) for leg in LEGS},
        upright_known=True,
    )


def with_marker_bands(settings: Settings) -> Settings:
    """Settings with the bands of markers in place of a camera's, except where the user has set those."""
    markers, changed = settings.markers, settings.changed()
    bands = {
        "reps": {"depth_band": markers.depth_band, "knee_flexion_band_deg": markers.knee_flexion_band_deg},
        "events": {"hka_band_deg": markers.hka_band_deg},
    }
    sections = {
        name: getattr(settings, name).model_copy(
            update={key: value for key, value in values.items() if key not in changed.get(name, {})}
        )
        for name, values in bands.items()
    }
    return settings.model_copy(update=sections)


def _curves(
    joints: Joints,
    clip: Clip,
    legs: dict[Leg, LegCurves],
    found: Recognition,
    quiet: NDArray[np.bool_],
    settings: Settings,
) -> Curves:
    """Everything over time; the frontal measures from the ideal front view."""
    image = clip.track.image_px
    both = _carries(clip, found, "left") & _carries(clip, found, "right")
    return Curves(
        time_s=joints.times_s,
        depth=clip.depth,
        phase=clip.phase,
        rep=clip.rep,
        legs=legs,
        pelvic_drop_deg=frontal.pelvic_drop_deg(image, quiet),
        trunk_lean_deg=frontal.trunk_lean_deg(image, quiet, settings.frontal),
        hip_shift_pct_hips=frontal.hip_shift_pct_hips(image, quiet),
        kasr=np.where(both, frontal.kasr(image), np.nan),
        kasr_expected=np.where(both, spatial.expected_separation(joints, quiet), np.nan),
    )


def _carries(clip: Clip, found: Recognition, leg: Leg) -> NDArray[np.bool_]:
    """(n,) True in the reps that this leg carries."""
    return np.isin(clip.rep, [i for i, who in enumerate(found.working, start=1) if leg in legs_of(who)])


def _where(curves: LegCurves, frames: NDArray[np.bool_]) -> LegCurves:
    """The curves in some frames, NaN elsewhere."""
    kept = {}
    for name, values in vars(curves).items():
        mask = frames.reshape(-1, *[1] * (values.ndim - 1))
        kept[name] = np.where(mask, values, np.nan)
    return LegCurves(**kept)


def _no_camera() -> results.View:
    return results.View(
        name="unknown", yaw_deg=None, pitch_deg=None, roll_deg=None, mirrored=False, usable=True
    )


def _source(path: Path, joints: Joints, mapping: Mapping) -> results.Source:
    duration_s = float(np.ptp(joints.times_s))
    return results.Source(
        path=str(path),
        sha256=file_sha256(path),
        width_px=0,
        height_px=0,
        duration_s=duration_s,
        frame_count=len(joints),
        mean_fps=(len(joints) - 1) / duration_s,
        variable_frame_rate=is_irregular(joints.times_s),
        marker_set=f"{mapping.name}: {mapping.about}" if mapping.about else mapping.name,
    )
