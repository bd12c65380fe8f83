"""Every threshold the analysis reads: value, unit, meaning and source.

Defaults can be overridden by a TOML file (one table per section) and by `section.name=value` flags, in that
order. "§" refers to the sections of docs/measurement.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knee_track.errors import SettingsError


def threshold(default: Any, unit: str, meaning: str, source: str, **bounds: Any) -> Any:
    """Declare one setting: its default, unit, plain meaning and where the number comes from."""
    return Field(default, description=meaning, json_schema_extra={"unit": unit, "source": source}, **bounds)


class Section(BaseModel):
    """A group of settings; unknown names are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PoseSettings(Section):
    """Estimating landmarks and choosing the client."""

    preset: Literal["fast", "balanced", "accurate"] = threshold(
        "balanced", "", "how finely frames are scaled and sampled for the pose network", "speed benchmark"
    )
    min_client_px: int = threshold(
        256, "px", "height the client keeps after scaling while decoding", "the network's input size", ge=64
    )
    probe_interval_s: float = threshold(
        0.75, "s", "time between looks for other people", "issue: sparse probe every 0.5 to 1 s", gt=0.0
    )
    max_people: int = threshold(4, "people", "people the probe can see at once", "own choice", ge=1, le=10)


class CleanSettings(Section):
    """From raw landmarks to smooth ones; applied once."""

    min_visibility: float = threshold(
        0.5,
        "0-1",
        "landmarks below this are treated as missing",
        "measurement §3, blazepose notes",
        ge=0,
        le=1,
    )
    swap_min_jump: float = threshold(
        0.1,
        "trunk lengths",
        "left and right are put back where landmarks jump this far in one frame (root mean square)",
        "own choice: 1.35 in a real swap",
        gt=0,
    )
    swap_max_share: float = threshold(
        0.25,
        "share",
        "and where exchanging them leaves at most this share of the squared jump",
        "own choice: 0.02 in a real swap, over 0.25 in every other frame of 51 clips",
        gt=0,
        lt=1,
    )
    max_gap_s: float = threshold(0.15, "s", "longest gap that is interpolated", "measurement §2", ge=0)
    hampel_frames: int = threshold(5, "frames", "Hampel window", "measurement §2", ge=3)
    hampel_mads: float = threshold(3.0, "MAD", "Hampel cut-off", "measurement §2", gt=0)
    cutoff_hz: float = threshold(6.0, "Hz", "zero-lag Butterworth cut-off", "measurement §2", gt=0)


class ViewSettings(Section):
    """Which camera positions are measured."""

    max_yaw_deg: float = threshold(
        35.0, "deg", "largest yaw at which knees are measured", "accuracy benchmark; must accept 30°", gt=0
    )
    front_yaw_deg: float = threshold(20.0, "deg", "up to here the view is called front", "own choice", gt=0)
    rough_yaw_margin_deg: float = threshold(
        10.0,
        "deg",
        "the rough yaw refuses only this far beyond max_yaw_deg, the fitted one at it",
        "rendered clips",
    )
    max_misfit: float = threshold(
        2.0,
        "spreads",
        "leg models further from the landmarks are refused",
        "rendered and real clips: 0.4 to 1.2",
    )
    foot_moved_share: float = threshold(
        0.12, "shank lengths", "a foot further from its place has been set anew", "own choice: about 5 cm"
    )
    max_camera_speed: float = threshold(
        0.55,
        "shank lengths per s",
        "a camera that moves faster is walking",
        "real clips: held 0.04 to 0.44, walking 0.6 to 1.8",
    )
    sway_share: float = threshold(
        0.08,
        "shank lengths",
        "feet that seem to move more are seen by a hand-held camera",
        "rendered and real clips",
    )
    rough_yaw_band_deg: float = threshold(
        20.0, "deg", "95 % half-width of the yaw when no leg model was fitted", "rendered clips"
    )
    side_yaw_deg: float = threshold(60.0, "deg", "from here the view is called side", "own choice", gt=0)


