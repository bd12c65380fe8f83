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
    max_gap_s: float = threshold(0.15, "s", "longest gap that is interpolated", "measurement §2", ge=0)
    hampel_frames: int = threshold(5, "frames", "Hampel window", "measurement §2", ge=3)
    hampel_mads: float = threshold(3.0, "MAD", "Hampel cut-off", "measurement §2", gt=0)
    cutoff_hz: float = threshold(6.0, "Hz", "zero-lag Butterworth cut-off", "measurement §2", gt=0)


class ViewSettings(Section):
    """Which camera positions are measured."""

    max_yaw_deg: float = threshold(
        35.0, "deg", "largest yaw at which knees are measured", "accuracy benchmark; must accept 30°", gt=0
    )
    side_yaw_deg: float = threshold(60.0, "deg", "from here the view is called side", "own choice", gt=0)


class RepSettings(Section):
    """Finding repetitions in the depth signal (fractions of standing hip height)."""

    enter_depth: float = threshold(0.05, "fraction", "a rep is entered at this depth", "measurement §2", gt=0)
    rearm_depth: float = threshold(
        0.08, "fraction", "hysteresis: depth that confirms a descent", "measurement §2"
    )
    min_depth: float = threshold(0.12, "fraction", "shallower movements are attempts", "measurement §2", gt=0)
    min_duration_s: float = threshold(0.8, "s", "shortest rep", "measurement §2", gt=0)
    max_duration_s: float = threshold(10.0, "s", "longest rep", "measurement §2", gt=0)
    min_share_of_median: float = threshold(
        0.5, "share", "a rep reaches this share of the set's median depth", "measurement §2", ge=0, le=1
    )
    bottom_share: float = threshold(
        0.9, "share", "bottom phase: depth above this share of the rep's maximum", "§2"
    )
    rest_speed_share: float = threshold(
        0.05, "share", "at rest below this share of the rep's peak speed", "own choice, timing benchmark"
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


class GradeSettings(Section):
    """Severity from peak deviation (measurement §8)."""

    mild_deg: float = threshold(4.0, "deg", "none below, mild from here", "measurement §8", gt=0)
    moderate_deg: float = threshold(7.0, "deg", "moderate from here", "measurement §8", gt=0)
    severe_deg: float = threshold(11.0, "deg", "severe from here", "measurement §8", gt=0)
    percentile: float = threshold(
        95.0, "%", "peak: this percentile inside the loaded window", "measurement §8"
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


class Settings(Section):
    """All settings of one run."""

    pose: PoseSettings = PoseSettings()
    clean: CleanSettings = CleanSettings()
    view: ViewSettings = ViewSettings()
    reps: RepSettings = RepSettings()
    events: EventSettings = EventSettings()
    grade: GradeSettings = GradeSettings()


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
        table[field] = text.strip()
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
