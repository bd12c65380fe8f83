"""knee-track against the plain loop: the same clip, the same model, whole processes.

    python benchmarks/speed.py CLIP [--runs 5]
    python benchmarks/speed.py --make CLIP

`plain_loop.py` and `knee-track analyze` with all its outputs run one after the other, several times. Each
pair gives a ratio of wall times, so that a machine which is busy for a while slows both; the median ratio
counts, below 1 knee-track is faster. CPU time (user and system, child processes included) is moved less by
other programs. `--make` first writes CLIP, a sample repeated until it lasts 20 s. Nothing leaves the machine:
both run with every proxy variable pointing at a closed port of it. Not for Windows, which has no `os.wait4`.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from knee_track.pose.bundles import find_bundle
from knee_track.pose.landmarker import offline_environment
from knee_track.video.reader import VideoReader
from knee_track.video.writer import VideoWriter

HERE: Final = Path(__file__).parent
SAMPLE: Final = HERE.parent / "sample_videos" / "front_squat_valgus.mp4"
MIN_DURATION_S: Final = 20.0
MIN_SHORT_SIDE_PX: Final = 720


@dataclass(frozen=True)
class Cost:
    """What one process took: wall and CPU seconds, and the most memory that one of its processes held, MB."""

    wall_s: float
    cpu_s: float
    memory_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path, help="a video of at least 20 s and 720p")
    parser.add_argument("--make", action="store_true", help="first write CLIP by repeating a sample")
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs; default 5")
    arguments = parser.parse_args()
    if arguments.make:
        make_clip(arguments.clip)
    describe(arguments.clip)
    report(run_pairs(arguments.clip, arguments.runs))


def make_clip(target: Path) -> None:
    """Write the sample again and again until it is long enough."""
    with VideoReader(SAMPLE) as reader:
        info = reader.info
    start_s = end_s = 0.0
    with VideoWriter(target, info.width_px, info.height_px) as writer:
        while end_s < MIN_DURATION_S:
            with VideoReader(SAMPLE) as reader:
                for frame in reader:
                    writer.write(frame.rgb, start_s + frame.time_s)
                    end_s = start_s + frame.time_s
            start_s = end_s + 1 / info.nominal_fps


def describe(clip: Path) -> None:
    """Say what is measured, and stop when it is too small to count."""
    with VideoReader(clip) as reader:
        info = reader.info
    duration_s = info.duration_s or 0.0
    print(f"{clip.name}: {info.width_px} x {info.height_px}, {duration_s:.1f} s, {info.codec}")
    if duration_s < MIN_DURATION_S or min(info.width_px, info.height_px) < MIN_SHORT_SIDE_PX:
        sys.exit(f"Too small to count: needs {MIN_DURATION_S:g} s and {MIN_SHORT_SIDE_PX}p.")


def run_pairs(clip: Path, runs: int) -> list[tuple[Cost, Cost]]:
    """(plain, knee-track) of each pair of runs, printed as they come."""
    pairs = []
    print("run   plain s  knee-track s  ratio   plain CPU s  knee-track CPU s  ratio")
    with tempfile.TemporaryDirectory() as folder, closing(socket.socket()) as refusing:
        refusing.bind(("127.0.0.1", 0))  # never listens, so every connection is refused
        environment = offline_environment(f"http://127.0.0.1:{refusing.getsockname()[1]}")
        model = Path(folder, "model.task")
        model.write_bytes(find_bundle("full").data)
        loop = [sys.executable, str(HERE / "plain_loop.py"), str(clip), str(model), f"{folder}/plain.mp4"]
        own = [sys.executable, "-m", "knee_track", "analyze", str(clip), "--model", str(model), "-o", folder]
        for run in range(1, runs + 1):
            plain, ours = cost_of(loop, environment), cost_of(own, environment)
            pairs.append((plain, ours))
            print(
                f"{run:>3}{plain.wall_s:>10.2f}{ours.wall_s:>14.2f}{ours.wall_s / plain.wall_s:>7.2f}"
                f"{plain.cpu_s:>14.2f}{ours.cpu_s:>18.2f}{ours.cpu_s / plain.cpu_s:>7.2f}",
                flush=True,
            )
    return pairs


def cost_of(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command to its end; leaves with its error output when it fails."""
    with tempfile.TemporaryFile() as errors:
        start_s = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start_s
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{errors.read().decode(errors='replace')}")
    kb_per_unit = 1024 if sys.platform == "darwin" else 1
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / kb_per_unit / 1024)


def report(pairs: Sequence[tuple[Cost, Cost]]) -> None:
    """Print the ratios' medians and spans."""
    wall = [ours.wall_s / plain.wall_s for plain, ours in pairs]
    cpu = [ours.cpu_s / plain.cpu_s for plain, ours in pairs]
    for name, ratios in ("wall time", wall), ("CPU time", cpu):
        print(f"{name:>9}: ratio {median(ratios):.2f} (median; {min(ratios):.2f} to {max(ratios):.2f})")
    plain_mb, ours_mb = (max(cost.memory_mb for cost in costs) for costs in zip(*pairs, strict=True))
    print(f"   memory: {plain_mb:.0f} MB plain, {ours_mb:.0f} MB knee-track (largest process)")


if __name__ == "__main__":
    main()
