"""What the readers of landmark files share: what the user adds, what they give back, and their clock."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import PoseFileError, UsageError
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HEEL, HIP, KNEE, LEGS
from knee_track.pose.track import Floats, PoseTrack, SceneFacts

NEEDED: Final = [part[leg] for part in (HIP, KNEE, ANKLE, HEEL, FOOT_INDEX) for leg in LEGS]
"""Landmarks without which nothing can be measured."""
NORMALISED_LIMIT: Final = 3.0
"""Coordinates within this are shares of the picture: points may lie outside it, but not by far."""
OUTSIDE_SHARE: Final = 0.25
"""Landmarks whose usual place lies this far outside the picture belong to a picture of another size."""
MOST_EMPTY: Final = 10
"""Frames without a person between those with one are filled in up to this many per frame given."""
SAY_SIZE: Final = "give the picture's size as --pose-size 1080x1920, or name the video too"
SAY_FPS: Final = "give the frame rate as --pose-fps 30, or name the video too"


@dataclass(frozen=True)
class Hints:
    """What the user, or the video, adds to a file.

    size_px: (width, height) of the upright picture. fps: frames per second. person: whom to follow, from left
    to right. frame_times_s (k,): the video's own frame times, by frame number from 0. Size and rate of the
    video count only where neither the user nor the file says anything.
    """

    size_px: tuple[int, int] | None = None
    fps: float | None = None
    person: int | None = None
    frame_times_s: Floats | None = None
    video_size_px: tuple[int, int] | None = None

    def size_for(self, path: Path, own: tuple[int, int] | None = None) -> tuple[int, int]:
        """Size of the picture: declared, the file's `own`, or the video's; raises PoseFileError."""
        size = self.size_px or own or self.video_size_px
        if size is None:
            raise PoseFileError(f"{path}: does not say how large the picture is; {SAY_SIZE}.")
        return size


@dataclass(frozen=True)
class PoseFile:
    """Landmarks read from a file.

    track: of the person followed. format: what the file is, in words. scene: see SceneFacts. warnings:
    sentences for the user.
    """

    track: PoseTrack
    format: str
    scene: SceneFacts
    warnings: tuple[str, ...] = field(default_factory=tuple)


def read_text(path: Path, limit: int = -1) -> bytes:
    """The content of a file, or its first bytes; raises PoseFileError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PoseFileError(f"{path}: cannot be read ({reason}).") from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file; of a folder, over the names and contents of its JSON files in order."""
    if path.is_file():
        return hashlib.sha256(read_text(path)).hexdigest()
    digest = hashlib.sha256()
    for file in sorted(path.glob("*.json")):
        digest.update(file.name.encode() + b"\0" + read_text(file))
    return digest.hexdigest()


def number_in(name: str) -> int | None:
    """The last number in a name, which is that of its frame: "squat_000000000012_keypoints" gives 12."""
    numbers = re.findall(r"\d+", name)
    return int(numbers[-1]) if numbers else None


def every_frame(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Frame numbers from the first to the last with none left out, in the step that they are given in.

    As they are when that would make most of them empty: then they are no frame numbers.
    """
    if len(numbers) < 2:
        return numbers
    step = int(np.gcd.reduce(np.diff(numbers)))
    whole = int(numbers[-1] - numbers[0]) // max(step, 1) + 1
    return np.arange(whole) * step + numbers[0] if whole <= MOST_EMPTY * len(numbers) else numbers


def times_of(numbers: NDArray[np.int64], path: Path, hints: Hints) -> Floats:
    """Times (n,) of frames by their numbers, seconds from frame 0 (or 1, when counted from there).

    The declared rate decides, else the video's frame times. Raises PoseFileError without either.
    """
    counted = numbers - (1 if len(numbers) and numbers[0] == 1 else 0)
    if hints.fps is not None:
        return np.asarray(counted / hints.fps)
    if hints.frame_times_s is None:
        raise PoseFileError(f"{path}: does not say how many frames there are in a second; {SAY_FPS}.")
    if len(counted) and counted[-1] >= len(hints.frame_times_s):
        raise PoseFileError(
            f"{path}: has landmarks for frame {counted[-1]}, but the video ends after "
            f"{len(hints.frame_times_s)} frames; name the video these landmarks were made from."
        )
    return np.asarray(hints.frame_times_s[counted], dtype=np.float64)


