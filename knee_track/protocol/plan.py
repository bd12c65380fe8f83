"""The corrective plan, built from findings: release, activate, integrate, retrain.

rules.yaml says which exercises the findings call for and how a plan is laid out in time,
library.yaml what each exercise takes; this module lays out weeks and sessions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from string import ascii_uppercase

from knee_track.pose.skeleton import Leg
from knee_track.protocol import sentences
from knee_track.protocol.catalogue import DEFAULT, Catalogue, load_catalogue
from knee_track.protocol.choice import Brief, Candidate, candidates, not_chosen, stage_menu
from knee_track.protocol.dose import prescribe
from knee_track.protocol.intake import Intake
from knee_track.protocol.library import Library, load_library
from knee_track.protocol.notes import intake_notes, rule_notes
from knee_track.protocol.refusal import refusal, stopped
from knee_track.protocol.rules import FiredRule, PlanShape, Rules, Stage, load_rules
from knee_track.protocol.safety import safety_of
from knee_track.protocol.session import Room, Turns, fill
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
    tests_done: Collection[str] = (),
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
    tests_done
        Add-on tests that are not to be offered again, ids of the rules' `next_clips`.

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
    asked = intake is not None
    intake = (intake or Intake()).completed(rules)
    findings = [*findings, *intake.findings()]
    fired = rules.fire(findings)
    shape = _for_client(rules.called_plan(fired), intake, rules, library)
    brief = Brief(shape, findings, fired, rules, library, intake, words)
    refused = refusal(brief, filmed)
    if refused is not None:
        return refused
    return _laid_out(brief, start, filmed=filmed, asked=asked, tests_done=tests_done)


def _laid_out(
    brief: Brief, start: date | None, *, filmed: bool, asked: bool, tests_done: Collection[str]
) -> Protocol:
    """The plan itself. A stage in which nothing may be done is left out, and so is its re-test."""
    words, library, shape, turns = brief.words, brief.library, brief.shape, Turns()
    laid = [(stage, _week(brief, stage, turns)) for stage in shape.stages]
    weeks = [week for _, week in laid if week.sessions]
    stages = [stage for stage, week in laid if week.sessions]
    if not weeks:
        return stopped(brief, words.text("referral.nothing_left"))
    dates = retest_dates(stages, start)
    doses = [dose for week in weeks for dose in week.doses]
    answers = intake_notes(brief, turns) if asked else [words.text("intake.none")]
    clips = brief.clips_to_film() if filmed else []
    return Protocol(
        status=shape.status,
        language=words.language,
        summary=_summary(shape, weeks, words),
        start=start.isoformat() if start else None,
        retest_dates=[day.isoformat() for day in dates],
        told=[sentences.upper_first(sentences.seen_words(one, words)) for one in brief.intake.findings()],
        first_leg=_first_leg(brief.fired),
        weeks=weeks,
        gates=sentences.gates(library.defaults, words) if shape.status == "corrective" else [],
        retest=sentences.retests(stages, library.defaults, dates, words, filmed=filmed),
        hypotheses=[text for one in brief.fired if (text := sentences.hypothesis(one, words)) is not None],
        notes=[*rule_notes(brief, filmed), *answers],
        equipment=list(dict.fromkeys(item for dose in doses for item in dose.equipment)),
        film_next=[clip.text for clip in clips if clip.id not in tests_done],
        considered=not_chosen(brief, {dose.id for dose in doses}, max(stage.level for stage in stages)),
        **safety_of(library.defaults, brief.rules, words),
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
    if _goes_easy(intake, rules):
        level = min(level, training.new_top_level)
    if intake.pain >= library.defaults.regress_when.min_pain:
        level -= 1
    return max(level, 1)


def _goes_easy(intake: Intake, rules: Rules) -> bool:
    """Whether heavy load and speed are left out: new to training, young, or cleared by a doctor."""
    months = intake.training_months
    new = months is not None and months < rules.training.new_below_months
    return new or intake.age_group == "under_16" or bool(intake.cleared(rules))


def _week(brief: Brief, stage: Stage, turns: Turns) -> Week:
    """One stage. Sessions of a week take turns: what was used least so far in the week comes first."""
    possible = candidates(brief, stage.level)
    menu = stage_menu(brief, possible, turns.stages_used)
    used: Counter[str] = Counter()
    planned = [
        _session(brief, stage, menu, used, turns, number) for number in range(brief.shape.sessions_per_week)
    ]
    # Little is allowed to some clients; a day on which none of it is due has no session.
    sessions = [
        session.model_copy(update={"name": name})
        for name, session in zip(ascii_uppercase, (one for one in planned if one.blocks), strict=False)
    ]
    first, last = stage.weeks
    weeks = str(first) if first == last else f"{first}-{last}"
    there = {one.exercise.phase for one in menu}
    turns.missing += [(weeks, phase) for phase in brief.shape.max_exercises if phase not in there]
    return Week(
        weeks=weeks,
        focus=stage.focus,
        sessions_per_week=len(sessions),
        feedback_share_pct=stage.feedback_pct[0] if stage.feedback_pct else None,
        feedback=sentences.feedback(stage, brief.words),
        sessions=sessions,
        daily=[_least(brief, one, stage) for one in possible if one.exercise.daily],
        free_days=[_least(brief, one, stage) for one in menu if _is_for_free_days(brief, one, used)],
    )


def _least(brief: Brief, one: Candidate, stage: Stage) -> Dose:
    dosage = one.exercise.dosage
    return prescribe(brief, one, dosage.sets[0], dosage.amount_range[0], stage.level)


def _is_for_free_days(brief: Brief, one: Candidate, used: Counter[str]) -> bool:
    """Whether an exercise is meant for more days a week than a plan of this shape usually has."""
    if brief.shape.status != "corrective":
        return False
    usual = next(plan.sessions_per_week for plan in brief.rules.plans if plan.id == brief.shape.id)
    times = one.exercise.dosage.per_week[0]
    return times > usual and times > used[one.exercise.id]


def _session(
    brief: Brief, stage: Stage, menu: Sequence[Candidate], used: Counter[str], turns: Turns, number: int
) -> Session:
    """One session of a week, `number` from 0."""
    defaults = brief.library.defaults
    due = [one for one in menu if _is_due(one, used, number, brief.shape.sessions_per_week)]
    # What was done least this week comes first, and of that what this stage is the first to allow.
    due.sort(key=lambda one: (used[one.exercise.id], -one.exercise.level))
    by_phase = {
        phase: ones
        for phase in defaults.session_order
        if (ones := [one for one in due if one.exercise.phase == phase])
    }
    room = Room(brief.shape.target_minutes * 60, stage.shares_pct, stage.level, defaults.changeover_s)
    picks = fill(by_phase, room, turns.served)
    turns.waited |= set(picks) != set(by_phase)
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


def _first_leg(fired: Sequence[FiredRule]) -> Leg | None:
    """The leg that begins one-leg work: where a rule that trains both legs holds on one of them."""
    return next((one.leg for one in fired if one.rule.both_legs and one.leg != "both"), None)


def _summary(shape: PlanShape, weeks: Sequence[Week], words: Catalogue) -> str:
    minutes = [session.minutes for week in weeks for session in week.sessions]
    low, high = round(min(minutes)), round(max(minutes))
    return shape.summary.format(
        weeks=weeks[-1].span[1],
        sessions=max(week.sessions_per_week for week in weeks),
        minutes=str(low) if low == high else words.span(f"{low}-{high}"),
    )
