"""`handout.html`: the page that a coach hands to the client, one sheet of A4 for one stage of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from knee_track.errors import UsageError
from knee_track.protocol.catalogue import Catalogue, load_catalogue
from knee_track.protocol.plain import plain_dose, plain_how, plain_name, plain_sets
from knee_track.protocol.safety import safety_in
from knee_track.protocol.timetable import sessions_on
from knee_track.report.handout_layout import Frame, Group, Item, Ticks, arrange
from knee_track.results import Dose, Protocol, Week, Working

ICONS: Final = ("release", "activate", "integrate", "retrain", "daily")
CROWDED: Final = 6  # with so many sessions a week there is no room for the days' names
EMERGENCY: Final = "emergency"  # the red flags that stand on a page that refers


def handout_html(plan: Protocol, week: int = 1, *, filmed: bool = True) -> str:
    """The handout for the stage that holds a week, as an HTML page that loads nothing.

    Parameters
    ----------
    plan
        A plan with weeks, or one that refers the client to a doctor, which gives a short page that says so.
        A clip that gave no plan has no handout: what helps its client is the filming card.
    week
        Counted from 1; a page that refers is the same for every week.
    filmed
        Whether a camera saw the set; False says "test again" for 3-D markers.

    Raises
    ------
    UsageError
        When the plan does not reach that week.
    ValueError
        When the plan has neither weeks nor a referral.
    """
    words = load_catalogue(plan.language)
    if plan.weeks:
        return _page("handout.html.j2", words, **_stage(plan, week, words, filmed))
    if plan.referral:
        emergency = safety_in(plan).red_flags.get(EMERGENCY, "")
        return _page("referral.html.j2", words, plan=plan, emergency=emergency)
    raise ValueError("a plan without weeks or referral has no handout; give the filming card")


def stage_of(plan: Protocol, week: int) -> int:
    """The index of the stage that holds a week. Raises UsageError."""
    spans = [stage.span for stage in plan.weeks]
    for index, (first, last) in enumerate(spans):
        if first <= week <= last:
            return index
    raise UsageError(f"The plan has weeks {spans[0][0]} to {spans[-1][1]}; there is no week {week} in it.")


def groups_of(stage: Week, words: Catalogue) -> list[Group]:
    """The stage's exercises by phase, each once whatever the number of sessions that hold it."""
    items: dict[str, dict[str, Item]] = {}
    for session in stage.sessions:
        for block in session.blocks:
            for dose in block.exercises:
                phase = items.setdefault(block.phase, {})
                item = phase.setdefault(dose.id, _item(dose, words))
                item.one_leg = item.one_leg or block.leg != "both"
                item.doses.setdefault(_dose(item, dose, block.leg, words), []).append(session.name)
                item.amounts.setdefault((dose.reps, dose.hold_s, dose.duration_s, block.leg), dose.sets)
    for dose in stage.daily:
        item = items.setdefault("daily", {}).setdefault(dose.id, _item(dose, words))
        item.doses[plain_dose(dose, "both", words)] = []
    for phase in items.values():
        for item in phase.values():
            # Letters are needed when the sessions differ: not all of them hold it, or not with one dose.
            item.lettered = any(0 < len(names) < len(stage.sessions) for names in item.doses.values())
    return [
        Group(phase, words.text(f"handout.phases.{phase}"), list(items[phase].values()))
        for phase in ICONS
        if phase in items
    ]


def _dose(item: Item, dose: Dose, leg: Working, words: Catalogue) -> str:
    """The dose in words; only its sets, where the rest is as in a dose that the item has already."""
    sets = item.amounts.get((dose.reps, dose.hold_s, dose.duration_s, leg), dose.sets)
    return plain_dose(dose, leg, words) if sets == dose.sets else plain_sets(dose, words)


def _item(dose: Dose, words: Catalogue) -> Item:
    return Item(plain_name(dose), plain_how(dose), words.text("handout.heavy") if dose.load else "")


def _stage(plan: Protocol, week: int, words: Catalogue, filmed: bool) -> dict[str, Any]:
    """Everything that the page shows."""
    index = stage_of(plan, week)
    stage = plan.weeks[index]
    groups = groups_of(stage, words)
    labels = words.table("handout")
    safety = safety_in(plan)
    stop, pain_rule = safety.stop, f"{labels['pain_easier']} {safety.pain_rule}".rstrip()
    paragraphs = {
        "when": ("", _when(plan, stage, words)),
        "cue": _led(labels["cue"], _cue(stage, words)),
        "need": _led(labels["need"], "; ".join(_needed(stage)) or labels["need_nothing"]),
        "small_print": ("", _small_print(plan, stage, groups, words)),
        "pain": _led(labels["pain"], f"{pain_rule} {stop} {labels['limits']}"),
        "again": _led(labels["film" if filmed else "test"], _again(plan, index, words)),
    }
    purpose, ticks = labels["purpose"][plan.status], _ticks(plan, stage, words)
    frame = Frame([f"{lead} {text}".strip() for lead, text in paragraphs.values()], purpose, ticks)
    return {
        **paragraphs,
        "purpose": ("", purpose),
        "ticks": ticks,
        "pain_rule": pain_rule,
        "stop": stop,
        "page": arrange(groups, frame),
    }