class RepSettings(Section):
    """Finding repetitions in the depth signal (fractions of standing hip height)."""

    enter_depth: float = threshold(0.05, "fraction", "a rep is entered at this depth", "measurement §2", gt=0)
    rearm_depth: float = threshold(
        0.08, "fraction", "hysteresis: depth that confirms a descent", "measurement §2"
    )
    min_depth: float = threshold(
        0.1,
        "fraction",
        "shallower movements are attempts",
        "0.12 in measurement §2; image landmarks under-read rendered depth by 10 to 25 %",
        gt=0,
    )
    min_duration_s: float = threshold(
        0.6,
        "s",
        "shortest rep",
        "0.8 s in measurement §2; the ends of a rep are found 0.1 to 0.2 s inside",
        gt=0,
    )
    max_duration_s: float = threshold(10.0, "s", "longest rep", "measurement §2", gt=0)
    min_share_of_median: float = threshold(
        0.5, "share", "a rep reaches this share of the set's median depth", "measurement §2", ge=0, le=1
    )
    bottom_share: float = threshold(
        0.9, "share", "bottom phase: depth above this share of the rep's maximum", "§2"
    )
    bottom_stretch: float = threshold(
        0.97,
        "share",
        "the bottom's time is the middle of the depths above this share of the maximum",
        "own choice",
    )
    max_blind_s: float = threshold(
        0.5, "s", "a client out of sight for longer breaks the recording into pieces", "own choice", gt=0
    )
    standing_window_s: float = threshold(
        1.5, "s", "the standing hip height is read anew about this often while standing", "own choice", gt=0
    )
    min_standing_s: float = threshold(
        0.2,
        "s",
        "shorter spells of straight legs are not standing",
        "rendered clips: slips of up to 0.15 s",
        ge=0,
    )
    standing_bend_deg: float = threshold(
        15.0, "deg", "a leg this near to its straightest (mean of hip and knee) stands", "real clips", gt=0
    )
    standing_height: float = threshold(
        0.97,
        "share",
        "without world landmarks: hips at this share of their usual greatest height in shanks stand",
        "rendered clips: 0.97 is a depth of 0.05",
        gt=0,
        lt=1,
    )
    lifted_foot: float = threshold(
        0.15,
        "leg heights",
        "change of one ankle's height over the other's that means a lifted foot",
        "real clips: up to 0.14 with both feet down and a moving camera, from 0.18 with one lifted",
        gt=0,
    )
    stepped: float = threshold(
        0.25, "leg heights", "a foot this far from its place has stepped", "real clips: planted 0.06", gt=0
    )
    lunge_gap_m: float = threshold(
        0.45, "m", "one foot this far before the other is a lunge", "real clips: squats 0.2, lunge 0.6", gt=0
    )
    lunge_knee_lead: float = threshold(
        0.5,
        "shank lengths",
        "without world landmarks: one knee this much lower over its ankle than the other is a lunge",
        "real clips: squats up to 0.2, lunge 1.2",
        gt=0,
    )
    min_knee_bend_deg: float = threshold(
        30.0,
        "deg",
        "rough knee bend of a rep",
        "real clips: balance reach 26; rendered shallow squats 44",
        gt=0,
    )
    hinge_trunk_deg: float = threshold(
        60.0, "deg", "trunk inclination of a hinge", "real clips: squats up to 54, deadlift 74", gt=0
    )
    hinge_excess_deg: float = threshold(
        30.0, "deg", "a hinge bends the hips this much more than the knees", "real clips: deadlift 47", gt=0
    )
    rest_speed_share: float = threshold(
        0.05, "share", "at rest below this share of the rep's peak speed", "own choice, timing benchmark"
    )

    depth_band: float = threshold(
        0.05, "fraction", "95 % half-width of a rep's depth", "rendered clips, accuracy benchmark"
    )
    knee_flexion_band_deg: float = threshold(
        7.0, "deg", "95 % half-width of a rep's largest knee flexion", "rendered clips, accuracy benchmark"
    )


class EventSettings(Section):
    """Valgus events on the deviation curve (measurement §3)."""

    enter_deg: float = threshold(4.0, "deg", "deviation at which an event opens", "measurement §3", gt=0)
    noise_factor: float = threshold(
        2.5, "sigma", "an event opens at least this many noise sigmas from zero", "measurement §3", ge=0
    )
    hysteresis_deg: float = threshold(
        1.5, "deg", "an event closes this far below its entry", "measurement §3", ge=0
    )
    min_duration_s: float = threshold(0.15, "s", "shortest event", "measurement §3", gt=0)
    merge_gap_s: float = threshold(0.15, "s", "events closer than this are one", "measurement §3", ge=0)
    min_visibility: float = threshold(
        0.6, "0-1", "hip, knee, ankle, foot visibility in an event", "measurement §3"
    )
    static_hka_deg: float = threshold(
        5.0, "deg", "standing knock-knee from which an event is called static", "measurement §1.3 step 6"
    )
    hka_band_deg: float = threshold(
        9.0, "deg", "95 % half-width of the standing hip-knee-ankle angle", "rendered clips: SD 4", ge=0
    )
    phase_share: float = threshold(
        0.2, "share", "an event touches a phase that holds this share of its time", "own choice", gt=0, le=1
    )


