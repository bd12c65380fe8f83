"""What the commands that build a plan have in common: for whom, from what, in which language."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knee_track.protocol.intake import Intake
    from knee_track.protocol.library import Library
    from knee_track.protocol.rules import Rules
    from knee_track.results import Analysis, Finding, Protocol

SAVE_INTAKE = "--save-intake"
CLIENT, OWN, OUTPUT = "For this client", "Own exercises and rules", "What comes out"

IntakeFile = Annotated[
    Path | None,
    typer.Option(
        help="TOML file with the client's answers: pain, red flags, equipment, minutes …",
        rich_help_panel=CLIENT,
    ),
]
Ask = Annotated[
    bool, typer.Option("--ask", help="Ask for these answers in the terminal.", rich_help_panel=CLIENT)
]
SaveIntake = Annotated[
    Path | None,
    typer.Option(help="With --ask: keep the answers in this file.", rich_help_panel=CLIENT),
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Day of the first session, as 2026-11-30; gives dates and a calendar.",
        rich_help_panel=CLIENT,
    ),
]
LibraryFile = Annotated[
    Path | None, typer.Option("--library", help="Your own library.yaml.", rich_help_panel=OWN)
]
RulesFile = Annotated[Path | None, typer.Option("--rules", help="Your own rules.yaml.", rich_help_panel=OWN)]
Language = Annotated[str, typer.Option(help="Language of the plan: en or de.", rich_help_panel=OUTPUT)]
WeekNumber = Annotated[
    int, typer.Option("--week", min=1, help="The week that the handout is for.", rich_help_panel=OUTPUT)
]
Pdf = Annotated[
    bool,
    typer.Option("--pdf", help="Also write the handout as PDF (extra 'pdf').", rich_help_panel=OUTPUT),
]
Explain = Annotated[
    bool,
    typer.Option("--explain", help="Print why each exercise was chosen or not.", rich_help_panel=OUTPUT),
]


@dataclass(frozen=True)
class Sources:
    """What the options name, read."""

    library: Library
    rules: Rules
    intake: Intake | None
    start: date | None


@dataclass(frozen=True)
class PlanOptions:
    """The options as given."""

    intake: Path | None = None
    ask: bool = False
    save_intake: Path | None = None
    start: str | None = None
    library: Path | None = None
    rules: Path | None = None
    language: str = "en"
    week: int = 1
    pdf: bool = False

    def check(self) -> Sources:
        """Read and check everything given, before anything long is begun.

        Raises UsageError, or OutputError when the place for the answers cannot be written.
        """
        from knee_track.cli.saved import prove_file_writable
        from knee_track.errors import UsageError
        from knee_track.protocol.catalogue import load_catalogue
        from knee_track.protocol.intake import load_intake
        from knee_track.protocol.library import load_library
        from knee_track.protocol.rules import load_rules
        from knee_track.protocol.timetable import read_start
        from knee_track.report.pdf import check_pdf

        if self.ask and self.intake is not None:
            raise UsageError("--ask and --intake are two ways to the same answers; give one of them.")
        if self.save_intake is not None and not self.ask:
            raise UsageError("--save-intake keeps the answers of --ask; give both.")
        load_catalogue(self.language)
        start = None if self.start is None else read_start(self.start)
        if self.pdf:
            check_pdf()
        library = load_library(self.library)
        rules = load_rules(library, self.rules)
        longest = max((stage.weeks[1] for plan in rules.plans for stage in plan.stages), default=1)
        if self.week > longest:
            raise UsageError(f"--week {self.week}: no plan is longer than {longest} weeks.")
        intake = load_intake(self.intake, library, rules) if self.intake is not None else None
        if self.save_intake is not None:
            prove_file_writable(self.save_intake, SAVE_INTAKE)
        return Sources(library, rules, intake, start)

    def build(
        self, given: Sources, findings: Sequence[Finding], *, filmed: bool, tests_done: Collection[str] = ()
    ) -> tuple[Protocol, Protocol]:
        """The plan from what `check` gave, in the language asked for and in English.

        Raises OutputError when the answers cannot be kept.
        """
        from knee_track.protocol.catalogue import DEFAULT
        from knee_track.protocol.plan import build_protocol

        intake = self._asked(given) if self.ask else given.intake
        plan = partial(build_protocol, findings, intake, given.library, given.rules, filmed=filmed)
        plan = partial(plan, start=given.start, tests_done=tests_done)
        english = plan(language=DEFAULT)
        return english if self.language == DEFAULT else plan(language=self.language), english

    def update_run(self, plan: Protocol, analysis: Analysis, saved: Path) -> dict[str, bytes]:
        """The files of the run that hold an earlier plan, with this one: analysis.json and report.html.

        The report is English; a plan in another language stands in it in English.
        """
        from knee_track.report.html import with_plan

        told = analysis.model_copy(update={"protocol": plan})
        files = {saved.name: told.model_dump_json(indent=2).encode() + b"\n"}
        report = saved.with_name("report.html")
        if report.is_file():
            files[report.name] = with_plan(report.read_text(encoding="utf-8"), told).encode()
        return files

    def _asked(self, given: Sources) -> Intake:
        from knee_track.cli.ask import ask_intake
        from knee_track.cli.saved import write_text
        from knee_track.protocol.catalogue import load_catalogue
        from knee_track.protocol.intake import intake_toml

        words = load_catalogue(self.language)
        intake = ask_intake(words.of_library(given.library), words.of_rules(given.rules), words)
        if self.save_intake is not None:
            write_text(self.save_intake, intake_toml(intake), SAVE_INTAKE)
        return intake

    def write(
        self, plan: Protocol, analysis: Analysis, folder: Path, beside: Mapping[str, bytes] | None = None
    ) -> list[Path]:
        """Write the plan's files, and those `beside`, all or none, and return their paths."""
        from knee_track.cli.saved import write_files
        from knee_track.report.plan_files import NAMES, plan_files

        files = plan_files(plan, analysis, week=self.week, pdf=self.pdf)
        # A referral does not lie beside yesterday's sessions.
        earlier = [name for name in NAMES if name not in files]
        return write_files(folder, {**files, **(beside or {})}, without=earlier)


def explanation(plan: Protocol) -> list[str]:
    """Why each exercise of the plan was chosen, and what was considered and not chosen, a line each."""
    from knee_track.report.plan import exercises

    lines = [f"{dose.name}: {dose.why} [{', '.join(dose.rules)}]" for dose in exercises(plan)]
    lines += [f"not {one.name}: {one.text} [{', '.join(one.rules)}]" for one in plan.considered]
    return lines
