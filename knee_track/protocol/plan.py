"""The corrective plan, built from findings: release, activate, integrate, retrain.

rules.yaml says which exercises the findings call for and how a plan is laid out in time,
library.yaml what each exercise takes; this module lays out weeks and sessions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from string import ascii_uppercase

from knee_track.protocol import sentences
from knee_track.protocol.catalogue import DEFAULT, load_catalogue
from knee_track.protocol.choice import Brief, Candidate, candidates, not_chosen, stage_menu
from knee_track.protocol.dose import prescribe
from knee_track.protocol.intake import Intake
from knee_track.protocol.library import Library, TrainingPhase, load_library
from knee_track.protocol.rules import FiredRule, PlanShape, Rules, Stage, load_rules
from knee_track.protocol.safety import referral, safety_text
from knee_track.protocol.session import Room, fill
from knee_track.protocol.timetable import retest_dates
from knee_track.results import Block, Dose, Finding, Protocol, Session, Week, Working

_LEG_ORDER: tuple[Working, ...] = ("both", "left", "right")


def build_protocol(
    findings: Sequence[Finding],
    intake: Intake | None = None,
    library: Library | None = None,
    rules: Rules | None = None,
    *,
    filmed: bool = True,
    language: str = DEFAULT,
    start: date | None = None,
) -> Protocol:
    """The plan that these findings call for; the same input gives the same plan.

    Parameters
    ----------
    findings
        What the analysis says, `Analysis.findings`.
    intake
        What the client says; without it every exercise is open and the plan has its usual minutes.
    library, rules
        A coach's own exercises and rules; the package's by default.
    filmed
        Whether a camera saw the set; what is said of filming differs for 3-D markers.
    language
        Of the plan's texts, an ISO 639-1 code.
    start
        The day of the first session, so that re-tests get dates.

    Returns
    -------
    Protocol
        `status` is "corrective", "maintenance" when nothing is wrong, "none" without a plan: a clip that was
        not measured (`retest` says how to film again), or red flags or pain (`referral` says what to do).

    Raises
    ------
    ProtocolError
        When the rules refer to something that the library does not hold.
    UsageError
        When there are no texts in the language.
    """
    words = load_catalogue(language)
    library = words.of_library(library or load_library())
    rules = words.of_rules(rules or load_rules(library))
    intake = intake or Intake()
    findings = [*findings, *intake.findings()]
    fired = rules.fire(findings)
    brief = Brief(
        _for_client(rules.called_plan(fired), intake, rules, library), fired, rules, library, intake, words
    )
    refused = _refusal(brief, filmed)
    if refused is not None:
        return refused
    weeks = _weeks(brief)
    if not any(session.blocks for week in weeks for session in week.sessions):
        return Protocol(status="none", language=language, summary=words.text("referral.nothing_left"))
    shape, used = brief.shape, {dose.id for dose in _doses(weeks)}
    dates = retest_dates(shape.stages, start)
    return Protocol(
        status=shape.status,
        language=language,
        summary=_summary(shape, weeks),
        start=start.isoformat() if start else None,
        retest_dates=[day.isoformat() for day in dates],
        weeks=weeks,
        gates=sentences.gates(library.defaults, words) if shape.status == "corrective" else [],
        retest=sentences.retests(shape, library.defaults, dates, words, filmed=filmed),
        safety=safety_text(library.defaults, rules, words),
        hypotheses=[text for one in fired if (text := sentences.hypothesis(one, words)) is not None],
        notes=[*_notes(brief, filmed), *_intake_notes(brief, weeks)],
        equipment=list(dict.fromkeys(item for dose in _doses(weeks) for item in dose.equipment)),
        film_next=[clip.text for clip in rules.clips_to_film(findings)] if filmed else [],
        considered=not_chosen(brief, used, max(stage.level for stage in shape.stages)),
    )


def _for_client(shape: PlanShape, intake: Intake, rules: Rules, library: Library) -> PlanShape:
    """The plan's shape with the client's sessions, minutes and levels in place of the usual ones."""
    longest = library.defaults.session_minutes[1]
    focus = {stage.level: stage.focus for stage in reversed(shape.stages)}
    levels = [_level(stage, intake, rules, library) for stage in shape.stages]
    stages = tuple(
        stage.model_copy(update={"level": level, "focus": focus.get(level, stage.focus)})
        for stage, level in zip(shape.stages, levels, strict=True)
    )
    update: dict[str, object] = {"stages": stages}
    if intake.sessions_per_week is not None:
        update["sessions_per_week"] = intake.sessions_per_week
    if intake.minutes is not None:
        update["target_minutes"] = min(intake.minutes, longest)
    return shape.model_copy(update=update)


def _level(stage: Stage, intake: Intake, rules: Rules, library: Library) -> int:
    """The stage's level for this client: pain makes it easier, training age and age bound it."""
    training, level = rules.training, stage.level
    months = intake.training_months
    if months is not None and months >= training.trained_from_months:
        level = max(level, training.trained_first_level)
    if _is_new(intake, rules):
        level = min(level, training.new_top_level)
    if intake.pain >= library.defaults.regress_when.min_pain:
        level -= 1
    return max(level, 1)


