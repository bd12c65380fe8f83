"""Sentences that the analysis writes, in the language of the plan.

The analysis gives some reasons as sentences, not as numbers: why a view was refused, what a recording lacks.
The catalogues' `messages` hold them by id: the English one as the analysis writes it, with {names} where its
words change, any other one translated. A sentence is found by its English pattern.
"""

from __future__ import annotations

import re
from functools import lru_cache

from knee_track.protocol.catalogue import DEFAULT, Catalogue, load_catalogue


def translated(text: str, words: Catalogue) -> str | None:
    """A sentence of the analysis in another language; None when the catalogue does not know it.

    What stands in its gaps is translated in turn where it is known; a number gets the decimal mark.
    """
    if words.language == DEFAULT:
        return text
    for name, pattern in _patterns():
        if (match := pattern.fullmatch(text)) is not None:
            fills = {
                gap: translated(part, words) or words.decimals(part)
                for gap, part in match.groupdict().items()
            }
            return words.text(f"messages.{name}").format(**fills)
    return None


@lru_cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The English sentences, their gaps as groups; the first that fits a text is taken."""
    english = load_catalogue().table("messages")
    return tuple((name, re.compile(_pattern(template))) for name, template in english.items())


def _pattern(template: str) -> str:
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
