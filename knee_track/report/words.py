"""Numbers and names as people read them, the same in the report, the video and the terminal."""

from __future__ import annotations

from typing import Final

NOT_MEASURED: Final = "not measured"

PHASES: Final = {
    "standing": "standing",
    "descent": "descent",
    "bottom": "bottom",
    "early_ascent": "early ascent",
    "late_ascent": "late ascent",
}
GRADES: Final = {
    "none": "no inward drift",
    "mild": "mild",
    "moderate": "moderate",
    "severe": "severe",
    "intermittent": "intermittent",
    "unknown": NOT_MEASURED,
}
TOES: Final = {
    "lateral": "outside the third toe",
    "third": "over the third toe",
    "second": "over the second toe",
    "big": "over the big toe",
    "inside": "inside the foot",
}
MOVEMENTS: Final = {
    "squat": "squat",
    "single_leg_squat": "single-leg squat",
    "lunge": "lunge",
    "deadlift": "deadlift",
    "unknown": "unknown movement",
}
TITLES: Final = {name: words.capitalize() for name, words in MOVEMENTS.items()} | {"unknown": "Movement"}


def signed(value: float, digits: int = 1) -> str:
    """Number with its sign, typeset with a true minus; zero is "+0.0", never "−0.0"."""
    rounded = round(value, digits) + 0.0
    return f"{rounded:+.{digits}f}".replace("-", "−")


def signed_band(value: float, band: float | None) -> str:
    """A deviation with its band: "+8.6° ± 2.9°"."""
    text = f"{signed(value)}°"
    return text if band is None else f"{text} ± {band:.1f}°"


def count(number: int, noun: str) -> str:
    """Number and noun: "1 rep", "4 reps"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def measure(value: float | None, band: float | None, unit: str, digits: int = 0, plus: bool = False) -> str:
    """A number with band and unit, "–" when missing: "39 ± 2 %", "1.4 ± 0.1", "+3° ± 2°"."""
    if value is None:
        return "–"
    number = signed(value, digits) if plus else f"{value:.{digits}f}"
    glue = "" if unit in ("°", "") else " "
    if band is None:
        return f"{number}{glue}{unit}"
    if unit == "°":
        return f"{number}° ± {band:.{digits}f}°"
    return f"{number} ± {band:.{digits}f}{glue}{unit}"
