"""The typed form of the corrective plan, the key `protocol` of `analysis.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """Base: unknown keys are errors in our own writing, so the schema stays honest."""

    model_config = ConfigDict(extra="forbid")


class Dose(Record):
    """One exercise as prescribed: exactly one of reps, hold_s or duration_s says how much per set.

    `total_s` counts work, rest, sides and change-over; a session's minutes are the sum of them. `findings`
    and `rules` are the ids behind `why`. `leg` is that of the block, or of work outside sessions. `plain` and
    `how` are name and instruction in the client's words.
    """

    id: str
    name: str
    plain: str | None = None
    how: str | None = None
    sets: int
    reps: int | None = None
    hold_s: int | None = None
    duration_s: int | None = None
    tempo: str | None = None
    rest_s: int | None = None
    per_side: bool = False
    leg: Literal["left", "right", "both"] = "both"
    load: str | None = None
    why: str
    cues: list[str]
    cautions: list[str] = Field(default_factory=list)
    progression: str | None = None
    regression: str | None = None
    equipment: list[str] = Field(default_factory=list)
    total_s: int | None = None
    findings: list[str] = Field(default_factory=list)
    rules: list[str] = Field(default_factory=list)


class Block(Record):
    phase: Literal["release", "activate", "integrate", "retrain"]
    leg: Literal["left", "right", "both"]
    exercises: list[Dose]


class Session(Record):
    name: str
    minutes: float
    blocks: list[Block]


class Week(Record):
    """A stage of one or more weeks.

    `feedback_share_pct` is that of its first week. Outside sessions: `daily`, and `free_days`, which are done
    on days without a session as well, being meant for more days than there are sessions.
    """

    weeks: str
    focus: str
    sessions_per_week: int
    feedback_share_pct: int | None = None
    feedback: str | None = None
    sessions: list[Session]
    daily: list[Dose] = Field(default_factory=list)
    free_days: list[Dose] = Field(default_factory=list)

    @property
    def span(self) -> tuple[int, int]:
        """First and last week, counted from 1: "3-4" is (3, 4)."""
        numbers = [int(part) for part in self.weeks.split("-")]
        return numbers[0], numbers[-1]

    @property
    def in_sessions(self) -> list[tuple[Block, Dose]]:
        """Every exercise of every session, in their order, with the block that it stands in."""
        blocks = [block for session in self.sessions for block in session.blocks]
        return [(block, dose) for block in blocks for dose in block.exercises]

    @property
    def doses(self) -> list[Dose]:
        """Everything that is done in a week, in sessions and outside."""
        return [*(dose for _, dose in self.in_sessions), *self.daily, *self.free_days]


NotChosen = Literal["forbidden", "contraindicated", "equipment", "avoided", "replaced", "later", "no_room"]


class Considered(Record):
    """An exercise that a rule called for and the plan does not hold, and why not."""

    id: str
    name: str
    rules: list[str]
    reason: NotChosen
    text: str


class SafetyText(Record):
    """The paragraphs of `Protocol.safety` by what they are about; `red_flags` by the ids of their groups."""

    stop: str = ""
    see_first: str = ""
    pain_rule: str = ""
    red_flags: dict[str, str] = Field(default_factory=dict)

    @property
    def before_plan(self) -> list[str]:
        """What is read before a plan is begun."""
        return [text for text in (self.stop, self.see_first) if text]

    @property
    def after_plan(self) -> list[str]:
        """What is looked up when something hurts."""
        return [text for text in (self.pain_rule, *self.red_flags.values()) if text]


class Protocol(Record):
    """The corrective plan.

    `status` says whether there is one; without one, `retest` says how to film again, or `referral` what has
    to be looked at first. `told` is what coach and client add to the clip, `first_leg` begins one-leg work.
    `film_next` lists add-on tests that would tell more, `considered` what was not chosen. `safety_text` holds
    the paragraphs of `safety` by name; pain above `stop_above`, of 10, stops training.
    """

    status: Literal["corrective", "maintenance", "none"]
    language: str = "en"
    summary: str
    start: str | None = None
    retest_dates: list[str] = Field(default_factory=list)
    referral: list[str] = Field(default_factory=list)
    told: list[str] = Field(default_factory=list)
    first_leg: Literal["left", "right"] | None = None
    weeks: list[Week] = Field(default_factory=list)
    gates: list[str] = Field(default_factory=list)
    retest: list[str] = Field(default_factory=list)
    safety: list[str] = Field(default_factory=list)
    safety_text: SafetyText | None = None
    stop_above: int | None = None
    hypotheses: list[str] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    equipment: list[str] = Field(default_factory=list)
    film_next: list[str] = Field(default_factory=list)
    considered: list[Considered] = Field(default_factory=list)
