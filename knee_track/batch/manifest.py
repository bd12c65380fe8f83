"""`manifest.csv`: what the coach knows of each clip beside its path."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, get_args

from knee_track.batch.clips import Clip
from knee_track.batch.discover import Patterns
from knee_track.errors import KneeTrackError, UsageError
from knee_track.pipeline import check_height, check_part
from knee_track.pose.skeleton import LEGS
from knee_track.results import Movement

FILE_NAME: Final = "manifest.csv"
MOVEMENTS: Final = [name for name in get_args(Movement) if name != "unknown"]
YES, NO = ("yes", "true", "1", "x", "y"), ("no", "false", "0", "n")


@dataclass(frozen=True)
class Line:
    """A clip's line; `about` holds only what was filled in."""

    number: int
    file: str
    client: str | None = None
    day: date | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


def read_manifest(path: Path) -> list[Line]:
    """The lines of a manifest: column `file`, and any of client, date, height_m, movement, leg, mirrored,
    person, start_s and end_s. Separated by commas, semicolons or tabs. Empty fields say nothing.

    Raises UsageError that names the line: what was meant is for the coach to say, before anything is run.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text; save it as CSV UTF-8.") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).") from error
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    reader.fieldnames = [(name or "").strip().lower() for name in reader.fieldnames or []]
    _check_columns(path, reader.fieldnames)
    lines: dict[str, Line] = {}
    for row in reader:
        line = _line(path, reader.line_num, row)
        if line.file in lines:
            first = lines[line.file].number
            raise UsageError(f"{path}, line {line.number}: {line.file} is in line {first} already; keep one.")
        lines[line.file] = line
    return list(lines.values())


def with_manifest(
    clips: Sequence[Clip], lines: Sequence[Line], patterns: Patterns, named: Callable[[str], Clip]
) -> list[Clip]:
    """The clips with what the manifest says of them, and those that only the manifest names, by path.

    named : gives the clip of a path that was not found
    """
    found = {clip.file: clip for clip in clips}
    for line in lines:
        if not patterns.take(line.file):
            continue
        clip = found.get(line.file) or named(line.file)
        if clip.problem and line.file not in found:
            reason = f"is named in {FILE_NAME}, line {line.number}, but not there"
            clip = replace(clip, problem=(reason, "Copy it to where the line says, or take the line out."))
        found[line.file] = replace(
            clip,
            folder=line.client or clip.folder,
            day=line.day or clip.day,
            about=replace(clip.about, **line.about),
        )
    return [found[file] for file in sorted(found)]


def _check_columns(path: Path, names: Sequence[str]) -> None:
    known = ["file", "client", "date", *_READERS]
    if "file" not in names:
        raise UsageError(f"{path}: its first line must name the columns, 'file' and any of {known[1:]}.")
    for name in names:
        if name not in known:
            raise UsageError(f"{path}: there is no column '{name}'; known are {', '.join(known)}.")


def _line(path: Path, number: int, row: Mapping[str, Any]) -> Line:
    where = f"{path}, line {number}"
    if None in row:  # what DictReader calls the fields beyond the last column
        raise UsageError(f'{where}: has more fields than columns; put quotes (") round names with commas.')
    told = {name: value.strip() for name, value in row.items() if value and value.strip()}
    file = told.pop("file", "").replace("\\", "/").removeprefix("./")
    if not file or file.startswith("/") or ".." in file.split("/"):
        raise UsageError(f"{where}: give the clip's path inside the folder of clips, not '{file}'.")
    client, day = told.pop("client", None), told.pop("date", None)
    try:
        about = {name: _READERS[name](value) for name, value in told.items()}
        check_height(about.get("height_m"))
        check_part(about.get("start_s"), about.get("end_s"))
        return Line(number, file, client, date.fromisoformat(day) if day else None, about)
    except KneeTrackError as error:
        raise UsageError(f"{where}: {error}") from error
    except ValueError as error:
        raise UsageError(f"{where}: {_meant(error, day)}.") from error


def _meant(error: ValueError, day: str | None) -> str:
    text = str(error)
    return f"'{day}' is no date, write it as 2026-11-03" if "isoformat" in text or "month" in text else text


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise ValueError(f"'{text}' is no number") from error


def _person(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"person '{text}' must be counted from 1")
    return int(text)


def _yes_no(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError(f"mirrored is yes or no, not '{text}'")
    return text.lower() in YES


def _one_of(names: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        name = text.lower().replace(" ", "_").replace("-", "_")
        if name not in names:
            raise ValueError(f"'{text}' is none of {', '.join(names)}")
        return name

    return read


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "height_m": _number,
    "movement": _one_of(MOVEMENTS),
    "leg": _one_of(LEGS),
    "mirrored": _yes_no,
    "person": _person,
    "start_s": _number,
    "end_s": _number,
}
