"""Sentences of the plan that are made from numbers: gates, re-tests, feedback, reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from knee_track.pose.skeleton import LEGS
from knee_track.protocol.catalogue import Catalogue
from knee_track.protocol.library import Defaults
from knee_track.protocol.records import Dose
from knee_track.protocol.rules import FiredRule, Stage
from knee_track.results import Finding


def seen_words(finding: Finding, words: Catalogue) -> str:
    """A finding in a few words, with its legs and their grades: "a knee inside its line (left moderate)"."""
    key = f"seen.{finding.id}"
    seen = words.text(key) if words.has(key) else finding.id.replace("_", " ")
    if finding.leg is None:
        return seen
    legs = [leg for leg in LEGS if finding.leg in (leg, "both")]
    grades = {leg: finding.evidence.get(leg, {}).get("grade") for leg in legs}
    if not any(grades.values()):
        return f"{seen} ({words.text(f'sides.{finding.leg}')})"
    graded = [
        f"{words.text(f'sides.{leg}')} {words.text(f'grades.{grade}') if grade else ''}".rstrip()
        for leg, grade in grades.items()
    ]
    return f"{seen} ({', '.join(graded)})"


def upper_first(text: str) -> str:
    """A text with a capital first letter and the rest as it is, unlike str.capitalize."""
    return text[:1].upper() + text[1:]


def dose_words(dose: Dose, words: Catalogue) -> str:
    """Sets and amount: "3 × 12", "2 × 30 s hold", with "each side" where both legs take turns."""
    kind = "reps" if dose.reps else "hold" if dose.hold_s else "duration"
    text = words.text(f"dose.{kind}", sets=dose.sets, amount=dose.reps or dose.hold_s or dose.duration_s)
    return words.text("dose.each_side", dose=text) if dose.per_side else text


def hypothesis(fired: FiredRule, words: Catalogue) -> str | None:
    """A rule's contributor, worded as the hypothesis that it is; None for a rule without one."""
    rule = fired.rule
    if rule.contributor is None or rule.confidence is None:
        return None
    known = words.has(f"confidence.{rule.confidence}")
    level = words.text(f"confidence.{rule.confidence if known else 'other'}", confidence=rule.confidence)
    leg = words.text(f"legs.{fired.leg}")
    return words.text("why.hypothesis", level=level, contributor=rule.contributor, leg=leg, rule=rule.title)


def gates(defaults: Defaults, words: Catalogue) -> list[str]:
    """When to go on, when to make an exercise harder, when to step back."""
    on, back = defaults.progress_when, defaults.regress_when
    return [
        words.text("gates.next", sessions=on.sessions, max_pain=on.max_pain),
        words.text(
            "gates.harder",
            sessions=on.sessions,
            max_pain=on.max_pain,
            min_share_pct=on.min_share_pct,
            below_deg=on.below_deg,
            max_effort=on.max_effort,
        ),
        words.text(
            "gates.easier",
            min_pain=back.min_pain,
            max_pain=back.max_pain,
            event_reps=back.event_reps_in_a_row,
            min_effort=back.min_effort,
        ),
    ]


def retests(
    stages: Sequence[Stage], defaults: Defaults, dates: Sequence[date], words: Catalogue, *, filmed: bool
) -> list[str]:
    """When to film or record again, and which change counts."""
    test = defaults.retest
    weeks = joined([str(stage.weeks[1]) for stage in stages], words)
    when = words.text(f"retest.{'film' if filmed else 'record'}", weeks=weeks, reps=test.reps)
    change = words.text(
        "retest.change",
        reps=test.reps,
        depth=test.depth_within,
        same=test.same_session_deg,
        marked=test.calibrated_deg,
        other=test.uncalibrated_deg,
    )
    on = [words.text("retest.dates", dates="; ".join(words.date(day) for day in dates))] if dates else []
    return [when, *on, change]


def feedback(stage: Stage, words: Catalogue) -> str | None:
    """How often the client is told or shown where the knee was."""
    if not stage.feedback_pct:
        return None
    first, last = stage.feedback_pct[0], stage.feedback_pct[-1]
    if first == last:
        return words.text("feedback.steady", first=first)
    start, end = stage.weeks
    return words.text("feedback.fading", first=first, last=last, start=start, end=end)


def joined(items: Sequence[str], words: Catalogue) -> str:
    """Items as a list is spoken: "2, 4 and 6"."""
    return words.text("retest.and").join(", ".join(items).rsplit(", ", maxsplit=1))
