"""The plan in the client's words: doses that are read aloud, without signs and abbreviations."""

from __future__ import annotations

from knee_track.protocol.catalogue import Catalogue
from knee_track.results import Dose, Working


def plain_name(dose: Dose) -> str:
    """The exercise's name for the client, else the coach's."""
    return dose.plain or dose.name


def plain_how(dose: Dose) -> str:
    """What to do, else the first cue, as a sentence."""
    text = dose.how or dose.cues[0]
    return text if text.endswith((".", "!", "?", "”", '"')) else f"{text}."


def plain_dose(dose: Dose, leg: Working, words: Catalogue) -> str:
    """Sets and amount: "2 times 12, each leg", "3 times 8, left leg only", "hold 30 seconds"."""
    kind = "reps" if dose.reps else "hold" if dose.hold_s else "duration"
    key = f"handout.dose.{kind}_once" if dose.sets == 1 else f"handout.dose.{kind}"
    text = words.text(key, sets=dose.sets, amount=dose.reps or dose.hold_s or dose.duration_s)
    if leg != "both":
        return words.text("handout.dose.one_leg", dose=text, leg=words.text(f"legs.{leg}"))
    return words.text("handout.dose.each_leg", dose=text) if dose.per_side else text


def plain_sets(dose: Dose, words: Catalogue) -> str:
    """How many sets, and no more: "once", "2 times"."""
    return words.text("handout.dose.sets_once" if dose.sets == 1 else "handout.dose.sets", sets=dose.sets)
