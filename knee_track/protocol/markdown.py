"""`protocol.md`: the plan as a page for the coach, in the plan's own language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from knee_track.protocol.catalogue import DEFAULT, Catalogue, load_catalogue
from knee_track.protocol.safety import disclaimer, safety_in
from knee_track.protocol.seen import finding_sentence
from knee_track.protocol.sentences import dose_words, upper_first
from knee_track.results import Analysis, Block, Dose, Protocol, Session, Week


def protocol_markdown(protocol: Protocol, analysis: Analysis) -> str:
    """The plan in Markdown.

    Sessions stand as short tables; what is the same every time (reason, cautions, easier, harder) is said
    once per exercise, at the end.
    """
    words = load_catalogue(protocol.language)
    text = words.table("plan")
    parts = [
        _head(protocol, analysis, words),
        _list(text["seen"], [finding_sentence(one, words) for one in analysis.findings]),
        _list(text["told"], protocol.told),
    ]
    if protocol.status == "none":
        how = "how_to_film" if analysis.source.filmed else "how_to_record"
        parts += [
            _list(text["refer"], [line for line in protocol.referral if line != protocol.summary]),
            _list(text[how], protocol.retest),
            _list(text["doctor"], protocol.safety),
        ]
    else:
        parts += [
            _list(text["know"], protocol.notes),
            _list(text["before"], safety_in(protocol).before_plan),
            _overview(protocol, words),
            *(_week(week, words) for week in protocol.weeks),
            _list(text["gates"], protocol.gates),
            _list(text["retest"], protocol.retest),
            _list(text["film_next"], protocol.film_next),
            _list(text["hypotheses"], protocol.hypotheses),
            _list(text["doctor"], safety_in(protocol).after_plan),
            _guide(protocol, words),
        ]
    # The analysis's own disclaimer names how it was measured; other languages have the plan's.
    own = analysis.disclaimer if words.language == DEFAULT else disclaimer(protocol, words)
    parts.append(f"---\n\n{own}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(protocol: Protocol, analysis: Analysis, words: Catalogue) -> str:
    file, kind = (
        Path(analysis.source.path).name,
        words.text(f"kinds.{analysis.source.kind.replace(' ', '_')}"),
    )
    about = words.text("plan.client", id=analysis.client.id, kind=kind) if analysis.client.id else kind
    return f"# {words.text('plan.title')}\n\n{upper_first(about)} `{file}`\n\n**{protocol.summary}**"


def _list(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {line}" for line in lines)]) if lines else ""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _overview(protocol: Protocol, words: Catalogue) -> str:
    rows = [
        [
            words.span(week.weeks),
            week.focus,
            str(week.sessions_per_week),
            words.span(_minutes(week)),
            week.feedback or "",
        ]
        for week in protocol.weeks
    ]
    table = _table(words.lines("plan.columns"), rows)
    need = words.text("plan.need", items="; ".join(protocol.equipment)) if protocol.equipment else ""
    return "\n\n".join(part for part in (f"## {words.text('plan.glance')}", table, need) if part)


def _minutes(week: Week) -> str:
    minutes = [round(session.minutes) for session in week.sessions]
    low, high = min(minutes), max(minutes)
    return str(low) if low == high else f"{low}-{high}"


def _week(week: Week, words: Catalogue) -> str:
    key = "plan.weeks" if "-" in week.weeks else "plan.week"
    parts = [f"## {words.text(key, weeks=words.span(week.weeks), focus=week.focus)}", *_sessions(week, words)]
    if week.free_days:
        names = [f"{dose.name} ({_with_leg(dose, words)})" for dose in week.free_days]
        minutes = round(sum(dose.total_s or 0 for dose in week.free_days) / 60)
        parts.append(words.text("plan.free_days", doses="; ".join(names), minutes=minutes))
    if week.daily:
        doses = [
            f"{dose.name} ({dose_words(dose, words)}: {_quoted(dose.cues, words)})" for dose in week.daily
        ]
        parts.append(words.text("plan.daily", doses="; ".join(doses)))
    return "\n\n".join(parts)


def _with_leg(dose: Dose, words: Catalogue) -> str:
    """A dose outside a table, with its leg where that is one."""
    amount = dose_words(dose, words)
    return amount if dose.leg == "both" else f"{amount}, {words.text(f'legs.{dose.leg}')}"


def _sessions(week: Week, words: Catalogue) -> Iterator[str]:
    """The sessions; those that are alike share one table."""
    groups: list[tuple[Session, list[str]]] = []
    for session in week.sessions:
        twin = next((names for first, names in groups if first.blocks == session.blocks), None)
        if twin is None:
            groups.append((session, [session.name]))
        else:
            twin.append(session.name)
    for session, names in groups:
        key = "plan.sessions" if len(names) > 1 else "plan.session"
        named = words.text("plan.and").join(names)
        title = words.text(key, names=named, minutes=f"{session.minutes:.0f}")
        rows = [_row(block, dose, words) for block in session.blocks for dose in block.exercises]
        yield f"### {title}\n\n{_table(words.lines('plan.session_columns'), rows)}"


def _row(block: Block, dose: Dose, words: Catalogue) -> list[str]:
    side = words.text(f"leg_column.{block.leg}")
    leg = side if block.leg == "both" else f"**{side}**"
    rest = f"{dose.rest_s} s" if dose.rest_s else ""
    phase = words.text(f"phases.{block.phase}")
    return [phase, dose.name, leg, dose_words(dose, words), dose.tempo or "", rest, _quoted(dose.cues, words)]


def _quoted(cues: Sequence[str], words: Catalogue) -> str:
    return "; ".join(words.text("quote", text=cue.replace('"', "")) for cue in cues)


def _guide(protocol: Protocol, words: Catalogue) -> str:
    """Each exercise once, in the order of its first use."""
    seen: dict[str, tuple[str, Dose]] = {}
    for week in protocol.weeks:
        for block, dose in week.in_sessions:
            about = f"{words.text(f'phases.{block.phase}')}, {words.text(f'legs.{block.leg}')}"
            seen.setdefault(dose.id, (about, dose))
        for key, doses in (("every_day", week.daily), ("on_free_days", week.free_days)):
            for dose in doses:
                seen.setdefault(dose.id, (words.text(f"plan.{key}"), dose))
    entries = [_entry(about, dose, words.table("plan")) for about, dose in seen.values()]
    return "\n\n".join([f"## {words.text('plan.exercises')}", *entries])


def _entry(about: str, dose: Dose, text: Mapping[str, str]) -> str:
    lines = [f"### {dose.name} ({about})", "", f"- {text['why']}: {dose.why}"]
    if dose.equipment:
        lines.append(f"- {text['you_need']}: {'; '.join(dose.equipment)}")
    if dose.load:
        lines.append(f"- {text['load']}: {dose.load}")
    lines += [f"- {text['care']}: {caution}" for caution in dose.cautions]
    if dose.regression:
        lines.append(f"- {text['easier']}: {dose.regression}")
    if dose.progression:
        lines.append(f"- {text['harder']}: {dose.progression}")
    return "\n".join(lines)
