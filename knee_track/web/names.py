"""File names that users give: shown as text, never used as a path."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 100
SUFFIXES: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".mts", ".3gp", ".wmv"}
)
RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")
"""Names of devices on Windows, with any ending."""


def display_name(given: str) -> str:
    """The name to show: without folders, control and direction-changing characters; never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    shown = " ".join(shown.split())
    if len(shown) > LONGEST:
        shown = shown[: LONGEST - 12] + "…" + shown[-11:]
    return shown if shown.strip(". ") else "clip"


def safe_stem(name: str) -> str:
    """What files of this clip are named after: letters, digits, dash and underscore, at most 60 of them."""
    stem = display_name(name)
    if safe_suffix(stem):
        stem = stem.rpartition(".")[0]
    safe = re.sub(r"[^\w-]+", "_", stem).strip("_-")[:60]
    return "clip" if not safe or RESERVED.fullmatch(safe) else safe


def safe_suffix(name: str) -> str:
    """The ending of a video's name, lower case with its dot; empty for any other."""
    suffix = "".join(name.rpartition(".")[1:]).lower()
    return suffix if suffix in SUFFIXES else ""
