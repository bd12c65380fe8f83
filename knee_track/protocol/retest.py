"""Re-test: two analyses of one client, and whether the difference is more than the method's own noise.

A change counts only above the minimum detectable change, with enough reps at the same depth
(docs/measurement.md §8; the numbers stand in library.yaml, `defaults.retest`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import hypot
from statistics import fmean
from typing import Literal

from knee_track.errors import UsageError
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.library import Defaults, RetestRule
from knee_track.results import Analysis, LegGrade, Protocol, Rep

Change = Literal["improved", "unchanged", "worse", "not comparable"]
Step = Literal["on", "hold", "back", "none"]

# The median rep opens the next stage; that of an intermittent leg is none.
PASSING: frozenset[LegGrade] = frozenset({"none", "mild", "intermittent"})


@dataclass(frozen=True)
class LegChange:
    """One leg, before and after.

    Mean peak deviations and their change in degrees, medial positive; `band_deg` is the 95 % half-width of
    the change, as if both clips' errors were independent; `detectable_deg` is the minimum detectable change
    that the change was held against. None when not comparable; `reason` then says why.
    """

    leg: Leg
    change: Change
    detectable_deg: float
    reason: str | None = None
    before_deg: float | None = None
    after_deg: float | None = None
    change_deg: float | None = None
    band_deg: float | None = None
    reps: tuple[int, int] = (0, 0)
    grade: LegGrade = "unknown"
    too_far_out: bool = False

    @property
    def passes(self) -> bool:
        """Whether the leg's grade opens the next stage of the plan."""
        return self.grade in PASSING and not self.too_far_out


@dataclass(frozen=True)
class Retest:
    """Both legs, and where that moves the plan; `text` says so in one sentence."""

    legs: tuple[LegChange, ...]
    step: Step
    text: str


def compare(
    before: Analysis,
    after: Analysis,
    defaults: Defaults,
    *,
    same_session: bool = False,
    pain: int | None = None,
) -> Retest:
    """What changed between two clips of one client, per leg.

    Parameters
    ----------
    before, after
        Two analyses of the same movement on the same legs.
    defaults
        The library's rules for re-test, progress and regress.
    same_session
        Both were recorded in one session, so that the smaller minimum detectable change holds.
    pain
        Worst pain while training since `before`, 0-10; None when not asked.

    Raises
    ------
    UsageError
        When the two cannot belong together: one clip twice, two clients, two movements.
    """
    _check_pair(before, after)
    legs = tuple(leg_change(before, after, leg, defaults, same_session) for leg in _worked(before, after))
    step, text = _step(legs, defaults, pain)
    return Retest(legs, step, text)


def stage_after(plan: Protocol, week: int, step: Step) -> str | None:
    """The weeks of the stage to train next, e.g. "3-4"; None when the plan has no such stage.

    Raises UsageError when `week` is not in the plan.
    """
    if step == "none":
        return None
    spans = [stage.span for stage in plan.weeks]
    if not spans:
        raise UsageError("The earlier analysis holds no plan, so --week says nothing; leave it out.")
    here = next((i for i, (first, last) in enumerate(spans) if first <= week <= last), None)
    if here is None:
        raise UsageError(
            f"--week {week} is not in the earlier plan of {spans[-1][1]} weeks; give a week of it."
        )
    there = max(here + {"on": 1, "hold": 0, "back": -1}[step], 0)
    return plan.weeks[there].weeks if there < len(plan.weeks) else None


def _check_pair(before: Analysis, after: Analysis) -> None:
    first, second = before.source, after.source
    # Two parts of one recording are a fair pair: natural reps, then cued ones.
    if first.sha256 is not None and first.sha256 == second.sha256 and before.reps == after.reps:
        raise UsageError("Both analyses are of the same reps; give one from before and one from after.")
    if before.client.id != after.client.id and before.client.id and after.client.id:
        raise UsageError(
            f"The analyses are of clients {before.client.id} and {after.client.id}; give two of one client."
        )
    if before.movement != after.movement:
        raise UsageError(
            f"The movements differ ({before.movement}, then {after.movement}); film the same one again."
        )
    if _later(first.recorded_at, second.recorded_at):
        raise UsageError("The first analysis was recorded after the second; give the earlier one first.")


def _later(first: str | None, second: str | None) -> bool:
    """Whether the first time is after the second; False where one is missing or lacks the other's zone."""
    if first is None or second is None:
        return False
    one, other = datetime.fromisoformat(first), datetime.fromisoformat(second)
    return (one.tzinfo is None) == (other.tzinfo is None) and one > other


def _worked(before: Analysis, after: Analysis) -> list[Leg]:
    """The legs that either clip measured."""
    legs = [leg for leg in LEGS if any(_peaks(one, leg) for one in (before, after))]
    if not legs:
        raise UsageError("Neither analysis holds a measured rep; analyse clips in which knees were measured.")
    return legs


def measured_reps(analysis: Analysis, leg: Leg) -> list[Rep]:
    """The reps in which the leg's peak deviation was measured."""
    reps = [(rep, getattr(rep.legs, leg)) for rep in analysis.reps]
    return [rep for rep, numbers in reps if numbers is not None and numbers.peak_deviation_deg is not None]


def _peaks(analysis: Analysis, leg: Leg) -> list[float]:
    return [getattr(rep.legs, leg).peak_deviation_deg for rep in measured_reps(analysis, leg)]


