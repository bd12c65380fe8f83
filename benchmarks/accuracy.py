"""Accuracy against rendered truth.

    python benchmarks/accuracy.py DIR [DIR ...] [--page docs/accuracy.md]

Runs the public pipeline on every clip in the folders that has a truth file beside it and prints Markdown
tables and the targets, for the clips that were learned on (`learned_on.txt`) and for the reported ones apart.
The verdict is that of the reported clips; where there is none, of those learned on. Exit code 0 when every
target is met, 1 when one is not or there are too few clips to tell, 2 for wrong usage.
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

from benchmarks.figure import draw
from benchmarks.learned import LEARNED_ON, judged, read_learned, split
from benchmarks.page import Inserts, Provenance, read_insert, without_place, write_page
from benchmarks.runs import CACHE, analyze_clip
from benchmarks.scoring import ClipScore, score_clip
from benchmarks.tables import clip_table, document, write_csv
from benchmarks.targets import check_targets, targets_text
from benchmarks.truth import find_truth, load_truth
from knee_track.errors import KneeTrackError, UsageError
from knee_track.settings import Settings

CLIP_ENDINGS = frozenset({".mp4", ".mov", ".mkv", ".webm"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit code."""
    options = _parser().parse_args(arguments)
    settings = Settings()
    try:
        learned = read_learned(options.learned)
        inserts = Inserts(read_insert(options.mocap), read_insert(options.ablation))
        clips = [clip for folder in options.folders for clip in find_clips(folder)]
        scores = score_all(clips, settings, options.cache, options.jobs)
    except KneeTrackError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    groups = split(scores, learned)
    text = "\n\n".join(group_text(title, group, settings) for title, group in groups.items())
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "accuracy.md").write_text(f"{text}\n", encoding="utf-8")
        write_csv(options.out / "accuracy.csv", scores)
        draw(options.out / "accuracy.png", judged(groups))
    if options.page:
        write_page(options.page, groups, settings, Provenance.of_this_run(_command(options)), inserts)
    return 0 if check_targets(judged(groups), settings).met else 1


def group_text(title: str, clips: Sequence[ClipScore], settings: Settings) -> str:
    """All tables of one group of clips, with its targets."""
    sections = {
        **document(clips, settings),
        "Clips (found / true)": clip_table(clips),
        "Targets (a number outside its limit is in bold)": targets_text(check_targets(clips, settings)),
    }
    tables = "\n\n".join(f"## {name}\n\n{content}" for name, content in sections.items())
    return f"# Clips: {title} ({len(clips)})\n\n{tables}"


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


def _command(options: argparse.Namespace) -> str:
    """The command of this run, without the places of this machine."""
    words = ["python benchmarks/accuracy.py", *map(without_place, options.folders)]
    for name in ("page", "learned", "mocap", "ablation"):
        path = getattr(options, name)
        if path and path != LEARNED_ON:
            words.append(f"--{name} {without_place(path)}")
    return " ".join(words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="accuracy.py", description="Accuracy against rendered truth.")
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR", help="clips and their truth files")
    parser.add_argument("--out", type=Path, help="also write accuracy.md, accuracy.csv and accuracy.png here")
    parser.add_argument("--page", type=Path, help="write the results page, with its figure beside it")
    parser.add_argument("--learned", type=Path, default=LEARNED_ON, help="list of clips that were learned on")
    parser.add_argument("--mocap", type=Path, help="Markdown for the page: the geometry alone")
    parser.add_argument("--ablation", type=Path, help="Markdown for the page: what each part contributes")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="kept landmarks (user's cache folder)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
