"""Which markers stand for which point: presets, and a file of the user's in the same form.

The form is described at the top of `presets.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from knee_track.errors import MarkerError, UsageError
from knee_track.pose.joints import NEEDED, Part
from knee_track.pose.markers.data import Markers
from knee_track.pose.skeleton import LEGS, Leg

MOST_NAMES = 40
"""Marker names of the file that an error lists."""


class Pelvis(BaseModel):
    """Markers of the iliac spines: front (anterior) and back (posterior); "{side}" is filled in."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    front: str
    back: str


class Mapping(BaseModel):
    """One marker set; see `presets.toml` for the meaning of each field. `name`: of the preset or its file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = ""
    about: str = ""
    sides: dict[Leg, str]
    points: dict[Part, str | list[str] | dict[str, float]]
    pelvis: Pelvis | None = None
    inward_mm: dict[Part, float] = Field(default_factory=dict)
    third_toe_lateral_deg: float = 0.0
    placement_sd_mm: float | None = Field(None, gt=0)
    toe_axis_sd_deg: float = Field(0.0, ge=0)
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Mapping:
        if set(self.sides) != set(LEGS):
            raise ValueError("sides must say what {side} is for left and for right")
        lacking = [p for p in NEEDED if p not in self.points and not (p == "hip" and self.pelvis)]
        if lacking:
            raise ValueError(f"points lacks {', '.join(lacking)}")
        for part, given in self.points.items():
            if not given or (isinstance(given, dict) and abs(sum(given.values()) - 1.0) > 1e-6):
                raise ValueError(f"points.{part}: the weights of its markers must add up to 1")
        return self

    def weights(self, leg: Leg, part: Part) -> dict[str, float]:
        """Marker names of a point of one leg with their weights; empty when the mapping lacks it."""
        given = self.points.get(part, [])
        names = [given] if isinstance(given, str) else given
        shares = names if isinstance(names, dict) else {name: 1.0 / len(names) for name in names}
        return {name.replace("{side}", self.sides[leg]): share for name, share in shares.items()}

    def spines(self, leg: Leg) -> tuple[str, str] | None:
        """Names of the leg's front and back iliac spine."""
        if self.pelvis is None:
            return None
        front, back = (
            name.replace("{side}", self.sides[leg]) for name in (self.pelvis.front, self.pelvis.back)
        )
        return front, back

    def needed(self) -> Iterator[str]:
        """Names without which nothing can be measured."""
        for leg in LEGS:
            for part in NEEDED:
                yield from self.weights(leg, part)
            if "hip" not in self.points:
                yield from self.spines(leg) or ()


def presets() -> dict[str, Mapping]:
    """The marker sets that come with the package, in the order in which they are tried."""
    text = resources.files("knee_track.pose.markers").joinpath("presets.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text).items()
    return {name: Mapping.model_validate({**table, "name": name}) for name, table in tables}


def choose_mapping(markers: Markers, wanted: str | None, path: Path) -> Mapping:
    """The mapping for a file's markers.

    Parameters
    ----------
    wanted : name of a preset or path of a mapping file; None takes the first preset that fits
    path : the marker file, named in errors

    Raises
    ------
    UsageError : no such preset, or the mapping file is wrong
    MarkerError : the file lacks markers; the text names them and the nearest that it has
    """
    known = presets()
    if wanted is None:
        fitting = (one for one in known.values() if not missing(markers, one))
        chosen = next(fitting, None)
        if chosen is not None:
            return chosen
        nearest = min(known, key=lambda name: len(missing(markers, known[name])))
        raise MarkerError(
            f"{path}: its marker names fit no preset ({', '.join(known)}). "
            f"{_lack(markers, missing(markers, known[nearest]), nearest)} "
            f"Say which markers are which with --markers FILE. The file holds: {_listed(markers.names)}."
        )
    mapping = known[wanted] if wanted in known else load_mapping(wanted, known)
    lacking = missing(markers, mapping)
    if lacking:
        raise MarkerError(
            f"{path}: {_lack(markers, lacking, wanted)} The file holds: {_listed(markers.names)}."
        )
    return mapping


def load_mapping(wanted: str, known: dict[str, Mapping]) -> Mapping:
    """A mapping from the user's TOML file. Raises UsageError."""
    path = Path(wanted)
    if not path.is_file():
        raise UsageError(
            f"--markers {wanted}: neither a preset ({', '.join(known)}) nor a file with a mapping."
        )
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Mapping.model_validate({**table, "name": path.name})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot read this mapping ({error}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        where = f"'{field}': " if field else ""
        raise UsageError(f"{path}: {where}{first['msg'].removeprefix('Value error, ')}.") from error


def missing(markers: Markers, mapping: Mapping) -> list[str]:
    """Needed names that the markers lack, in order, each once."""
    return list(dict.fromkeys(name for name in mapping.needed() if markers.find(name) is None))


def _lack(markers: Markers, lacking: Sequence[str], name: str) -> str:
    """Sentence that names what a mapping misses, each with the file's nearest name."""
    parts = []
    for wanted in lacking:
        near = get_close_matches(wanted, markers.names, n=1)
        parts.append(f"{wanted} (nearest: {near[0]})" if near else wanted)
    return f"For '{name}' it lacks {', '.join(parts)}."


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
