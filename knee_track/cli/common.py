"""Options that several commands have, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from knee_track.pose.skeleton import Leg

ABOUT, RESULTS, EXPERT = "About the client and the clip", "What comes out", "Model and settings"

Height = Annotated[
    float | None,
    typer.Option(help="The client's height in metres, to print millimetres too.", rich_help_panel=ABOUT),
]
ClientId = Annotated[
    str | None,
    typer.Option("--client", help="A pseudonym for the client; never a name.", rich_help_panel=ABOUT),
]
Movement = Annotated[
    Literal["squat", "single_leg_squat", "lunge", "deadlift"] | None,
    typer.Option(help="The exercise; default: recognised.", rich_help_panel=ABOUT),
]
WorkingLeg = Annotated[
    Leg | None, typer.Option(help="The working leg of a one-legged exercise.", rich_help_panel=ABOUT)
]
Mirrored = Annotated[
    bool,
    typer.Option(
        "--mirrored", help="The pictures are mirrored, as selfies often are.", rich_help_panel=ABOUT
    ),
]
VideoOut = Annotated[
    bool, typer.Option("--video/--no-video", help="Write the annotated video.", rich_help_panel=RESULTS)
]
BlurFaces = Annotated[
    bool,
    typer.Option(
        "--blur-faces",
        help="Make the client's head unrecognisable in video and pictures; others stay as they are.",
        rich_help_panel=RESULTS,
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print nothing but errors.", rich_help_panel=RESULTS)
]
Preset = Annotated[
    Literal["fast", "balanced", "accurate"] | None,
    typer.Option(help="How finely frames are read.", show_default="balanced", rich_help_panel=EXPERT),
]
Variant = Annotated[
    Literal["lite", "full", "heavy"],
    typer.Option(
        help="Pose model: lite is faster and rougher, heavy slower and finer.", rich_help_panel=EXPERT
    ),
]
ModelFile = Annotated[
    Path | None, typer.Option("--model", help="A pose model bundle (.task) to use.", rich_help_panel=EXPERT)
]
Offline = Annotated[bool, typer.Option("--offline", help="Never fetch a model.", rich_help_panel=EXPERT)]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", help="TOML file with settings; see 'knee-track settings'.", rich_help_panel=EXPERT
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="One setting, as section.name=value; repeatable.", rich_help_panel=EXPERT),
]
