"""What the findings are drawn from: the results of one set, and how a finding is put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from knee_track.findings.events import LateralEvent
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.results import Event, Finding, LegSummaries, LegSummary, Movement, Quality, Rep, RepLeg, View

Evidence = dict[str, Any]


@dataclass(frozen=True)
class WholeSet:
    """Results of one set, as they stand in `analysis.json`, with what stays inside.

    drift_suspected: the camera may make left and right differ (`asymmetry.common_drift_deg`).
    """

    movement: Movement
    view: View
    reps: Sequence[Rep]
    events: Sequence[Event]
    legs: LegSummaries
    quality: Quality
    asymmetry_deg: float | None = None
    asymmetry_band_deg: float | None = None
    drift_suspected: bool = False
    lateral_events: Sequence[LateralEvent] = field(default_factory=tuple)

    def leg(self, leg: Leg) -> LegSummary:
        """Summary of one leg."""
        return self.legs.left if leg == "left" else self.legs.right

    def reps_of(self, leg: Leg) -> list[RepLeg]:
        """Records of the reps in which this leg worked."""
        legs = (rep.legs.left if leg == "left" else rep.legs.right for rep in self.reps)
        return [record for record in legs if record is not None]

    @property
    def working_legs(self) -> list[Leg]:
        """Legs that worked in at least one rep."""
        return [leg for leg in LEGS if self.reps_of(leg)]


def leg_finding(
    name: str, evidence: dict[Leg, Evidence], text: Callable[..., str], **common: Any
) -> list[Finding]:
    """One finding about the legs that have evidence, "both" for two; none without evidence.

    `text(leg=…, **evidence of the leg)` is that leg's sentence. The finding's evidence holds each leg's own
    under its name, and `common` beside them.
    """
    if not evidence:
        return []
    return [
        Finding(
            id=name,
            leg="both" if len(evidence) == len(LEGS) else next(iter(evidence)),
            text=" ".join(text(leg=leg, **seen) for leg, seen in evidence.items()),
            evidence={**common, **{str(leg): seen for leg, seen in evidence.items()}},
        )
    ]


def with_band(value: float, band: float | None, unit: str = "°") -> str:
    """A number as people read it: "8.6° ± 2.9°"."""
    text = f"{value:.1f}{unit}".replace("-", "−")
    return text if band is None else f"{text} ± {band:.1f}{unit}"


def count(n: int, of: int) -> str:
    """Share of the reps in words: "2 of 5 reps"."""
    return f"{n} of {of} {'rep' if of == 1 else 'reps'}"
