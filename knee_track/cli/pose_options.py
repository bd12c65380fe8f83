"""The options of `knee-track analyze` about `--pose`: which belong together, and what reads the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from knee_track.errors import UsageError

if TYPE_CHECKING:
    from knee_track.results import Analysis

PoseFormat = Literal["auto", "mediapipe", "openpose", "halpe", "markers"]


@dataclass(frozen=True)
class PoseOptions:
    """How `--pose` is to be read, as typed; None, or "auto", where nothing was said."""

    path: Path | None
    format: PoseFormat = "auto"
    size: str | None = None
    fps: float | None = None
    markers: str | None = None
    up: str | None = None

    @property
    def in_space(self) -> bool:
        """Whether it is a file of 3-D markers."""
        from knee_track.pose.markers.data import ENDINGS

        return self.format == "markers" or (self.path is not None and self.path.suffix.lower() in ENDINGS)

    def check(self, video: Path | None, others: Mapping[str, object]) -> None:
        """Raise UsageError for options that do not go together.

        others: values of the options that 3-D markers have no use for, by name.
        """
        if self.path is None:
            if video is None:
                raise UsageError("Name a video, or landmarks with --pose; see knee-track analyze --help.")
            if self.format != "auto" or self.size or self.fps or self.markers or self.up:
                raise UsageError(
                    "--pose-format, --pose-size, --pose-fps, --markers and --up say how to read --pose; "
                    "name it too."
                )
        elif self.in_space:
            self._check_markers({"VIDEO": video, "--pose-size": self.size, "--pose-fps": self.fps, **others})
        elif self.markers or self.up:
            raise UsageError(
                f"{self.path}: --markers and --up are for 3-D markers (.trc, .c3d); leave them out."
            )

    def _check_markers(self, unfit: Mapping[str, object]) -> None:
        if self.format not in ("auto", "markers"):
            raise UsageError(
                f"{self.path}: holds 3-D markers, not {self.format} landmarks; leave out --pose-format."
            )
        given = [name for name, value in unfit.items() if value]
        if given:
            raise UsageError(
                f"{self.path}: 3-D markers are measured as they are, without a picture; "
                f"leave out {' and '.join(given)}."
            )

    def runner(self, video: Path | None, person: int | None, mirrored: bool) -> Callable[..., Analysis]:
        """The analysis of this file; the options that all kinds of recording share are still to be given."""
        from knee_track.elsewhere import analyze_pose_file
        from knee_track.marker_pipeline import analyze_markers

        assert self.path is not None
        if self.in_space or self.format == "markers":  # the second says it to the type checker
            return partial(analyze_markers, self.path, mapping=self.markers, up=self.up)
        return partial(
            analyze_pose_file,
            self.path,
            video=video,
            format=self.format,
            size_px=parse_size(self.size),
            fps=self.fps,
            person=person,
            mirrored=mirrored,
        )


def parse_size(text: str | None) -> tuple[int, int] | None:
    """Width and height from "1080x1920"; raises UsageError."""
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d+)\s*[x×X,]\s*(\d+)\s*", text)
    if found is None:
        raise UsageError(f"--pose-size {text}: write it as width x height in pixels, e.g. 1080x1920.")
    return int(found[1]), int(found[2])
