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


NotChosen = Literal["forbidden", "contraindicated", "equipment", "avoided", "replaced", "later", "no_room"]


class Considered(Record):
    """An exercise that a rule called for and the plan does not hold, and why not."""

    id: str
    name: str
    rules: list[str]
    reason: NotChosen
    text: str


class Protocol(Record):
    """The corrective plan.

    `status` says whether there is one; without one, `retest` says how to film again, or `referral` what has
    to be looked at first. `told` is what coach and client add to the clip, `first_leg` begins one-leg work.
    `film_next` lists add-on tests that would tell more, `considered` what was not chosen.
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
    hypotheses: list[str] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    equipment: list[str] = Field(default_factory=list)
    film_next: list[str] = Field(default_factory=list)
    considered: list[Considered] = Field(default_factory=list)
