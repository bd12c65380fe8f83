"""Sentences of the plan that are made from numbers: gates, re-tests, filming, feedback."""

from __future__ import annotations

from typing import Final

from knee_track.pose.skeleton import LEGS
from knee_track.protocol.library import Defaults
from knee_track.protocol.rules import FiredRule, PlanShape, RouteName, Stage
from knee_track.results import Finding, Working

HOW_TO_FILM: Final = (
    "Put the phone upright on something firm at knee height, straight in front of you, 2.5-3 m away.",
    "Wear shorts, and bare feet or flat shoes; no other people or mirrors in the picture.",
    "The whole body stays in the picture, feet included, in good light; do not move the camera.",
    "Stand still for two seconds, do at least five squats at your own depth and pace, stand still again.",
)
HOW_TO_RECORD: Final = (
    "Hips, knees, ankles and forefoot of both legs carry markers that are seen, or filled in, all the time.",
    "Stand still for two seconds, do at least five squats at your own depth and pace, stand still again.",
    "Export in the laboratory's upright axes, with the unit of length; --up says which axis points up where "
    "that cannot be told.",
)
"""Of 3-D markers, in place of HOW_TO_FILM."""

SEEN: Final = {
    "medial_knee": "a knee inside its line",
    "intermittent_medial_knee": "a knee inside its line in some reps",
    "descent_only": "inward drift on the way down only",
    "bottom_only": "inward drift at the bottom only",
    "ascent_only": "inward drift on the way up only",
    "worsening": "more drift late in the set",
    "asymmetric_medial_knee": "one knee further inside",
    "lateral_knee": "a knee too far out",
    "lateral_drift": "a knee a little outside its line",
    "static_alignment": "alignment seen in standing",
    "pelvic_drop": "the pelvis dropping on one side",
    "trunk_lean": "the trunk leaning to one side",
    "hip_shift": "the hips moving to one side",
    "shallow_depth": "shallow reps",
    "toe_out_wide": "feet turned out far",
    "good_tracking": "knees over the third toe",
    "heel_lift_positive": "nearer to its line with the heels raised",
    "heel_lift_negative": "no nearer to its line with the heels raised",
    "cue_responsive": "following the cue",
    "cue_nonresponsive": "not following the cue",
    "knee_to_wall_short": "a short knee-to-wall distance",
}

ROUTES: Final[dict[RouteName, str]] = {
    "ankle": "Ankle: loosen and strengthen the calf, squat with the heels raised meanwhile",
    "cue": "Cue: practise the line with one cue at a time, with less and less feedback",
    "strength": "Strength: slow, loaded squats with a hand guiding the knee; a cue alone will not do",
    "hip": "Hip: keep pelvis and trunk level, on one leg as soon as that works",
}
"""Where the add-on tests steer, as said to a coach."""

_CONFIDENCE: Final = {
    "school": "Hypothesis from coaching practice, not a finding",
    "good": "Hypothesis, well supported",
    "moderate": "Hypothesis, moderately supported",
    "low_to_moderate": "Hypothesis, weakly to moderately supported",
    "low": "Hypothesis, weakly supported",
    "unrated": "Hypothesis, support not rated",
}


def leg_words(leg: Working) -> str:
    """Which leg, as said to a client."""
    return "both legs" if leg == "both" else f"{leg} leg"


def seen_words(finding: Finding) -> str:
    """A finding in a few words, with its legs and their grades: "a knee inside its line (left moderate)"."""
    words = SEEN.get(finding.id, finding.id.replace("_", " "))
    if finding.leg is None:
        return words
    legs = [leg for leg in LEGS if finding.leg in (leg, "both")]
    grades = {leg: finding.evidence.get(leg, {}).get("grade") for leg in legs}
    if any(grades.values()):
        return f"{words} ({', '.join(f'{leg} {grade}' for leg, grade in grades.items())})"
    return f"{words} ({'left and right' if finding.leg == 'both' else finding.leg})"


def hypothesis(fired: FiredRule) -> str | None:
    """A rule's contributor, worded as the hypothesis that it is; None for a rule without one."""
    rule = fired.rule
    if rule.contributor is None or rule.confidence is None:
        return None
    level = _CONFIDENCE.get(rule.confidence, f"Hypothesis ({rule.confidence})")
    return f"{level}: {rule.contributor} ({leg_words(fired.leg)}; rule: {rule.title})."


def gates(defaults: Defaults) -> list[str]:
    """When to go on, when to make an exercise harder, when to step back."""
    on, back = defaults.progress_when, defaults.regress_when
    return [
        f"Next stage: the knees were graded mild or better in {on.sessions} sessions in a row, with pain "
        f"{on.max_pain}/10 or less. Until then repeat the stage.",
        f"Harder step of an exercise: in {on.sessions} sessions in a row all reps done, pain "
        f"{on.max_pain}/10 or less, at least {on.min_share_pct} % of the reps less than {on.below_deg:g}° "
        f"inside the third-toe line, and effort {on.max_effort}/10 or less.",
        f"Easier step of an exercise: pain {back.min_pain}-{back.max_pain}/10, or "
        f"{back.event_reps_in_a_row} reps in a row in one set with the knee inside the line, or effort "
        f"{back.min_effort}/10 or more.",
    ]


def retests(shape: PlanShape, defaults: Defaults, *, filmed: bool = True) -> list[str]:
    """When to film or record again, and which change counts."""
    test = defaults.retest
    weeks = " and ".join(", ".join(str(stage.weeks[1]) for stage in shape.stages).rsplit(", ", maxsplit=1))
    do, place, it = ("film", "camera place", "clip") if filmed else ("record", "marker places", "recording")
    return [
        f"Re-test at the end of week {weeks}: {do} at least {test.reps} squats as the first time (same "
        f"{place}, same shoes, same depth), without cue or feedback, and analyse the {it}.",
        f"Only a change of the mean of {test.reps} or more reps at the same depth (within "
        f"{test.depth_within:g}) counts, and only above {test.same_session_deg:g}° in the same session, "
        f"{test.calibrated_deg:g}° between sessions when the third toe was marked by hand in both, or "
        f"{test.uncalibrated_deg:g}° without that.",
    ]


def feedback(stage: Stage) -> str | None:
    """How often the client is told or shown where the knee was."""
    if not stage.feedback_pct:
        return None
    first, last = stage.feedback_pct[0], stage.feedback_pct[-1]
    if first == last:
        return f"Feedback on {first} % of the reps; one cue at a time."
    start, end = stage.weeks
    return f"Feedback on {first} % of the reps in week {start}, {last} % in week {end}; one cue at a time."
