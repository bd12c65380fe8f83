"""Which exercises come into question in a stage, for which leg, and because of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.catalogue import Catalogue
from knee_track.protocol.intake import Intake
from knee_track.protocol.library import Exercise, Library
from knee_track.protocol.records import Considered, NotChosen
from knee_track.protocol.rules import FiredRule, NextClip, PlanShape, Rule, Rules, together
from knee_track.results import Finding, Working


@dataclass(frozen=True)
class Brief:
    """What every step of planning reads: the shape of the plan, why, from what, for whom, in which words."""

    shape: PlanShape
    seen: Sequence[Finding]
    fired: Sequence[FiredRule]
    rules: Rules
    library: Library
    intake: Intake
    words: Catalogue

    @property
    def avoided(self) -> dict[str, FiredRule]:
        """The exercises that work against a finding, and the rule that says so."""
        return {exercise: one for one in self.fired for exercise in one.rule.avoid}

    def named(self) -> Iterator[tuple[Exercise, FiredRule]]:
        """Exercises as the rules name them, then those of the plan shape itself."""
        for one in self.fired:
            for exercise in one.rule.exercises:
                yield self.library.by_id[exercise], one
        for one in self.fired:
            if one.rule.plan == self.shape.id:
                for exercise in self.shape.base:
                    yield self.library.by_id[exercise], one

    def clips_to_film(self) -> list[NextClip]:
        """The add-on tests that would tell more."""
        return self.rules.clips_to_film(self.seen)

    def refining(self) -> list[Rule]:
        """The rules that refine the base of every plan, the best supported first."""
        rules = [one.rule for one in self.fired if one.rule.row != 0 and one.rule.confidence is not None]
        return sorted(rules, key=lambda rule: -self.rules.weights[str(rule.confidence)])

    def support(self, because: Sequence[FiredRule]) -> int:
        """The sum of the weights of the rules behind an exercise, at least 1."""
        confidences = [one.rule.confidence for one in because]
        return max(1, sum(self.rules.weights[word] for word in confidences if word is not None))


@dataclass
class Candidate:
    """An exercise that may be chosen. `stands_for`: what the rule named, when another step of it is used."""

    exercise: Exercise
    leg: Working
    because: list[FiredRule] = field(default_factory=list)
    stands_for: Exercise | None = None

    def is_because_of(self, rule: Rule) -> bool:
        """Whether a rule is among the reasons."""
        return any(fired.rule.id == rule.id for fired in self.because)

    @property
    def is_base(self) -> bool:
        """Whether the base of every plan (row 0) names it."""
        return any(fired.rule.row == 0 for fired in self.because)

    @property
    def findings(self) -> list[Finding]:
        """The findings behind the choice, each once."""
        found: list[Finding] = []
        for fired in self.because:
            found.extend(finding for finding in fired.findings if finding not in found)
        return found


def candidates(brief: Brief, level: int) -> list[Candidate]:
    """Everything that may be used at a level: the best supported first, then in the order of the rules.

    A rule's exercise is replaced by the highest step of its ladder that level, client and rules allow;
    without such a step by another exercise for the same target; without that it is left out. Support is the
    sum of the weights of the rules that name the exercise.
    """
    found: dict[str, Candidate] = {}
    for named, rule in brief.named():
        step = _step(brief, named, level)
        if step is None:
            continue
        candidate = found.setdefault(step.id, Candidate(step, _leg(step, brief.shape, rule)))
        candidate.leg = together([*_sides(candidate.leg), *_sides(_leg(step, brief.shape, rule))])
        if rule not in candidate.because:
            candidate.because.append(rule)
        if step.id == named.id:
            candidate.stands_for = None
        elif len(candidate.because) == 1:
            candidate.stands_for = named
    return sorted(found.values(), key=lambda candidate: -brief.support(candidate.because))


def _step(brief: Brief, named: Exercise, level: int) -> Exercise | None:
    """What is done at a level where a rule names an exercise; None when nothing like it may be done."""

    def possible(exercise: Exercise) -> bool:
        return exercise.level <= level and exercise.id not in brief.avoided and brief.intake.allows(exercise)

    steps = [step for step in brief.library.ladder(named) if possible(step)]
    if steps or named.level > level:
        return steps[-1] if steps else None
    alike = [
        other
        for other in brief.library.exercises
        if other.phase == named.phase and named.targets[0] in other.targets and possible(other)
    ]
    return max(alike, key=lambda other: len(set(named.targets) & set(other.targets)), default=None)


def stage_menu(brief: Brief, possible: Sequence[Candidate], stages_used: Counter[str]) -> list[Candidate]:
    """What one stage works with: per phase as many as the plan's shape allows, best first.

    From stage to stage the exercises take turns in proportion to their support, so that one with twice the
    support is used in twice as many stages, and none that a rule names waits for ever. Half of the places are
    for the rules that refine the base, half for the base (row 0) itself.
    """
    menu: list[Candidate] = []
    for phase, most in brief.shape.max_exercises.items():
        turn = sorted(
            (one for one in possible if one.exercise.phase == phase and not one.exercise.daily),
            key=lambda one: (stages_used[one.exercise.id] + 1) / brief.support(one.because),
        )
        chosen = _refined(brief, turn)[: most // 2]
        chosen += [one for one in turn if one not in chosen and one.is_base][: most // 2]
        chosen += [one for one in turn if one not in chosen][: most - len(chosen)]
        menu += [one for one in possible if one in chosen]
    stages_used.update(one.exercise.id for one in menu)
    return menu


def _refined(brief: Brief, turn: Sequence[Candidate]) -> list[Candidate]:
    """What refining rules name: of each rule one, the best supported rule first, then of each another."""
    queues = []
    for rule in brief.refining():
        own = [one for one in turn if one.is_because_of(rule)]
        queues.append(sorted(own, key=lambda one: one.is_base))  # what only a refinement names comes first
    rounds = [one for row in zip_longest(*queues) for one in row if one is not None]
    return [one for number, one in enumerate(rounds) if one not in rounds[:number]]


def not_chosen(brief: Brief, used: set[str], level: int) -> list[Considered]:
    """What the rules call for and the plan does not hold, and why not."""
    rules: dict[str, list[str]] = {}
    for exercise, one in brief.named():
        rules.setdefault(exercise.id, []).append(one.rule.id)
    left_out = [brief.library.by_id[id_] for id_ in rules if id_ not in used]
    return [_reason(brief, exercise, rules[exercise.id], used, level) for exercise in left_out]


def _reason(brief: Brief, exercise: Exercise, rules: list[str], used: set[str], level: int) -> Considered:
    words, intake = brief.words, brief.intake
    instead = [step.name for step in brief.library.ladder(exercise) if step.id in used]
    ruled_out = intake.ruled_out_by(exercise)
    reasons: list[tuple[NotChosen, bool, dict[str, object]]] = [
        ("forbidden", exercise.id in intake.forbid, {}),
        ("contraindicated", bool(ruled_out), {"words": _named(ruled_out, brief.library.contraindications)}),
        (
            "equipment",
            bool(exercise.needs) and intake.equipment_for(exercise) is None,
            {"words": _missing(brief, exercise)},
        ),
        ("avoided", exercise.id in brief.avoided, {"rule": _title(brief.avoided.get(exercise.id))}),
        ("replaced", bool(instead), {"names": ", ".join(instead)}),
        ("later", exercise.level > level, {"level": exercise.level}),
        ("no_room", True, {}),
    ]
    reason, fills = next((reason, fills) for reason, holds, fills in reasons if holds)
    text = words.text(f"considered.{reason}", **fills)
    return Considered(id=exercise.id, name=exercise.name, rules=rules, reason=reason, text=text)


def _named(ids: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names[id_] for id_ in ids)


def _missing(brief: Brief, exercise: Exercise) -> str:
    """What is not there of each set of equipment that would do: "roller or stick, chair"."""
    there = brief.intake.equipment or frozenset()
    sets = [[item for item in items if item not in there] for items in exercise.needs]
    return brief.words.text("considered.or").join(_named(items, brief.library.equipment) for items in sets)


def _title(fired: FiredRule | None) -> str:
    return fired.rule.title if fired else ""


def _leg(exercise: Exercise, shape: PlanShape, fired: FiredRule) -> Working:
    """Two-leg work and the base of a plan are for both legs, the rest for the leg the rule holds on."""
    everyone = not exercise.dosage.per_side or exercise.id in shape.base or fired.rule.both_legs
    return "both" if everyone else fired.leg


def _sides(leg: Working) -> tuple[Leg, ...]:
    return LEGS if leg == "both" else (leg,)
