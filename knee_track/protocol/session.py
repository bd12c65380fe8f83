"""Filling a session: what fits the client's minutes, in the shares of the stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from knee_track.protocol.choice import Candidate
from knee_track.protocol.dose import exercise_s, low_amount, set_amount
from knee_track.protocol.library import TrainingPhase

# A phase's first exercise may take this many times its share; what comes after keeps to it. Own choice.
_FIRST_SHARE = 1.5

Menu = Mapping[TrainingPhase, Sequence[Candidate]]


@dataclass
class Turns:
    """What carries over from stage to stage: how often exercises and phases had their turn, and who waited.

    missing: stages (as printed) and phases for which no exercise was possible.
    """

    stages_used: Counter[str] = field(default_factory=Counter)
    served: Counter[TrainingPhase] = field(default_factory=Counter)
    waited: bool = False
    missing: list[tuple[str, TrainingPhase]] = field(default_factory=list)


@dataclass(frozen=True)
class Pick:
    """A chosen exercise, its sets and how much one set is (repetitions or seconds)."""

    candidate: Candidate
    sets: int
    amount: int
    changeover_s: int

    @property
    def seconds(self) -> int:
        """How long it takes, rest and change-over included."""
        one = self.candidate
        return exercise_s(one.exercise, one.leg, self.sets, self.amount, self.changeover_s)

    def more(self) -> Pick | None:
        """The same with one more set, None at the most that the library allows."""
        if self.sets == self.candidate.exercise.dosage.sets[1]:
            return None
        return Pick(self.candidate, self.sets + 1, self.amount, self.changeover_s)

    def longer(self) -> Pick | None:
        """Release work at the most of one set, None where it is that or no release work."""
        exercise = self.candidate.exercise
        most = exercise.dosage.amount_range[1]
        if exercise.phase != "release" or self.amount == most:
            return None
        return Pick(self.candidate, self.sets, most, self.changeover_s)


@dataclass(frozen=True)
class Room:
    """The time of a session, and how its phases share it (in their order, summing to 100)."""

    budget_s: float
    shares_pct: Mapping[TrainingPhase, int]
    level: int
    changeover_s: int

    def pick(self, candidate: Candidate) -> Pick:
        """The exercise at the fewest sets, as much as the level asks for."""
        exercise = candidate.exercise
        return Pick(candidate, exercise.dosage.sets[0], set_amount(exercise, self.level), self.changeover_s)

    def least(self, candidate: Candidate) -> Pick:
        """The least that the library allows of it."""
        exercise = candidate.exercise
        return Pick(candidate, exercise.dosage.sets[0], low_amount(exercise), self.changeover_s)

    def share_s(self, phase: TrainingPhase, phases: Sequence[TrainingPhase]) -> float:
        """What one of these phases may take."""
        total = sum(self.shares_pct.get(one, 0) for one in phases)
        return self.budget_s * self.shares_pct.get(phase, 0) / total if total else 0.0


def fill(menu: Menu, room: Room, served: Counter[TrainingPhase]) -> dict[TrainingPhase, list[Pick]]:
    """The exercises of one session; together they never take longer than `room.budget_s`.

    Every phase gets one exercise first, and leaves room for one of each other phase. What is left goes to the
    phase furthest below its share: one more exercise, else one more set, else longer release work. Where not
    every phase fits, the one that was served most often so far waits (`served` is counted up here).
    """
    least_s = {phase: min(room.least(one).seconds for one in ones) for phase, ones in menu.items()}
    phases = _phases_that_fit(least_s, room.budget_s, served)
    session: dict[TrainingPhase, list[Pick]] = {}
    for phase in phases:
        others_s = sum(least_s[one] for one in phases if one not in session and one != phase)
        most_s = room.budget_s - _seconds(session) - others_s
        session[phase] = [_first(menu[phase], room, most_s, room.share_s(phase, phases))]
    while (step := _next_step(session, menu, room)) is not None:
        phase, picks = step
        session[phase] = picks
    served.update(phases)
    return session


def _phases_that_fit(
    least_s: Mapping[TrainingPhase, int], budget_s: float, served: Counter[TrainingPhase]
) -> list[TrainingPhase]:
    """The phases, in their order, that fit together; one that was served less often goes before."""
    phases = list(least_s)
    while phases and sum(least_s[phase] for phase in phases) > budget_s:
        phases.remove(max(phases, key=lambda phase: (served[phase], least_s[phase])))
    return phases


def _first(ones: Sequence[Candidate], room: Room, most_s: float, share_s: float) -> Pick:
    """The first of the menu that about keeps to its phase's share; where none does, the first that fits."""
    usual_s = min(most_s, _FIRST_SHARE * share_s)
    attempts = [(room.pick, usual_s), (room.least, usual_s), (room.least, most_s)]
    return next(pick for take, limit_s in attempts for one in ones if (pick := take(one)).seconds <= limit_s)


def _next_step(
    session: Mapping[TrainingPhase, list[Pick]], menu: Menu, room: Room
) -> tuple[TrainingPhase, list[Pick]] | None:
    """The phase that is given more, and its picks then; None when nothing more fits."""
    phases = list(session)
    left_s = room.budget_s - _seconds(session)

    def filled(phase: TrainingPhase) -> float:
        return _seconds({phase: session[phase]}) / room.share_s(phase, phases)

    for phase in sorted(phases, key=filled):
        picks = session[phase]
        has_s = _seconds({phase: picks})
        most_s = min(has_s + left_s, room.share_s(phase, phases))
        for more in _one_more(picks, menu[phase], room):
            if _seconds({phase: more}) <= most_s:
                return phase, more
    return None


def _one_more(picks: list[Pick], menu: Sequence[Candidate], room: Room) -> Iterator[list[Pick]]:
    """The picks with one more exercise, in the order of the menu; else one more set; else longer release."""
    taken = [pick.candidate for pick in picks]
    for one in menu:
        if one not in taken:
            yield [*picks, room.pick(one)]
    for i, pick in enumerate(picks):
        if (more := pick.more()) is not None:
            yield [*picks[:i], more, *picks[i + 1 :]]
    for i, pick in enumerate(picks):
        if (longer := pick.longer()) is not None:
            yield [*picks[:i], longer, *picks[i + 1 :]]


def _seconds(session: Mapping[TrainingPhase, Sequence[Pick]]) -> int:
    return sum(pick.seconds for picks in session.values() for pick in picks)
