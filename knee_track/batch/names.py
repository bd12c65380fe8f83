"""What a path tells: whose clip it is, and when it was filmed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePosixPath
from typing import Final

DATE: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)")
DAYLESS: Final = re.compile(r"(?:19|20)\d\d(?:[-_.]?\d\d)?")
"""A folder "2026" or "2026-11": it sorts clips by time and is nobody's name."""
CAMERA_NAMES: Final = re.compile(
    r"(?:vid|img|mvi|mov|pxl|dsc[fn]?|gopr|gx|clip|video|movie|whatsapp[ _-]?video)\d*", re.IGNORECASE
)
"""What cameras and programs put before the date in a file's name."""
EDGES: Final = " -_.,"


def day_in(text: str) -> date | None:
    """The first date in a name, as 2026-11-03, 2026_11_03, 2026.11.03 or 20261103; None without one."""
    for found in DATE.finditer(text):
        try:
            return date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:
            continue
    return None


def day_of(file: PurePosixPath) -> date | None:
    """The date in a clip's name, else in that of the nearest folder that has one."""
    return next((day for part in reversed(file.parts) if (day := day_in(part))), None)


def client_of(file: PurePosixPath, root: str) -> str:
    """The name of the client, from the clip's path inside the folder of clips.

    It is the outermost folder that is more than a date ("anna/2026-11-03.mp4", "2026-11/anna/squat.mp4"); for
    a clip outside such folders what stands before the date in its name ("anna_2026-11-03.mp4"), else the
    name of the folder of clips itself, `root`.
    """
    for folder in file.parts[:-1]:
        if _is_a_name(folder):
            return folder
    if found := DATE.search(file.stem):
        before = file.stem[: found.start()].strip(EDGES)
        if before and not CAMERA_NAMES.fullmatch(before):
            return before
    return root


def _is_a_name(folder: str) -> bool:
    return not DAYLESS.fullmatch(folder.strip(EDGES)) and bool(DATE.sub("", folder).strip(EDGES))
