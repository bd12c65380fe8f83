"""Numbers of the add-on tests in words, in the plan's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from knee_track.findings.whole_set import with_band
from knee_track.protocol.catalogue import Catalogue
from knee_track.report.words import signed, signed_band

Compared = Literal["cue", "heel_lift"]
Numbers = Mapping[str, Any]


def response_short(seen: Numbers, words: Catalogue) -> str:
    """+9.6° to +3.1°, change −6.5° ± 4.0° (−68 %, moderate to none)."""
    before, after = (words.decimals(f"{signed(seen[f'{clip}_deg'])}°") for clip in ("natural", "other"))
    return words.text("tests.short", before=before, after=after, change=_change(seen, words))


def response_long(test: Compared, seen: Numbers, words: Catalogue) -> str:
    """The same with each clip's band, and with the depths where these differ much."""
    before, after = (
        words.decimals(signed_band(seen[f"{clip}_deg"], seen[f"{clip}_band_deg"]))
        for clip in ("natural", "other")
    )
    names = clip_names(test, words)
    change = _change(seen, words)
    return words.text("tests.long", before=before, after=after, change=change, **names) + depth_note(
        test, seen, words
    )


def depth_note(test: Compared, seen: Numbers, words: Catalogue) -> str:
    """Of a test in which depth may differ: by how much it did, when that is much."""
    if seen.get("same_depth", True):
        return ""
    before, after = (words.decimals(f"{depth:.2f}") for depth in seen["depths"])
    return words.text("tests.depth", before=before, after=after, **clip_names(test, words))


def clip_names(test: Compared, words: Catalogue) -> dict[str, str]:
    """What is said of the natural clip and of the other one: `without`, `within`."""
    return {name: words.text(f"tests.{name}.{test}") for name in ("without", "within")}


def verdict_words(verdict: str, words: Catalogue) -> str:
    """A verdict as the language says it."""
    return words.text(f"tests.verdicts.{verdict.replace(' ', '_').replace('-', '_')}")


def size_cm(cm: float, band_cm: float, words: Catalogue) -> str:
    """A distance with its band: "8.0 cm ± 1.3 cm"."""
    return words.decimals(with_band(cm, band_cm, " cm"))


def _change(seen: Numbers, words: Catalogue) -> str:
    before, after = (words.text(f"grades.{grade}") for grade in seen["grades"])
    share = seen["share_pct"]
    same = before == after
    return words.text(
        "tests.change",
        change=words.decimals(signed_band(seen["change_deg"], seen["band_deg"])),
        share="" if share is None else words.text("tests.share", share=signed(share, 0)),
        grades=words.text("tests.still", grade=after)
        if same
        else words.text("tests.grades", before=before, after=after),
    )
