"""Findings as a clip gives them, for the tests of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from knee_track.protocol.plan import build_protocol
from knee_track.protocol.safety import DISCLAIMER
from knee_track.results import (
    Analysis,
    Block,
    Client,
    Dose,
    Finding,
    LegSummaries,
    LegSummary,
    Protocol,
    Quality,
    Session,
    Source,
    View,
)


def found(name: str, leg: str | None = None, **evidence: Any) -> Finding:
    """A finding with a text that can be recognised."""
    return Finding(id=name, leg=leg, text=f"The {leg or 'clip'} shows {name} today.", evidence=evidence)


def sessions(protocol: Protocol) -> list[Session]:
    return [session for week in protocol.weeks for session in week.sessions]


def blocks(protocol: Protocol) -> list[Block]:
    return [block for session in sessions(protocol) for block in session.blocks]


def doses(protocol: Protocol) -> list[Dose]:
    inside = [dose for block in blocks(protocol) for dose in block.exercises]
    return inside + [dose for week in protocol.weeks for dose in (*week.daily, *week.free_days)]


def used(protocol: Protocol) -> set[str]:
    return {dose.id for dose in doses(protocol)}


MEDIAL = (
    [found("medial_knee", "left")],
    [found("medial_knee", "both"), found("asymmetric_medial_knee", "right")],
    [found("intermittent_medial_knee", "right")],
    [found("medial_knee", "left"), found("intermittent_medial_knee", "right")],
    [found("medial_knee", "right"), found("lateral_knee", "left")],
    [found("lateral_knee", "both")],
)
WHEN = (
    [],
    [found("descent_only", "both")],
    [found("ascent_only", "left"), found("worsening", "left")],
    [found("bottom_only", "right")],
)
POSTURE = (
    [],
    [found("pelvic_drop", "right")],
    [found("trunk_lean", "right"), found("shallow_depth")],
    [found("toe_out_wide", "both"), found("hip_shift", "left")],
)


def plan_cases() -> Iterator[list[Finding]]:
    """96 sets of findings that call for work."""
    for parts in product(MEDIAL, WHEN, POSTURE):
        yield [finding for part in parts for finding in part]


def analysis_of(findings: list[Finding]) -> Analysis:
    """An analysis that says these findings and nothing else."""
    leg = LegSummary(
        grade="unknown",
        worst_grade="unknown",
        reps_with_events=0,
        median_peak_deviation_deg=None,
        band_deg=None,
        borderline=False,
        standing_deviation_deg=None,
        standing_hka_deg=None,
    )
    return Analysis(
        software_version="0",
        source=Source(
            path="/clips/anna.mp4",
            sha256=None,
            width_px=720,
            height_px=1280,
            duration_s=20,
            frame_count=600,
            mean_fps=30,
            variable_frame_rate=False,
        ),
        client=Client(id="c7"),
        model=None,
        view=View(name="front", yaw_deg=0, pitch_deg=0, roll_deg=0, mirrored=False, usable=True),
        movement="squat",
        reps=[],
        attempts=[],
        events=[],
        legs=LegSummaries(left=leg, right=leg),
        asymmetry_deg=None,
        quality=Quality(level="high"),
        findings=findings,
        protocol=build_protocol(findings),
        disclaimer=DISCLAIMER,
    )
