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
DENSE_PT: Final = 13.6  # from line to line where the instruction follows on the line of the name
TITLE_PT: Final = 26.0
HEADING_PT: Final = 24.5
GAP_PT: Final = 3.0  # below an exercise
WEEK_PT: Final = 64.0  # the first column of the tick table
ROW_PAD_PT: Final = 4.0  # in a row of the tick table
BLOCK_PT: Final = 5.0  # between the blocks of the page
RESERVE_PT: Final = 16.0  # what browsers may differ in
NOTE_PT: Final = 22.0
MOST_NOTES: Final = 6
SOME_BOLD: Final = 1.04  # how much wider a paragraph is that is bold in part
GLUE: Final = "\u00a0"  # no line breaks here


@dataclass(frozen=True)
class Setting:
    """How the page is set. `dense`: the instruction on the line of name and dose, and no purpose."""

    columns: int
    body_pt: float
    dense: bool = False


# From easiest to read to smallest. Lines are run together before type gets smaller than 11 points.
SETTINGS: Final = (
    *(Setting(1, size) for size in (14.0, 13.0, 12.0)),
    *(Setting(2, size) for size in (13.0, 12.5, 12.0, 11.5, 11.0)),
    *(Setting(2, size, dense=True) for size in (11.5, 11.0, 10.5, 10.0)),
)


@dataclass
class Item:
    """One exercise of a stage. `doses` are its doses in plain words, each with the sessions that have it.

    `amounts` are the sets of each amount and leg that was said in full.
    """

    name: str
    how: str
    heavy: str = ""
    doses: dict[str, list[str]] = field(default_factory=dict)
    amounts: dict[tuple[int | str | None, ...], int] = field(default_factory=dict)
    lettered: bool = False
    one_leg: bool = False

    @property
    def first_line(self) -> str:
        """What follows the name, as it is measured: a letter in its box is about as wide as in brackets."""
        parts = []
        for dose, names in self.doses.items():
            letters = GLUE.join(f"[{name}]" for name in names)
            parts.append(f"{dose} {letters}" if self.lettered else dose)
        return " · ".join(parts) + (f" ·{GLUE}{self.heavy}{GLUE}{'_' * 8}" if self.heavy else "")


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
    """What stands around the exercises: paragraphs over the whole width, and the boxes.

    `extra` is the paragraph that a dense page does without.
    """

    paragraphs: list[str]
    extra: str
    ticks: Ticks


@dataclass(frozen=True)
class Page:
    """The groups of each column, and how many lines are left for notes."""

    setting: Setting
    columns: list[list[Group]]
    notes: int
    fits: bool


def arrange(groups: Sequence[Group], frame: Frame) -> Page:
    """The setting that is easiest to read of those that fit one sheet, else the smallest."""
    pages = (_page(groups, frame, setting) for setting in SETTINGS)
    page = next(pages)
    while not page.fits and (smaller := next(pages, None)) is not None:
        page = smaller
    return page


def _page(groups: Sequence[Group], frame: Frame, setting: Setting) -> Page:
    width = (SHEET_PT[0] - GUTTER_PT * (setting.columns - 1)) / setting.columns
    heights = [_item_pt(item, width, setting) for group in groups for item in group.items]
    of_group = [index for index, group in enumerate(groups) for _ in group.items]
    if setting.columns == 1:
        at, high = len(heights), sum(heights) + HEADING_PT * len(groups)
    else:
        at, high = split(heights, of_group, HEADING_PT)
    left = SHEET_PT[1] - RESERVE_PT - _frame_pt(frame, setting) - high
    notes = min(int((left - HEADING_PT) / NOTE_PT), MOST_NOTES)
    return Page(setting, _columns(groups, at), notes if notes > 1 else 0, left >= 0)


def _item_pt(item: Item, width: float, setting: Setting) -> float:
    name, size = text_width(f"{item.name} ", NAME_PT, bold=True), setting.body_pt
    if setting.dense:
        bolder = text_width(item.first_line, size, bold=item.one_leg) - text_width(item.first_line, size)
        text = f"{item.first_line} {item.how}"
        return text_lines(text, width, size, indent_pt=name + bolder) * DENSE_PT + GAP_PT
    lines = text_lines(item.first_line, width, size, indent_pt=name, bold=item.one_leg)
    return lines * NAME_PT * LEADING + text_height(item.how, width, size) + GAP_PT


def _frame_pt(frame: Frame, setting: Setting) -> float:
    """Title, the paragraphs above and below the exercises, and the table of boxes."""
    width, padding, size = SHEET_PT[0], 4.0, setting.body_pt
    paragraphs = frame.paragraphs if setting.dense else [*frame.paragraphs, frame.extra]
    texts = sum(text_height(text, (width - 2 * padding) / SOME_BOLD, size) + 2 for text in paragraphs if text)
    cell = (width - WEEK_PT) / len(frame.ticks[0][1]) - 2 * size - 14
    rows = [max(text_lines(day, cell, size) for _, day in days) for _, days in frame.ticks]
    ticks = sum(lines * size * LEADING + ROW_PAD_PT for lines in rows)
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
