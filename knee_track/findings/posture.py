"""Findings beside the knees: pelvis, trunk, hips, feet and depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knee_track.findings.whole_set import Evidence, WholeSet, leg_finding, with_band
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.results import Finding, Frontal, Rep, Working
from knee_track.settings import GradeSettings, Settings

WORKING: tuple[Working, ...] = ("both", "left", "right")


@dataclass(frozen=True)
class _Sway:
    """A signed measure, toward the client's left positive, and how it is said."""

    name: str
    unit: str
    value: Callable[[Frontal], float | None]
    band: Callable[[Frontal], float | None]
    limit: Callable[[GradeSettings], float]
    text: str
    single_leg: bool = True


SWAYS = (
    _Sway(
        "pelvic_drop",
        "°",
        lambda frontal: frontal.pelvic_drop_deg,
        lambda frontal: frontal.pelvic_drop_band_deg,
        lambda settings: settings.pelvic_drop_deg,
        "The {side} side of the pelvis drops {size} below its level in standing{where}.",
    ),
    _Sway(
        "trunk_lean",
        "°",
        lambda frontal: frontal.trunk_lean_deg,
        lambda frontal: frontal.trunk_lean_band_deg,
        lambda settings: settings.trunk_lean_deg,
        "The trunk leans {size} to the {side}{where}.",
    ),
    _Sway(
        "hip_shift",
        " %",
        lambda frontal: frontal.hip_shift_pct_hips,
        lambda frontal: frontal.hip_shift_band_pct_hips,
        lambda settings: settings.hip_shift_pct,
        "The hips move {size} of their width to the {side}{where}.",
        single_leg=False,  # standing on one leg, the hips belong over it
    ),
)


def posture_findings(result: WholeSet, settings: Settings) -> list[Finding]:
    """pelvic_drop, trunk_lean, hip_shift, toe_out_wide and shallow_depth."""
    findings: list[Finding] = []
    for working in WORKING:
        reps = [rep for rep in result.reps if rep.working_leg == working]
        for sway in SWAYS:
            if working == "both" or sway.single_leg:
                findings += _sway_finding(sway, reps, working, settings.grade)
    return [*findings, *_toe_out(result, settings.grade), *_shallow(result, settings.grade)]


def _sway_finding(
    sway: _Sway, reps: Sequence[Rep], working: Working, settings: GradeSettings
) -> list[Finding]:
    """The median over the reps, when it reaches the limit and exceeds its own band."""
    values = [value for rep in reps if (value := sway.value(rep.frontal)) is not None]
    bands = [band for rep in reps if (band := sway.band(rep.frontal)) is not None]
    if not values or not bands:
        return []
    value, band = float(np.median(values)), float(np.median(bands))
    if abs(value) < sway.limit(settings) or abs(value) <= band:
        return []
    side: Leg = "left" if value > 0 else "right"
    text = sway.text.format(
        side=side,
        size=with_band(abs(value), band, sway.unit),
        where="" if working == "both" else f" on the {working} leg",
    )
    evidence: Evidence = {"value": value, "band": band, "reps": len(values), "working_leg": working}
    return [Finding(id=sway.name, leg=side, text=text, evidence=evidence)]


def _toe_out(result: WholeSet, settings: GradeSettings) -> list[Finding]:
    """Feet turned out far; a wide-stance deadlift is meant to look so."""
    if result.movement == "deadlift":
        return []
    evidence: dict[Leg, Evidence] = {}
    for leg in LEGS:
        summary = result.leg(leg)
        if summary.toe_out_deg is not None and summary.toe_out_deg >= settings.toe_out_deg:
            evidence[leg] = {"toe_out_deg": summary.toe_out_deg, "band_deg": summary.toe_out_band_deg}
    return leg_finding("toe_out_wide", evidence, _toe_out_text)


def _toe_out_text(leg: Leg, toe_out_deg: float, band_deg: float | None) -> str:
    return f"The {leg} foot is turned out {with_band(toe_out_deg, band_deg)}."


def _shallow(result: WholeSet, settings: GradeSettings) -> list[Finding]:
    """Reps of a squat or lunge whose median knee flexion stays below the limit."""
    flexions = [rep.knee_flexion_deg for rep in result.reps if rep.knee_flexion_deg is not None]
    if result.movement not in ("squat", "lunge") or not flexions:
        return []
    flexion = float(np.median(flexions))
    limit = settings.shallow_flexion_deg
    if flexion >= limit:
        return []
    text = (
        f"The reps bend the knees to {flexion:.0f}° only (median); below {limit:.0f}° a knee travels little, "
        "so grades say less."
    )
    return [Finding(id="shallow_depth", leg=None, text=text, evidence={"knee_flexion_deg": flexion})]
