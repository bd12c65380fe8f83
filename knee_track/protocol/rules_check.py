"""What a rules file must hold beyond its fields: names that exist, texts, shares, weeks in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from knee_track.protocol.document import Document, Location
from knee_track.protocol.library import Library, check_fills

if TYPE_CHECKING:
    from knee_track.protocol.rules import NextClip, PlanShape, RedFlags, Rule, Rules

OTHER: Final = "other."
LAST_WEEK: Final = 52  # own choice: a year
SUMMARY: Final = ("weeks", "sessions", "minutes")  # what a plan's summary may have in braces
# Words of the evidence that a rule may ask for, as ID.WORD, and the findings that come with them.
QUALIFIERS: Final = {
    "direction": (("static_alignment",), ("knock_knee", "bow_leg")),
    "stance": (("lateral_knee", "lateral_drift"), ("one_leg", "two_legs")),
}


def check_rules(document: Document, library: Library, rules: Rules) -> None:
    """Check the rules against themselves and the library. Raises ProtocolError for the first mistake."""
    if all(plan.status != "none" for plan in rules.plans):
        raise document.error(("plans",), "one plan must have the status none, for clips that give no plan")
    for number, name in enumerate(rules.tests.single_leg_findings):
        _check_finding(document, rules, ("tests", "single_leg_findings", number), name)
    for index, plan in enumerate(rules.plans):
        _check_plan(document, library, index, plan)
    for index, rule in enumerate(rules.rules):
        _check_rule(document, library, rules, index, rule)
    for index in range(len(rules.red_flags)):
        _check_group(document, rules, index)
    for flag, words in rules.flag_means.items():
        _check_meaning(document, library, rules, flag, words)
    for index, clip in enumerate(rules.next_clips):
        _check_findings(document, rules, ("next_clips", index), clip)
    _check_all_read(document, rules)


def _check_plan(document: Document, library: Library, index: int, plan: PlanShape) -> None:
    here: Location = ("plans", index)
    shortest, longest = library.defaults.session_minutes
    if plan.stages and not shortest <= plan.target_minutes <= longest:
        message = f"a session lasts {shortest} to {longest} minutes (the library's session_minutes)"
        raise document.error((*here, "target_minutes"), message)
    check_fills(document, (*here, "summary"), plan.summary, SUMMARY if plan.stages else ())
    _check_exercises(document, library, (*here, "base"), plan.base)
    _check_stages(document, here, plan)


def _check_stages(document: Document, here: Location, plan: PlanShape) -> None:
    """Stages follow each other from week 1, and every phase with exercises has a share of the time."""
    week = 1
    for number, stage in enumerate(plan.stages):
        place: Location = (*here, "stages", number)
        first, last = stage.weeks
        if first != week:
            message = f"the stages follow each other: this one begins in week {week}, not {first}"
            raise document.error((*place, "weeks"), message)
        if last > LAST_WEEK:
            raise document.error((*place, "weeks"), f"a plan ends in week {LAST_WEEK} at the latest")
        week = last + 1
        for phase in plan.max_exercises:
            if not stage.shares_pct.get(phase):
                message = f"the plan has exercises of the phase {phase}, so give it a share above 0"
                raise document.error((*place, "shares_pct", phase), message)


def _check_rule(document: Document, library: Library, rules: Rules, index: int, rule: Rule) -> None:
    """Findings, plan and confidence are names that the file itself lists; ids are unique."""
    here: Location = ("rules", index)
    if rule.id in [earlier.id for earlier in rules.rules[:index]]:
        raise document.error((*here, "id"), f"the id {rule.id} is given twice")
    if rule.plan is not None and rule.plan not in [plan.id for plan in rules.plans]:
        raise document.error((*here, "plan"), f"there is no plan {rule.plan}")
    if rule.confidence is not None and rule.confidence not in rules.weights:
        raise document.error((*here, "confidence"), f"{rule.confidence} is not listed under weights")
    _check_findings(document, rules, here, rule)
    _check_exercises(document, library, (*here, "exercises"), rule.exercises)
    _check_exercises(document, library, (*here, "avoid"), rule.avoid)
    for field, texts in (("advice", rule.advice), ("camera_advice", rule.camera_advice)):
        for number, text in enumerate(texts):
            check_fills(document, (*here, field, number), text, ("leg",))


def _check_findings(document: Document, rules: Rules, here: Location, rule: Rule | NextClip) -> None:
    for field, name in _names(rule):
        _check_finding(document, rules, (*here, *field), name)


def _names(rule: Rule | NextClip) -> Iterator[tuple[Location, str]]:
    """Every finding that a rule reads, and where it stands."""
    for number, line in enumerate(rule.when):
        for name in line:
            yield ("when", number), name
    for number, name in enumerate(rule.unless):
        yield ("unless", number), name


def _check_finding(document: Document, rules: Rules, place: Location, name: str) -> None:
    id_, dot, word = name.removeprefix(OTHER).partition(".")
    if id_ not in rules.findings:
        raise document.error(place, f"{name} is not listed under findings")
    known = [one for ids, words in QUALIFIERS.values() if id_ in ids for one in words]
    if dot and word not in known:
        can = f"only {' or '.join(known)}" if known else "nothing"
        raise document.error(place, f"behind {id_} there may be {can}, not '{word}'")


def _check_all_read(document: Document, rules: Rules) -> None:
    """A finding that nothing reads would be accepted in an intake and change nothing."""
    readers: list[Rule | NextClip] = [*rules.rules, *rules.next_clips]
    names = [name for rule in readers for _, name in _names(rule)]
    read = {name.removeprefix(OTHER).partition(".")[0] for name in names}
    for name in rules.findings:
        if name not in read:
            raise document.error(("findings", name), "nothing reads this finding; name it in a rule")


def _check_group(document: Document, rules: Rules, index: int) -> None:
    """Every red flag and group is given once, and has a text: the package's, or its own."""
    from knee_track.protocol.catalogue import load_catalogue  # which reads the package's own rules

    here: Location = ("red_flags", index)
    group, words = rules.red_flags[index], load_catalogue()
    earlier = rules.red_flags[:index]
    if group.id in [one.id for one in earlier]:
        raise document.error((*here, "id"), f"the id {group.id} is given twice")
    _check_group_texts(document, here, group, known=words.has(f"red_flags.{group.id}"))
    taken = [flag for one in earlier for flag in one.flags]
    for number, flag in enumerate(group.flags):
        if flag in (*taken, *group.flags[:number]):
            raise document.error((*here, "flags", number), f"{flag} is given twice")
        if flag not in group.flag_texts and not words.has(f"flags.{flag}"):
            message = f"there is no text for {flag}; give it one under flag_texts"
            raise document.error((*here, "flags", number), message)
    for flag in group.flag_texts:
        if flag not in group.flags:
            raise document.error((*here, "flag_texts", flag), f"{flag} is not one of the flags")


def _check_group_texts(document: Document, here: Location, group: RedFlags, *, known: bool) -> None:
    if not known and (group.text is None or group.title is None):
        message = f"there are no texts for the group {group.id}; give it text and title"
        raise document.error((*here, "id"), message)
    if group.text is not None:
        check_fills(document, (*here, "text"), group.text, ("flags",))
        if "{flags}" not in group.text:
            raise document.error((*here, "text"), "the text says where {flags} go")


def _check_meaning(
    document: Document, library: Library, rules: Rules, flag: str, words: Sequence[str]
) -> None:
    if flag not in [one for group in rules.red_flags for one in group.flags]:
        raise document.error(("flag_means", flag), f"{flag} is not listed under red_flags")
    for number, word in enumerate(words):
        if word not in library.contraindications:
            raise document.error(
                ("flag_means", flag, number), f"{word} is not a contraindication of the library"
            )


def _check_exercises(document: Document, library: Library, place: Location, ids: Sequence[str]) -> None:
    for number, exercise in enumerate(ids):
        if exercise not in library.by_id:
            raise document.error((*place, number), f"there is no exercise {exercise} in the library")