def _is_new(intake: Intake, rules: Rules) -> bool:
    months = intake.training_months
    return intake.age_group == "under_16" or (months is not None and months < rules.training.new_below_months)


def _refusal(brief: Brief, filmed: bool) -> Protocol | None:
    """Why there is no plan: what has to be looked at first, then a clip that was not measured."""
    words, intake, pain = brief.words, brief.intake, brief.library.defaults.pain_rule
    stopping = intake.stopping(brief.rules)
    if stopping:
        summary = words.text("referral.red_flag")
        told = [referral(group, flags, words) for group, flags in stopping]
    elif intake.pain > pain.stop_above:
        fills = {"pain": intake.pain, "stop": pain.stop_above, "ideal": pain.ideal_max}
        summary, told = words.text("referral.pain", **fills), []
    elif brief.shape.status == "none":
        return _no_plan(brief, filmed)
    else:
        return None
    return Protocol(
        status="none",
        language=words.language,
        summary=summary,
        referral=told or [summary],
        safety=safety_text(brief.library.defaults, brief.rules, words),
    )


def _no_plan(brief: Brief, filmed: bool) -> Protocol:
    words = brief.words
    fires = [fire for fire in brief.fired if fire.rule.plan == brief.shape.id]
    findings = [one for fire in fires for one in fire.findings]
    # The analysis tells the reason in English only; other languages have its short form.
    reasons = [
        one.text if words.language == DEFAULT else f"{sentences.seen_words(one, words).capitalize()}."
        for one in findings
    ]
    return Protocol(
        status="none",
        language=words.language,
        summary=" ".join([brief.shape.summary, *dict.fromkeys(reasons)]),
        retest=words.lines("film" if filmed else "record"),
    )


def _weeks(brief: Brief) -> list[Week]:
    """All stages. Exercises take turns from stage to stage, phases where a session is too short for all."""
    stages_used: Counter[str] = Counter()
    served: Counter[TrainingPhase] = Counter()
    return [_week(brief, stage, stages_used, served) for stage in brief.shape.stages]


def _week(brief: Brief, stage: Stage, stages_used: Counter[str], served: Counter[TrainingPhase]) -> Week:
    """One stage. Sessions of a week take turns: what was used least so far in the week comes first."""
    possible = candidates(brief, stage.level)
    menu = stage_menu(brief, possible, stages_used)
    used: Counter[str] = Counter()
    first, last = stage.weeks
    return Week(
        weeks=str(first) if first == last else f"{first}-{last}",
        focus=stage.focus,
        sessions_per_week=brief.shape.sessions_per_week,
        feedback_share_pct=stage.feedback_pct[0] if stage.feedback_pct else None,
        feedback=sentences.feedback(stage, brief.words),
        sessions=[
            _session(brief, stage, menu, used, served, number)
            for number in range(brief.shape.sessions_per_week)
        ],
        daily=[
            prescribe(
                brief, one, one.exercise.dosage.sets[0], one.exercise.dosage.amount_range[0], stage.level
            )
            for one in possible
            if one.exercise.daily
        ],
    )


