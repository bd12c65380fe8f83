"""What an analysis says: the typed form of `analysis.json`.

Angles in degrees, times in seconds from the first frame, lengths in metres unless the name says otherwise.
Deviation is signed, medial (valgus) positive. Missing is None. `*_band_deg` and `band_deg` are half-widths of
the 95 % error interval. Keys are added, never renamed; `schema_version` counts up.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, PrivateAttr

from knee_track.curves import Curves
from knee_track.pose.track import PoseTrack, SceneFacts
from knee_track.protocol.records import Block, Dose, Protocol, Record, Session, Week

__all__ = [
    "Analysis",
    "Attempt",
    "Block",
    "Calibration",
    "Client",
    "Dose",
    "Event",
    "Finding",
    "Frontal",
    "Grade",
    "LegGrade",
    "LegSummaries",
    "LegSummary",
    "Level",
    "Model",
    "Movement",
    "Phase",
    "Protocol",
    "Quality",
    "Record",
    "Rep",
    "RepLeg",
    "RepLegs",
    "SCHEMA_VERSION",
    "Session",
    "Side",
    "Source",
    "Toe",
    "View",
    "ViewName",
    "Week",
    "Working",
]

SCHEMA_VERSION = 1

Grade = Literal["none", "mild", "moderate", "severe", "unknown"]
LegGrade = Literal["none", "mild", "moderate", "severe", "intermittent", "unknown"]
Phase = Literal["descent", "bottom", "early_ascent", "late_ascent"]
Movement = Literal["squat", "single_leg_squat", "lunge", "deadlift", "unknown"]
Working = Literal["both", "left", "right"]
Toe = Literal["lateral", "third", "second", "big", "inside"]
Level = Literal["high", "medium", "low", "unusable"]
ViewName = Literal["front", "back", "side", "oblique", "unknown"]
Side = Literal["left", "right"]


class Source(Record):
    path: str
    sha256: str | None
    width_px: int
    height_px: int
    duration_s: float
    frame_count: int
    mean_fps: float
    variable_frame_rate: bool
    recorded_at: str | None = None
    pose_format: str | None = Field(
        default=None, description="what the landmarks were read from, when `path` is no video but a pose file"
    )
    marker_set: str | None = Field(
        default=None, description="which marker set, when `path` is a file of 3-D markers"
    )

    @property
    def filmed(self) -> bool:
        """Whether it comes from a camera's picture; 3-D markers do not."""
        return self.marker_set is None

    @property
    def kind(self) -> str:
        """What `path` is, in words."""
        return "marker file" if self.marker_set else "pose file" if self.pose_format else "clip"


class Client(Record):
    id: str | None = None
    height_m: float | None = None


class MarkedToes(Record):
    """Third toes' tips as marked by hand and used, in pixels of the picture as recorded."""

    left_px: tuple[float, float] | None = None
    right_px: tuple[float, float] | None = None
    at_s: float | None = None


class KnownCamera(Record):
    """What was measured of the camera, and the focal length that the video file tells."""

    height_m: float | None = None
    distance_m: float | None = None
    focal_length_35mm: float | None = None


class Calibration(Record):
    """What the leg model was told beside the clip."""

    third_toe: MarkedToes | None = None
    camera: KnownCamera | None = None


class Model(Record):
    name: str
    variant: str
    sha256: str
    runtime_version: str


class View(Record):
    name: ViewName
    yaw_deg: float | None
    pitch_deg: float | None
    roll_deg: float | None
    yaw_band_deg: float | None = None
    pitch_band_deg: float | None = None
    roll_band_deg: float | None = None
    camera_height_m: float | None = None
    camera_distance_m: float | None = None
    mirrored: bool
    usable: bool
    reasons: list[str] = Field(default_factory=list)


