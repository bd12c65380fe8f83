"""Clips per hour of `knee-track batch`: all cores against one core, and against the plain loop.

    python benchmarks/batch.py [--clips 8] [--workers N] [--rounds 1] [FOLDER]

In each round the same clips are done by one worker on one core, by N on N cores (default: all), by one worker
that may use all cores, and by `plain_loop.py`, which may too and starts anew for every clip as a shell loop
would. What counts is the ratio inside a round: a machine that is busy slows all. Scaling per core is
(time on one core / time on N cores) / N, the start of the command included. One worker alone keeps more than
one core busy, since reading, network and writing overlap: against it N workers gain less. Without FOLDER,
clips are made from the samples. CPU seconds are those of the command with its processes: where others use the
cores as well, CPU time per clip that does not grow with N is what scaling can be on a free machine. Nothing
leaves the machine. For Linux, where a command can be kept to some of the cores.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from knee_track.pose.bundles import find_bundle
from knee_track.pose.crew import usable_cores
from knee_track.video.reader import VideoReader
from knee_track.video.writer import VideoWriter

HERE: Final = Path(__file__).parent
SAMPLES: Final = [HERE.parent / "sample_videos" / f"front_squat_{name}.mp4" for name in ("valgus", "good")]
LENGTH_S: Final = 5.0


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds of a whole command, child processes included."""

    wall_s: float
    cpu_s: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="clips; default: made from the samples")
    parser.add_argument("--clips", type=int, default=8, help="how many clips to make; default 8")
    parser.add_argument("--workers", type=int, default=usable_cores(), help="default: one per core")
    parser.add_argument("--rounds", type=int, default=1, help="default 1")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or make_clips(Path(scratch, "clips"), arguments.clips)
        compare(folder, Path(scratch), arguments.workers, arguments.rounds)


def make_clips(folder: Path, count: int) -> Path:
    """Parts of the samples, each a little different: beginning at another frame."""
    folder.mkdir()
    for number in range(count):
        start_s = 0.1 * (number // len(SAMPLES))
        target = folder / f"client{number % 3}_2026-11-{number + 1:02d}.mp4"
        with VideoReader(SAMPLES[number % len(SAMPLES)], start_s=start_s, end_s=start_s + LENGTH_S) as reader:
            info = reader.info
            with VideoWriter(target, info.width_px, info.height_px) as writer:
                for frame in reader:
                    writer.write(frame.rgb, frame.time_s - start_s)
    return folder


def compare(folder: Path, scratch: Path, workers: int, rounds: int) -> None:
    """Run the rounds and print the table and the ratios."""
    clips = sorted(path for path in folder.iterdir() if path.is_file())
    print(f"{len(clips)} clips, {usable_cores()} cores, load {os.getloadavg()[0]:.1f}")
    model = scratch / "model.task"
    model.write_bytes(find_bundle("full").data)
    ways: dict[str, Callable[[], Cost]] = {
        "one core": lambda: batch(folder, scratch / "out", model, 1, cores=1),
        f"{workers} cores": lambda: batch(folder, scratch / "out", model, workers, cores=workers),
        "one worker": lambda: batch(folder, scratch / "out", model, 1),
        "plain loop": lambda: plain(clips, model, scratch / "plain.mp4"),
    }
    print(f"{'':<12}{'wall s':>9}{'CPU s':>9}{'clips/hour':>12}{'CPU s/clip':>12}")
    costs: list[dict[str, Cost]] = []
    for _ in range(rounds):
        costs.append({})
        for name, run in ways.items():
            cost = costs[-1][name] = run()
            per_hour, each_s = 3600 * len(clips) / cost.wall_s, cost.cpu_s / len(clips)
            print(
                f"{name:<12}{cost.wall_s:>9.1f}{cost.cpu_s:>9.1f}{per_hour:>12.0f}{each_s:>12.2f}", flush=True
            )
    report(costs, list(ways), workers)


def report(costs: Sequence[dict[str, Cost]], names: Sequence[str], workers: int) -> None:
    """Print the median ratios."""
    one, several, alone, loop = names
    scaling = median(c[one].wall_s / c[several].wall_s / workers for c in costs)
    effort = median(c[several].cpu_s / c[one].cpu_s for c in costs)
    worker = median(c[alone].wall_s / c[several].wall_s for c in costs)
    against = median(c[loop].wall_s / c[several].wall_s for c in costs)
    print(f"scaling per core   {scaling:.2f}   ({several} against {one}, wall time)")
    print(f"CPU per clip       {effort:.2f}   ({several} against {one}; 1 is perfect)")
    print(f"against one worker {worker:.2f}   times the clips per hour; it may use all cores")
    print(f"against plain loop {against:.2f}   times the clips per hour, with all outputs")


def batch(folder: Path, out: Path, model: Path, workers: int, *, cores: int | None = None) -> Cost:
    """The whole command into an empty folder, kept to some of the cores."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "knee_track", "batch", str(folder), "-o", str(out), "-q"]
    with kept_to(cores):
        return cost_of([[*command, "--workers", str(workers), "--model", str(model)]])


@contextmanager
def kept_to(cores: int | None) -> Iterator[None]:
    """Commands started meanwhile use the first so many cores; all without a number."""
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_cores)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def plain(clips: Sequence[Path], model: Path, target: Path) -> Cost:
    """The plain loop, once per clip."""
    loop = [sys.executable, str(HERE / "plain_loop.py")]
    return cost_of([[*loop, str(clip), str(model), str(target)] for clip in clips])


def cost_of(commands: Sequence[Sequence[str]]) -> Cost:
    """Run commands one after another; leaves with the error output of one that fails."""
    before, start_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(time.perf_counter() - start_s, cpu_s)


if __name__ == "__main__":
    main()