def leg_change(
    before: Analysis, after: Analysis, leg: Leg, defaults: Defaults, same_session: bool
) -> LegChange:
    """One leg in two clips of the same client and movement; `compare` for both legs and their plan."""
    rule, on_line_deg = defaults.retest, defaults.progress_when.below_deg
    detectable_deg = _detectable_deg(before, after, leg, rule, same_session)
    reps = (len(measured_reps(before, leg)), len(measured_reps(after, leg)))
    pair = (("before", before), ("after", after))
    reason = obstacle(pair, leg, reps=rule.reps, film=rule.reps, depth_within=rule.depth_within)
    if reason is not None:
        return LegChange(leg, "not comparable", detectable_deg, reason, reps=reps)
    first, second = fmean(_peaks(before, leg)), fmean(_peaks(after, leg))
    bands = [getattr(one.legs, leg).band_deg for one in (before, after)]
    return LegChange(
        leg,
        _verdict(first, second, detectable_deg, on_line_deg),
        detectable_deg,
        before_deg=first,
        after_deg=second,
        change_deg=second - first,
        band_deg=None if None in bands else hypot(*bands),
        reps=reps,
        grade=getattr(after.legs, leg).grade,
        too_far_out=any(one.id == "lateral_knee" and one.leg in (leg, "both") for one in after.findings),
    )


def _detectable_deg(
    before: Analysis, after: Analysis, leg: Leg, rule: RetestRule, same_session: bool
) -> float:
    """The minimum detectable change of a leg: smaller when its third toe was marked by hand in both clips."""
    if same_session:
        return rule.same_session_deg
    toes = [one.calibration.third_toe if one.calibration else None for one in (before, after)]
    marked = all(toe is not None and getattr(toe, f"{leg}_px") is not None for toe in toes)
    return rule.calibrated_deg if marked else rule.uncalibrated_deg


def obstacle(
    pair: Sequence[tuple[str, Analysis]], leg: Leg, *, reps: int, film: int, depth_within: float | None
) -> str | None:
    """Why a leg cannot be compared between two clips, None when it can.

    pair : what is said of each clip ("before", "after"), and its analysis
    reps, film : measured reps that each needs; how many to film when there are fewer
    depth_within : how far mean depths may lie apart; None where any depth will do
    """
    for name, analysis in pair:
        found, level = len(measured_reps(analysis, leg)), analysis.quality.level
        if not analysis.view.usable or level in ("low", "unusable"):
            why = f"{level} quality" if analysis.view.usable else f"{analysis.view.name} view"
            return f"the clip {name} was not measured well enough ({why})"
        if found < reps:
            noun = "rep" if found == 1 else "reps"
            return f"{found} measured {noun} {name}, {reps} are needed; film at least {film}"
    (first, before), (second, after) = pair
    depths = mean_depth(before, leg), mean_depth(after, leg)
    if depth_within is None or same_depth(*depths, depth_within):
        return None
    return (
        f"mean depth {depths[0]:.2f} {first} and {depths[1]:.2f} {second}, more than "
        f"{depth_within:g} apart; film again at the depth of the first clip"
    )


def mean_depth(analysis: Analysis, leg: Leg) -> float:
    """Mean depth of the reps in which the leg was measured, of which there must be some."""
    return fmean(rep.depth for rep in measured_reps(analysis, leg))


def same_depth(one: float, other: float, within: float) -> bool:
    """Depths are printed with two decimals; what reads as equal to the limit is within it."""
    return round(abs(other - one), 6) <= within


def _verdict(before_deg: float, after_deg: float, detectable_deg: float, on_line_deg: float) -> Change:
    """Improved is detectably nearer to the third-toe line, from either side.

    A knee that went over to the other side improved when it is now on the line (less than `on_line_deg` off
    it), even where that is less than a detectable gain in distance, and got worse when it is not.
    """
    gained_deg = abs(before_deg) - abs(after_deg)
    if abs(after_deg - before_deg) <= detectable_deg:
        return "unchanged"
    if gained_deg > detectable_deg or (gained_deg > 0 and abs(after_deg) < on_line_deg):
        return "improved"
    return "worse"


def _step(legs: Sequence[LegChange], defaults: Defaults, pain: int | None) -> tuple[Step, str]:
    """Where the plan goes: pain first, then a leg that got worse, then the grade that opens a stage."""
    on, back, stop = defaults.progress_when, defaults.regress_when, defaults.pain_rule.stop_above
    if pain is not None and pain > stop:
        return "none", f"Pain {pain}/10: stop training and have a doctor or physiotherapist look at it."
    if pain is not None and pain >= back.min_pain:
        return "back", f"Pain {pain}/10: one stage back, and easier steps of the exercises."
    worse = [one for one in legs if one.change == "worse"]
    names = " and ".join(one.leg for one in worse)
    if any(not one.passes for one in worse):
        return "back", f"Further from the line ({names}): one stage back."
    if worse:
        return "hold", f"Further from the line ({names}), yet still mild or better: repeat this stage."
    if any(one.change == "not comparable" for one in legs):
        return "hold", "A leg could not be compared: stay in this stage and film again."
    painless = f"with pain {on.max_pain}/10 or less"
    if all(one.passes for one in legs):
        return "on", f"Mild or better: next stage, once {on.sessions} sessions in a row were so {painless}."
    if any(one.change == "improved" for one in legs):
        return "hold", "Nearer to the line, not yet mild or better: repeat this stage; it works."
    return "hold", (
        "No change that the method can see, and not yet mild or better: repeat this stage; when the next "
        "re-test is unchanged too, do the cue and the heel-lift test."
    )
