"""Accuracy against rendered truth: `python benchmarks/accuracy.py DIR`.

Runs the public pipeline on every clip in DIR that has a truth file beside it, prints Markdown tables, and
ends with the first target. Exit code 0 when it is met, 1 when not, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

# Run as a script, Python looks for modules in this file's folder; `benchmarks` lies in the one above.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.conditions import first_target
from benchmarks.figure import draw
from benchmarks.runs import CACHE, analyze_clip
from benchmarks.scoring import ClipScore, score_clip
from benchmarks.tables import document, write_csv
from benchmarks.truth import find_truth, load_truth
from knee_track.errors import KneeTrackError, UsageError
from knee_track.settings import Settings

CLIP_ENDINGS = frozenset({".mp4", ".mov", ".mkv", ".webm"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit code."""
    options = _parser().parse_args(arguments)
    settings = Settings()
    try:
        clips = find_clips(options.folder)
        scores = score_all(clips, settings, options.cache, options.jobs)
    except KneeTrackError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    checks = first_target(scores, settings)
    verdict = "\n".join(f"- {'PASS' if check.passed else 'FAIL'}: {check.text}" for check in checks)
    text = f"{document(scores, settings)}\n\n## First target\n\n{verdict}\n"
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "accuracy.md").write_text(text, encoding="utf-8")
        write_csv(options.out / "accuracy.csv", scores)
        draw(options.out / "accuracy.png", scores)
    return 0 if all(check.passed for check in checks) else 1


def find_clips(folder: Path) -> list[Path]:
    """The clips of a folder that have a truth file, by name. Raises UsageError when there is none."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; give one with rendered clips and their truth files.")
    clips = [path for path in sorted(folder.iterdir()) if path.suffix in CLIP_ENDINGS and _has_truth(path)]
    if not clips:
        raise UsageError(f"{folder} holds no clip with a .truth.json.gz or .truth.npz file beside it.")
    return clips


def score_all(clips: Sequence[Path], settings: Settings, cache: Path, jobs: int) -> list[ClipScore]:
    """Scores of the clips in their order, made in `jobs` processes."""
    from rich.console import Console
    from rich.progress import track

    # Spawned, not forked: a fork would copy the threads of the numeric libraries in an unknown state.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        scores = pool.map(partial(run_and_score, settings=settings, cache=cache), clips)
        return list(track(scores, "Analysing", len(clips), console=Console(stderr=True)))


def run_and_score(clip: Path, settings: Settings, cache: Path) -> ClipScore:
    """Analyse one clip and set it beside its truth."""
    truth = load_truth(find_truth(clip))
    return score_clip(clip.stem, truth, analyze_clip(clip, settings, cache), settings)


def _has_truth(clip: Path) -> bool:
    try:
        return find_truth(clip).is_file()
    except FileNotFoundError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="accuracy.py", description="Accuracy against rendered truth.")
    parser.add_argument("folder", type=Path, help="clips, each with its truth file")
    parser.add_argument("--out", type=Path, help="also write accuracy.md, accuracy.csv and accuracy.png here")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"kept landmarks ({CACHE})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
