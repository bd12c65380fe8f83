"""Which scores are pooled: by the conditions of the tables, and by what may cause errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from benchmarks.agreement import Agreement, EventTally, Measurement, add_up, agreement
from benchmarks.random_clips import special
from benchmarks.scoring import ClipScore, LegScore
from knee_track.settings import Settings

Condition = Callable[[ClipScore], bool]
Origin = Callable[[ClipScore, LegScore], tuple[float, str]]
"""The group of a leg: its place in the order, and its name, "" for none."""

NEAR: Final = "yaw ≤ 10°, camera 0.4–1.2 m"
OFF_AXIS: Final = "yaw 10–30°"
ACCEPTED: Final = "every accepted view"
NEAR_THRESHOLD_DEG = 1.0
"""Events are not scored where the true peak is this close to the threshold: there a coin decides."""


def conditions(clips: Sequence[ClipScore]) -> dict[str, list[ClipScore]]:
    """The clips under each condition that any clip meets, by its title; the first holds all."""
    groups: dict[str, Condition] = {
        "all": lambda clip: True,
        "yaw ≤ 10°": lambda clip: abs(clip.yaw_deg) <= 10.0,
        NEAR: lambda clip: abs(clip.yaw_deg) <= 10.0 and 0.4 <= clip.camera_height_m <= 1.2,
        OFF_AXIS: lambda clip: 10.0 < abs(clip.yaw_deg) <= 30.0,
        "yaw ≤ 15°": lambda clip: abs(clip.yaw_deg) <= 15.0,
        "yaw 15–30°": lambda clip: 15.0 < abs(clip.yaw_deg) <= 30.0,
        "yaw > 30°": lambda clip: abs(clip.yaw_deg) > 30.0,
        ACCEPTED: lambda clip: clip.usable,
    }
    chosen = {title: [clip for clip in clips if holds(clip)] for title, holds in groups.items()}
    return {title: group for title, group in chosen.items() if group}


def origins(clips: Sequence[ClipScore]) -> dict[str, list[LegScore]]:
    """The legs by what may cause errors, by title; only groups that hold a leg."""
    groups: dict[str, list[LegScore]] = {}
    for name, origin in ORIGINS.items():
        found: dict[tuple[float, str], list[LegScore]] = {}
        for clip in clips:
            for leg in clip.legs:
                found.setdefault(origin(clip, leg), []).append(leg)
        groups |= {f"{name} {key[1]}": found[key] for key in sorted(found) if key[1]}
    return groups


def band_of(value: float, edges: Sequence[float], unit: str) -> tuple[float, str]:
    """Order and name of the band between two neighbouring edges; the lower edge belongs to it."""
    above = sum(edge <= value for edge in edges)
    if above == 0:
        return 0, f"< {edges[0]:g} {unit}"
    if above == len(edges):
        return above, f"≥ {edges[-1]:g} {unit}"
    return above, f"{edges[above - 1]:g}–{edges[above]:g} {unit}"


def family_of(name: str) -> str:
    """The first word of a clip's name, "" for a name of one word."""
    first, _, rest = name.partition("_")
    return f"{first}_*" if rest else ""


ORIGINS: Final[dict[str, Origin]] = {
    "body:": lambda clip, leg: (0, clip.body),
    "camera height:": lambda clip, leg: band_of(clip.camera_height_m, (0.6, 0.9, 1.2), "m"),
    "toe-out:": lambda clip, leg: band_of(leg.toe_out_deg, (10.0, 20.0, 30.0), "°"),
    "camera roll, either way:": lambda clip, leg: band_of(abs(clip.roll.true), (1.0, 2.0), "°"),
    "true peak:": lambda clip, leg: band_of(leg.peak.true, (0.0, 4.0, 7.0, 11.0), "°"),
    "clips": lambda clip, leg: (0, family_of(clip.clip)),
    "special:": lambda clip, leg: (0, special(clip.clip)),
}


def legs_of(clips: Iterable[ClipScore]) -> list[LegScore]:
    """Every leg of every true rep."""
    return [leg for clip in clips for leg in clip.legs]


def peaks(legs: Iterable[LegScore]) -> Agreement:
    """Peak deviation over the measured legs."""
    return agreement(leg.peak for leg in legs if leg.outcome == "measured")


def naive_peaks(legs: Iterable[LegScore], name: str) -> Agreement:
    """Peak by a naive measure, over the legs that the pipeline measured."""
    return agreement(leg.naive[name] for leg in legs if leg.outcome == "measured")


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
