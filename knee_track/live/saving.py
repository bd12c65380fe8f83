"""A set that is over becomes the same folder that a recorded clip leaves behind."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from knee_track import results
from knee_track.errors import OutputError
from knee_track.live.recording import LiveSet, webcam_name
from knee_track.report.folder import write_outputs
from knee_track.results import Analysis, Protocol

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Saved:
    """A set's analysis and its output folder.

    clock_s: second 0 of the analysis on the clock of the source. film: the video beside the folder, None when
    none is kept.
    """

    analysis: Analysis
    folder: Path
    clock_s: float
    film: Path | None = None


def save_set(
    kept: LiveSet,
    out: Path,
    *,
    model: results.Model | None = None,
    film: tuple[Path, float] | None = None,
    plan: Callable[[Analysis], Protocol] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Saved:
    """Analyse a set and write its folder into `out`, with the annotated video where a film was kept.

    film : see `Film.kept`. plan : makes the plan in place of the usual one. progress : of the annotated
    video, 0 to 1.

    A place that cannot be written any more is told in the log, and the folder goes to the system's temporary
    one instead: a set is not filmed twice. Raises VideoError when nobody was seen.
    """
    video, clock_s = film if film is not None else (None, None)
    analysis = kept.analysis(model=model, film=video, clock_s=clock_s)
    if plan is not None:
        analysis.protocol = plan(analysis)
    try:
        folder = write_outputs(analysis, video, out, progress=progress)
    except OutputError as error:
        elsewhere = Path(tempfile.mkdtemp(prefix="knee_track_"))
        log.warning("%s The results are in %s instead.", error, elsewhere)
        folder = write_outputs(analysis, video, elsewhere)
    return Saved(analysis, folder, kept.begun_s if clock_s is None else clock_s, video)


def free_name(out: Path, moment: datetime) -> str:
    """What a set that begins now is called; numbered when the place has one of that name."""
    name = webcam_name(moment)
    names = chain([name], (f"{name}_{number}" for number in count(2)))
    taken = ("_kneetrack", ".mp4")
    return next(name for name in names if not any((out / f"{name}{ending}").exists() for ending in taken))
