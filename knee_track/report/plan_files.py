"""The files of a plan: for the coach, for the client, for other programs, for the calendar."""

from __future__ import annotations

from datetime import date
from typing import Final

from knee_track.protocol.calendar_file import calendar_ics
from knee_track.protocol.markdown import protocol_markdown
from knee_track.protocol.plan_file import protocol_json
from knee_track.report.card import filming_card
from knee_track.report.handout import handout_html
from knee_track.report.pdf import pdf_bytes
from knee_track.results import Analysis, Protocol

NAMES: Final = (
    "protocol.md",
    "protocol.json",
    "handout.html",
    "handout.pdf",
    "filming_card.html",
    "sessions.ics",
)
"""All files that a plan may have; those that it does not have must not stay from an earlier one."""


def plan_files(plan: Protocol, analysis: Analysis, *, week: int = 1, pdf: bool = False) -> dict[str, bytes]:
    """Every file of a plan by its name, made in memory, so that none is written when one fails.

    protocol.md and protocol.json always; handout.html (and .pdf) for the stage that holds `week`; a filming
    card in its place when the clip gave no plan; sessions.ics when the plan has a start.

    Raises UsageError when the plan does not hold that week, or the PDF's library is missing.
    """
    filmed = analysis.source.filmed
    files = {"protocol.md": protocol_markdown(plan, analysis), "protocol.json": protocol_json(plan)}
    printed: dict[str, bytes] = {}
    if plan.weeks or plan.referral:
        page = handout_html(plan, week, filmed=filmed)
        files["handout.html"] = page
        if pdf:
            printed["handout.pdf"] = pdf_bytes(page)
    elif plan.retest and filmed:
        files["filming_card.html"] = filming_card(language=plan.language)
    if plan.weeks and plan.start is not None:
        start = date.fromisoformat(plan.start)
        files["sessions.ics"] = calendar_ics(plan, start, client=analysis.client.id, filmed=filmed)
    return {name: text.encode() for name, text in files.items()} | printed