class GradeSettings(Section):
    """Severity from peak deviation (measurement §8)."""

    mild_deg: float = threshold(4.0, "deg", "none below, mild from here", "measurement §8", gt=0)
    moderate_deg: float = threshold(7.0, "deg", "moderate from here", "measurement §8", gt=0)
    severe_deg: float = threshold(11.0, "deg", "severe from here", "measurement §8", gt=0)
    percentile: float = threshold(
        95.0, "%", "peak: this percentile inside the loaded window", "measurement §8"
    )
    peak_within_deg: float = threshold(
        1.0, "deg", "frames this close to the peak; their middle is its moment", "landmark noise", gt=0
    )
    loaded_depth: float = threshold(
        0.05, "fraction", "loaded window: depth from here", "measurement §2", ge=0
    )
    lateral_deg: float = threshold(
        -8.0, "deg", "median peak lateral deviation that is called knees too far out", "measurement §3", lt=0
    )
    lateral_enter_deg: float = threshold(
        -4.0, "deg", "lateral deviation that is noted", "measurement §3", lt=0
    )
    shallow_flexion_deg: float = threshold(
        60.0, "deg", "below this peak knee flexion a grade is marked shallow", "measurement §8"
    )
    asymmetry_deg: float = threshold(
        5.0, "deg", "left minus right that is called one-sided", "measurement §4 row 9"
    )
    pelvic_drop_deg: float = threshold(5.0, "deg", "pelvic drop that is noted", "measurement §4 row 2")
    trunk_lean_deg: float = threshold(
        5.0, "deg", "side lean of the trunk that is noted", "measurement §4 row 2"
    )
    toe_out_deg: float = threshold(30.0, "deg", "toe-out that is noted", "measurement §4 row 1")
    hip_shift_pct: float = threshold(
        10.0, "% hip width", "side shift of the hips that is noted", "own choice: over 1.5 times its band"
    )
    third_toe_deg: float = threshold(2.5, "deg", "ray angle: third toe below", "measurement §1.3 step 5")
    second_toe_deg: float = threshold(7.5, "deg", "ray angle: second toe below", "measurement §1.3 step 5")
    big_toe_deg: float = threshold(
        14.0, "deg", "ray angle: big toe below, inside the foot from here", "measurement §1.3 step 5"
    )
    lateral_toe_deg: float = threshold(
        -3.0,
        "deg",
        "ray angle below which the knee is over the fourth or fifth toe",
        "measurement §1.3 step 5",
    )
    min_measured_share: float = threshold(
        0.5, "share", "measured frames a loaded window needs to be graded", "own choice", gt=0, le=1
    )
    systematic_share: float = threshold(
        0.9, "share", "part of a rep's band that every rep of the clip repeats", "blazepose notes", ge=0, le=1
    )
    change_deg: float = threshold(
        3.0, "deg", "change within a session that is more than error", "measurement §3, MDC95", gt=0
    )
    change_min_reps: int = threshold(4, "reps", "reps a trend over the set needs", "own choice", ge=2)
    roll_suspect_deg: float = threshold(
        2.0, "deg", "both knees off to one side by this at every depth: camera, not client", "measurement §3"
    )


class FrontalSettings(Section):
    """Other frontal-plane measures; bands are half-widths of 95 % intervals."""

    fppa_max_flexion_deg: float = threshold(70.0, "deg", "FPPA up to this knee flexion", "measurement §1.1")
    fppa_min_thigh_share: float = threshold(
        0.5, "share", "FPPA while the projected thigh keeps this share of its length", "measurement §1.1"
    )
    fppa_band_deg: float = threshold(
        5.6, "deg", "FPPA on axis", "1.96 x SEM 2.7-3.0°, Munro 2012, measurement §1.1"
    )
    fppa_yaw_band: float = threshold(
        1.0, "deg per deg", "FPPA, per degree of yaw", "measurement §1.1: 5° of yaw shift it by 5° at 60°"
    )
    kasr_band: float = threshold(0.1, "ratio", "KASR", "33 rendered clips: RMS error 0.05 at depth")
    pelvic_drop_band_deg: float = threshold(
        6.0, "deg", "pelvic drop", "rendered clips: ±2° level, a true 6° reads 2°"
    )
    trunk_length_share: float = threshold(
        0.92,
        "share",
        "mid-hip to mid-shoulder in a squat against standing, by landmark bias",
        "blazepose notes: 2.6 % of height; least RMS over 9 rendered clips at 15-30° of yaw",
    )
    trunk_lean_band_deg: float = threshold(1.5, "deg", "trunk lean on axis", "24 rendered clips")
    trunk_lean_yaw_band_deg: float = threshold(
        18.0, "deg", "trunk lean, times sin(yaw)", "9 rendered clips, RMS 8.4° between them"
    )
    hip_shift_band_pct: float = threshold(6.0, "% hip width", "hip shift on axis", "24 rendered clips")
    hip_shift_yaw_band_pct: float = threshold(
        55.0, "% hip width", "hip shift, times sin(yaw)", "9 rendered clips: hips travel back and forth"
    )


