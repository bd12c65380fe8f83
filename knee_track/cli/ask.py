"""The intake, asked question by question in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_args

import typer

from knee_track.protocol.catalogue import Catalogue, load_catalogue
from knee_track.protocol.intake import MINUTES, AgeGroup, Intake
from knee_track.protocol.library import Library
from knee_track.protocol.rules import SESSIONS, Rules
from knee_track.protocol.safety import flag_words, group_title

T = TypeVar("T")


def ask_intake(library: Library, rules: Rules, words: Catalogue) -> Intake:
    """Ask everything that shapes a plan; after a red flag that nobody may clear, nothing more.

    `library` and `rules` are in the language of `words`.
    """
    ask = words.table("ask")
    flags = _red_flags(rules, words)
    answers: dict[str, Any] = {"red_flags": frozenset(flags)}
    clearable = {flag for group in rules.red_flags if group.doctor_may_clear for flag in group.flags}
    if flags:
        answers["doctor_agreed"] = flags <= clearable and _yes(ask["doctor_agreed"], words)
        if not answers["doctor_agreed"]:
            return Intake(**answers)
    answers["pain"] = _number(ask["pain"], 0, 10, words)
    if answers["pain"] > library.defaults.pain_rule.stop_above:
        return Intake(**answers)
    answers["contraindications"] = _several(ask["contraindications"], library.contraindications, words)
    answers["seen"] = _seen(rules, words)
    answers["equipment"] = _several(ask["equipment"], library.equipment, words, every=True)
    answers["sessions_per_week"] = _number(ask["sessions_per_week"], *SESSIONS, words, default=3)
    answers["minutes"] = _number(ask["minutes"], *MINUTES, words, default=40)
    answers["training_months"] = _number(ask["training_months"], 0, 1200, words)
    answers["age_group"] = _one(ask["age_group"], get_args(AgeGroup), ask["age_groups"], words)
    sides = ("none", "left", "right", "both")
    answers["old_injury"] = _one(ask["old_injury"], sides, ask["old_injury_sides"], words)
    return Intake(**answers)


def _red_flags(rules: Rules, words: Catalogue) -> set[str]:
    flags = {flag: flag_words(group, flag, words) for group in rules.red_flags for flag in group.flags}
    titles = {group.flags[0]: group_title(group, words) for group in rules.red_flags}
    return set(_several(words.text("ask.red_flags"), flags, words, titles=titles))


def _seen(rules: Rules, words: Catalogue) -> frozenset[str]:
    """What the coach saw, with its side where it is one leg's."""
    ids = [id_ for id_, source in rules.findings.items() if source == "coach"]
    names = {id_: words.text(f"seen.{id_}") if words.has(f"seen.{id_}") else id_ for id_ in ids}
    seen = set()
    for id_ in sorted(_several(words.text("ask.seen"), names, words)):
        question = words.text("ask.seen_side", what=names[id_])
        seen.add(id_ + _one(question, ("", ".left", ".right"), words.lines("ask.seen_sides"), words))
    return frozenset(seen)


def _several(
    question: str,
    names: Mapping[str, str],
    words: Catalogue,
    *,
    every: bool = False,
    titles: Mapping[str, str] | None = None,
) -> frozenset[str]:
    """Ids by their numbers in a list; nothing is none, and a star all where `every` allows it.

    `titles` are lines that stand before an entry.
    """
    ids = list(names)

    def read(text: str) -> frozenset[str]:
        if every and text.strip() == "*":
            return frozenset(ids)
        numbers = [int(part) for part in text.replace(",", " ").split()]
        if not all(1 <= number <= len(ids) for number in numbers):
            raise ValueError
        return frozenset(ids[number - 1] for number in numbers)

    typer.echo(f"\n{question}")
    for number, id_ in enumerate(ids, start=1):
        if titles and id_ in titles:
            typer.echo(titles[id_])
        typer.echo(f"  {number:2d}  {names[id_]}")
    which = words.text("ask.which_or_all" if every else "ask.which", last=len(ids))
    return _until_read(which, read, words, default="")


def _one(question: str, ids: Sequence[str], names: Sequence[str], words: Catalogue) -> str:
    typer.echo(f"\n{question}")
    for number, name in enumerate(names, start=1):
        typer.echo(f"  {number:2d}  {name}")
    return ids[_number(words.text("ask.number"), 1, len(ids), words) - 1]


def _number(question: str, low: int, high: int, words: Catalogue, default: int | None = None) -> int:
    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError
        return number

    shown = words.text("ask.range", question=question, low=low, high=high)
    return _until_read(shown, read, words, default=None if default is None else str(default))


def _yes(question: str, words: Catalogue) -> bool:
    """Yes or no in the catalogue's words, or in English; nothing is no."""
    yes, no = ({*words.lines(key), *load_catalogue().lines(key)} for key in ("ask.said_yes", "ask.said_no"))

    def read(text: str) -> bool:
        answer = text.strip().casefold()
        if answer not in yes | no | {""}:
            raise ValueError
        return answer in yes

    return _until_read(words.text("ask.yes_no", question=question), read, words, default="")


def _until_read(question: str, read: Callable[[str], T], words: Catalogue, default: str | None) -> T:
    """Ask until the answer can be read."""
    while True:
        answer = typer.prompt(question, default=default, show_default=bool(default))
        try:
            return read(answer)
        except ValueError:
            typer.echo(words.text("ask.again"))
