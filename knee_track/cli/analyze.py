"""`knee-track analyze`: a video in, a folder with report, numbers and annotated video out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from knee_track.cli.common import (
    ABOUT,
    RESULTS,
    BlurFaces,
    ClientId,
    ConfigFile,
    Height,
    Mirrored,
    ModelFile,
    Movement,
    Offline,
    Overrides,
    Preset,
    Quiet,
    Variant,
    VideoOut,
    WorkingLeg,
)
from knee_track.cli.plan_options import PlanOptions
from knee_track.cli.pose_options import PoseFormat, PoseOptions
from knee_track.cli.progress import ProgressBar

if TYPE_CHECKING:
    from knee_track.results import Analysis

POSE = "Landmarks from elsewhere"
KNOWN = "Known beside the clip (optional, narrows the band)"

EPILOG = """\
Examples:

  knee-track analyze squat.mp4

  knee-track analyze squat.mp4 -o results --height 1.75

  knee-track analyze squat.mp4 --from 4 --to 30 --set events.enter_deg=5

  knee-track analyze selfie.mp4 --mirrored --json --no-video

  knee-track analyze --pose squat_json squat.mp4

  knee-track analyze --pose squat.trc
"""


def analyze(
    video: Annotated[
        Path | None, typer.Argument(help="The video file; may be left out with --pose.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Folder for the results; default: beside the video.", rich_help_panel=RESULTS
        ),
    ] = None,
    height: Height = None,
    client: ClientId = None,
    intake: Annotated[
        Path | None,
        typer.Option(
            help="TOML file with the client's answers for the plan; see 'knee-track protocol --help'.",
            rich_help_panel=ABOUT,
        ),
    ] = None,
    movement: Movement = None,
    leg: WorkingLeg = None,
    person: Annotated[
        int | None,
        typer.Option(
            min=1, help="Whom to measure of several people, from left to right.", rich_help_panel=ABOUT
        ),
    ] = None,
    mirrored: Mirrored = False,
    start: Annotated[
        float | None, typer.Option("--from", help="Start at this second.", rich_help_panel=ABOUT)
    ] = None,
    end: Annotated[
        float | None, typer.Option("--to", help="Stop at this second.", rich_help_panel=ABOUT)
    ] = None,
    toes: Annotated[
        str | None,
        typer.Option(
            metavar="WHERE",
            help="Tips of the client's third toes in pixels, 'left=412,1180 right=268,1176'; append '@1.5' "
            "for marks in the picture at 1.5 s, else the first; or 'click', to mark them in a window.",
            rich_help_panel=KNOWN,
        ),
    ] = None,
    camera_height: Annotated[
        float | None, typer.Option(help="Lens above the floor, metres.", rich_help_panel=KNOWN)
    ] = None,
    camera_distance: Annotated[
        float | None, typer.Option(help="Lens to client, metres along the floor.", rich_help_panel=KNOWN)
    ] = None,
    pose: Annotated[
        Path | None,
        typer.Option(
            help="Analyse these landmarks instead of finding them: MediaPipe as .npz or .csv, "
            "a folder of OpenPose or Halpe-26 files, AlphaPose .json; or 3-D markers: .trc, .c3d.",
            rich_help_panel=POSE,
        ),
    ] = None,
    pose_format: Annotated[
        PoseFormat,
        typer.Option(help="What they are; by default told by the content.", rich_help_panel=POSE),
    ] = "auto",
    pose_size: Annotated[
        str | None,
        typer.Option(
            metavar="WxH",
            help="Size of their picture, as 1080x1920; else the video's.",
            rich_help_panel=POSE,
        ),
    ] = None,
    pose_fps: Annotated[
        float | None,
        typer.Option(help="Their frames per second; else the file's or the video's.", rich_help_panel=POSE),
    ] = None,
    markers: Annotated[
        str | None,
        typer.Option(
            metavar="PRESET|FILE",
            help="Which 3-D markers are which: a marker set's name or a TOML file; default: what fits.",
            rich_help_panel=POSE,
        ),
    ] = None,
    up: Annotated[
        str | None,
        typer.Option(
            metavar="AXIS",
            help="Which axis of 3-D markers points up: x, y or z, as -x when it points down; default: found.",
            rich_help_panel=POSE,
        ),
    ] = None,
    preset: Preset = None,
    variant: Variant = "full",
    model: ModelFile = None,
    offline: Offline = False,
    config: ConfigFile = None,
    set_: Overrides = None,
    video_out: VideoOut = True,
    blur_faces: BlurFaces = False,
    single_file: Annotated[
        bool,
        typer.Option(
            "--single-file",
            help="Put the video into the report itself, when it is small.",
            rich_help_panel=RESULTS,
        ),
    ] = False,
    trc: Annotated[
        bool,
        typer.Option("--trc", help="Also write the landmarks for OpenSim.", rich_help_panel=RESULTS),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the analysis as JSON.", rich_help_panel=RESULTS)
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Measure a squat video, or landmarks from elsewhere, and write report, numbers and annotated video."""
    import logging

    from knee_track.cli.toes import read_toes
    from knee_track.pipeline import analyze as analyze_video
    from knee_track.report.folder import check_output, write_outputs
    from knee_track.settings import load_settings

    options = PoseOptions(pose, pose_format, pose_size, pose_fps, markers, up)
    options.check(
        video,
        {
            "--person": person,
            "--mirrored": mirrored,
            "--trc": trc,
            "--toes": toes,
            "--camera-height": camera_height,
            "--camera-distance": camera_distance,
        },
    )
    if quiet:
        logging.getLogger("knee_track").setLevel(logging.ERROR)
    overrides = [f"pose.preset={preset}"] if preset else []
    settings = load_settings(config, overrides + (set_ or []))
    source = pose or video
    assert source is not None
    plan_options = PlanOptions(intake=intake)
    given = plan_options.check()
    check_output(source, out)
    marks, marked_at_s = read_toes(toes, video, start)
    run: Callable[..., Analysis]
    with ProgressBar(hidden=quiet or as_json) as bar:
        if pose is not None:
            run = options.runner(video, person, mirrored)
        else:
            progress = bar.stage("Looking at the client")
            run = partial(analyze_video, source, variant=variant, model=model, offline=offline)
            run = partial(run, person=person, mirrored=mirrored, progress=progress)
        if not options.in_space:
            run = partial(
                run,
                toes=marks,
                toes_at_s=marked_at_s,
                camera_height_m=camera_height,
                camera_distance_m=camera_distance,
            )
        analysis = run(
            settings=settings,
            movement=movement,
            leg=leg,
            height_m=height,
            client_id=client,
            start_s=start,
            end_s=end,
        )
        if intake is not None:
            _, analysis.protocol = plan_options.build(given, analysis.findings, filmed=analysis.source.filmed)
        folder = write_outputs(
            analysis,
            video,
            out,
            video=video_out,
            single_file=single_file,
            trc=trc,
            blur_faces=blur_faces,
            progress=bar.stage("Writing the report"),
        )
    show(analysis, folder, as_json=as_json, quiet=quiet)


def show(analysis: Analysis, folder: Path, *, as_json: bool, quiet: bool) -> None:
    """Print the result in the form asked for."""
    if as_json:
        typer.echo(analysis.model_dump_json(indent=2))
    elif not quiet:
        from rich.console import Console

        from knee_track.report.summary import summary

        Console().print(summary(analysis, folder), soft_wrap=True)
