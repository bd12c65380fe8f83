"""What is seen of a run: a line per clip that ended; on a terminal, how far the whole and each worker are."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from knee_track.batch.clips import Job
from knee_track.batch.plan import Plan, cost_s
from knee_track.batch.pool import Ended, Event, Share, Started
from knee_track.pose.skeleton import LEGS
from knee_track.report.summary import verdict
from knee_track.report.words import count
from knee_track.results import Analysis

MAX_BARS: Final = 16  # a cluster has more workers than a screen has lines
SPEED_OVER_S: Final = 600.0  # clips differ: time left is reckoned from this long a past


class BatchScreen:
    """Lines on standard output, and bars below them when it is a terminal; a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(soft_wrap=True, highlight=False, quiet=quiet)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
            speed_estimate_period=SPEED_OVER_S,
        )
        self._whole: TaskID | None = None
        self._workers: dict[int, TaskID] = {}
        self._tasks: dict[int, int] = {}
        self._shares: dict[int, float] = {}
        self._ended_s = 0.0
        self._total = self._ended = 0

    def __enter__(self) -> BatchScreen:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, text: str, style: str = "") -> None:
        """Print a line above the bars; names are shown as they are, markup and all."""
        self._console.print(Text(one_line(text), style=style))

    def looking(self, clips: int) -> None:
        """Show how many clips are looked into."""
        self.say(f"Looking into {count(clips, 'clip')}.")
        self._whole = self._progress.add_task("looking", total=clips)

    def planned(self, plan: Plan) -> None:
        """Say what is to do, and begin to count clips by their length."""
        if self._whole is not None:
            self._progress.remove_task(self._whole)
        done, same = len(plan.done), len(plan.twins)
        parts = [f"{count(len(plan.jobs), 'clip')} to analyse", f"{done} done before"]
        self.say(", ".join(parts + ([f"{same} the same as another"] if same else [])) + ".")
        self._total, self._ended = len(plan.jobs), 0
        self._whole = self._progress.add_task("whole", total=sum(map(cost_s, plan.jobs)))

    def event(self, event: Event) -> None:
        """Move the bars."""
        if not isinstance(event.task.what, Job):
            if isinstance(event, Ended) and self._whole is not None:
                self._progress.advance(self._whole)
            return
        job, worker = event.task.what, event.worker
        if isinstance(event, Started):
            for other, number in list(self._tasks.items()):
                if number == event.task.number or other == worker:  # lost by a worker that died
                    self._drop(other)
            self._tasks[worker], self._shares[worker] = event.task.number, 0.0
            if worker < MAX_BARS:
                line = f"worker {worker + 1}  {job.client}"
                self._workers[worker] = self._progress.add_task(line, total=1.0)
        elif isinstance(event, Share):
            self._shares[worker] = event.share * cost_s(job)
            if worker in self._workers:
                self._progress.update(self._workers[worker], completed=event.share)
        elif worker in self._tasks:
            self._drop(worker)
            self._ended_s += cost_s(job)
            self._ended += 1
        if self._whole is not None:
            self._progress.update(self._whole, completed=self._ended_s + sum(self._shares.values()))

    def _drop(self, worker: int) -> None:
        """Show nothing of a worker any more."""
        del self._tasks[worker], self._shares[worker]
        if worker in self._workers:
            self._progress.remove_task(self._workers.pop(worker))

    def analysed(self, job: Job, analysis: Analysis) -> None:
        """One line about a result."""
        legs = ", ".join(f"{leg} {verdict(analysis, leg).words}" for leg in LEGS)
        self.say(f"{self._number()} {job.name}: {count(len(analysis.reps), 'rep')}, {legs}")

    def failed(self, file: str, client: str, reason: str) -> None:
        """One line about a clip that cannot be analysed."""
        self.say(f"{self._number()} {file} ({client}): {reason}", "red")

    def stopping(self) -> None:
        """Say what Ctrl-C does."""
        self.say("Stopping: the clips that were begun are finished; Ctrl-C again drops them.", "yellow")

    def _number(self) -> str:
        return f"[{self._ended}/{self._total}]" if self._total else "[–]"


def one_line(text: str) -> str:
    """A name as it can be shown: line ends and other control characters spelt out."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