class MarkerSettings(Section):
    """Markers of a laboratory in place of a picture; bands are half-widths of 95 % intervals."""

    placement_sd_mm: float = threshold(
        7.0,
        "mm",
        "how far a joint or toe point lies from its place, per axis, where the marker set says nothing else",
        "own choice: joint centres a few mm to 1 cm off; placing single landmarks anew 6 to 25 mm "
        "(Della Croce 2005, from memory)",
        gt=0,
    )
    cutoff_hz: float = threshold(
        12.0,
        "Hz",
        "zero-lag Butterworth cut-off, in place of clean.cutoff_hz",
        "rendered joints: 6 Hz shifts the deviation by up to 0.21° where a rep ends, 12 Hz by 0.03°",
        gt=0,
    )
    depth_band: float = threshold(
        0.02, "fraction", "95 % half-width of a rep's depth", "own choice: 2 cm of the height of hips", ge=0
    )
    knee_flexion_band_deg: float = threshold(
        4.0,
        "deg",
        "95 % half-width of a rep's largest knee flexion",
        "own choice: three joint centres 7 mm off give SD 2°",
        ge=0,
    )
    hka_band_deg: float = threshold(
        4.0,
        "deg",
        "95 % half-width of the standing hip-knee-ankle angle",
        "own choice: as for flexion",
        ge=0,
    )


class QualitySettings(Section):
    """How good a clip is: from the first limit on medium, from the second on low."""

    invisible_share: tuple[float, float] = threshold(
        (0.05, 0.2), "share", "loaded frames with a leg landmark hidden", "own choice"
    )
    missing_share: tuple[float, float] = threshold(
        (0.05, 0.2), "share", "frames without the client", "own choice"
    )
    unusable_share: float = threshold(
        0.6, "share", "hidden or missing from here: unusable", "own choice", gt=0, le=1
    )
    camera_motion_share: tuple[float, float] = threshold(
        (0.04, 0.08),
        "body heights",
        "travel of the background in the clip",
        "real clips: tripods below 0.005, resting hands up to 0.035, moving cameras from 0.07",
    )
    fit_residual_share: tuple[float, float] = threshold(
        (0.015, 0.03),
        "body heights",
        "RMS of the leg model against landmarks",
        "blazepose notes: 1-1.6 % usual",
    )
    min_fps: tuple[float, float] = threshold(
        (23.9, 15.0), "1/s", "fewer frames a second (film's 23.976 passes)", "measurement §2"
    )
    min_reps: tuple[int, int] = threshold((3, 1), "reps", "fewer reps", "measurement §3: 3 of 5 reps")
    yaw_deg: tuple[float, float] = threshold(
        (20.0, 30.0), "deg", "camera off axis beyond this", "accuracy benchmark"
    )
    medium_trust: float = threshold(0.8, "0-1", "factor on confidence in a medium clip", "own choice")
    low_trust: float = threshold(0.5, "0-1", "factor on confidence in a low clip", "own choice")


