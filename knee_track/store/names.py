"""Results carry a pseudonymous id; a client's name stays in the store."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from pathlib import PurePosixPath
from typing import Final

from knee_track.results import Analysis

MIN_INSIDE: Final = 4  # letters of a name that are also found inside a longer word: "annasquat", not "alone"
SHORT: Final = 8  # digits of the content hash in a name: a client's clips of a day do not collide


def plain_text(text: str) -> str:
    """Text as every database takes it: one form of accents, no NUL, undecodable bytes spelt out."""
    spelt = text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "")
    return unicodedata.normalize("NFC", spelt)


def neutral_name(client: str, day: date, sha256: str, suffix: str = ".mp4") -> str:
    """What a clip is called in results: "c001_2026-11-03_1a2b3c4d.mp4", nothing of the file's own name.

    A suffix with anything but letters and digits is left out.
    """
    known = suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,5}", suffix) else ""
    return f"{client}_{day:%Y-%m-%d}_{sha256[:SHORT]}{known}"


def without_names(analysis: Analysis, client: str, day: date, sha256: str | None = None) -> Analysis:
    """The analysis with the client's id and a neutral `source.path`; curves and track come along.

    `sha256` stands in for an analysis whose source has none. Doing it twice changes nothing.
    """
    content = sha256 or analysis.source.sha256 or ""
    suffix = PurePosixPath(analysis.source.path.replace("\\", "/")).suffix
    source = analysis.source.model_copy(update={"path": neutral_name(client, day, content, suffix)})
    neutral = analysis.model_copy(
        update={"source": source, "client": analysis.client.model_copy(update={"id": client})}
    )
    neutral._curves, neutral._track, neutral._scene = analysis._curves, analysis._track, analysis._scene
    return neutral


def redacted_path(path: str, folder_name: str, client: str) -> str:
    """A file's path with the id in place of the client's folder and of the folder's words in the file's name.

    "Anna Müller/squat anna.mp4" becomes "c001/squat c001.mp4". A nickname that the folder does not tell
    stays: good enough for a list of failures that its owner alone can read, not for results.
    """
    words = [word for word in re.split(r"[\W_]+", plain_text(folder_name)) if re.search(r"[^\W\d]", word)]
    names = [plain_text(folder_name), *sorted(words, key=len, reverse=True)]
    # In one pass, so that no name is found in an id that took the place of another.
    pattern = "|".join(map(_name_pattern, dict.fromkeys(names)))
    return re.sub(pattern, client, plain_text(path), flags=re.IGNORECASE)


def _name_pattern(name: str) -> str:
    """A long name is found inside words as well, a short one between letters is not."""
    if len(name) >= MIN_INSIDE and name.isalpha():
        return re.escape(name)
    return rf"(?<![^\W\d_]){re.escape(name)}(?![^\W\d_])"


def redacted_text(text: str, path: str, folder_name: str, client: str) -> str:
    """A message about a file, with its path, its name and the client's folder redacted."""
    shown, told = redacted_path(path, folder_name, client), plain_text(text)
    own, shown_own = PurePosixPath(plain_text(path)).name, PurePosixPath(shown).name
    # Messages begin with the path as it was opened: what stands before the part we know goes as well.
    told = re.sub(rf"(?:/[^\n]*?/)?{re.escape(plain_text(path))}", lambda _: shown, told)
    told = told.replace(own, shown_own)
    name = re.escape(plain_text(folder_name))
    return re.sub(rf"(?<![^\W_]){name}(?![^\W_])", client, told, flags=re.IGNORECASE)
