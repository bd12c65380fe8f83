"""Numbers and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

Cells = Sequence[str]


def number(value: float, digits: int = 2) -> str:
    """A rounded number, "–" where there is none."""
    return f"{round(value, digits) + 0.0:.{digits}f}" if isfinite(value) else "–"  # + 0.0: no "-0"


def percent(share: float) -> str:
    """A share as whole percent, "–" where there is none."""
    return f"{100.0 * share:.0f} %" if isfinite(share) else "–"


def table(head: Cells, rows: Iterable[Cells], texts: int = 1) -> str:
    """A Markdown table; the first `texts` columns left, the others right."""
    rule = [*[":--"] * texts, *["--:"] * (len(head) - texts)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
