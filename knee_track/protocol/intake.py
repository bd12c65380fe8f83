"""What the client says beyond the clip: pain, red flags, equipment, time, training. A small TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from knee_track.errors import ProtocolError
from knee_track.pose.skeleton import LEGS
from knee_track.protocol.document import Entry, reason
from knee_track.protocol.library import Exercise, Library
from knee_track.protocol.rules import RedFlags, Rules
from knee_track.results import Finding

AgeGroup = Literal["under_16", "adult", "55_or_over"]
MINUTES: Final = (10, 90)
KNEE_PAIN: Final = "knee_pain"  # the contraindication that any pain brings with it


class Intake(Entry):
    """The client's answers; left out means not asked.

    pain: in the knee while moving, worst of the last week, 0-10. equipment: ids of what is at hand, None
    when everything is assumed. forbid: exercises that the coach rules out. doctor_agreed: a doctor has
    looked at what may be cleared. old_injury: the side of an old leg injury. seen: what the coach's own eye
    adds to the clip, ids of findings with the source `coach`, with ".left" or ".right" behind when one-sided.
    """

    pain: Annotated[int, Field(ge=0, le=10, strict=True)] = 0
    red_flags: frozenset[str] = frozenset()
    doctor_agreed: Annotated[bool, Field(strict=True)] = False
    equipment: frozenset[str] | None = None
    contraindications: frozenset[str] = frozenset()
    forbid: frozenset[str] = frozenset()
    sessions_per_week: Annotated[int, Field(ge=1, le=6, strict=True)] | None = None
    minutes: Annotated[int, Field(ge=MINUTES[0], le=MINUTES[1], strict=True)] | None = None
    training_months: Annotated[int, Field(ge=0, strict=True)] | None = None
    age_group: AgeGroup | None = None
    old_injury: Literal["none", "left", "right", "both"] = "none"
    seen: frozenset[str] = frozenset()

    def ruled_out_by(self, exercise: Exercise) -> list[str]:
        """The contraindications of an exercise that apply to the client."""
        applies = self.contraindications | ({KNEE_PAIN} if self.pain else frozenset())
        return [word for word in exercise.contraindications if word in applies]

    def allows(self, exercise: Exercise) -> bool:
        """True when nothing speaks against the exercise and one of its sets of equipment is there."""
        if exercise.id in self.forbid or self.ruled_out_by(exercise):
            return False
        return not exercise.needs or self.equipment_for(exercise) is not None

    def equipment_for(self, exercise: Exercise) -> tuple[str, ...] | None:
        """The first set of equipment that is complete, None when none is."""
        return next(
            (items for items in exercise.needs if self.equipment is None or self.equipment.issuperset(items)),
            None,
        )

    def findings(self) -> list[Finding]:
        """What of the answers rules may refer to."""
        added = []
        for name in sorted(self.seen):
            id_, _, side = name.partition(".")
            told = {"id": id_, "leg": side or "both", "text": f"Seen by the coach: {name}."}
            added.append(Finding.model_validate(told))
        if self.old_injury != "none":
            added.append(
                Finding(id="old_injury", leg=self.old_injury, text=f"Old injury: {self.old_injury}.")
            )
        return added

    def completed(self, rules: Rules) -> Intake:
        """The same, with red flags that were told as contraindications and the other way round."""
        flags, words = set(self.red_flags), set(self.contraindications)
        for word in self.contraindications:
            flags.update([flag for flag, means in rules.flag_means.items() if word in means][:1])
        if self.age_group == "under_16" and self.pain:
            flags.add("child_joint_pain")
        for flag in flags:
            words.update(rules.flag_means.get(flag, ()))
        return self.model_copy(update={"red_flags": frozenset(flags), "contraindications": frozenset(words)})

    def cleared(self, rules: Rules) -> list[str]:
        """The red flags that hold and a doctor has cleared."""
        groups = [group for group in rules.red_flags if group.doctor_may_clear and self.doctor_agreed]
        return [flag for group in groups for flag in group.flags if flag in self.red_flags]

    def stopping(self, rules: Rules) -> list[tuple[RedFlags, list[str]]]:
        """The red flags that hold, by urgency; those that a doctor has cleared are left out."""
        found = []
        for group in rules.red_flags:
            flags = [flag for flag in group.flags if flag in self.red_flags]
            if flags and not (group.doctor_may_clear and self.doctor_agreed):
                found.append((group, flags))
        return found


def load_intake(path: Path, library: Library, rules: Rules) -> Intake:
    """The answers in a TOML file.

    Raises ProtocolError naming file, line and field: not TOML, an unknown field, an impossible value, or an
    id that library or rules do not know.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ProtocolError(f"{path}: cannot read this file ({reason(error)}).") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = f"{path}:{line[1]}" if line else str(path)
        raise ProtocolError(f"{place}: not valid TOML ({error}).") from error
    try:
        intake = Intake.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        message = first["msg"].lower()
        if first["type"] == "extra_forbidden":
            message = f"unknown field; there are {', '.join(Intake.model_fields)}"
        raise _error(path, text, field, first.get("input"), message) from error
    for field, known in known_ids(library, rules).items():
        for word in sorted(getattr(intake, field) or ()):
            if word not in known:
                message = f"'{word}' is not known; choose from {', '.join(known)}"
                raise _error(path, text, field, word, message)
    return intake


def known_ids(library: Library, rules: Rules) -> dict[str, list[str]]:
    """The words that each list of the intake may hold."""
    coach = [name for name, source in rules.findings.items() if source == "coach"]
    return {
        "red_flags": [flag for group in rules.red_flags for flag in group.flags],
        "equipment": list(library.equipment),
        "contraindications": list(library.contraindications),
        "forbid": list(library.by_id),
        "seen": [f"{name}{side}" for name in coach for side in ("", *(f".{leg}" for leg in LEGS))],
    }


def intake_toml(intake: Intake) -> str:
    """The answers as the file that `load_intake` reads; what was not asked is left out."""
    lines = [f"{name} = {_toml(value)}" for name, value in intake if value is not None]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return f"[{', '.join(_toml(one) for one in sorted(value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _error(path: Path, text: str, field: str, value: object, message: str) -> ProtocolError:
    """An error at the value where the field's line or one after it holds it, else at the field."""
    lines = text.splitlines()
    named = re.compile(rf"\s*\[?[\"']?{re.escape(field)}\b")
    first = next((i for i, line in enumerate(lines) if named.match(line)), 0)
    told = re.compile(rf"[\"'\s,\[=]{re.escape(str(value).lower())}([\"'\s,\]]|$)", re.IGNORECASE)
    at = next((i for i in range(first, len(lines)) if told.search(lines[i])), first)
    return ProtocolError(f"{path}:{at + 1}: '{field}': {message}.")
