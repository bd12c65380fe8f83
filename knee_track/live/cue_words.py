"""What is said in a cue: the protocol's own words, one cue at a time, of at most six words."""

from __future__ import annotations

from typing import Final

from knee_track.protocol.catalogue import DEFAULT, load_catalogue
from knee_track.protocol.library import load_library
from knee_track.results import Working

LIVE_EXERCISE: Final = "ret_app_feedback"
"""The library's exercise with the line on a screen: its first cue is what the picture shows."""


def live_cue(language: str = DEFAULT) -> str:
    """The cue of the live check in a language of the catalogues, e.g. "Keep the dot on the line"."""
    library = load_catalogue(language).of_library(load_library())
    return next(one.cues[0] for one in library.exercises if one.id == LIVE_EXERCISE)


def spoken_cue(leg: Working, cue: str, language: str = DEFAULT) -> str:
    """The leg that goes in, then what to keep in mind: "Left: keep the dot on the line."."""
    side = load_catalogue(language).text(f"leg_column.{leg}")
    first = cue[0] if language == "de" else cue[0].lower()  # German cues may begin with a noun
    return f"{side[0].upper()}{side[1:]}: {first}{cue[1:]}."
