"""How much room text takes on paper, measured with the widths of Arial: no browser is needed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

# Advance widths of Arial in em (Helvetica and Liberation Sans have the same); the rest is as wide as "n".
_WIDTHS: Final = {
    **dict.fromkeys("ijl'|", 0.222),
    **dict.fromkeys("ft I.,:;/!()[]·\u00a0", 0.278),
    **dict.fromkeys('r-“”"', 0.35),
    **dict.fromkeys("cksvxyzJ", 0.5),
    **dict.fromkeys("wCDHNRU×", 0.722),
    **dict.fromkeys("ABEKPSVXYÄ&", 0.667),
    **dict.fromkeys("GOQÖ", 0.778),
    **dict.fromkeys("mM", 0.833),
    "W": 0.944,
    "…": 1.0,
}
_LETTER: Final = 0.556
_BOLD: Final = 1.08
LEADING: Final = 1.2


def text_width(text: str, size_pt: float, *, bold: bool = False) -> float:
    """How wide a text is on one line, in points."""
    em = size_pt * (_BOLD if bold else 1.0)
    return sum(_WIDTHS.get(letter, _LETTER) for letter in text) * em


def text_lines(
    text: str, width_pt: float, size_pt: float, *, indent_pt: float = 0.0, bold: bool = False
) -> int:
    """How many lines a text takes, broken between words; `indent_pt` of the lines before it are taken."""
    space = text_width(" ", size_pt)
    lines, used = 1 + int(indent_pt // width_pt), indent_pt % width_pt
    for word in text.split(" "):
        wide = text_width(word, size_pt, bold=bold)
        if used and used + wide > width_pt:
            lines, used = lines + 1, 0.0
        used += wide + space
    return lines


def text_height(text: str, width_pt: float, size_pt: float) -> float:
    """How high a paragraph is, in points; 0 without text."""
    return text_lines(text, width_pt, size_pt) * size_pt * LEADING if text else 0.0


def split(heights: Sequence[float], groups: Sequence[int], heading_pt: float) -> tuple[int, float]:
    """Two columns of about the same height, filled one after the other.

    Returns the index of the item that begins the second one, and how high the higher one is. `groups` says to
    which group each item belongs; a group begins with a heading, which is repeated where the group goes on in
    the second column. A break between groups is preferred to one that is a heading lower.
    """
    below = [0.0, *accumulate(heights)]

    def column(first: int, last: int) -> float:
        return below[last] - below[first] + heading_pt * len(set(groups[first:last]))

    def cost(at: int) -> tuple[float, float]:
        height = max(column(0, at), column(at, len(heights)))
        inside = 0 < at < len(heights) and groups[at - 1] == groups[at]
        return height + (heading_pt if inside else 0.0), height

    at = min(range(1, len(heights) + 1), key=cost)
    return at, cost(at)[1]
