"""What is said about safety: once, in one place (docs/measurement.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from knee_track.protocol.catalogue import Catalogue
from knee_track.protocol.library import Defaults, load_library
from knee_track.protocol.records import Protocol, SafetyText
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


def safety_of(defaults: Defaults, rules: Rules, words: Catalogue) -> dict[str, Any]:
    """The fields `safety`, `safety_text` and `stop_above` of a plan."""
    text = safety_text(defaults, rules, words)
    said = [*text.before_plan, *text.after_plan]
    return {"safety": said, "safety_text": text, "stop_above": defaults.pain_rule.stop_above}


def safety_text(defaults: Defaults, rules: Rules, words: Catalogue) -> SafetyText:
    """The paragraphs by what they are about."""
    pain = defaults.pain_rule
    return SafetyText(
        stop=words.text("safety.stop", signs=defaults.signs),
        see_first=words.text("safety.before"),
        pain_rule=words.text(
            "safety.pain_rule", ideal=pain.ideal_max, stop=pain.stop_above, minutes=pain.settle_minutes
        ),
        red_flags={group.id: warning(group, words) for group in rules.red_flags},
    )


def safety_in(plan: Protocol) -> SafetyText:
    """The paragraphs of a plan; one made before they had names says all of them where one is told to stop."""
    return plan.safety_text or SafetyText(stop=" ".join(plan.safety))


def disclaimer(plan: Protocol, words: Catalogue) -> str:
    """What the plan is and is not, with its limit of pain."""
    return words.text("safety.disclaimer", stop=limits_of(plan).pain_rule.stop_above)


def limits_of(plan: Protocol) -> Defaults:
    """The package's defaults with the limit of pain of a plan, where it has one."""
    own = load_library().defaults
    stop = own.pain_rule.stop_above if plan.stop_above is None else plan.stop_above
    return own.model_copy(update={"pain_rule": own.pain_rule.model_copy(update={"stop_above": stop})})


def warning(group: RedFlags, words: Catalogue) -> str:
    """Where to go with any red flag of one urgency."""
    return _told("red_flags", group, group.flags, words)


def referral(group: RedFlags, flags: Sequence[str], words: Catalogue) -> str:
    """Where to go with red flags of one urgency that the client has."""
    return upper_first(_told("referral", group, flags, words))


def _told(section: str, group: RedFlags, flags: Sequence[str], words: Catalogue) -> str:
    named = "; ".join(flag_words(group, flag, words) for flag in flags)
    if group.text is not None:
        return group.text.replace("{flags}", named)
    return words.text(f"{section}.{group.id}", flags=named)


def group_title(group: RedFlags, words: Catalogue) -> str:
    """What stands above the flags of one urgency when they are asked."""
    return group.title or words.text(f"ask.flag_groups.{group.id}")


def flag_words(group: RedFlags, flag: str, words: Catalogue) -> str:
    """A red flag in words: the rules' own, else the catalogue's."""
    return group.flag_texts.get(flag) or words.text(f"flags.{flag}")
