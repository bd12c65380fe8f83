"""The corrective plan, built from findings: release, activate, integrate, retrain.

rules.yaml says which exercises the findings call for and how a plan is laid out in time,
library.yaml what each exercise takes; this module fills the sessions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from knee_track.protocol import texts
from knee_track.protocol.choice import Candidate, Intake, candidates
from knee_track.protocol.dose import exercise_s, prescribe, set_amount
from knee_track.protocol.library import Library, TrainingPhase, load_library
from knee_track.protocol.rules import FiredRule, PlanShape, Rules, Stage, load_rules
from knee_track.protocol.safety import safety_text
from knee_track.results import Block, Dose, Finding, Protocol, Session, Week, Working

_LEG_ORDER: tuple[Working, ...] = ("both", "left", "right")


@dataclass(frozen=True)
class _Planner:
    """What every step of planning reads."""

    shape: PlanShape
    fired: Sequence[FiredRule]
    rules: Rules
    library: Library
    intake: Intake


@dataclass
class _Pick:
    """A chosen exercise and its sets."""

    candidate: Candidate
    sets: int


def build_protocol(
    findings: Sequence[Finding],
    intake: Intake | None = None,
    library: Library | None = None,
    rules: Rules | None = None,
    *,
    filmed: bool = True,
) -> Protocol:
    """The plan that these findings call for; the same findings give the same plan.

    Parameters
    ----------
    findings
        What the analysis says, `Analysis.findings`.
    intake
        Equipment at hand and contraindications; without it every exercise is open.
    library, rules
        A coach's own exercises and rules; the package's by default.
    filmed
        Whether a camera saw the set; what is said of filming differs for 3-D markers.

    Returns
    -------
    Protocol
        `status` is "corrective", "maintenance" when nothing is wrong, "none" when the clip gives no plan;
        then `retest` says how to film again.

    Raises
    ------
    ProtocolError
        When the rules refer to something that the library does not hold.
    """
    library = library or load_library()
    rules = rules or load_rules(library)
    fired = rules.fire(findings)
    shape = rules.called_plan(fired)
    if shape.status == "none":
        return _no_plan(shape, fired, filmed)
    planner = _Planner(shape, fired, rules, library, intake or Intake())
    weeks = [_week(planner, stage) for stage in shape.stages]
    return Protocol(
        status=shape.status,
        summary=_summary(planner, weeks),
        weeks=weeks,
        gates=texts.gates(library.defaults) if shape.status == "corrective" else [],
        retest=texts.retests(shape, library.defaults, filmed=filmed),
        safety=safety_text(library.defaults),
        hypotheses=[text for one in fired if (text := texts.hypothesis(one)) is not None],
        notes=_notes(fired, filmed),
        equipment=list(dict.fromkeys(item for dose in _doses(weeks) for item in dose.equipment)),
    )


def _no_plan(shape: PlanShape, fired: Sequence[FiredRule], filmed: bool) -> Protocol:
    reasons = [one.text for fire in fired if fire.rule.plan == shape.id for one in fire.findings]
    summary = " ".join([shape.summary, *dict.fromkeys(reasons)])
    how = texts.HOW_TO_FILM if filmed else texts.HOW_TO_RECORD
    return Protocol(status="none", summary=summary, retest=list(how))


def _week(planner: _Planner, stage: Stage) -> Week:
    """One stage. Sessions of a week take turns: what was used least so far in the week comes first."""
    possible = candidates(
        planner.fired, planner.shape, stage.level, planner.rules, planner.library, planner.intake
    )
    inside = [candidate for candidate in possible if not candidate.exercise.daily]
    used: Counter[str] = Counter()
    first, last = stage.weeks
    return Week(
        weeks=str(first) if first == last else f"{first}-{last}",
        focus=stage.focus,
        sessions_per_week=planner.shape.sessions_per_week,
        feedback_share_pct=stage.feedback_pct[0] if stage.feedback_pct else None,
        feedback=texts.feedback(stage),
        sessions=[
            _session(planner, stage, inside, used, name)
            for name in ascii_uppercase[: planner.shape.sessions_per_week]
        ],
        daily=[
            _dose(planner, _Pick(candidate, candidate.exercise.dosage.sets[0]), stage)
            for candidate in possible
            if candidate.exercise.daily
        ],
    )


def _session(
    planner: _Planner, stage: Stage, possible: Sequence[Candidate], used: Counter[str], name: str
) -> Session:
    blocks: list[Block] = []
    for phase in planner.library.defaults.session_order:
        picks = _fill(planner, stage, [one for one in possible if one.exercise.phase == phase], used, phase)
        used.update(pick.candidate.exercise.id for pick in picks)
        for leg in _LEG_ORDER:
            doses = [_dose(planner, pick, stage) for pick in picks if pick.candidate.leg == leg]
            if doses:
                blocks.append(Block(phase=phase, leg=leg, exercises=doses))
    total_s = sum(dose.total_s or 0 for block in blocks for dose in block.exercises)
    return Session(name=name, minutes=round(total_s / 60, 1), blocks=blocks)


def _fill(
    planner: _Planner,
    stage: Stage,
    possible: Sequence[Candidate],
    used: Counter[str],
    phase: TrainingPhase,
) -> list[_Pick]:
    """Choose what fits the phase's share of the session: first more exercises, then more sets.

    The first exercise is taken even when it is longer than the share, so that no phase is left out.
    """
    left_s = planner.shape.target_minutes * 60 * stage.shares_pct.get(phase, 0) / 100
    picks: list[_Pick] = []
    for candidate in sorted(possible, key=lambda one: used[one.exercise.id]):
        dosage = candidate.exercise.dosage
        pick = _Pick(candidate, dosage.sets[0])
        needed_s = _seconds(planner, pick, stage)
        if used[candidate.exercise.id] < dosage.per_week[1] and (needed_s <= left_s or not picks):
            picks.append(pick)
            left_s -= needed_s
        if len(picks) == planner.shape.max_exercises[phase]:
            break
    for pick in picks:
        while pick.sets < pick.candidate.exercise.dosage.sets[1]:
            more = _Pick(pick.candidate, pick.sets + 1)
            extra_s = _seconds(planner, more, stage) - _seconds(planner, pick, stage)
            if extra_s > left_s:
                break
            pick.sets, left_s = more.sets, left_s - extra_s
    return picks


def _seconds(planner: _Planner, pick: _Pick, stage: Stage) -> int:
    exercise = pick.candidate.exercise
    amount = set_amount(exercise, stage.level)
    return exercise_s(exercise, pick.candidate.leg, pick.sets, amount, planner.library.defaults.changeover_s)


def _dose(planner: _Planner, pick: _Pick, stage: Stage) -> Dose:
    return prescribe(pick.candidate, pick.sets, stage.level, planner.library, planner.intake)


def _summary(planner: _Planner, weeks: Sequence[Week]) -> str:
    minutes = [session.minutes for week in weeks for session in week.sessions]
    low, high = round(min(minutes)), round(max(minutes))
    return planner.shape.summary.format(
        weeks=planner.shape.stages[-1].weeks[1],
        sessions=planner.shape.sessions_per_week,
        minutes=str(low) if low == high else f"{low}-{high}",
    )


def _notes(fired: Sequence[FiredRule], filmed: bool) -> list[str]:
    """Advice of the rules, each led by what it is about."""
    return [
        f"{one.rule.title.capitalize()}: {text}"
        for one in fired
        for text in (*(one.rule.camera_advice if filmed else ()), *one.rule.advice)
    ]


def _doses(weeks: Sequence[Week]) -> list[Dose]:
    in_sessions = [
        dose
        for week in weeks
        for session in week.sessions
        for block in session.blocks
        for dose in block.exercises
    ]
    return in_sessions + [dose for week in weeks for dose in week.daily]
