"""The exercise library: what can be practised, how much of it, and when not. Data: library.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from knee_track.protocol.document import Document, Entry, Location

TrainingPhase = Literal["release", "activate", "integrate", "retrain"]
Amount = Literal["reps", "hold_s", "duration_s"]

AMOUNTS: Final[tuple[Amount, ...]] = ("reps", "hold_s", "duration_s")
DAILY: Final = (7, 7)
TOP_LEVEL: Final = 4
MOST_PAIN: Final = 5  # docs/measurement.md §6: never above 5/10
MOST_SETTLE_MINUTES: Final = 60  # docs/measurement.md §6: back to normal within 60 minutes


def _rising(limits: tuple[int, int]) -> tuple[int, int]:
    if limits[0] > limits[1]:
        raise ValueError(f"the range [{limits[0]}, {limits[1]}] must be [min, max]")
    return limits


def _in_order(phases: tuple[TrainingPhase, ...]) -> tuple[TrainingPhase, ...]:
    if phases != get_args(TrainingPhase):
        raise ValueError(f"the order is {', '.join(get_args(TrainingPhase))}, each once")
    return phases


Count = Annotated[int, Field(ge=1)]
Range = Annotated[tuple[Count, Count], AfterValidator(_rising)]
Level = Annotated[int, Field(ge=1, le=TOP_LEVEL)]
Text = Annotated[str, Field(min_length=1)]
Pain = Annotated[int, Field(ge=0, le=MOST_PAIN)]


class Dosage(Entry):
    """How much: exactly one of `reps`, `hold_s`, `duration_s` is the range of one set."""

    sets: Range
    reps: Range | None = None
    hold_s: Range | None = None
    duration_s: Range | None = None
    tempo: Text
    seconds_per_rep: Annotated[int, Field(ge=1)] | None = None
    rest_s: Annotated[int, Field(ge=0)]
    per_week: Range
    per_side: bool
    load: Text | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Dosage:
        if sum(getattr(self, amount) is not None for amount in AMOUNTS) != 1:
            raise ValueError("give exactly one of reps, hold_s, duration_s")
        if (self.seconds_per_rep is None) != (self.reps is None):
            raise ValueError("seconds_per_rep belongs to reps, and reps need it")
        if re.fullmatch(r"\d+-\d+-\d+", self.tempo):
            seconds = sum(int(part) for part in self.tempo.split("-"))
            if seconds != self.seconds_per_rep:
                raise ValueError(f"tempo {self.tempo} takes {seconds} s, not seconds_per_rep")
        return self

    @property
    def amount(self) -> Amount:
        """Which field holds the amount of one set."""
        return next(amount for amount in AMOUNTS if getattr(self, amount) is not None)

    @property
    def amount_range(self) -> tuple[int, int]:
        """The [min, max] of one set: repetitions, or seconds."""
        limits: tuple[int, int] = getattr(self, self.amount)
        return limits


class Exercise(Entry):
    """One exercise; the fields are explained at the head of library.yaml."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    name: Text
    plain: Text | None = None
    how: Text | None = None
    phase: TrainingPhase
    level: Level
    targets: Annotated[tuple[Text, ...], Field(min_length=1)]
    needs: tuple[tuple[Text, ...], ...]
    contraindications: tuple[Text, ...]
    dosage: Dosage
    cues: Annotated[tuple[Text, ...], Field(min_length=1)]
    cautions: tuple[Text, ...]
    regression: Text
    regresses_to: str | None = None
    progression: Text
    progresses_to: str | None = None
    evidence: Text

    @property
    def daily(self) -> bool:
        """True when it is practised every day, outside the sessions."""
        return self.dosage.per_week == DAILY


class PainRule(Entry):
    """Bounded by docs/measurement.md §6: a coach may ask for less pain, never allow more."""

    ideal_max: Pain
    stop_above: Pain
    settle_minutes: Annotated[int, Field(ge=1, le=MOST_SETTLE_MINUTES)]
    source: Text

    def filled(self, text: str) -> str:
        """A text with the limit in place of {stop}."""
        return text.replace("{stop}", str(self.stop_above))


class ProgressRule(Entry):
    sessions: int
    max_pain: Pain
    min_share_pct: int
    below_deg: float
    max_effort: int


class RegressRule(Entry):
    min_pain: Pain
    max_pain: Pain
    event_reps_in_a_row: int
    min_effort: int


class RetestRule(Entry):
    reps: int
    depth_within: float
    same_session_deg: float
    calibrated_deg: float
    uncalibrated_deg: float


class Defaults(Entry):
    """What holds for every exercise and session."""

    pain_rule: PainRule
    stop_signs: Annotated[tuple[Text, ...], Field(min_length=1)]
    progress_when: ProgressRule
    regress_when: RegressRule
    session_order: Annotated[tuple[TrainingPhase, ...], AfterValidator(_in_order)]
    session_minutes: Range
    changeover_s: Annotated[int, Field(ge=0)]
    retest: RetestRule

    @property
    def signs(self) -> str:
        """The signs to stop, as one list."""
        return self.pain_rule.filled("; ".join(self.stop_signs))


