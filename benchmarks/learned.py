"""Which clips were learned on, and which are only reported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from benchmarks.random_clips import clip_name
from benchmarks.scoring import ClipScore
from knee_track.errors import UsageError

LEARNED_ON: Final = Path(__file__).with_name("learned_on.txt")
LEARNED, REPORTED = "learned on", "reported"


def read_learned(path: Path) -> list[str]:
    """Names and patterns of a list like `learned_on.txt`; UsageError when it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path.name}, the list of clips learned on, cannot be read.") from error
    entries = [line.partition("#")[0].strip() for line in lines]
    return [name for entry in entries if entry for name in _names(entry)]


def holds(learned: Sequence[str], clip: str) -> bool:
    """Whether the list names this clip."""
    return any(fnmatchcase(clip, pattern) for pattern in learned)


def split(clips: Sequence[ClipScore], learned: Sequence[str]) -> dict[str, list[ClipScore]]:
    """The reported clips and those learned on, in this order, each where there is any."""
    groups: dict[str, list[ClipScore]] = {REPORTED: [], LEARNED: []}
    for clip in clips:
        groups[LEARNED if holds(learned, clip.clip) else REPORTED].append(clip)
    return {title: group for title, group in groups.items() if group}


def judged(groups: dict[str, list[ClipScore]]) -> list[ClipScore]:
    """The clips that the verdict is about: the reported ones, or those learned on where there is no other."""
    return groups.get(REPORTED) or groups[LEARNED]


def _names(entry: str) -> list[str]:
    """The entry itself, or the names of the random clips that it counts."""
    numbers = re.fullmatch(r"(\d+)(?:-(\d+))?", entry)
    if numbers is None:
        return [entry]
    first, last = int(numbers[1]), int(numbers[2] or numbers[1])
    return [clip_name(number) for number in range(first, last + 1)]
