"""Which scores are pooled: the conditions of the tables, and the first target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.agreement import Agreement, EventTally, Measurement, add_up, agreement
from benchmarks.scoring import ClipScore, LegScore
from knee_track.settings import Settings

Condition = Callable[[ClipScore], bool]

NEAR_THRESHOLD_DEG = 1.0
"""Events are not scored where the true peak is this close to the threshold: there a coin decides."""


@dataclass(frozen=True)
class Check:
    """One line of a target, with the numbers it was held against."""

    text: str
    passed: bool


def conditions(clips: Sequence[ClipScore]) -> dict[str, list[ClipScore]]:
    """The clips under each condition that any clip meets, by its title; the first holds all."""
    groups: dict[str, Condition] = {
        "all": lambda clip: True,
        "yaw ≤ 10°": lambda clip: abs(clip.yaw_deg) <= 10.0,
        "yaw ≤ 15°": lambda clip: abs(clip.yaw_deg) <= 15.0,
        "yaw 15–30°": lambda clip: 15.0 < abs(clip.yaw_deg) <= 30.0,
        "yaw > 30°": lambda clip: abs(clip.yaw_deg) > 30.0,
        "yaw ≤ 10°, camera 0.4–1.2 m": lambda clip: (
            abs(clip.yaw_deg) <= 10.0 and 0.4 <= clip.camera_height_m <= 1.2
        ),
        "yaw 10–30°": lambda clip: 10.0 < abs(clip.yaw_deg) <= 30.0,
        "camera < 0.6 m": lambda clip: clip.camera_height_m < 0.6,
        "camera 0.6–1.2 m": lambda clip: 0.6 <= clip.camera_height_m <= 1.2,
        "camera > 1.2 m": lambda clip: clip.camera_height_m > 1.2,
    }
    groups |= {f"body {body}": _has_body(body) for body in sorted({clip.body for clip in clips})}
    groups |= {f"{family}_*": _has_family(family) for family in sorted({family_of(c) for c in clips} - {""})}
    chosen = {title: [clip for clip in clips if holds(clip)] for title, holds in groups.items()}
    return {title: group for title, group in chosen.items() if group}


def family_of(clip: ClipScore) -> str:
    """The first word of a clip's name, "" for a name of one word."""
    first, _, rest = clip.clip.partition("_")
    return first if rest else ""


def _has_body(body: str) -> Condition:
    return lambda clip: clip.body == body


def _has_family(family: str) -> Condition:
    return lambda clip: family_of(clip) == family


def legs_of(clips: Iterable[ClipScore]) -> list[LegScore]:
    """Every leg of every true rep."""
    return [leg for clip in clips for leg in clip.legs]


def peaks(clips: Iterable[ClipScore]) -> Agreement:
    """Peak deviation over the measured legs."""
    return agreement(leg.peak for leg in legs_of(clips) if leg.outcome == "measured")


def naive_peaks(clips: Iterable[ClipScore], name: str) -> Agreement:
    """Peak by a naive measure, over the legs that the pipeline measured."""
    return agreement(leg.naive[name] for leg in legs_of(clips) if leg.outcome == "measured")


def events(clips: Sequence[ClipScore], settings: Settings) -> EventTally:
    """Events over the legs that were not refused and whose true peak is clear of the threshold."""
    stray = EventTally(true=0, found=sum(clip.stray_events for clip in clips))
    return add_up([stray, *(leg.events for leg in legs_of(clips) if is_scored(leg, settings))])


def is_scored(leg: LegScore, settings: Settings) -> bool:
    """Whether events of this leg count."""
    clear = abs(leg.peak.true - settings.events.enter_deg) > NEAR_THRESHOLD_DEG
    return clear and leg.outcome != "refused"


def view_angle(clips: Iterable[ClipScore], name: str) -> Agreement:
    """Camera angle "yaw", "pitch" or "roll" over the accepted clips."""
    return agreement(getattr(clip, name) for clip in clips if clip.usable)


def rep_measure(clips: Iterable[ClipScore], name: str) -> Agreement:
    """A number of RepScore over all reps that were found."""
    values: list[Measurement] = [getattr(rep, name) for clip in clips for rep in clip.reps]
    return agreement(values)


def first_target(clips: Sequence[ClipScore], settings: Settings) -> list[Check]:
    """The first target: error and bias near the front, events, and every rep counted up to 45° of yaw."""
    front = peaks(clip for clip in clips if abs(clip.yaw_deg) <= 15.0)
    found = events(clips, settings)
    countable = [clip for clip in clips if abs(clip.yaw_deg) <= 45.0]
    exact = [clip for clip in countable if clip.reps_found == clip.reps_true]
    return [
        Check(
            "RMSE ≤ 3.0° and |bias| ≤ 2.0° for |yaw| ≤ 15°: "
            f"RMSE {front.rmse:.2f}°, bias {front.bias:+.2f}°, {front.n} rep-legs",
            front.rmse <= 3.0 and abs(front.bias) <= 2.0,
        ),
        Check(
            f"event F1 ≥ 0.85: {found.f1:.3f}, {found.matched} matched of {found.true} true "
            f"and {found.found} found",
            found.f1 >= 0.85,
        ),
        Check(
            f"reps exact in every clip with yaw ≤ 45°: {len(exact)} of {len(countable)}",
            0 < len(countable) == len(exact),
        ),
    ]