class Library(Entry):
    """All exercises, and the words for equipment and contraindications."""

    version: int
    status: Text
    defaults: Defaults
    equipment: Mapping[str, Text]
    contraindications: Mapping[str, Text]
    exercises: Annotated[tuple[Exercise, ...], Field(min_length=1)]

    @property
    def by_id(self) -> dict[str, Exercise]:
        """Exercises by their id. Not kept: a copy with other exercises would keep the old ones."""
        return {exercise.id: exercise for exercise in self.exercises}

    def ladder(self, exercise: Exercise) -> list[Exercise]:
        """The exercise with the easier ones before it and the harder ones after it, by level."""
        steps = [exercise]
        while (easier := steps[0].regresses_to) is not None:
            steps.insert(0, self.by_id[easier])
        while (harder := steps[-1].progresses_to) is not None:
            steps.append(self.by_id[harder])
        return steps


def load_library(path: Path | None = None) -> Library:
    """The library in a file, or the package's own.

    Raises ProtocolError naming file, line and field.
    """
    return _own_library() if path is None else _read(path)


@lru_cache(maxsize=1)
def _own_library() -> Library:
    return _read(Path(__file__).with_name("library.yaml"))


def _read(path: Path) -> Library:
    document = Document(path)
    library = document.parse(Library)
    _check_pain(document, library.defaults)
    for number, sign in enumerate(library.defaults.stop_signs):
        check_fills(document, ("defaults", "stop_signs", number), sign, ("stop",))
    for index, exercise in enumerate(library.exercises):
        _check_names(document, library, index, exercise)
        _check_links(document, library, index, exercise)
        for number, caution in enumerate(exercise.cautions):
            check_fills(document, ("exercises", index, "cautions", number), caution, ("stop",))
    return library


def check_fills(document: Document, place: Location, text: str, known: Sequence[str]) -> None:
    """Only names that are filled in stand in braces. Raises ProtocolError."""
    rest = re.sub(rf"\{{({'|'.join(known)})\}}", "", text) if known else text
    if "{" in rest or "}" in rest:
        names = ", ".join(f"{{{name}}}" for name in known)
        message = f"in braces there may be {names} and nothing else" if known else "there are no braces here"
        raise document.error(place, message)


def _check_pain(document: Document, defaults: Defaults) -> None:
    """Nothing that the plan allows goes above the pain at which it stops."""
    stop, back = defaults.pain_rule.stop_above, defaults.regress_when
    limits: list[tuple[str, str, int, int, str]] = [
        ("pain_rule", "ideal_max", defaults.pain_rule.ideal_max, stop, "pain_rule.stop_above"),
        ("progress_when", "max_pain", defaults.progress_when.max_pain, stop, "pain_rule.stop_above"),
        ("regress_when", "max_pain", back.max_pain, stop, "pain_rule.stop_above"),
        ("regress_when", "min_pain", back.min_pain, back.max_pain, "max_pain"),
    ]
    for group, field, value, most, other in limits:
        if value > most:
            raise document.error(("defaults", group, field), f"{value} is above {other}, {most}")


def _check_names(document: Document, library: Library, index: int, exercise: Exercise) -> None:
    """Ids are unique; equipment and contraindications are words that the file itself explains."""
    here: Location = ("exercises", index)
    if exercise.id in [earlier.id for earlier in library.exercises[:index]]:
        raise document.error((*here, "id"), f"the id {exercise.id} is given twice")
    for choice, items in enumerate(exercise.needs):
        for item in items:
            if item not in library.equipment:
                raise document.error((*here, "needs", choice), f"{item} is not listed under equipment")
    for number, word in enumerate(exercise.contraindications):
        if word not in library.contraindications:
            raise document.error(
                (*here, "contraindications", number), f"{word} is not listed under contraindications"
            )


def _check_links(document: Document, library: Library, index: int, exercise: Exercise) -> None:
    """A harder exercise has a higher level, an easier one a lower one: so every ladder ends."""
    for field, harder in (("progresses_to", True), ("regresses_to", False)):
        link = getattr(exercise, field)
        if link is None:
            continue
        place: Location = ("exercises", index, field)
        other = library.by_id.get(link)
        if other is None:
            raise document.error(place, f"there is no exercise {link}")
        if other.phase != exercise.phase:
            raise document.error(place, f"{link} belongs to the phase {other.phase}, not {exercise.phase}")
        if (other.level > exercise.level) != harder or other.level == exercise.level:
            word = "higher" if harder else "lower"
            raise document.error(place, f"{link} must have a {word} level than {exercise.id}")
