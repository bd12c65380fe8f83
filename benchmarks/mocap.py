"""The leg model's geometry alone, on 3-D squats seen by virtual cameras.

    python benchmarks/mocap.py FILE.trc [FILE ...] [--cameras 24] [--markers PRESET] [--up z]

Takes the joints of any laboratory's squats (`.trc`, `.c3d`), or of rendered truth (`.truth.json.gz`,
`.truth.npz`), computes the true deviation in space, projects the joints into cameras of unknown focal length
all round the front (yaw ±40°, 0.3 to 1.6 m high, 2 to 5 m away), fits the leg model to the pixels, and
compares the peak of every rep and leg: once without noise, once with landmarks displaced as BlazePose's are.
Exit code 0 when the error without noise meets the target, 1 when not, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Run as a script, Python looks for modules in this file's folder; `benchmarks` lies in the one above.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.agreement import Agreement, Measurement, agreement
from benchmarks.tables import agreement_table
from benchmarks.truth import load_truth
from benchmarks.truth_trc import trc_name, write_truth_trc
from benchmarks.virtual_camera import CLIP_SD, JITTER_SD, ROUGH_YAW_SD_DEG, Place, film, places
from knee_track.curves import Curves
from knee_track.errors import KneeTrackError, UsageError
from knee_track.findings.events import loaded_window, peak_frame
from knee_track.findings.per_rep import peak_deviation
from knee_track.geometry import anatomy, deviation
from knee_track.geometry.legfit import fit_legs
from knee_track.geometry.stance import legs_of
from knee_track.marker_pipeline import clean_joints, measure_joints, segment_joints
from knee_track.pose.joints import Joints
from knee_track.pose.markers.convert import joints_of
from knee_track.pose.markers.data import read_markers, up_named
from knee_track.pose.markers.mapping import choose_mapping
from knee_track.pose.skeleton import Leg
from knee_track.pose.track import PoseTrack
from knee_track.reps.depth import hip_height_px
from knee_track.settings import Settings

Floats = NDArray[np.float64]

TARGET_RMSE_DEG: Final = 0.5
STANDS: Final = 0.02
"""True depth below which a frame gives the picture's standing hip height."""


@dataclass(frozen=True)
class Recording:
    """Squats in space: joints, their true curves, and the legs that carry every rep."""

    name: str
    joints: Joints
    curves: Curves
    legs: tuple[Leg, ...]


@dataclass(frozen=True)
class Shot:
    """One recording seen from one place: the peaks of its reps and legs, by rep number (from 1) and leg."""

    name: str
    place: Place
    noisy: bool
    peaks: dict[tuple[int, Leg], Measurement]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit code."""
    options = _parser().parse_args(arguments)
    settings = Settings()
    try:
        recordings = [record(path, options.markers, options.up, settings) for path in options.files]
    except KneeTrackError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    shots = shoot(recordings, places(options.cameras, options.seed), options.seed, settings)
    clean = pooled(shot for shot in shots if not shot.noisy)
    verdict = "PASS" if clean.n and clean.rmse <= TARGET_RMSE_DEG else "FAIL"
    print(document(shots))
    print(
        f"\n## Target\n\n- {verdict}: RMSE ≤ {TARGET_RMSE_DEG}° without noise: {clean.rmse:.2f}°, "
        f"{clean.n} rep-legs, {clean.missing} without a fit"
    )
    if options.csv:
        write_csv(options.csv, shots)
    return 0 if verdict == "PASS" else 1


def record(path: Path, mapping: str | None, up: str | None, settings: Settings) -> Recording:
    """Squats of a marker file, or of a truth file by way of one. Raises KneeTrackError."""
    if ".truth" in path.suffixes:
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / trc_name(path)
            write_truth_trc(written, load_truth(path))
            return record(written, "joints", None, settings)
    markers = read_markers(path)
    joints = joints_of(markers, choose_mapping(markers, mapping, path), up_named(up))
    joints = clean_joints(joints, settings)
    clip, found = segment_joints(joints, settings)
    curves = measure_joints(joints, clip, found, settings).curves
    legs = {legs_of(working) for working in found.working}
    if len(legs) != 1 or legs == {()}:
        raise UsageError(f"{path}: needs complete reps that all stand on the same leg or legs.")
    return Recording(path.stem, joints, curves, legs.pop())


def shoot(
    recordings: Sequence[Recording], chosen: Sequence[Place], seed: int, settings: Settings
) -> list[Shot]:
    """Every recording from every place, without noise and with it."""
    from rich.console import Console
    from rich.progress import track

    generator = np.random.default_rng(seed)
    work = [(one, place, noisy) for noisy in (False, True) for one in recordings for place in chosen]
    return [
        Shot(one.name, place, noisy, peaks_from(one, place, generator if noisy else None, settings))
        for one, place, noisy in track(work, "Fitting", console=Console(stderr=True))
    ]


def peaks_from(
    recording: Recording, place: Place, noise: np.random.Generator | None, settings: Settings
) -> dict[tuple[int, Leg], Measurement]:
    """True and fitted peak of each rep and leg, both in the true loaded window; NaN found without a fit."""
    track = film(recording.joints, place, noise)
    rough = place.yaw_deg + (0.0 if noise is None else float(noise.normal(0.0, ROUGH_YAW_SD_DEG)))
    depth = picture_depth(track, recording.curves.depth, settings)
    fit = fit_legs(track, depth, recording.legs, rough, marks=None if noise is None else noisy_marks())
    every = np.ones(len(track), dtype=bool)
    bands = None if fit is None else deviation.bands_deg(fit)
    peaks = {}
    for leg in recording.legs:
        true = recording.curves.legs[leg].deviation_deg
        found = None if fit is None or bands is None else deviation.leg_curves(fit, leg, every, bands)
        for number in range(1, int(recording.curves.rep.max()) + 1):
            window = loaded_window(recording.curves, number, settings.grade.loaded_depth)
            peak = peak_deviation(true, window, settings.grade)
            if peak is None:
                continue
            seen = None if found is None else peak_deviation(found.deviation_deg, window, settings.grade)
            band = None
            if found is not None and seen is not None:
                top = peak_frame(found.deviation_deg, window, seen, settings.grade.peak_within_deg)
                band = float(found.band_deg[top])
            peaks[number, leg] = Measurement.of(peak, seen, band)
    return peaks


def noisy_marks() -> anatomy.Marks:
    """Joint centres that are seen as unsurely as BlazePose's landmarks are here."""
    parts = {
        part: replace(
            anatomy.JOINTS[part],
            scatter=(JITTER_SD / anatomy.SHANK_SHARE_OF_HEIGHT,) * 2,
            person_sd=tuple(share_of(part)),
            side_sd=tuple(share_of(part)),
        )
        for part in anatomy.PARTS
    }
    return anatomy.Marks(parts, anatomy.NOISY_STANDING_TILT, anatomy.NOISY_DEPTH_SHIFT)


