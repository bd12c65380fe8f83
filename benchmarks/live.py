"""How late a live decision is: a source through pose process and live engine, as in `knee-track live`.

    python benchmarks/live.py SOURCE [--seconds 600] [--fast] [--film FILE]

SOURCE is a camera index, an address or a clip; a clip is repeated. Prints, every ten seconds, the rate, what
was skipped, the age of the newest decision and the resident memory of this process and of the pose process;
at the end the percentiles of capture to decision, inference, and all the rest (overhead). `--fast` plays a
clip as fast as it can be decoded: pictures come faster than they can be looked at, and neither memory nor
delay may grow. Memory is read from /proc, on Linux only.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Final

from knee_track.live.film import Film
from knee_track.live.pace import Pace, Step, ladder
from knee_track.live.poses import Pose, available_variants, make_pose
from knee_track.live.runner import LiveRunner
from knee_track.live.session import LiveSession
from knee_track.live.sources import Frame, Status, open_source
from knee_track.live.state import LiveState
from knee_track.live.timings import Percentiles, Summary, Timing
from knee_track.pose.landmarker import PoseProcess
from knee_track.pose.manifest import Variant

EVERY_S: Final = 10.0


class Latest:
    """Keeps the newest timing, and counts the pictures that showed somebody."""

    def __init__(self) -> None:
        self.timing: Timing | None = None
        self.seen = 0
        self.reps = 0

    def __call__(self, frame: Frame, state: LiveState, timing: Timing) -> None:
        """Note one decision."""
        self.timing = timing
        self.seen += state.landmarks_px is not None
        self.reps = len(state.reps)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", help="camera index, address or clip")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long; default 600")
    parser.add_argument("--fast", action="store_true", help="a clip as fast as it can be decoded")
    parser.add_argument("--side", type=int, help="keep pictures for the pose network at this size")
    parser.add_argument("--film", type=Path, help="keep the pictures in this file meanwhile")
    arguments = parser.parse_args()
    run(arguments.source, arguments.seconds, arguments.fast, arguments.side, arguments.film)


def run(spec: str, seconds: float, fast: bool, side: int | None, film: Path | None) -> None:
    pids = [os.getpid()]

    def make(variant: Variant) -> Pose:
        pose = make_pose(variant)
        if isinstance(pose, PoseProcess):
            pids.append(pose.pid)
        return pose

    latest = Latest()
    source = open_source(spec, on_status=say, real_time=not fast, loop=True)
    steps = [Step("full", side)] if side else ladder(available_variants())
    pace = Pace(steps, camera=not source.waits)
    kept = Film(film) if film else None
    session = LiveSession()
    with source, LiveRunner(source, session, latest, make_pose=make, pace=pace, film=kept) as live:
        start_s = time.monotonic()
        print("   s   fps  seen  reps  skipped  behind  age ms   MB here  MB pose")
        while time.monotonic() - start_s < seconds and not live.wait(EVERY_S):
            print(line(time.monotonic() - start_s, latest, pids))
        summary = live.statistics.summary()
    session.close()
    if kept is not None:
        kept.close()
    report(summary, pace.step, kept.dropped if kept else None)


def say(status: Status) -> None:
    print(f"[{status.kind}] {status.sentence}")


def line(passed_s: float, latest: Latest, pids: list[int]) -> str:
    timing = latest.timing
    if timing is None:
        return f"{passed_s:4.0f}  nothing yet"
    memory = "  ".join(f"{resident_mb(pid):7.0f}" for pid in (pids[0], pids[-1]))
    age_ms = timing.total_s * 1000
    return (
        f"{passed_s:4.0f} {timing.fps:5.1f} {latest.seen:5d} {latest.reps:5d} {timing.skipped:8d} "
        f"{timing.behind:7d} {age_ms:7.0f}   {memory}"
    )


def resident_mb(pid: int) -> float:
    """Memory of a process in MB, NaN where the system does not tell or the process is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def report(summary: Summary, step: Step, dropped: int | None) -> None:
    print(f"\nmodel {step.variant}, pictures of {step.long_side_px} px, {summary.frames} decisions, ", end="")
    print(f"{summary.skipped} pictures skipped, {summary.fps:.1f} decisions per second")
    if dropped is not None:
        print(f"{dropped} pictures missing from the film")
    print("                      p50     p95     p99")
    rows: list[tuple[str, Percentiles, float]] = [
        ("capture to decision", summary.total_s, 1000.0),
        ("inference", summary.inference_s, 1000.0),
        ("overhead", summary.overhead_s, 1000.0),
        ("pictures behind", summary.behind, 1.0),
    ]
    for name, values, factor in rows:
        numbers = [value * factor for value in (values.p50, values.p95, values.p99)]
        print(f"{name:19s}" + "".join(f"{number:8.1f}" for number in numbers), "ms" if factor > 1 else "")


if __name__ == "__main__":
    main()
