"""`protocol.md`: the plan as a page that a coach hands to a client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from knee_track.protocol.safety import FIRST
from knee_track.protocol.texts import leg_words
from knee_track.results import Analysis, Block, Dose, Protocol, Session, Week


def protocol_markdown(protocol: Protocol, analysis: Analysis) -> str:
    """The plan in Markdown.

    Sessions stand as short tables; what is the same every time (reason, cautions, easier, harder) is said
    once per exercise, at the end.
    """
    parts = [_head(protocol, analysis), _list("What was seen", [one.text for one in analysis.findings])]
    if protocol.status == "none":
        next_one = "film the next clip" if analysis.source.filmed else "record the next set"
        parts.append(_list(f"How to {next_one}", protocol.retest))
    else:
        parts += [
            _list("What to know about it", protocol.notes),
            _list("Before you start", protocol.safety[:FIRST]),
            _overview(protocol),
            *(_week(week) for week in protocol.weeks),
            _list("When to go on, when to step back", protocol.gates),
            _list("Re-test", protocol.retest),
            _list("What the plan assumes", protocol.hypotheses),
            _list("When to see a doctor, and what pain is allowed", protocol.safety[FIRST:]),
            _guide(protocol),
        ]
    parts.append(f"---\n\n{analysis.disclaimer}")
    return "\n\n".join(part for part in parts if part) + "\n"


def dose_words(dose: Dose) -> str:
    """Sets and amount: "3 × 12", "2 × 30 s hold", with "each side" where both legs take turns."""
    if dose.reps is not None:
        amount = f"{dose.reps}"
    elif dose.hold_s is not None:
        amount = f"{dose.hold_s} s hold"
    else:
        amount = f"{dose.duration_s} s"
    return f"{dose.sets} × {amount}{' each side' if dose.per_side else ''}"


def _head(protocol: Protocol, analysis: Analysis) -> str:
    file, kind = Path(analysis.source.path).name, analysis.source.kind
    client = f"Client {analysis.client.id}, {kind}" if analysis.client.id else kind.capitalize()
    return f"# Practice plan: knee over the third toe\n\n{client} `{file}`\n\n**{protocol.summary}**"


def _list(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {line}" for line in lines)]) if lines else ""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _overview(protocol: Protocol) -> str:
    rows = [
        [week.weeks, week.focus, str(week.sessions_per_week), _minutes(week), week.feedback or ""]
        for week in protocol.weeks
    ]
    table = _table(["Weeks", "Focus", "Sessions a week", "Minutes", "Feedback"], rows)
    equipment = "; ".join(protocol.equipment)
    return f"## The plan at a glance\n\n{table}" + (f"\n\nYou need: {equipment}." if equipment else "")


def _minutes(week: Week) -> str:
    minutes = [round(session.minutes) for session in week.sessions]
    low, high = min(minutes), max(minutes)
    return str(low) if low == high else f"{low}-{high}"


def _week(week: Week) -> str:
    parts = [f"## Weeks {week.weeks}: {week.focus.lower()}", *_sessions(week)]
    if week.daily:
        doses = "; ".join(f"{dose.name} ({dose_words(dose)}: {_quoted(dose.cues)})" for dose in week.daily)
        parts.append(f"Every day, outside the sessions: {doses}.")
    return "\n\n".join(parts)


def _sessions(week: Week) -> Iterator[str]:
    """The sessions; those that are alike share one table."""
    groups: list[tuple[Session, list[str]]] = []
    for session in week.sessions:
        twin = next((names for first, names in groups if first.blocks == session.blocks), None)
        if twin is None:
            groups.append((session, [session.name]))
        else:
            twin.append(session.name)
    for session, names in groups:
        title = f"Session{'s' if len(names) > 1 else ''} {' and '.join(names)}"
        rows = [_row(block, dose) for block in session.blocks for dose in block.exercises]
        header = ["Phase", "Exercise", "Leg", "Sets × dose", "Tempo", "Rest", "Cue"]
        yield f"### {title} ({session.minutes:.0f} minutes)\n\n{_table(header, rows)}"


def _row(block: Block, dose: Dose) -> list[str]:
    leg = "both" if block.leg == "both" else f"**{block.leg}**"
    rest = f"{dose.rest_s} s" if dose.rest_s else ""
    return [block.phase, dose.name, leg, dose_words(dose), dose.tempo or "", rest, _quoted(dose.cues)]


def _quoted(cues: Sequence[str]) -> str:
    return "; ".join(f"“{cue.replace(chr(34), '')}”" for cue in cues)


def _guide(protocol: Protocol) -> str:
    """Each exercise once, in the order of its first use."""
    seen: dict[str, tuple[Block | None, Dose]] = {}
    for week in protocol.weeks:
        for session in week.sessions:
            for block in session.blocks:
                for dose in block.exercises:
                    seen.setdefault(dose.id, (block, dose))
        for dose in week.daily:
            seen.setdefault(dose.id, (None, dose))
    return "\n\n".join(["## The exercises", *(_entry(block, dose) for block, dose in seen.values())])


def _entry(block: Block | None, dose: Dose) -> str:
    about = f"{block.phase}, {leg_words(block.leg)}" if block else "every day"
    lines = [f"### {dose.name} ({about})", "", f"- Why: {dose.why}"]
    if dose.equipment:
        lines.append(f"- You need: {'; '.join(dose.equipment)}")
    if dose.load:
        lines.append(f"- How heavy: {dose.load}")
    lines += [f"- Take care: {caution}" for caution in dose.cautions]
    if dose.regression:
        lines.append(f"- Easier: {dose.regression}")
    if dose.progression:
        lines.append(f"- Harder: {dose.progression}")
    return "\n".join(lines)