def in_pixels(points: Floats, path: Path, hints: Hints, own: tuple[int, int] | None = None) -> Floats:
    """Image landmarks (..., 2) in pixels, from pixels or shares of the picture, told by their range.

    Raises PoseFileError when they are metres (world landmarks), or those of a picture of another size.
    """
    known = points[np.isfinite(points).all(axis=-1)]
    if not known.size:
        return points
    size = np.array(hints.size_for(path, own), dtype=np.float64)
    if np.percentile(np.abs(known), 99) <= NORMALISED_LIMIT:
        left, right = np.percentile(known[:, 0], [20, 80])
        if left < 0.0 < right:  # a body round the origin
            raise PoseFileError(
                f"{path}: these look like world landmarks, metres from the hips; "
                "export the image landmarks, which say where each point is in the picture."
            )
        return points * size
    usual = np.percentile(known, [10, 90], axis=0)
    if (usual < -OUTSIDE_SHARE * size).any() or (usual > (1 + OUTSIDE_SHARE) * size).any():
        raise PoseFileError(
            f"{path}: the landmarks reach to {usual[1][0]:.0f} × {usual[1][1]:.0f} pixels, but the picture "
            f"is said to be {size[0]:.0f} × {size[1]:.0f}; give the right size with --pose-size."
        )
    return points


def make_track(
    path: Path,
    times_s: Floats,
    points: Floats,
    visibility: Floats | None,
    hints: Hints,
    *,
    own_size: tuple[int, int] | None = None,
    world_m: Floats | None = None,
) -> PoseTrack:
    """A BlazePose track of `points` (n, 33, 2), checked; a missing visibility is 1 where there is a point."""
    check_times(times_s, path)
    if not np.isfinite(points[:, NEEDED]).all(axis=2).any():
        raise PoseFileError(f"{path}: holds no person: no hip, knee, ankle or foot in any frame.")
    image = in_pixels(points, path, hints, own_size)
    seen = np.isfinite(image).all(axis=2)
    unseen = 0.0 if visibility is None else np.nan
    width, height = hints.size_for(path, own_size)
    return PoseTrack(
        times_s=times_s,
        image_px=image,
        world_m=np.full((*image.shape[:2], 3), np.nan) if world_m is None else world_m,
        visibility=np.asarray(np.where(seen, 1.0 if visibility is None else visibility, unseen)),
        width_px=width,
        height_px=height,
    )


def only_person(path: Path, hints: Hints) -> None:
    """Raise UsageError when another person than the only one is asked for."""
    if hints.person not in (None, 1):
        raise UsageError(f"--person {hints.person}: {path} holds the landmarks of one person; leave it out.")


def check_times(times_s: Floats, path: Path) -> None:
    """Raise PoseFileError unless there are at least two frames whose times rise."""
    if len(times_s) < 2:
        what = "no frame" if len(times_s) == 0 else "a single frame"
        raise PoseFileError(f"{path}: holds {what}; the whole set is needed, from standing to standing.")
    if not np.isfinite(times_s).all():
        row = int(np.flatnonzero(~np.isfinite(times_s))[0]) + 1
        raise PoseFileError(f"{path}: frame {row} has no time; every frame needs one.")
    if (fallen := np.flatnonzero(np.diff(times_s) <= 0)).size:
        row = int(fallen[0]) + 2
        raise PoseFileError(
            f"{path}: the time of frame {row} ({times_s[row - 1]:g} s) is not later than that of the frame "
            "before; sort the frames by time, and keep one person and each frame once."
        )


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names for a sentence, the first few of many."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
