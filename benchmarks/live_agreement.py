"""Recorded clips through the live engine: the same reps, and peaks as the recorded analysis gives them?

    python benchmarks/live_agreement.py FOLDER [FOLDER ...]

Prints a row per clip: reps live and recorded; the median and the largest difference of the peak deviations,
as said when each rep ended; of the largest deviations on the screen (per frame, before the review of
the rep); events live and recorded. The slow work is done within the frame, as if it took no time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.runs import CACHE, _recording, raw_pose
from knee_track.errors import KneeTrackError
from knee_track.judgement import Declared
from knee_track.live.replay import Replay, replay
from knee_track.live.state import LiveRep
from knee_track.pipeline import analyze_track
from knee_track.pose.bundles import find_bundle
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.results import Analysis, Rep
from knee_track.settings import Settings

HEAD = ("clip", "reps live/rec", "peak |Δ|° median", "max", "screen |Δ|° median", "max", "events", "step ms")
VIDEO = {".mp4", ".mov", ".gif", ".webm", ".mkv"}


@dataclass(frozen=True)
class Agreement:
    """One clip; differences are live minus recorded, degrees, one per rep and leg."""

    name: str
    reps: tuple[int, int]
    events: tuple[int, int]
    peaks_deg: list[float]
    screen_deg: list[float]
    step_ms: float


def compare(clip: Path, settings: Settings, cache: Path = CACHE) -> Agreement:
    """One clip both ways, from the same raw landmarks."""
    pose = raw_pose(clip, find_bundle(), settings.pose, cache)
    recorded = analyze_track(pose.track, _recording(clip, pose), Declared(), settings)
    live = replay(pose.track, settings, motion_px=pose.camera_motion_px)
    peaks, screen = differences(live, recorded, settings)
    return Agreement(
        clip.name,
        (len(live.reps), len(recorded.reps)),
        (len(live.events), len(recorded.events)),
        peaks,
        screen,
        1e3 * float(np.median(live.step_s)),
    )


def differences(live: Replay, recorded: Analysis, settings: Settings) -> tuple[list[float], list[float]]:
    """Live minus recorded peaks: as said at the end of the rep, and of what the screen showed in it."""
    peaks, screen = [], []
    for rep in live.reps:
        match = next((other for other in recorded.reps if other.start_s < rep.bottom_s < other.end_s), None)
        for leg in LEGS if match else ():
            wanted = _peak(match, leg)
            if wanted is None:
                continue
            said = rep.legs[leg].peak_deviation_deg if leg in rep.legs else None
            shown = _shown(live, rep, leg, settings)
            peaks += [] if said is None else [said - wanted]
            screen += [] if shown is None else [shown - wanted]
    return peaks, screen


def _peak(rep: Rep | None, leg: Leg) -> float | None:
    record = None if rep is None else getattr(rep.legs, leg)
    return None if record is None else record.peak_deviation_deg


def _shown(live: Replay, rep: LiveRep, leg: Leg, settings: Settings) -> float | None:
    """95th percentile of the deviations shown in a rep's loaded window."""
    values = [
        state.legs[leg].deviation_deg
        for state in live.states
        if rep.start_s <= state.time_s <= rep.end_s
        and (state.depth or 0.0) >= settings.grade.loaded_depth
        and state.legs
        and state.legs[leg].deviation_deg is not None
    ]
    return float(np.percentile(values, settings.grade.percentile)) if len(values) > 5 else None


def _row(found: Agreement) -> list[str]:
    def pair(both: tuple[int, int]) -> str:
        return f"{both[0]} / {both[1]}" + ("" if both[0] == both[1] else "  [red]≠[/]")

    def middle(values: list[float]) -> list[str]:
        size = np.abs(values)
        return [f"{np.median(size):.2f}", f"{size.max():.2f}"] if len(size) else ["", ""]

    return [
        found.name,
        pair(found.reps),
        *middle(found.peaks_deg),
        *middle(found.screen_deg),
        pair(found.events),
        f"{found.step_ms:.1f}",
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    if not arguments:
        sys.exit(__doc__)
    console = Console(width=None if sys.stdout.isatty() else 130)
    table = Table(
        "clip", "reps live/rec", "peak |Δ|° median", "max", "screen |Δ|° median", "max", "events", "step ms"
    )
    done: list[Agreement] = []
    paths = [Path(argument) for argument in arguments]
    clips = [clip for path in paths for clip in (sorted(path.iterdir()) if path.is_dir() else [path])]
    for clip in (clip for clip in clips if clip.suffix.lower() in VIDEO):
        try:
            done.append(compare(clip, Settings()))
        except KneeTrackError as error:
            console.print(f"{clip.name}: {error}")
            continue
        table.add_row(*_row(done[-1]))
        print(" | ".join(_row(done[-1])), file=sys.stderr, flush=True)
    console.print(table)
    peaks = [abs(value) for found in done for value in found.peaks_deg]
    screen = [abs(value) for found in done for value in found.screen_deg]
    same = sum(found.reps[0] == found.reps[1] for found in done)
    console.print(
        f"{same} of {len(done)} clips with the same reps; peaks: median {np.median(peaks):.2f}°, "
        f"95th percentile {np.percentile(peaks, 95):.2f}° of {len(peaks)}; "
        f"on the screen {np.median(screen):.2f}° and {np.percentile(screen, 95):.2f}° of {len(screen)}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
