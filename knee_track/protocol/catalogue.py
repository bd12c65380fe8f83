"""What the plan says, per language: texts/en.yaml and its translations, the only place for sentences.

English exercises and rules are texts of library.yaml and rules.yaml; another language's catalogue has them
too, by id, and puts them in their place. A coach's own exercises stay as the coach wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from knee_track.errors import UsageError
from knee_track.protocol.document import Document, Entry
from knee_track.protocol.library import Library, load_library
from knee_track.protocol.rules import Rules, load_rules

FOLDER: Final = Path(__file__).with_name("texts")
DEFAULT: Final = "en"

EntryT = TypeVar("EntryT", bound=Entry)


class Catalogue:
    """The texts of one language; `language` is its ISO 639-1 code."""

    def __init__(self, language: str, data: Mapping[str, Any]) -> None:
        self.language = language
        self._data = data

    def has(self, key: str) -> bool:
        """Whether there is a text under a key."""
        try:
            self._at(key)
        except (KeyError, TypeError):
            return False
        return True

    def text(self, key: str, **fills: object) -> str:
        """The text under a dotted key, its {names} filled; numbers with the language's decimal mark."""
        text: str = self._at(key)
        return text.format(**{name: self._said(value) for name, value in fills.items()}) if fills else text

    def lines(self, key: str) -> list[str]:
        """The list under a key."""
        return list(self._at(key))

    def table(self, key: str) -> Mapping[str, Any]:
        """The texts under a key, by their names."""
        found: Mapping[str, Any] = self._at(key)
        return found

    def date(self, day: date) -> str:
        """A date as people write it, with its weekday."""
        weekday, month = self.lines("weekdays")[day.weekday()], self.lines("months")[day.month - 1]
        return self.text("date", weekday=weekday, day=day.day, month=month, year=str(day.year))

    def decimals(self, text: str) -> str:
        """A text with the language's decimal mark in its numbers."""
        return re.sub(r"(?<=\d)\.(?=\d)", self._data["decimal"], text)

    def span(self, text: str) -> str:
        """A range such as "1-2" with the language's dash."""
        low, dash, high = text.partition("-")
        return self.text("span", low=low, high=high) if dash else text

    def of_library(self, library: Library) -> Library:
        """The library with its texts in this language."""
        words, own = self._data.get("library"), load_library()
        if not words:
            return library
        signs = dict(zip(own.defaults.stop_signs, words["stop_signs"], strict=True))
        stops = tuple(signs.get(sign, sign) for sign in library.defaults.stop_signs)
        return library.model_copy(
            update={
                "defaults": library.defaults.model_copy(update={"stop_signs": stops}),
                "equipment": _named(library.equipment, own.equipment, words["equipment"]),
                "contraindications": _named(
                    library.contraindications, own.contraindications, words["contraindications"]
                ),
                "exercises": _each(library.exercises, own.exercises, words["exercises"]),
            }
        )

    def of_rules(self, rules: Rules) -> Rules:
        """The rules with their texts in this language."""
        words, own = self._data.get("rules"), load_rules(load_library())
        if not words:
            return rules
        return rules.model_copy(
            update={
                "plans": _each(rules.plans, own.plans, words["plans"]),
                "rules": _each(rules.rules, own.rules, words["rules"]),
                "next_clips": _each(rules.next_clips, own.next_clips, words["next_clips"]),
            }
        )

    def _at(self, key: str) -> Any:
        found: Any = self._data
        for part in key.split("."):
            found = found[part]
        return found

    def _said(self, value: object) -> object:
        return f"{value:g}".replace(".", self._data["decimal"]) if isinstance(value, float) else value


def languages() -> list[str]:
    """Which languages there are."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@lru_cache
def load_catalogue(language: str = DEFAULT) -> Catalogue:
    """The texts of a language. Raises UsageError when there is no catalogue for it."""
    if language not in languages():
        raise UsageError(f"There are no texts in '{language}'; choose from {', '.join(languages())}.")
    return Catalogue(language, Document(FOLDER / f"{language}.yaml").data)


def _named(ours: Mapping[str, str], own: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """Names in the language, where they are still the package's."""
    return {id_: words.get(id_, text) if own.get(id_) == text else text for id_, text in ours.items()}


def _each(
    ours: Sequence[EntryT], own: Sequence[EntryT], words: Mapping[str, Mapping[str, Any]]
) -> tuple[EntryT, ...]:
    """Exercises, rules or plan shapes (all have an id) with every field that the catalogue has."""
    package = {entry.id: entry for entry in own}  # type: ignore[attr-defined]
    return tuple(
        _translated(entry, package[entry.id], words[entry.id])  # type: ignore[attr-defined]
        if entry.id in package and entry.id in words  # type: ignore[attr-defined]
        else entry
        for entry in ours
    )


def _translated(entry: EntryT, own: EntryT, words: Mapping[str, Any]) -> EntryT:
    """One entry; a field that a coach has changed stays as it is. Nested entries are translated in turn."""
    update: dict[str, Any] = {}
    for name, value in words.items():
        ours, package = getattr(entry, name), getattr(own, name)
        if isinstance(value, Mapping):
            update[name] = _translated(ours, package, value)
        elif name == "stages":
            if len(ours) == len(package):
                update[name] = tuple(map(_translated, ours, package, value))
        elif ours == package:
            update[name] = tuple(value) if isinstance(value, list) else value
    return entry.model_copy(update=update)