def _led(lead: str, text: str) -> tuple[str, str]:
    """A paragraph that begins with what it is about."""
    return f"{lead}:", text


def _when(plan: Protocol, stage: Week, words: Catalogue) -> str:
    """Which weeks, what they are about, how often and how long."""
    first, last = stage.span
    key = ("week_of", "week_pair")[last - first] if last - first < 2 else "weeks_of"
    weeks = words.text(f"handout.{key}", first=first, last=last, total=plan.weeks[-1].span[1])
    minutes = [round(session.minutes) for session in stage.sessions]
    rhythm = words.text(
        "handout.rhythm" if len(minutes) > 1 else "handout.rhythm_once",
        sessions=len(minutes),
        minutes=_span(minutes, words),
    )
    return f"{words.text('handout.stage', weeks=weeks, focus=stage.focus)} {rhythm}"


def _span(numbers: Sequence[int], words: Catalogue) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else words.text("handout.span", low=low, high=high)


def _needed(stage: Week) -> list[str]:
    return list(dict.fromkeys(thing for dose in stage.doses for thing in dose.equipment))


def _cue(stage: Week, words: Catalogue) -> str:
    """The stage's cue: that of the exercise that comes last in its sessions, the movement itself."""
    doses = {block.phase: dose for block, dose in reversed(stage.in_sessions)}
    last = next((doses[phase] for phase in reversed(ICONS) if phase in doses), None)
    return words.text("handout.cue_of", cue=last.cues[0], name=plain_name(last)) if last else ""


def _small_print(plan: Protocol, stage: Week, groups: Sequence[Group], words: Catalogue) -> str:
    """How to read the letters, where there are any, what free days are for, and how long to rest."""
    parts = []
    if any(item.lettered for group in groups for item in group.items):
        parts.append(words.text("handout.letters"))
    if plan.first_leg is not None:
        parts.append(words.text("handout.first_leg", leg=words.text(f"legs.{plan.first_leg}")))
    if stage.free_days:
        above = {dose.id for _, dose in stage.in_sessions}
        amounts = {dose.id: f" ({plain_dose(dose, dose.leg, words)})" for dose in stage.free_days}
        minutes = round(sum(dose.total_s or 0 for dose in stage.free_days) / 60)
        also = [
            f"{plain_name(dose)}{'' if dose.id in above else amounts[dose.id]}" for dose in stage.free_days
        ]
        parts.append(words.text("handout.free_days", names="; ".join(also), minutes=minutes))
    rests = [dose.rest_s for _, dose in stage.in_sessions if dose.rest_s]
    if rests:
        parts.append(words.text("handout.rest", seconds=_span(rests, words)))
    return " ".join(parts)


def _ticks(plan: Protocol, stage: Week, words: Catalogue) -> Ticks:
    """A row of boxes per week, one per session, each with its day where the plan has a start."""
    first, last = stage.span
    days: dict[tuple[int, str], str] = {}
    if plan.start is not None:
        key = "handout.day" if len(stage.sessions) < CROWDED else "handout.day_only"
        on = sessions_on(plan, date.fromisoformat(plan.start))
        days = {(one.week, one.session.name): _short_day(one.day, key, words) for one in on}
    return [
        (
            words.text("handout.week", week=week),
            [(one.name, days.get((week, one.name), "")) for one in stage.sessions],
        )
        for week in range(first, last + 1)
    ]


def _short_day(day: date, key: str, words: Catalogue) -> str:
    weekday, month = (
        words.lines("handout.weekdays")[day.weekday()],
        words.lines("handout.months")[day.month - 1],
    )
    return words.text(key, weekday=weekday, day=day.day, month=month)


def _again(plan: Protocol, index: int, words: Catalogue) -> str:
    """When the next clip is due, and how it is made."""
    _, last = plan.weeks[index].span
    if index < len(plan.retest_dates):
        day = words.date(date.fromisoformat(plan.retest_dates[index]))
        when = words.text("handout.again_on", date=day, week=last)
    else:
        when = words.text("handout.again_after", week=last)
    return f"{when} {words.text('handout.again_how')}"


def _page(template: str, words: Catalogue, **shown: Any) -> str:
    environment = Environment(
        loader=PackageLoader("knee_track", "report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    own = resources.files("knee_track.report")
    icons = {name: Markup(own.joinpath(f"icons/{name}.svg").read_text(encoding="utf-8")) for name in ICONS}
    style = Markup(own.joinpath("handout.css").read_text(encoding="utf-8"))
    text = words.table("handout")
    return environment.get_template(template).render(
        language=words.language, text=text, icons=icons, style=style, **shown
    )
