"""What the add-on tests of one client say: the types, and the typed form of `assessment.json`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import Field

from knee_track.pose.skeleton import Leg
from knee_track.protocol.catalogue import DEFAULT, Catalogue, load_catalogue
from knee_track.protocol.records import Protocol, Record
from knee_track.protocol.rules import RouteName
from knee_track.results import Client, Finding, Source, Working

Test = Literal["cue", "heel_lift", "single_leg", "knee_to_wall"]
Verdict = Literal[
    "responds",
    "does not respond",
    "unclear",
    "over-corrected",
    "seen",
    "nothing seen",
    "short",
    "long enough",
    "not judged",
    "not comparable",
]
ClipName = Literal["natural", "cued", "heel_lift", "single_left", "single_right"]

CLIPS: Final[dict[ClipName, str]] = {
    "natural": "the natural clip",
    "cued": "the clip with the cue",
    "heel_lift": "the clip with the heels raised",
    "single_left": "the single-leg clip of the left leg",
    "single_right": "the single-leg clip of the right leg",
}
SINGLE_LEG: Final[dict[ClipName, Leg]] = {"single_left": "left", "single_right": "right"}
OTHER_LEG: Final[dict[Leg, Leg]] = {"left": "right", "right": "left"}
OPEN: Final[frozenset[Verdict]] = frozenset({"unclear", "over-corrected", "not comparable"})
"""Verdicts that become no finding, yet a coach should know of them."""


@dataclass(frozen=True)
class LegResult:
    """One test on one leg.

    `text` says verdict and numbers with units and bands; `evidence` holds the numbers: of the cue and the
    heel-lift test `natural_deg`, `other_deg` (median peak deviations, medial positive), `change_deg` (other
    minus natural), `band_deg` (of the change, as if both clips' errors were independent), `share_pct` (the
    change of the natural value), `grades` (natural, other) and `depths`; of knee-to-wall `cm` and `band_cm`.
    """

    test: Test
    leg: Leg
    verdict: Verdict
    text: str
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The result on one line, led by test and leg; `text` has to be English."""
        return self.line_in(load_catalogue())

    def line_in(self, words: Catalogue) -> str:
        """The line in the language that `text` is in."""
        test, leg = words.text(f"tests.titles.{self.test}"), words.text(f"sides.{self.leg}")
        return words.text("tests.line", test=test, leg=leg, text=self.text)


@dataclass(frozen=True)
class Route:
    """Where the findings steer the plan, on which leg; `text` says so to a coach."""

    name: RouteName
    leg: Working
    text: str


@dataclass(frozen=True)
class Assessment:
    """All tests of one client.

    findings : those of the natural clip, with what the single-leg clips and the tests add
    results : every test that was done, per leg
    notes : about whole tests, such as that one could not be used
    route : several are possible; none when nothing is steered, or the natural clip gives no plan
    language : of the texts of results, notes, route and of the findings that the tests add
    """

    findings: tuple[Finding, ...]
    results: tuple[LegResult, ...]
    notes: tuple[str, ...]
    route: tuple[Route, ...]
    language: str = DEFAULT

    @property
    def tests_done(self) -> set[str]:
        """The tests that need not be filmed again, as `next_clips` of the rules name them."""
        return {f"{one.test}_test" for one in self.results if one.verdict not in OPEN}

    @property
    def open_ends(self) -> list[str]:
        """What the tests left open, then the notes."""
        words = load_catalogue(self.language)
        return [*(one.line_in(words) for one in self.results if one.verdict in OPEN), *self.notes]


class AssessmentRecord(Record):
    """The content of `assessment.json`. Keys are added, never renamed."""

    schema_version: int = 1
    software_version: str
    client: Client
    clips: dict[ClipName, Source]
    knee_to_wall_cm: dict[Leg, float] = Field(default_factory=dict)
    results: Sequence[LegResult]
    route: Sequence[Route]
    notes: list[str]
    findings: list[Finding]
    protocol: Protocol
    disclaimer: str