class LiveSettings(Section):
    """The live check: what the recorded analysis has no need of."""

    min_cutoff_hz: float = threshold(
        1.0, "Hz", "One-Euro cut-off at rest", "measurement §2: 1.0 to 1.5", gt=0
    )
    beta: float = threshold(
        40.0,
        "Hz per side/s",
        "growth of the cut-off with speed, in sides of the region of interest",
        "rendered clip: deviation 0.03 s late, 0.6° from the recorded curve; 8: 0.05 s and 0.9°",
        ge=0,
    )
    solve_steps: int = threshold(
        1, "steps", "least-squares steps per frame", "rendered clip: 0.1° from 8 steps; two: 0.05°", ge=1
    )
    standing_s: float = threshold(2.0, "s", "quiet standing that calibrates", "issue: 2 s", gt=0)
    quiet_share: float = threshold(
        0.8, "share", "frames of it that must be quiet", "own choice: landmarks tremble", gt=0, le=1
    )
    scale_window_s: float = threshold(
        6.0, "s", "the standing height is read from this much of the past", "own choice", gt=0
    )
    refresh_s: float = threshold(
        0.5, "s", "set-up and standing height are looked at this often", "own choice", gt=0
    )
    confirm_s: float = threshold(
        0.3, "s", "a movement is over this long after its return through enter_depth", "own choice", gt=0
    )
    bottom_speed_share: float = threshold(
        0.1, "share", "at the bottom below this share of the fastest sinking", "measurement §2", ge=0, le=1
    )
    review_s: float = threshold(
        20.0, "s", "a finished rep is measured with this much of its set", "45 s: 0.01° nearer", gt=0
    )
    max_set_s: float = threshold(
        900.0, "s", "landmarks of a longer set are dropped from its beginning", "own choice: 40 MB", gt=0
    )
    resume_s: float = threshold(
        0.5, "s", "what paused the measuring must be gone for this long", "own choice", ge=0
    )
    camera_moved: float = threshold(
        0.25, "shank lengths", "background travel of a moved camera", "as a foot that stepped", gt=0
    )
    min_height_share: float = threshold(
        0.4, "share", "a client who fills less of the picture's height is too far", "own choice", gt=0, le=1
    )
    max_height_share: float = threshold(
        0.92, "share", "and one who fills more is too near", "own choice", gt=0, le=1
    )
    min_brightness: float = threshold(
        45.0, "0-255", "mean brightness below which there is too little light", "own choice", ge=0
    )
    face_yaw_deg: float = threshold(
        25.0,
        "deg",
        "rough yaw from which the client is asked to face the camera",
        "called front to 20°, and the rough yaw errs by 8°",
        gt=0,
    )
    max_roll_deg: float = threshold(
        5.0, "deg", "camera roll, beyond its band, that is to be put right", "own choice", gt=0
    )
    max_pitch_deg: float = threshold(
        15.0, "deg", "camera pitch, beyond its band, that is to be put right", "own choice", gt=0
    )
    camera_height: tuple[float, float] = threshold(
        (0.3, 3.0),
        "shank lengths",
        "camera heights above the floor that are good enough; knee height is 1.2",
        "own choice: 0.15 to 1.3 m",
    )


class Settings(Section):
    """All settings of one run."""

    pose: PoseSettings = PoseSettings()
    clean: CleanSettings = CleanSettings()
    view: ViewSettings = ViewSettings()
    reps: RepSettings = RepSettings()
    events: EventSettings = EventSettings()
    grade: GradeSettings = GradeSettings()
    frontal: FrontalSettings = FrontalSettings()
    markers: MarkerSettings = MarkerSettings()
    quality: QualitySettings = QualitySettings()
    live: LiveSettings = LiveSettings()

    def changed(self) -> dict[str, dict[str, Any]]:
        """What differs from the defaults, as section and name."""
        return self.model_dump(exclude_defaults=True)


def load_settings(path: Path | None = None, overrides: Sequence[str] = ()) -> Settings:
    """Settings from defaults, then a TOML file, then `section.name=value` overrides.

    Raises SettingsError naming the file or flag and the field.
    """
    tables: dict[str, Any] = {}
    where = "settings"
    if path is not None:
        where = str(path)
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: cannot read this settings file ({error}).") from error
    for override in overrides:
        name, _, text = override.partition("=")
        section, _, field = name.strip().partition(".")
        if not (section and field and text):
            raise SettingsError(f"--set {override}: write it as section.name=value, e.g. events.enter_deg=5.")
        table = tables.setdefault(section, {})
        if not isinstance(table, dict):
            raise SettingsError(f"{where}: '{section}' must be a table, e.g. [{section}].")
        table[field] = _toml_value(text.strip())
        where = f"{where} and --set" if path else "--set"
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"{where}: '{field}' is not usable ({first['msg'].lower()}); "
            "'knee-track settings' lists every name with its unit."
        ) from error


def _toml_value(text: str) -> Any:
    """What the text means in TOML (so lists can be given in a flag); plain words need no quotes."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