def _session(
    brief: Brief,
    stage: Stage,
    menu: Sequence[Candidate],
    used: Counter[str],
    served: Counter[TrainingPhase],
    number: int,
) -> Session:
    """One session of a week, `number` from 0."""
    defaults = brief.library.defaults
    due = [one for one in menu if _is_due(one, used, number, brief.shape.sessions_per_week)]
    due.sort(key=lambda one: used[one.exercise.id])
    by_phase = {
        phase: [one for one in due if one.exercise.phase == phase] for phase in defaults.session_order
    }
    room = Room(brief.shape.target_minutes * 60, stage.shares_pct, stage.level, defaults.changeover_s)
    picks = fill(by_phase, room, served)
    used.update(pick.candidate.exercise.id for chosen in picks.values() for pick in chosen)
    blocks = []
    for phase, chosen in picks.items():
        for leg in _LEG_ORDER:
            doses = [
                prescribe(brief, pick.candidate, pick.sets, pick.amount, stage.level)
                for pick in chosen
                if pick.candidate.leg == leg
            ]
            if doses:
                blocks.append(Block(phase=phase, leg=leg, exercises=doses))
    total_s = sum(dose.total_s or 0 for block in blocks for dose in block.exercises)
    return Session(name=ascii_uppercase[number], minutes=round(total_s / 60, 1), blocks=blocks)


def _is_due(candidate: Candidate, used: Counter[str], number: int, sessions: int) -> bool:
    """Whether the exercise may be used again; its times a week are spread over the week."""
    times = candidate.exercise.dosage.per_week[1]
    return used[candidate.exercise.id] * sessions < times * (number + 1)


def _summary(shape: PlanShape, weeks: Sequence[Week]) -> str:
    minutes = [session.minutes for week in weeks for session in week.sessions]
    low, high = round(min(minutes)), round(max(minutes))
    return shape.summary.format(
        weeks=shape.stages[-1].weeks[1],
        sessions=shape.sessions_per_week,
        minutes=str(low) if low == high else f"{low}-{high}",
    )


def _notes(brief: Brief, filmed: bool) -> list[str]:
    """Advice of the rules, each led by what it is about."""

    def note(one: FiredRule, text: str) -> str:
        title = one.rule.title[:1].upper() + one.rule.title[1:]
        return brief.words.text("why.note", title=title, text=text)

    return [
        note(one, text)
        for one in brief.fired
        for text in (*(one.rule.camera_advice if filmed else ()), *one.rule.advice)
    ]


def _intake_notes(brief: Brief, weeks: Sequence[Week]) -> list[str]:
    """What the answers changed in the plan."""
    intake, words, defaults = brief.intake, brief.words, brief.library.defaults
    training, months, minutes = brief.rules.training, intake.training_months, brief.shape.target_minutes
    short = any(_phases([session]) < _phases(week.sessions) for week in weeks for session in week.sessions)
    stop = defaults.pain_rule.stop_above
    notes: list[tuple[bool, str, dict[str, object]]] = [
        (intake.minutes is not None, "minutes", {"minutes": minutes}),
        (short, "phases_take_turns", {"minutes": minutes}),
        (intake.pain >= defaults.regress_when.min_pain, "too_hard", {"pain": intake.pain, "stop": stop}),
        (intake.age_group == "under_16", "young", {}),
        (intake.age_group == "55_or_over", "older", {}),
        (months is not None and months < training.new_below_months, "new", {"months": months}),
        (months is not None and months >= training.trained_from_months, "trained", {}),
        (intake.doctor_agreed, "doctor_agreed", {}),
    ]
    missing = [
        words.text("intake.phase_missing", weeks=week.weeks, phase=words.text(f"phases.{phase}"))
        for week in weeks
        for phase in defaults.session_order
        if phase not in _phases(week.sessions)
    ]
    return [words.text(f"intake.{key}", **fills) for holds, key, fills in notes if holds] + missing


def _phases(sessions: Sequence[Session]) -> set[TrainingPhase]:
    return {block.phase for session in sessions for block in session.blocks}


def _doses(weeks: Sequence[Week]) -> list[Dose]:
    in_sessions = [
        dose
        for week in weeks
        for session in week.sessions
        for block in session.blocks
        for dose in block.exercises
    ]
    return in_sessions + [dose for week in weeks for dose in week.daily]
