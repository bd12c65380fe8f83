"""From findings to contributors and exercises. Data: rules.yaml, the only such mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.document import Document, Entry
from knee_track.protocol.library import Count, Level, Library, Range, Text, TrainingPhase
from knee_track.protocol.rules_check import OTHER, QUALIFIERS, check_rules
from knee_track.results import Finding, Working

RouteName = Literal["ankle", "cue", "strength", "hip"]
SESSIONS: Final = (1, 6)  # a week

Share = Annotated[int, Field(ge=0, le=100)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]


class Stage(Entry):
    """Some weeks of a plan that look alike."""

    weeks: Range
    level: Level
    focus: Text
    shares_pct: Mapping[TrainingPhase, Share]
    feedback_pct: tuple[Share, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Stage:
        if sum(self.shares_pct.values()) != 100:
            raise ValueError("shares_pct must add up to 100")
        if self.feedback_pct and len(self.feedback_pct) != self.weeks[1] - self.weeks[0] + 1:
            raise ValueError("feedback_pct needs one number per week")
        return self


class PlanShape(Entry):
    """How a plan is laid out in time; `base` exercises are done by both legs.

    `max_exercises` is how many different ones a stage holds per phase; its sessions take turns with them.
    """

    id: Text
    status: Literal["corrective", "maintenance", "none"]
    summary: Text
    sessions_per_week: Annotated[int, Field(ge=SESSIONS[0], le=SESSIONS[1])] = 1
    target_minutes: Count = 1
    max_exercises: Mapping[TrainingPhase, Count] = Field(default_factory=dict)
    base: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> PlanShape:
        if (self.status == "none") != (not self.stages):
            raise ValueError("a plan has stages, unless its status is none")
        if self.stages and not self.max_exercises:
            raise ValueError("a plan with stages needs max_exercises")
        return self


class Rule(Entry):
    """One row of measurement.md §4; the fields are explained at the head of rules.yaml."""

    id: Text
    row: int | None
    title: Text
    when: Annotated[tuple[tuple[str, ...], ...], Field(min_length=1)]
    unless: tuple[str, ...] = ()
    plan: str | None = None
    contributor: Text | None = None
    confidence: str | None = None
    route: RouteName | None = None
    exercises: tuple[str, ...] = ()
    both_legs: bool = False
    avoid: tuple[str, ...] = ()
    advice: tuple[Text, ...] = ()
    camera_advice: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Rule:
        if (self.contributor is None) != (self.confidence is None):
            raise ValueError("contributor and confidence come together")
        if self.exercises and (self.confidence is None or self.plan is None):
            raise ValueError("a rule with exercises needs plan, contributor and confidence")
        return self


class NextClip(Entry):
    """An add-on test that would tell more, offered while its result is not known."""

    id: Text
    when: Annotated[tuple[tuple[str, ...], ...], Field(min_length=1)]
    unless: tuple[str, ...] = ()
    text: Text


class RedFlags(Entry):
    """What stops a plan until a professional has looked, by urgency.

    Texts are in the catalogues; a group or flag that they do not know brings its own: `text` says what to do
    with {flags}, `title` stands above the flags in the questions, `flag_texts` names flags by their ids.
    """

    id: Id
    doctor_may_clear: bool = False
    flags: Annotated[tuple[Id, ...], Field(min_length=1)]
    text: Text | None = None
    title: Text | None = None
    flag_texts: Mapping[str, Text] = Field(default_factory=dict)


class Training(Entry):
    """What training age and age do to the levels of a plan."""

    new_below_months: Count
    new_top_level: Level
    trained_from_months: Count
    trained_first_level: Level


Positive = Annotated[float, Field(gt=0)]


class AddOnTests(Entry):
    """When an add-on test says something; what each number means and its source stand in rules.yaml."""

    min_change_deg: Positive
    min_share_pct: Annotated[float, Field(gt=0, le=100)]
    min_reps: Count
    knee_to_wall_short_cm: Positive
    knee_to_wall_difference_cm: Positive
    knee_to_wall_detectable_cm: Positive
    knee_to_wall_max_cm: Positive
    single_leg_findings: tuple[str, ...]


@dataclass(frozen=True)
class FiredRule:
    """A rule that holds: on which leg, and because of which findings."""

    rule: Rule
    leg: Working
    findings: tuple[Finding, ...]


class Rules(Entry):
    """All rules and plan shapes."""

    version: int
    weights: Mapping[str, Count]
    findings: Mapping[str, Literal["clip", "test", "coach", "intake"]]
    tests: AddOnTests
    training: Training
    red_flags: Annotated[tuple[RedFlags, ...], Field(min_length=1)]
    flag_means: Mapping[str, tuple[Text, ...]] = Field(default_factory=dict)
    little_minutes_a_week: Count
    next_clips: tuple[NextClip, ...] = ()
    plans: Annotated[tuple[PlanShape, ...], Field(min_length=1)]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    def fire(self, findings: Sequence[Finding]) -> list[FiredRule]:
        """The rules that hold for these findings, in the order of the file."""
        facts = {leg: _facts(findings, leg) for leg in LEGS}
        fired = []
        for rule in self.rules:
            behind = {leg: _behind(rule, facts[leg]) for leg in LEGS}
            legs = [leg for leg in LEGS if behind[leg]]
            if legs:
                seen = [finding for finding in findings if any(finding in behind[leg] for leg in legs)]
                fired.append(FiredRule(rule, together(legs), tuple(seen)))
        return fired

    def clips_to_film(self, findings: Sequence[Finding]) -> list[NextClip]:
        """The add-on tests that these findings leave open."""
        facts = [_facts(findings, leg) for leg in LEGS]
        return [clip for clip in self.next_clips if any(_behind(clip, one) for one in facts)]

    def called_plan(self, fired: Sequence[FiredRule]) -> PlanShape:
        """The first plan shape that a fired rule calls for; without any, the one that refuses."""
        called = {one.rule.plan for one in fired}
        refusal = next(plan for plan in self.plans if plan.status == "none")
        return next((plan for plan in self.plans if plan.id in called), refusal)


def together(legs: Sequence[Leg]) -> Working:
    """One leg, or both."""
    return legs[0] if len(set(legs)) == 1 else "both"


def _facts(findings: Sequence[Finding], leg: Leg) -> dict[str, list[Finding]]:
    """What is true for one leg: finding ids, also with their qualifiers, and `other.` for the other leg's."""
    facts: dict[str, list[Finding]] = {}
    for finding in findings:
        words = [finding.evidence[key] for key in QUALIFIERS if finding.evidence.get(key)]
        names = [finding.id, *(f"{finding.id}.{word}" for word in words)]
        own = finding.leg in (leg, "both", None)
        other = finding.leg not in (leg, None)
        for name in names:
            if own:
                facts.setdefault(name, []).append(finding)
            if other:
                facts.setdefault(OTHER + name, []).append(finding)
    return facts


def _behind(rule: Rule | NextClip, facts: Mapping[str, list[Finding]]) -> list[Finding]:
    """The findings that make a rule hold on a leg; empty when it does not."""
    if any(name in facts for name in rule.unless):
        return []
    hits = [[finding for name in line for finding in facts.get(name, [])] for line in rule.when]
    return [finding for line in hits for finding in line] if all(hits) else []


def load_rules(library: Library, path: Path | None = None) -> Rules:
    """The rules in a file, or the package's own, checked against the library they refer to.

    Raises ProtocolError naming file, line and field.
    """
    document = _own_rules() if path is None else Document(path)
    rules = document.parse(Rules)
    check_rules(document, library, rules)
    return rules


@lru_cache(maxsize=1)
def _own_rules() -> Document:
    return Document(Path(__file__).with_name("rules.yaml"))
