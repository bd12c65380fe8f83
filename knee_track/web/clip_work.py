"""What happens to an uploaded clip, in a process of its own: checked, analysed, written, removed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from knee_track.errors import KneeTrackError
from knee_track.pose.skeleton import Leg
from knee_track.reps.movement import Known
from knee_track.settings import Settings
from knee_track.web.child import Tell, WorkError
from knee_track.web.names import safe_stem, safe_suffix


@dataclass(frozen=True)
class ClipOptions:
    """What the user says of a clip; as in `knee-track analyze`."""

    height_m: float | None = None
    movement: Known | None = None
    leg: Leg | None = None
    mirrored: bool = False
    client: str | None = None


@dataclass(frozen=True)
class Check:
    """Whether a file is a video: by opening it, whatever it is called."""

    path: Path
    name: str

    def __call__(self, tell: Tell) -> str:
        """Raises VideoError when it is none."""
        from knee_track.video.reader import VideoReader

        try:
            with VideoReader(self.path):
                return "ok"
        except KneeTrackError as error:
            raise named(error, self.path, self.name) from error


@dataclass(frozen=True)
class ClipWork:
    """Analyse an uploaded clip.

    Attributes
    ----------
    upload : the file, alone in its folder
    name : the user's name for it, to be shown
    out : folder of the results
    keep : keep the video as it came, in the folder of its result
    """

    upload: Path
    name: str
    out: Path
    options: ClipOptions
    settings: Settings
    keep: bool = False

    def __call__(self, tell: Tell) -> str:
        """Returns the name of the result's folder."""
        from knee_track.pipeline import analyze
        from knee_track.report.folder import write_outputs

        clip = self.upload.rename(
            self.upload.with_name(safe_stem(self.name) + (safe_suffix(self.name) or ".mp4"))
        )
        said = self.options
        try:
            analysis = analyze(
                clip,
                settings=self.settings,
                offline=True,
                movement=said.movement,
                leg=said.leg,
                mirrored=said.mirrored,
                height_m=said.height_m,
                client_id=said.client,
                progress=lambda share: tell("Looking at the client", share),
            )
            analysis.source.path = self.name  # what the report shows; the place it was in is gone
            folder = write_outputs(
                analysis, clip, self.out, progress=lambda share: tell("Writing the report", share)
            )
        except KneeTrackError as error:
            raise named(error, clip, self.name) from error
        if self.keep:
            shutil.move(clip, folder / f"{clip.stem}_original{clip.suffix}")
        return folder.name


def named(error: KneeTrackError, path: Path, name: str) -> WorkError:
    """An error that calls the clip what the user calls it."""
    return WorkError(str(error).replace(str(path), name))