class RepLeg(Record):
    """One leg in one rep. Numbers are None and the grade unknown when knees were refused."""

    peak_deviation_deg: float | None
    band_deg: float | None
    excursion_deg: float | None
    peak_offset_pct_shank: float | None
    peak_offset_mm: float | None = None
    toe: Toe | None
    ray_angle_deg: float | None = None
    peak_phase: Phase | None
    peak_s: float | None = None
    grade: Grade
    borderline: bool = False
    shallow: bool = False
    fppa_deg: float | None = None
    fppa_band_deg: float | None = None


class RepLegs(Record):
    left: RepLeg | None
    right: RepLeg | None


class Frontal(Record):
    """Other frontal-plane measures of one rep, at its worst moment, each with its band."""

    kasr: float | None = None
    kasr_expected: float | None = None
    kasr_band: float | None = None
    pelvic_drop_deg: float | None = None
    pelvic_drop_band_deg: float | None = None
    trunk_lean_deg: float | None = None
    trunk_lean_band_deg: float | None = None
    hip_shift_pct_hips: float | None = None
    hip_shift_band_pct_hips: float | None = None


class Rep(Record):
    index: int
    start_s: float
    bottom_s: float
    end_s: float
    depth: float
    depth_band: float | None = None
    knee_flexion_deg: float | None
    knee_flexion_band_deg: float | None = None
    working_leg: Working
    legs: RepLegs
    frontal: Frontal = Frontal()


class Attempt(Record):
    """A movement that was not counted as a rep, and why."""

    start_s: float
    end_s: float
    reason: str


class Event(Record):
    """A span in which the knee stayed medial of the third-toe line.

    `phase` is the one at `peak_s`, the peak's moment; `phases` are all with a fair share of the span.
    """

    leg: Side
    rep: int
    phase: Phase
    phases: list[Phase] = Field(default_factory=list)
    start_s: float
    end_s: float
    peak_s: float
    peak_deviation_deg: float
    band_deg: float
    mean_deviation_deg: float
    peak_offset_pct_shank: float
    grade: Grade
    static: bool
    confidence: float = Field(ge=0, le=1)


class LegSummary(Record):
    grade: LegGrade
    worst_grade: Grade
    reps_with_events: int
    median_peak_deviation_deg: float | None
    band_deg: float | None
    borderline: bool
    standing_deviation_deg: float | None
    standing_hka_deg: float | None
    standing_hka_band_deg: float | None = None
    toe_out_deg: float | None = None
    toe_out_band_deg: float | None = None


class LegSummaries(Record):
    left: LegSummary
    right: LegSummary


class Quality(Record):
    level: Level
    warnings: list[str] = Field(default_factory=list)


class Finding(Record):
    """A statement that steers the protocol. `leg` is "both" when it holds for either side alike."""

    id: str
    leg: Literal["left", "right", "both"] | None
    text: str
    evidence: dict[str, Any] = Field(default_factory=dict)


class Analysis(Record):
    """Everything one run found. `curves` and `track` hold the per-frame data behind it."""

    schema_version: int = SCHEMA_VERSION
    software_version: str
    source: Source
    client: Client
    calibration: Calibration | None = None
    model: Model | None
    view: View
    movement: Movement
    reps: list[Rep]
    attempts: list[Attempt]
    events: list[Event]
    legs: LegSummaries
    asymmetry_deg: float | None
    asymmetry_band_deg: float | None = None
    quality: Quality
    findings: list[Finding]
    protocol: Protocol
    disclaimer: str
    changed_settings: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="settings that differ from the defaults, as section.name tables"
    )

    _curves: Curves | None = PrivateAttr(default=None)
    _track: PoseTrack | None = PrivateAttr(default=None)
    _scene: SceneFacts | None = PrivateAttr(default=None)

    @property
    def curves(self) -> Curves | None:
        """Per-frame curves, None when this object was read back from a file."""
        return self._curves

    @property
    def track(self) -> PoseTrack | None:
        """The cleaned pose track, None when this object was read back from a file."""
        return self._track

    @property
    def scene(self) -> SceneFacts | None:
        """Camera motion, cuts and people, None when this object was read back from a file."""
        return self._scene