def share_of(part: anatomy.Part) -> Floats:
    """(2,) SD of a landmark in `film`, across and down, in shanks, of the part alike on both legs or
    opposite.
    """
    sd = np.array(CLIP_SD["third_toe" if part == "toe" else part])
    return np.asarray(sd / anatomy.SHANK_SHARE_OF_HEIGHT / np.sqrt(2.0))


def picture_depth(track: PoseTrack, true_depth: Floats, settings: Settings) -> Floats:
    """Depth (n,) as the picture shows it, against the hips' height in the frames that truly stand."""
    height = hip_height_px(track, settings.reps)
    return np.asarray(1.0 - height / np.nanmedian(height[true_depth < STANDS]))


def pooled(shots: Iterable[Shot]) -> Agreement:
    """Agreement over all reps and legs of some shots."""
    return agreement(peak for shot in shots for peak in shot.peaks.values())


def conditions(shots: Sequence[Shot]) -> dict[str, list[Shot]]:
    """The shots under each condition that any meets."""

    def between(value: Callable[[Place], float], low: float, high: float) -> Callable[[Shot], bool]:
        return lambda shot: low <= value(shot.place) < high

    rules: dict[str, Callable[[Shot], bool]] = {"all": lambda shot: True}
    for low, high in ((0, 10), (10, 20), (20, 30), (30, 41)):
        rules[f"yaw {low}–{min(high, 40)}°"] = between(lambda place: abs(place.yaw_deg), low, high)
    for low_m, high_m in ((0.3, 0.6), (0.6, 1.2), (1.2, 1.61)):
        rules[f"camera {low_m:g}–{min(high_m, 1.6):g} m high"] = between(
            lambda place: place.height_m, low_m, high_m
        )
    for near, far in ((2, 3), (3, 4), (4, 5.01)):
        rules[f"{near}–{min(far, 5):g} m away"] = between(lambda place: place.distance_m, near, far)
    for name in sorted({shot.name for shot in shots}):
        rules[name] = lambda shot, name=name: shot.name == name  # type: ignore[misc]
    groups = {title: [shot for shot in shots if holds(shot)] for title, holds in rules.items()}
    return {title: group for title, group in groups.items() if group}


def document(shots: Sequence[Shot]) -> str:
    """Both tables, ready to read."""
    parts = []
    for title, noisy in (("Landmarks without noise", False), ("Landmarks as noisy as BlazePose's", True)):
        groups = conditions([shot for shot in shots if shot.noisy is noisy])
        table = agreement_table({name: pooled(group) for name, group in groups.items()})
        parts.append(f"## {title}: peak deviation per rep and leg (degrees; error = found − true)\n\n{table}")
    return "\n\n".join(parts)


def write_csv(path: Path, shots: Sequence[Shot]) -> None:
    """One row per shot, rep and leg; empty where there is no number."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        numbers = ("true_deg", "found_deg", "band_deg")
        writer.writerow(["recording", *Place.__dataclass_fields__, "noisy", "rep", "leg", *numbers])
        for shot in shots:
            where = [f"{value:.3f}" for value in vars(shot.place).values()]
            for (rep, leg), peak in shot.peaks.items():
                values = (peak.true, peak.found, peak.band)
                cells = [f"{value:.3f}" if np.isfinite(value) else "" for value in values]
                writer.writerow([shot.name, *where, int(shot.noisy), rep, leg, *cells])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mocap.py", description="Geometry alone, on 3-D squats.")
    parser.add_argument("files", type=Path, nargs="+", help="marker files, or truth files of rendered clips")
    parser.add_argument("--markers", help="preset or mapping file (default: the preset that fits)")
    parser.add_argument("--up", help="axis that points up, x, y or z (default: found)")
    parser.add_argument("--cameras", type=int, default=24, help="places per recording (24)")
    parser.add_argument("--seed", type=int, default=0, help="of places and noise (0)")
    parser.add_argument("--csv", type=Path, help="also write every peak here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
