"""What is said about safety: once, in one place (docs/measurement.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from knee_track.protocol.catalogue import Catalogue
from knee_track.protocol.library import Defaults
from knee_track.protocol.rules import RedFlags, Rules
from knee_track.protocol.sentences import upper_first

_DISCLAIMER: Final = (
    "This report is an automated movement-coaching aid based on {basis}. It does not diagnose injury or "
    "disease, does not predict injury, and is not a medical device. Angles carry an error of several "
    "degrees and depend on {conditions}. Muscle names are coaching hypotheses, not "
    "findings. Stop and consult a doctor or physiotherapist if you have pain above 5/10, swelling, "
    "locking, giving way, numbness, recent injury or surgery. Exercise at your own pace; a qualified coach "
    "should review the plan."
)
DISCLAIMER: Final = _DISCLAIMER.format(basis="one camera", conditions="camera set-up, clothing and footwear")
MARKER_DISCLAIMER: Final = _DISCLAIMER.format(
    basis="3-D markers", conditions="where the markers sit and on footwear"
)
"""The same where no camera's picture was measured."""

FIRST: Final = 2  # how many of the paragraphs stand before a plan; the rest follows it


def safety_text(defaults: Defaults, rules: Rules, words: Catalogue) -> list[str]:
    """One paragraph each: stop signs, when to see a professional, then pain rule and red flags."""
    pain = defaults.pain_rule
    return [
        words.text("safety.stop", signs="; ".join(defaults.stop_signs)),
        words.text("safety.before"),
        words.text(
            "safety.pain_rule", ideal=pain.ideal_max, stop=pain.stop_above, minutes=pain.settle_minutes
        ),
        *(warning(group, words) for group in rules.red_flags),
    ]


def warning(group: RedFlags, words: Catalogue) -> str:
    """Where to go with any red flag of one urgency."""
    return words.text(f"red_flags.{group.id}", flags=_named(group.flags, words))


def referral(group: RedFlags, flags: Sequence[str], words: Catalogue) -> str:
    """Where to go with red flags of one urgency that the client has."""
    said = words.text(f"referral.{group.id}", flags=_named(flags, words))
    return upper_first(said)


def _named(flags: Sequence[str], words: Catalogue) -> str:
    return "; ".join(words.text(f"flags.{flag}") for flag in flags)
