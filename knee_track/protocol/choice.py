"""Which exercises come into question in a stage, for which leg, and because of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.library import Exercise, Library
from knee_track.protocol.rules import FiredRule, PlanShape, Rules, together
from knee_track.results import Finding, Working


@dataclass(frozen=True)
class Intake:
    """What the client says beyond the clip.

    equipment: ids of what is at hand, None when not asked (then everything is assumed).
    contraindications: ids of what applies.
    """

    equipment: frozenset[str] | None = None
    contraindications: frozenset[str] = frozenset()

    def allows(self, exercise: Exercise) -> bool:
        """True when nothing speaks against the exercise and one of its sets of equipment is there."""
        if self.contraindications.intersection(exercise.contraindications):
            return False
        return not exercise.needs or self.equipment_for(exercise) is not None

    def equipment_for(self, exercise: Exercise) -> tuple[str, ...] | None:
        """The first set of equipment that is complete, None when none is."""
        return next(
            (items for items in exercise.needs if self.equipment is None or self.equipment.issuperset(items)),
            None,
        )


@dataclass
class Candidate:
    """An exercise that may be chosen. `stands_for`: what the rule named, when another step of it is used."""

    exercise: Exercise
    leg: Working
    because: list[FiredRule] = field(default_factory=list)
    stands_for: Exercise | None = None

    @property
    def findings(self) -> list[Finding]:
        """The findings behind the choice, each once."""
        found: list[Finding] = []
        for fired in self.because:
            found.extend(finding for finding in fired.findings if finding not in found)
        return found


def candidates(
    fired: Sequence[FiredRule], shape: PlanShape, level: int, rules: Rules, library: Library, intake: Intake
) -> list[Candidate]:
    """Everything that may be used at a level: the best supported first, then in the order of the rules.

    A rule's exercise is replaced by the highest step of its ladder that level, client and rules allow;
    without such a step it is left out. Support is the sum of the weights of the rules that name the exercise.
    """
    avoided = {exercise for one in fired for exercise in one.rule.avoid}
    found: dict[str, Candidate] = {}
    for named, rule in _named(fired, shape, library):
        steps = [
            step
            for step in library.ladder(named)
            if step.level <= level and step.id not in avoided and intake.allows(step)
        ]
        if not steps:
            continue
        step = steps[-1]
        candidate = found.setdefault(step.id, Candidate(step, _leg(step, shape, rule)))
        candidate.leg = together([*_sides(candidate.leg), *_sides(_leg(step, shape, rule))])
        if rule not in candidate.because:
            candidate.because.append(rule)
        if step.id == named.id:
            candidate.stands_for = None
        elif len(candidate.because) == 1:
            candidate.stands_for = named
    return sorted(found.values(), key=lambda candidate: -_support(candidate, rules))


def _named(
    fired: Sequence[FiredRule], shape: PlanShape, library: Library
) -> Iterator[tuple[Exercise, FiredRule]]:
    """Exercises as the rules name them, then those of the plan shape itself."""
    for one in fired:
        for exercise in one.rule.exercises:
            yield library.by_id[exercise], one
    for one in fired:
        if one.rule.plan == shape.id:
            for exercise in shape.base:
                yield library.by_id[exercise], one


def _leg(exercise: Exercise, shape: PlanShape, fired: FiredRule) -> Working:
    """Two-leg work and the base of a plan are for both legs, the rest for the leg the rule holds on."""
    everyone = not exercise.dosage.per_side or exercise.id in shape.base
    return "both" if everyone else fired.leg


def _sides(leg: Working) -> tuple[Leg, ...]:
    return LEGS if leg == "both" else (leg,)


def _support(candidate: Candidate, rules: Rules) -> int:
    confidences = [fired.rule.confidence for fired in candidate.because]
    return sum(rules.weights[confidence] for confidence in confidences if confidence is not None)
