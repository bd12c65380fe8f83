"""What a run leaves behind: one folder with numbers, landmarks, video, report and plan."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from knee_track.errors import UsageError
from knee_track.report.annotate import Annotator, Progress, Still
from knee_track.report.html import data_uri, render_report, video_url
from knee_track.report.moments import key_moments
from knee_track.report.plan_files import plan_files
from knee_track.report.swap import prove_writable, publish
from knee_track.report.tables import write_events_csv, write_frames_csv, write_reps_csv
from knee_track.report.trc import write_trc
from knee_track.results import Analysis

MAX_EMBEDDED_BYTES = 25_000_000  # about the largest attachment that mail services take

log = logging.getLogger(__name__)


def check_output(source_path: Path, out: Path | None = None) -> Path:
    """The place where the output folder will appear (`out`, or beside clip or pose file), proven writable.

    Meant to be asked before the long analysis. Raises OutputError.
    """
    place = out if out is not None else source_path.resolve().parent
    prove_writable(place)
    return place


def write_outputs(
    analysis: Analysis,
    video_path: Path | None,
    out: Path | None = None,
    *,
    video: bool = True,
    single_file: bool = False,
    trc: bool = False,
    blur_faces: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write the output folder and return its path.

    The folder is `<clip>_kneetrack` in `out` (default: beside the clip), named after the pose file where the
    landmarks come from one. It appears as a whole: a result of
    the same clip is replaced, one of another clip of that name is kept and the new folder numbered.

    Parameters
    ----------
    analysis : fresh from the pipeline, with its curves and track
    video_path : the clip; None when there is only a pose file: then nothing is drawn
    video : write the annotated video; without it the report has key frames and curves
    single_file : put a small video into the report itself
    trc : also write the landmarks as an OpenSim marker file
    blur_faces : make the client's head unrecognisable in video and pictures
    progress : told the share of the video that is done, 0 to 1

    Raises
    ------
    OutputError : the place cannot be written
    VideoError : the clip cannot be read a second time
    ValueError : the analysis was read from a file and has no curves
    """
    if analysis.curves is None or analysis.track is None:
        raise ValueError("only a fresh analysis, with curves and track, can be written")
    source_path = video_path
    if source_path is None or analysis.source.pose_format is not None:
        source_path = Path(analysis.source.path)
    if trc and not analysis.track.has_world:
        raise UsageError(f"{source_path}: its landmarks are no 3-D ones, as --trc needs; leave out --trc.")
    place = check_output(source_path, out)
    fill = partial(
        _fill,
        analysis,
        video_path,
        video=video,
        single_file=single_file,
        trc=trc,
        blur_faces=blur_faces,
        progress=progress,
    )
    return publish(place / f"{stem_of(source_path)}_kneetrack", analysis.source, fill)


def _fill(
    analysis: Analysis,
    video_path: Path | None,
    folder: Path,
    *,
    video: bool,
    single_file: bool,
    trc: bool,
    blur_faces: bool,
    progress: Progress | None,
) -> None:
    curves, track = analysis.curves, analysis.track
    assert curves is not None and track is not None
    (folder / "analysis.json").write_text(analysis.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for name, content in plan_files(analysis.protocol, analysis).items():
        (folder / name).write_bytes(content)
    write_frames_csv(folder / "frames.csv", curves)
    write_reps_csv(folder / "reps.csv", analysis.reps)
    write_events_csv(folder / "events.csv", analysis.events)
    track.save(folder / "landmarks.npz", analysis.scene)
    if trc:
        write_trc(folder / f"{stem_of(video_path or Path(analysis.source.path))}.trc", track)
    stills: list[Still] = []
    source: str | None = None
    if video_path is not None:
        annotator = Annotator(video_path, analysis, curves, track, blur_faces=blur_faces)
        moments = key_moments(analysis)
        if video:
            target = folder / f"{video_path.stem}_annotated.mp4"
            stills = annotator.write_video(target, moments, progress)
            source = _video_source(target, single_file)
        else:
            stills = annotator.take_stills(moments)
    page = render_report(analysis, curves, stills, source)
    (folder / "report.html").write_text(page, encoding="utf-8")


def stem_of(path: Path) -> str:
    """What results are named after: a file's name without its ending, a folder's whole name."""
    path = path.resolve()
    return path.name if path.is_dir() else path.stem


def _video_source(path: Path, single_file: bool) -> str:
    """What the report's player loads: the file beside it, or its content when asked for and small enough."""
    if single_file and path.stat().st_size <= MAX_EMBEDDED_BYTES:
        return data_uri("video/mp4", path.read_bytes())
    if single_file:
        log.warning("%s is too large to be put into the report; keep it beside the report.", path.name)
    return video_url(path.name)
