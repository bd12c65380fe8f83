"""What each part of the landmark model does: `python benchmarks/ablation.py DIR [DIR ...] [--real DIR]`.

The clips are measured again with one part of `anatomy.BLAZEPOSE` taken away at a time: rendered clips against
their truth, and real clips to see how far it moves them. A rendered person is not a person: a part that helps
the first and moves the second is to be looked at with care.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final, cast

# Run as a script, Python looks for modules in this file's folder; `benchmarks` lies in the one above.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.accuracy import find_clips
from benchmarks.conditions import legs_of, peaks
from benchmarks.markdown import number, percent, table
from benchmarks.runs import analyze_clip
from benchmarks.scoring import ClipScore, score_clip
from benchmarks.truth import find_truth, load_truth
from knee_track.geometry import anatomy
from knee_track.geometry.anatomy import Mark, Marks
from knee_track.pose.skeleton import LEGS
from knee_track.results import Analysis
from knee_track.settings import Settings

NOTHING: Final = (0.0, 0.0, 0.0)
Change = Callable[[Mark], Mark]

VARIANTS: Final[dict[str, Change]] = {
    "as it is": lambda mark: mark,
    "no change with deviation": lambda mark: replace(mark, per_deviation=NOTHING),
    "no change with the foot's turn": lambda mark: replace(mark, per_turn=NOTHING),
    "no change with stance": lambda mark: replace(mark, per_stance=NOTHING),
    "left and right alike": lambda mark: replace(mark, lopsided=(0.0, 0.0)),
    "no change with flexion": lambda mark: replace(mark, per_flexion=NOTHING),
    "constant offsets only": lambda mark: Mark(mark.offset, mark.scatter, mark.person_sd, mark.side_sd),
    "raw landmarks": lambda mark: Mark(NOTHING, mark.scatter, mark.person_sd, mark.side_sd),
}


def marks_of(change: Change) -> Marks:
    """BlazePose's marks with every part changed."""
    full = anatomy.BLAZEPOSE
    return replace(full, parts={part: change(mark) for part, mark in full.parts.items()})


def score(variant: str, clip: Path) -> ClipScore:
    """A rendered clip by a variant, beside its truth."""
    settings = Settings()
    return score_clip(clip.stem, load_truth(find_truth(clip)), measured(variant, clip), settings)


def measured(variant: str, clip: Path) -> Analysis:
    """What the program says of a clip with the variant's marks."""
    marks = cast(dict[str, Marks], anatomy.MARKS)  # this process is the benchmark's own
    marks["blazepose"] = marks_of(VARIANTS[variant])
    return analyze_clip(clip, Settings())


def real_peaks(variant: str, clip: Path) -> str:
    """Median peak of each leg of a real clip, left / right."""
    legs = measured(variant, clip).legs
    found = [getattr(legs, leg).median_peak_deviation_deg for leg in LEGS]
    return " / ".join("–" if value is None else f"{value:+.0f}" for value in found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--real", type=Path, help="folder of real clips with labels.csv")
    options = parser.parse_args(arguments)
    clips = [clip for folder in options.folders for clip in find_clips(folder)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        rows = []
        for variant in VARIANTS:
            of = peaks(legs_of(list(pool.map(partial(score, variant), clips))))
            rows.append(
                [variant, str(of.n), *map(number, (of.bias, of.rmse, of.slope)), percent(of.coverage)]
            )
        print(table(["landmark model", "n", "bias", "RMSE", "slope", "in band"], rows))
        if options.real:
            print(f"\n{real_table(options.real, pool)}")
    return 0


def real_table(folder: Path, pool: ProcessPoolExecutor) -> str:
    """Median peaks of the real clips that can be measured, left / right, by variant."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        clips = [folder / row["file"] for row in csv.DictReader(file) if row["view_ok"] == "yes"]
    shown = ("as it is", "no change with deviation", "left and right alike", "raw landmarks")
    columns = [list(pool.map(partial(real_peaks, variant), clips)) for variant in shown]
    rows = [[clip.stem, *cells] for clip, *cells in zip(clips, *columns, strict=True)]
    return table(["real clip (median peak, left / right, degrees)", *shown], rows)


if __name__ == "__main__":
    sys.exit(main())
