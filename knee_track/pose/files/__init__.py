"""Landmarks that were made elsewhere: one way in for every kind of file.

`open_pose` looks at a file or folder and hands it to the reader of its format. A new format is a module with
a reader `(path, hints) -> PoseFile`, an entry in `READERS` and a rule in `format_of`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from knee_track.errors import PoseFileError
from knee_track.pose.files.arrays import read_npz
from knee_track.pose.files.common import Hints, PoseFile, read_text
from knee_track.pose.files.keypoints import read_halpe, read_json, read_openpose
from knee_track.pose.files.table import read_csv
from knee_track.pose.track import PoseTrack

__all__ = ["Format", "Hints", "PoseFile", "PoseFormat", "format_of", "open_pose", "read_pose"]

PoseFormat = Literal["auto", "mediapipe", "openpose", "halpe"]
"""What a user may declare."""
Format = Literal["npz", "csv", "json", "openpose", "halpe"]
"""What is read; "json" tells its layout by the number of keypoints."""

READERS: Final[dict[Format, Callable[[Path, Hints], PoseFile]]] = {
    "npz": read_npz,
    "csv": read_csv,
    "json": read_json,
    "openpose": read_openpose,
    "halpe": read_halpe,
}
KNOWN: Final = (
    "known are MediaPipe landmarks as .npz or .csv, a folder of OpenPose *_keypoints.json files, "
    "and AlphaPose results as .json"
)


def open_pose(path: Path, hints: Hints | None = None, *, format: PoseFormat = "auto") -> PoseFile:
    """Read landmarks made elsewhere, with what the file says about them.

    Parameters
    ----------
    path : a file, or a folder with one file per frame
    hints : what the file does not say: size of the picture, frame rate, whom to follow
    format : as declared; "auto" tells it by the content

    Raises
    ------
    PoseFileError : unusable file, or a hint is missing; the text says what to do
    UsageError : there is no such person
    """
    return READERS[format_of(path, format)](path, hints or Hints())


def read_pose(path: Path, hints: Hints | None = None, *, format: PoseFormat = "auto") -> PoseTrack:
    """The pose track alone; see `open_pose`."""
    return open_pose(path, hints, format=format).track


def format_of(path: Path, declared: PoseFormat = "auto") -> Format:
    """Which reader a file or folder needs; raises PoseFileError when there is none."""
    if not path.exists():
        raise PoseFileError(f"{path}: no such file or folder; check the name.")
    if declared in ("openpose", "halpe"):
        return declared
    if path.is_dir() and declared == "auto":
        return "json"
    if path.is_dir():
        raise PoseFileError(
            f"{path}: is a folder; MediaPipe landmarks are one .npz or .csv file, so name that."
        )
    start = _first_bytes(path)
    if start.startswith(b"PK\x03\x04"):
        return "npz"
    if declared == "auto" and start.lstrip()[:1] in (b"[", b"{"):
        return "json"
    if path.suffix.lower() == ".json" and declared == "auto":
        return "json"
    if b"\0" in start or path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise PoseFileError(f"{path}: is no landmark file of a known kind; {KNOWN}.")
    return "csv"


def _first_bytes(path: Path) -> bytes:
    start = read_text(path, limit=1024)
    if not start.strip():
        raise PoseFileError(f"{path}: is empty; export the landmarks again.")
    return start
