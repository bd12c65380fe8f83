"""The results page, `docs/accuracy.md`: its words are in `accuracy_page.md.j2`, its numbers from here."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

import knee_track
from benchmarks.conditions import NEAR_THRESHOLD_DEG, conditions, legs_of
from benchmarks.figure import draw
from benchmarks.learned import LEARNED, REPORTED, judged
from benchmarks.scoring import LEAST_IOU, ClipScore
from benchmarks.tables import NAIVE_TITLE, document, event_table, peak_table
from benchmarks.targets import (
    COVERAGE_LEAST_CLIPS,
    COVERAGE_LEAST_LEGS,
    WORDS,
    check_targets,
    targets_text,
)
from knee_track.errors import UsageError
from knee_track.settings import Settings

REPOSITORY: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Provenance:
    """Where the numbers of a page come from."""

    date: str
    version: str
    pose: str
    command: str

    @classmethod
    def of_this_run(cls, command: str) -> Provenance:
        """Today, with the software that is running."""
        pose = f"MediaPipe {version('mediapipe')}, preset “{Settings().pose.preset}”"
        return cls(datetime.date.today().isoformat(), knee_track.__version__, pose, command)


@dataclass(frozen=True)
class Inserts:
    """Sections that other programs write, as Markdown; "" leaves a section out."""

    mocap: str = ""
    ablation: str = ""


def read_insert(path: Path | None) -> str:
    """The text of a Markdown file for the page, its headings lowered to sit inside a section; "" for none."""
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(f"{path.name}, a part of the page, cannot be read.") from error
    return re.sub(r"^#{1,4}(?= )", "###", text, flags=re.MULTILINE)


def write_page(
    path: Path, groups: dict[str, list[ClipScore]], settings: Settings, origin: Provenance, inserts: Inserts
) -> None:
    """Write the page and, beside it and of the same name, its figure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure = path.with_suffix(".png")
    draw(figure, judged(groups))
    path.write_text(page(groups, settings, origin, inserts, figure.name), encoding="utf-8")


def page(
    groups: dict[str, list[ClipScore]], settings: Settings, origin: Provenance, inserts: Inserts, figure: str
) -> str:
    """The page as Markdown."""
    clips = judged(groups)
    targets = check_targets(clips, settings)
    tables = document(clips, settings)
    verdicts = [check.passed for check in targets.checks]
    return _template().render(
        origin=origin,
        inserts=asdict(inserts),
        figure=figure,
        reported=groups.get(REPORTED, []),
        learned=groups.get(LEARNED, []),
        span=span(clips),
        counts={word: verdicts.count(passed) for passed, word in WORDS.items()},
        targets=targets_text(targets),
        naive=tables.pop(NAIVE_TITLE),
        tables=tables,
        learned_tables=_learned_tables(groups.get(LEARNED, []), settings) if groups.get(REPORTED) else {},
        rules=_rules(settings),
    )


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("accuracy_page.md.j2")


def _rules(settings: Settings) -> dict[str, float]:
    """The numbers that the words name."""
    return {
        "enter_deg": settings.events.enter_deg,
        "near_deg": NEAR_THRESHOLD_DEG,
        "iou": LEAST_IOU,
        "least_legs": COVERAGE_LEAST_LEGS,
        "least_clips": COVERAGE_LEAST_CLIPS,
    }


def span(clips: Sequence[ClipScore]) -> dict[str, Any]:
    """What the clips cover: counts, and ranges as text."""
    legs = legs_of(clips)
    outcomes = [leg.outcome for leg in legs]
    return {
        "clips": len(clips),
        "reps": sum(clip.reps_true for clip in clips),
        "legs": len(legs),
        "refused": outcomes.count("refused"),
        "missed": outcomes.count("missed"),
        "bodies": ", ".join(sorted({clip.body for clip in clips})),
        "yaw": _range((clip.yaw_deg for clip in clips), 0),
        "camera": _range((clip.camera_height_m for clip in clips), 2),
        "pitch": _range((clip.pitch.true for clip in clips), 0),
        "roll": _range((clip.roll.true for clip in clips), 1),
        "toe_out": _range((leg.toe_out_deg for leg in legs), 0),
        "peak": _range((leg.peak.true for leg in legs), 1),
        "flexion": _range((rep.knee_flexion_deg.true for clip in clips for rep in clip.reps), 0),
    }


def without_place(path: Path) -> str:
    """A path inside the repository as seen from there; of any other only the name."""
    full = path.resolve()
    return str(full.relative_to(REPOSITORY).as_posix()) if full.is_relative_to(REPOSITORY) else full.name


def _range(values: Iterable[float], digits: int) -> str:
    every = list(values)
    if not every:
        return "–"
    low, high = (f"{round(end, digits) + 0.0:.{digits}f}" for end in (min(every), max(every)))
    return f"{low} to {high}".replace("-", "−")


def _learned_tables(clips: Sequence[ClipScore], settings: Settings) -> dict[str, str]:
    """The short form for the clips that were learned on."""
    if not clips:
        return {}
    groups = conditions(clips)
    return {
        "Peak deviation (degrees)": peak_table(groups),
        "Events and reps": event_table(groups, settings),
        "The targets on these clips": targets_text(check_targets(clips, settings)),
    }
