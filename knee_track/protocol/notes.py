"""What a coach should know about a plan: the advice of the rules, and what the client's answers changed."""

from __future__ import annotations

from knee_track.protocol import sentences
from knee_track.protocol.choice import Brief
from knee_track.protocol.rules import FiredRule
from knee_track.protocol.session import Turns


def rule_notes(brief: Brief, filmed: bool) -> list[str]:
    """Advice of the rules, each led by what it is about."""

    def note(one: FiredRule, text: str) -> str:
        title = sentences.upper_first(one.rule.title)
        text = text.replace("{leg}", brief.words.text(f"legs.{one.leg}"))
        return brief.words.text("why.note", title=title, text=text)

    return [
        note(one, text)
        for one in brief.fired
        for text in (*(one.rule.camera_advice if filmed else ()), *one.rule.advice)
    ]


def intake_notes(brief: Brief, turns: Turns) -> list[str]:
    """What the answers changed in the plan."""
    intake, words, defaults = brief.intake, brief.words, brief.library.defaults
    rules, months, minutes = brief.rules, intake.training_months, brief.shape.target_minutes
    training, weekly = rules.training, minutes * brief.shape.sessions_per_week
    capped = intake.minutes is not None and intake.minutes > minutes
    stop = defaults.pain_rule.stop_above
    begins_higher = brief.shape.stages[0].level >= training.trained_first_level
    little = weekly < rules.little_minutes_a_week and brief.shape.status == "corrective"
    notes: list[tuple[bool, str, dict[str, object]]] = [
        (intake.minutes is not None and not capped, "minutes", {"minutes": minutes}),
        (capped, "minutes_capped", {"minutes": minutes, "given": intake.minutes}),
        (turns.waited, "phases_take_turns", {"minutes": minutes}),
        (little, "little", {"minutes": weekly}),
        (intake.pain >= defaults.regress_when.min_pain, "too_hard", {"pain": intake.pain, "stop": stop}),
        (intake.age_group == "under_16", "young", {}),
        (intake.age_group == "55_or_over", "older", {}),
        (months is not None and months < training.new_below_months, "new", {"months": months}),
        (months is not None and months >= training.trained_from_months and begins_higher, "trained", {}),
        (intake.doctor_agreed, "doctor_agreed", {}),
    ]
    missing = [
        words.text("intake.phase_missing", weeks=words.span(weeks), phase=words.text(f"phases.{phase}"))
        for weeks, phase in turns.missing
    ]
    return [words.text(f"intake.{key}", **fills) for holds, key, fills in notes if holds] + missing
