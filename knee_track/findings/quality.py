"""How good a clip is for measuring knees, with the reasons in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knee_track.results import Level, Quality
from knee_track.settings import QualitySettings

ALREADY_SAID = ""
"""Of what the reader and the tracker warn about in better words: how much was lost, whom they followed."""

LEVELS: tuple[Level, ...] = ("high", "medium", "low", "unusable")


@dataclass(frozen=True)
class ClipFacts:
    """What is known about a clip's fitness; None where unknown.

    invisible_share: loaded frames with a working leg's landmark hidden. missing_share: frames without the
    client. camera_motion_share: travel of the background in body heights. fit_residual_share: RMS of the leg
    model against the landmarks in body heights. truncated: the file ended before its announced length.
    filmed: a camera saw the set, unlike 3-D markers. settled: the leg model did, see geometry.measure.
    hand_held: the picture swayed.
    """

    fps: float
    reps: int
    people: int = 1
    cuts_s: Sequence[float] = ()
    truncated: bool = False
    filmed: bool = True
    invisible_share: float = 0.0
    missing_share: float = 0.0
    camera_motion_share: float | None = None
    fit_residual_share: float | None = None
    yaw_deg: float | None = None
    settled: bool = True
    hand_held: bool = False


def assess_quality(facts: ClipFacts, settings: QualitySettings) -> Quality:
    """Level and warnings: the worst single reason decides; several mild ones do not add up."""
    reasons = [reason for reason in _measured(facts, settings) + _seen(facts) if reason[0] != "high"]
    worst = max((LEVELS.index(level) for level, _ in reasons), default=0)
    return Quality(level=LEVELS[worst], warnings=[text for _, text in reasons if text])


def trust(level: Level, settings: QualitySettings) -> float:
    """Factor on every event's confidence in a clip of this level."""
    return {"high": 1.0, "medium": settings.medium_trust, "low": settings.low_trust, "unusable": 0.0}[level]


def _measured(facts: ClipFacts, settings: QualitySettings) -> list[tuple[Level, str]]:
    """Reasons from numbers with limits; level "high" where a limit is kept."""
    yaw = facts.yaw_deg or 0.0
    motion, residual = facts.camera_motion_share or 0.0, facts.fit_residual_share or 0.0
    unusable = settings.unusable_share
    hidden, lost = f"{facts.invisible_share:.0%}", f"{facts.missing_share:.0%}"
    return [
        (
            _level(facts.invisible_share, settings.invisible_share, unusable),
            f"A leg is hidden in {hidden} of the working frames; show both legs fully."
            if facts.filmed
            else f"A leg lacks markers in {hidden} of the working frames; fill the gaps.",
        ),
        (
            _level(facts.missing_share, settings.missing_share, unusable),
            f"The client was not found in {lost} of the frames."
            if facts.filmed
            else f"There is no marker in {lost} of the frames.",
        ),
        (
            _level(motion, settings.camera_motion_share),
            f"The camera moved by about {motion:.0%} of the client's height; put it on a stand.",
        ),
        (
            _level(residual, settings.fit_residual_share),
            f"The legs fit the picture only to {residual:.1%} of the client's height; numbers are less sure.",
        ),
        (
            _level(-facts.fps, _negative(settings.min_fps)),
            f"Only {facts.fps:.0f} frames a second; record with 30 or more.",
        ),
        (
            _level(-float(facts.reps), _negative(settings.min_reps)),
            f"Only {_count(facts.reps, 'repetition')}; five give a steady picture."
            if facts.reps
            else "No complete repetition; record from standing to standing.",
        ),
        (
            _level(abs(yaw), settings.yaw_deg),
            f"The camera stands {abs(yaw):.0f}° to the client's {'left' if yaw > 0 else 'right'}; "
            "straight ahead is best.",
        ),
    ]


def _seen(facts: ClipFacts) -> list[tuple[Level, str]]:
    """Reasons that are there or not."""
    reasons: list[tuple[Level, str]] = []
    if facts.cuts_s:
        moments = ", ".join(f"{cut_s:.1f} s" for cut_s in facts.cuts_s)
        reasons.append(
            (
                "low",
                f"The clip has a cut (at {moments}); film in one take, or use one part with --from and --to.",
            )
        )
    if not facts.settled:
        reasons.append(
            ("low", "The leg model did not settle; a simpler and much less sure measure stands in for it.")
        )
    if facts.hand_held:
        reasons.append(
            (
                "medium",
                "The camera was held by hand: its sway was taken out, and the bands are wider; use a stand.",
            )
        )
    if facts.people > 1:
        reasons.append(("medium", ALREADY_SAID))
    if facts.truncated:
        reasons.append(("medium", ALREADY_SAID))
    return reasons


def _level(value: float, limits: tuple[float, float], unusable: float = float("inf")) -> Level:
    """Level of a value of which more is worse: beyond a limit, not at it."""
    return LEVELS[sum(value > limit for limit in (*limits, unusable))]


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _negative(limits: tuple[float, float]) -> tuple[float, float]:
    return -limits[0], -limits[1]
