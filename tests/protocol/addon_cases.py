"""Analyses of a client's clips with known peaks, for the add-on tests."""

from __future__ import annotations

from typing import Any

from plan_cases import analysis_of, found

from knee_track.results import Analysis, Finding, Rep, RepLeg, RepLegs

BAND_DEG = 3.0


def grade_of(peak_deg: float) -> str:
    """measurement.md §8, of the median rep."""
    return "none" if peak_deg < 4 else "mild" if peak_deg < 7 else "moderate" if peak_deg < 11 else "severe"


def medial(left: float | None, right: float | None) -> list[Finding]:
    """medial_knee as a clip says it; good_tracking when no knee is."""
    inside = {
        leg: {"grade": grade_of(deg), "median_peak_deviation_deg": deg, "band_deg": BAND_DEG}
        for leg, deg in (("left", left), ("right", right))
        if deg is not None and deg >= 4
    }
    if not inside:
        return [found("good_tracking")]
    return [found("medial_knee", "both" if len(inside) == 2 else next(iter(inside)), **inside)]


def rep_leg(peak_deg: float | None) -> RepLeg | None:
    if peak_deg is None:
        return None
    return RepLeg(
        peak_deviation_deg=peak_deg, band_deg=BAND_DEG, excursion_deg=None, peak_offset_pct_shank=None,
        toe=None, peak_phase=None, grade="unknown",
    )  # fmt: skip


def clip(
    left: float | None,
    right: float | None = 2.0,
    *,
    sha: str = "natural",
    reps: int = 5,
    depth: float = 0.4,
    findings: list[Finding] | None = None,
    grades: dict[str, str] | None = None,
    level: str = "high",
    **changes: Any,
) -> Analysis:
    """Squats whose reps all peak at these angles; None is a leg that did not work."""
    peaks = {"left": left, "right": right}
    analysis = analysis_of(medial(left, right) if findings is None else findings)
    working = "both" if None not in peaks.values() else "left" if right is None else "right"
    legs = RepLegs(**{leg: rep_leg(deg) for leg, deg in peaks.items()})
    made = [
        Rep(index=i + 1, start_s=3 * i, bottom_s=3 * i + 1, end_s=3 * i + 2, depth=depth,
            knee_flexion_deg=None, working_leg=working, legs=legs)
        for i in range(reps)
    ]  # fmt: skip
    summaries = {
        leg: analysis.legs.left.model_copy(
            update={
                "grade": (grades or {}).get(leg, grade_of(deg)),
                "median_peak_deviation_deg": deg,
                "band_deg": BAND_DEG,
            }
        )
        for leg, deg in peaks.items()
        if deg is not None and reps
    }
    update = {
        "reps": made,
        "legs": analysis.legs.model_copy(update=summaries),
        "source": analysis.source.model_copy(
            update={"sha256": sha, "path": f"/clips/{sha}.mp4", **changes.pop("source", {})}
        ),
        "quality": analysis.quality.model_copy(
            update={"level": level, "warnings": changes.pop("warnings", [])}
        ),
    }
    return analysis.model_copy(update={**update, **changes})


def other(left: float | None, right: float | None = 2.0, **changes: Any) -> Analysis:
    """Another clip of the same client."""
    return clip(left, right, **{"sha": "other", **changes})


def single(leg: str, peak_deg: float = 2.0, *, says: list[Finding] | None = None, **changes: Any) -> Analysis:
    """Single-leg squats on one leg."""
    peaks = (peak_deg, None) if leg == "left" else (None, peak_deg)
    return clip(
        *peaks, **{"sha": f"single {leg}", "movement": "single_leg_squat", "findings": says, **changes}
    )
