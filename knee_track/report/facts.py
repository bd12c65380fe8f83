"""How a result came about, in words: the method, its limits, and the facts of this run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from knee_track.pose.skeleton import LEGS
from knee_track.pose.track import OWN_FORMAT
from knee_track.report.words import measure, signed
from knee_track.results import Analysis, Calibration, LegSummary
from knee_track.settings import Settings

TOE_NOT_SEEN: Final = (
    "The third toe is not seen as such: its line is built from heel, ankle and the front of the foot. From "
    "person to person it may lie 3 to 4° elsewhere."
)
CAMERA_LIMITS: Final = (
    "One camera sees depth only through a model of the legs; clothes, shoes and a camera off the middle "
    "widen the error.",
    TOE_NOT_SEEN,
    "No public study has validated knee-over-third-toe deviation from one camera. The cut-offs are reasoned "
    "proposals, not clinical norms.",
)
MARKER_LIMITS: Final = (
    "The error is that of the markers' places: skin moves over bone, and joint centres computed from markers "
    "lie up to a centimetre off.",
    "Where no marker stands for the third toe, its direction is built from those of the forefoot; from "
    "person to person it may lie a few degrees elsewhere.",
    "No public study has validated the cut-offs of knee-over-third-toe deviation. They are reasoned "
    "proposals, not clinical norms.",
)
CHANGE_LIMIT: Final = (
    "A later recording shows a change only when it differs by more than 3° in the same session, or 7° "
    "between sessions."
)
PICTURE_LIMIT: Final = (
    "The key frames are cut off below the head; video and landmarks still show a recognisable person."
)

FROM_PICTURE: Final = (
    "from the picture's landmarks, the floor, and the constant length of thigh and shank, with the camera's "
    "place estimated from the clip"
)
FROM_MARKERS: Final = (
    "from the joint centres that the 3-D markers give, the direction of the foot in that frame, and the "
    "laboratory's vertical"
)
FOREIGN_LANDMARKS: Final = (
    "The landmarks were made by another program: how good they are, and whether it smoothed them with a lag, "
    "is not known here."
)


@dataclass(frozen=True)
class Column:
    """A measure over all reps, one cell of text per rep."""

    name: str
    cells: list[str]


@dataclass(frozen=True)
class ChangedSetting:
    """A setting that was not left at its default."""

    name: str
    value: Any
    default: Any
    unit: str
    meaning: str


def limits(analysis: Analysis, *, pictures: bool) -> list[str]:
    """The limits of the method; what is said of pictures only where there are some."""
    toes = analysis.calibration.third_toe if analysis.calibration else None
    marked = toes is not None and toes.left_px is not None and toes.right_px is not None
    own = CAMERA_LIMITS if analysis.source.filmed else MARKER_LIMITS
    sentences = [*(line for line in own if not marked or line != TOE_NOT_SEEN), CHANGE_LIMIT]
    if analysis.source.pose_format not in (None, OWN_FORMAT):
        sentences.append(FOREIGN_LANDMARKS)
    return sentences + [PICTURE_LIMIT] * pictures


def method(analysis: Analysis) -> list[str]:
    """How deviation, band and grade are to be read; nothing about them when knees were refused."""
    grades = Settings.model_validate(analysis.changed_settings).grade
    depth = (
        "A rep runs from standing to standing. Depth is how far the hips sink, as a share of their standing "
        "height above the ankles."
    )
    if not analysis.view.usable:
        return [depth]
    basis = FROM_PICTURE if analysis.source.filmed else FROM_MARKERS
    limits = f"mild from {grades.mild_deg:g}°, moderate from {grades.moderate_deg:g}°"
    return [
        "Per foot, a vertical plane runs through the ankle and the tip of the third toe. The deviation is "
        "the angle by which the shank leaves that plane: plus is inward (valgus), minus outward. It is "
        f"measured in every frame {basis}.",
        "The ± band is half the width of the 95 % error interval: the true value lies within it in about 19 "
        f"of 20 measurements. A rep's peak is the {grades.percentile:g}th percentile of the deviation while "
        f"the hips are at least {grades.loaded_depth:.0%} down; a leg's number is the median over its reps.",
        f"Grades: no inward drift below {grades.mild_deg:g}°, {limits}, severe from {grades.severe_deg:g}°. "
        "Borderline means that the band crosses one of these lines.",
        depth,
    ]


def other_measures(analysis: Analysis) -> list[Column]:
    """The frontal measures beside the deviation that at least one rep has, with bands and sign in words."""
    frontal = [rep.frontal for rep in analysis.reps]
    columns = [
        Column(
            "Knees' distance ÷ ankles' (expected)",
            [
                f"{measure(one.kasr, one.kasr_band, '', 2)} ({measure(one.kasr_expected, None, '', 2)})"
                for one in frontal
            ],
        ),
        Column(
            "Pelvis lower on the left (+)",
            [measure(one.pelvic_drop_deg, one.pelvic_drop_band_deg, "°", 0, True) for one in frontal],
        ),
        Column(
            "Trunk leans left (+)",
            [measure(one.trunk_lean_deg, one.trunk_lean_band_deg, "°", 0, True) for one in frontal],
        ),
        Column(
            "Hips shift left (+), of hip width",
            [measure(one.hip_shift_pct_hips, one.hip_shift_band_pct_hips, "%", 0, True) for one in frontal],
        ),
    ]
    for leg in LEGS:
        results = [getattr(rep.legs, leg) for rep in analysis.reps]
        cells = [measure(one.fppa_deg, one.fppa_band_deg, "°", 0, True) if one else "–" for one in results]
        columns.append(Column(f"{leg.capitalize()} 2-D knee valgus (FPPA)", cells))
    return [column for column in columns if any(cell[0] != "–" for cell in column.cells)]


def run_facts(analysis: Analysis) -> Iterator[tuple[str, str]]:
    """Camera or markers, file, model and software, as name and value."""
    view, source, model = analysis.view, analysis.source, analysis.model
    for name, value, band in (
        ("Camera to the client's left", view.yaw_deg, view.yaw_band_deg),
        ("Camera looks down", view.pitch_deg, view.pitch_band_deg),
        ("Picture turned clockwise", view.roll_deg, view.roll_band_deg),
    ):
        if value is not None:
            yield name, f"{signed(value, 0)}°" + (f" ± {band:.0f}°" if band is not None else "")
    for leg in LEGS:
        yield from _standing(getattr(analysis.legs, leg), f"{leg.capitalize()} leg")
    for name, length_m in (("Camera height", view.camera_height_m), ("Distance", view.camera_distance_m)):
        if length_m is not None:
            yield name, f"about {length_m:.1f} m"
    yield from _calibration(analysis.calibration)
    if view.mirrored:
        yield "Mirrored", "declared as a mirrored recording and turned round"
    if source.pose_format:
        yield "Landmarks", source.pose_format
    rate = f"{source.mean_fps:.4g} frames per second"
    if source.marker_set:
        yield "Marker set", source.marker_set
        yield "Rate", rate
    else:
        yield "Picture", f"{source.width_px} × {source.height_px} pixels, {rate}"
    frames = "variable frame rate" if source.variable_frame_rate else "constant frame rate"
    yield "Length", f"{source.duration_s:.1f} s, {source.frame_count} frames, {frames}"
    if source.sha256:
        yield f"{source.kind.capitalize()}'s SHA-256", source.sha256
    if model is not None:
        yield "Pose model", f"{model.name} {model.variant}, {model.runtime_version}"
        yield "Model's SHA-256", model.sha256
    yield "Software", f"knee-track {analysis.software_version}"


def _calibration(known: Calibration | None) -> Iterator[tuple[str, str]]:
    """What the fit was told beside the clip."""
    if known and (toes := known.third_toe):
        which = [name for name, mark in (("left", toes.left_px), ("right", toes.right_px)) if mark]
        yield "Third toe", f"marked by hand, {' and '.join(which)}"
    if known and (camera := known.camera):
        lengths = (("above the floor", camera.height_m), ("away", camera.distance_m))
        if given := [f"{length_m:g} m {where}" for where, length_m in lengths if length_m is not None]:
            yield "Camera as given", ", ".join(given)
        if camera.focal_length_35mm is not None:
            yield "Focal length in the file", f"{camera.focal_length_35mm:g} mm (35 mm equivalent)"


def _standing(leg: LegSummary, name: str) -> Iterator[tuple[str, str]]:
    """How the leg stands; context that is never graded."""
    facts = [
        ("deviation", measure(leg.standing_deviation_deg, None, "°", 1, True)),
        ("knock-knee (+)", measure(leg.standing_hka_deg, None, "°", 1, True)),
        ("toe-out", measure(leg.toe_out_deg, leg.toe_out_band_deg, "°")),
    ]
    known = [f"{what} {value}" for what, value in facts if value != "–"]
    if known:
        yield f"{name} in standing", ", ".join(known)


def changed_settings(analysis: Analysis) -> list[ChangedSetting]:
    """The settings that differ from their defaults."""
    defaults = Settings()
    rows = []
    for section_name, values in analysis.changed_settings.items():
        section = getattr(defaults, section_name)
        for name, value in values.items():
            field = type(section).model_fields[name]
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            row = ChangedSetting(
                name=f"{section_name}.{name}",
                value=value,
                default=getattr(section, name),
                unit=str(extra.get("unit", "")),
                meaning=field.description or "",
            )
            rows.append(row)
    return rows
