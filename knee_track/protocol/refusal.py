"""When there is no plan: red flags, pain, or a clip that was not measured."""

from __future__ import annotations

from collections.abc import Sequence

from knee_track.protocol.choice import Brief
from knee_track.protocol.safety import referral, safety_of
from knee_track.protocol.seen import finding_sentence
from knee_track.results import Protocol


def refusal(brief: Brief, filmed: bool) -> Protocol | None:
    """Why there is no plan: what has to be looked at first, then a clip that was not measured."""
    words, intake, pain = brief.words, brief.intake, brief.library.defaults.pain_rule
    stopping = intake.stopping(brief.rules)
    if stopping:
        summary = words.text("referral.red_flag")
        told = [referral(group, flags, words) for group, flags in stopping]
    elif intake.pain > pain.stop_above:
        fills = {"pain": intake.pain, "stop": pain.stop_above, "ideal": pain.ideal_max}
        summary, told = words.text("referral.pain", **fills), []
    elif brief.shape.status == "none":
        return _no_plan(brief, filmed)
    else:
        return None
    return stopped(brief, summary, told)


def stopped(brief: Brief, summary: str, told: Sequence[str] = ()) -> Protocol:
    """No plan because of the client; `told` says what to do where the summary does not."""
    return Protocol(
        status="none",
        language=brief.words.language,
        summary=summary,
        referral=list(told) or [summary],
        **safety_of(brief.library.defaults, brief.rules, brief.words),
    )


def _no_plan(brief: Brief, filmed: bool) -> Protocol:
    words = brief.words
    fires = [fire for fire in brief.fired if fire.rule.plan == brief.shape.id]
    findings = [one for fire in fires for one in fire.findings]
    reasons = [finding_sentence(one, words) for one in findings]
    return Protocol(
        status="none",
        language=words.language,
        summary=" ".join([brief.shape.summary, *dict.fromkeys(reasons)]),
        retest=words.lines("film" if filmed else "record"),
        stop_above=brief.library.defaults.pain_rule.stop_above,
    )
