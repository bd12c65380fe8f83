"""How the handout is laid out so that it fits one sheet: columns, size of type, where the column breaks.

The numbers here are those of handout.css, in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from knee_track.report.fit import LEADING, split, text_height, text_lines, text_width

SHEET_PT: Final = (549.0, 796.0)  # A4 less margins of 8 mm
GUTTER_PT: Final = 16.0
NAME_PT: Final = 13.0
SIZES: Final = ((1, 14.0), (1, 13.0), (1, 12.0), (2, 13.0), (2, 12.5), (2, 12.0), (2, 11.5), (2, 11.0), (2, 10.5))
TITLE_PT: Final = 26.0
HEADING_PT: Final = 24.5
GAP_PT: Final = 3.0  # below an exercise
WEEK_PT: Final = 64.0  # the first column of the tick table
ROW_PAD_PT: Final = 4.0  # in a row of the tick table
BLOCK_PT: Final = 5.0  # between the blocks of the page
RESERVE_PT: Final = 12.0  # what browsers may differ in
NOTE_PT: Final = 22.0


@dataclass
class Item:
    """One exercise of a stage. `doses` are its doses in plain words, each with the sessions that have it."""

    name: str
    how: str
    heavy: str = ""
    doses: dict[str, list[str]] = field(default_factory=dict)
    lettered: bool = False

    @property
    def first_line(self) -> str:
        """What follows the name."""
        letters = {dose: " ".join(f"[{name}]" for name in names) for dose, names in self.doses.items()}
        parts = [f"{dose} {letters[dose]}" if self.lettered else dose for dose in self.doses]
        return " · ".join(parts) + (f" · {self.heavy} ________" if self.heavy else "")


@dataclass
class Group:
    """The exercises of one phase, or those of every day; `again` where it goes on in the second column."""

    phase: str
    title: str
    items: list[Item]
    again: bool = False


Ticks = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""The boxes to tick: a row per week, with name and day (or nothing) of each session."""


@dataclass(frozen=True)
class Frame:
    """What stands around the exercises, as lines of text over the whole width."""

    above: list[str]
    ticks: Ticks
    below: list[str]


@dataclass(frozen=True)
class Page:
    """How the page is set: the groups of each column, the size of type, and lines left for notes."""

    columns: list[list[Group]]
    body_pt: float
    notes: int
    fits: bool


def arrange(groups: Sequence[Group], frame: Frame) -> Page:
    """The largest type, and one column rather than two, with which everything fits one sheet."""
    pages = [_page(groups, frame, columns, size) for columns, size in SIZES]
    return next((page for page in pages if page.fits), pages[-1])


def _page(groups: Sequence[Group], frame: Frame, columns: int, body_pt: float) -> Page:
    width = (SHEET_PT[0] - GUTTER_PT * (columns - 1)) / columns
    heights = [_item_pt(item, width, body_pt) for group in groups for item in group.items]
    of_group = [index for index, group in enumerate(groups) for _ in group.items]
    if columns == 1:
        at, high = len(heights), sum(heights) + HEADING_PT * len(groups)
    else:
        at, high = split(heights, of_group, HEADING_PT)
    left = SHEET_PT[1] - RESERVE_PT - _frame_pt(frame, body_pt) - high
    notes = min(int((left - HEADING_PT) / NOTE_PT), 6)
    return Page(_columns(groups, at), body_pt, max(notes, 0) if notes > 1 else 0, left >= 0)


def _item_pt(item: Item, width: float, body_pt: float) -> float:
    name = text_width(f"{item.name} ", NAME_PT, bold=True)
    lines = text_lines(item.first_line, width, body_pt, indent_pt=name)
    return lines * NAME_PT * LEADING + text_height(item.how, width, body_pt) + GAP_PT


def _frame_pt(frame: Frame, body_pt: float) -> float:
    """Title, the paragraphs above and below the exercises, and the table of boxes."""
    width, padding = SHEET_PT[0], 4.0
    texts = sum(text_height(text, width - 2 * padding, body_pt) + 2 for text in (*frame.above, *frame.below))
    cell = (width - WEEK_PT) / len(frame.ticks[0][1]) - 2 * body_pt - 14
    rows = [max(text_lines(day, cell, body_pt) for _, day in days) for _, days in frame.ticks]
    ticks = sum(lines * body_pt * LEADING + ROW_PAD_PT for lines in rows)
    return TITLE_PT + texts + ticks + BLOCK_PT


def _columns(groups: Sequence[Group], at: int) -> list[list[Group]]:
    """The groups, broken before item `at`."""
    left: list[Group] = []
    right: list[Group] = []
    done = 0
    for group in groups:
        here = group.items[: max(at - done, 0)]
        rest = group.items[len(here) :]
        if here:
            left.append(Group(group.phase, group.title, here))
        if rest:
            right.append(Group(group.phase, group.title, rest, again=bool(here)))
        done += len(group.items)
    return [left, right] if right else [left]
