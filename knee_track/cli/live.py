"""`knee-track live`: see and hear it while you squat, in a window or as JSON lines."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from knee_track.cli.common import (
    EXPERT,
    RESULTS,
    ClientId,
    ConfigFile,
    Height,
    Mirrored,
    Movement,
    Offline,
    Overrides,
    WorkingLeg,
)
from knee_track.cli.plan_options import IntakeFile, Language, PlanOptions

if TYPE_CHECKING:
    from types import FrameType

    from knee_track.cli.plan_options import Sources
    from knee_track.live.check import Face, LiveCheck
    from knee_track.results import Analysis, Protocol
    from knee_track.settings import Settings

Mode = Literal["every", "alternate", "summary", "off"]

CAMERA, FEEDBACK = "Camera", "Feedback"
EPILOG = """\
Examples:

  knee-track live

  knee-track live --camera 1 --mirror --record -o results

  knee-track live --source rtsp://192.168.1.20/front --no-window
"""


def live(
    camera: Annotated[
        int | None, typer.Option(min=0, help="Number of the camera; default: 0.", rich_help_panel=CAMERA)
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="URL|FILE",
            help="In place of a camera: an RTSP or HTTP (MJPEG) address, or a video, played in real time.",
            rich_help_panel=CAMERA,
        ),
    ] = None,
    mirror: Annotated[
        bool,
        typer.Option("--mirror", help="Show the picture as a mirror does.", rich_help_panel=CAMERA),
    ] = False,
    mirrored: Mirrored = False,
    height: Height = None,
    client: ClientId = None,
    movement: Movement = None,
    leg: WorkingLeg = None,
    intake: IntakeFile = None,
    feedback: Annotated[
        Mode,
        typer.Option(
            help="Cues in every rep, in every other (alternate), only after the set (summary), or off.",
            rich_help_panel=FEEDBACK,
        ),
    ] = "every",
    cue: Annotated[
        str | None,
        typer.Option(help="Words of the cue; default: the protocol's.", rich_help_panel=FEEDBACK),
    ] = None,
    language: Language = "en",
    sound: Annotated[
        bool,
        typer.Option("--sound/--no-sound", help="Tones and spoken cues.", rich_help_panel=FEEDBACK),
    ] = True,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Folder for the sets' results.", rich_help_panel=RESULTS),
    ] = Path("knee_track_results"),
    record: Annotated[
        bool,
        typer.Option("--record", help="Keep the video of each set too.", rich_help_panel=RESULTS),
    ] = False,
    window: Annotated[
        bool,
        typer.Option(
            "--window/--no-window",
            help="Without a window: one line of JSON per rep and event; Ctrl-C ends and saves the set.",
            rich_help_panel=RESULTS,
        ),
    ] = True,
    fullscreen: Annotated[
        bool, typer.Option("--fullscreen", help="As large as the screen.", rich_help_panel=RESULTS)
    ] = False,
    variant: Annotated[
        Literal["lite", "full", "heavy"],
        typer.Option(
            help="Pose model to begin with; a lighter one takes over on a slow machine, if it is here.",
            rich_help_panel=EXPERT,
        ),
    ] = "full",
    offline: Offline = False,
    config: ConfigFile = None,
    set_: Overrides = None,
) -> None:
    """Check squats live, with a cue while the knee goes in; each set leaves the usual results.

    Stand still for two seconds, then squat. Enter ends a set and saves it, q quits.
    """
    import cv2  # noqa: F401  # before PyAV, whose own copy of libxcb hangs the windows of Qt

    from knee_track.errors import UsageError
    from knee_track.judgement import Declared
    from knee_track.live.check import Keeping, LiveCheck
    from knee_track.live.cue_words import live_cue
    from knee_track.live.pace import Pace, ladder
    from knee_track.live.poses import available_variants
    from knee_track.live.session import LiveSession
    from knee_track.live.sources import open_source
    from knee_track.pipeline import check_height
    from knee_track.pose.bundles import find_bundle
    from knee_track.report.swap import prove_writable
    from knee_track.settings import load_settings

    if camera is not None and source is not None:
        raise UsageError("--camera and --source both say where the pictures come from; give one of them.")
    check_height(height)
    settings = load_settings(config, set_ or [])
    plan_options = PlanOptions(intake=intake, language=language)
    given = plan_options.check()
    words = cue or live_cue(language)
    prove_writable(out)
    find_bundle(variant, offline=offline)  # fetched now, not while somebody stands before the camera
    declared = Declared(movement=movement, leg=leg, mirrored=mirrored, height_m=height, client_id=client)
    plan = None if intake is None else partial(_own_plan, plan_options, given)
    face = _window(settings, words, language, mirror, sound, fullscreen) if window else _lines()
    with face, open_source(source if source is not None else camera or 0) as frames:
        check = LiveCheck(
            frames,
            LiveSession(settings, declared=declared, feedback=feedback),
            Keeping(out, record, plan),
            face.tell,
            pace=Pace(ladder(available_variants(), variant), camera=not frames.waits),
        )
        with _ended_by_signals(check):
            try:
                with check:
                    face.run(check)
            finally:
                face.finish(check)
    if check.error is not None:
        raise check.error


def _own_plan(plan_options: PlanOptions, given: Sources, analysis: Analysis) -> Protocol:
    return plan_options.build(given, analysis.findings, filmed=analysis.source.filmed)[1]


def _window(settings: Settings, cue: str, language: str, mirror: bool, sound: bool, fullscreen: bool) -> Face:
    from knee_track.live.sound import Announcer, speech_command, tone_player
    from knee_track.live.window import Window

    announcer = Announcer(cue, language, player=tone_player(), speaker=speech_command())
    announcer.tones = announcer.speech = sound
    return Window(settings, announcer, mirror=mirror, fullscreen=fullscreen)


def _lines() -> Face:
    from knee_track.live.lines import Lines

    return Lines(sys.stdout)


@contextmanager
def _ended_by_signals(check: LiveCheck) -> Iterator[None]:
    """The first Ctrl-C or termination ends the check and lets the set be saved; the second breaks off."""

    def end(number: int, frame: FrameType | None) -> None:
        for one, handler in before.items():
            signal.signal(one, handler)
        check.stop()

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
