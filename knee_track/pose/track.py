"""The pose track: one person's landmarks over time, as plain arrays that can be saved and read again."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import VideoError
from knee_track.pose.skeleton import N_LANDMARKS, mirror_order

Floats = NDArray[np.float64]
LandmarkKind = Literal["blazepose", "coco_feet", "joints"]
"""Whose points the landmarks are: BlazePose's own, COCO's body with big toe, small toe and heel (OpenPose
BODY_25, Halpe-26), or joint centres. But for BlazePose the foot index's place holds the third toe's tip."""
OWN_FORMAT: Final = "saved by an earlier run of knee-track"
"""What a pose file is called that `PoseTrack.save` wrote."""


@dataclass(frozen=True)
class PoseTrack:
    """Landmarks of one person over time. Missing is NaN.

    Attributes
    ----------
    times_s : (n,) seconds from the first frame's own timestamp, strictly rising
    image_px : (n, 33, 2) pixels of the upright, full-size picture; x right, y down
    world_m : (n, 33, 3) metres from mid-hip; unfit for measuring knees, kept for export
    visibility : (n, 33) 0 to 1
    width_px, height_px : size of the upright picture
    kind : whose points these are
    cleaned : the track has been through `clean_track`, which is not to be repeated
    """

    times_s: Floats
    image_px: Floats
    world_m: Floats
    visibility: Floats
    width_px: int
    height_px: int
    kind: LandmarkKind = "blazepose"
    cleaned: bool = False

    def __post_init__(self) -> None:
        n = len(self.times_s)
        shapes = {
            "image_px": (self.image_px.shape, (n, N_LANDMARKS, 2)),
            "world_m": (self.world_m.shape, (n, N_LANDMARKS, 3)),
            "visibility": (self.visibility.shape, (n, N_LANDMARKS)),
        }
        for name, (found, wanted) in shapes.items():
            if found != wanted:
                raise ValueError(f"{name} has shape {found}, expected {wanted}")

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def fps(self) -> float:
        """Mean frame rate in frames per second (30 for a track of one frame)."""
        if len(self) < 2:
            return 30.0
        return float((len(self) - 1) / (self.times_s[-1] - self.times_s[0]))

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(n,) True where the person was found."""
        return np.asarray(np.isfinite(self.image_px).any(axis=(1, 2)))

    @property
    def has_world(self) -> bool:
        """Whether there are world landmarks; landmarks made elsewhere often come without."""
        return bool(np.isfinite(self.world_m).any())

    def mirrored(self) -> PoseTrack:
        """Track of the un-mirrored scene: picture flipped left to right and sides swapped."""
        order = mirror_order()
        image = self.image_px[:, order].copy()
        image[..., 0] = self.width_px - image[..., 0]
        world = self.world_m[:, order] * np.array([-1.0, 1.0, 1.0])
        return replace(self, image_px=image, world_m=world, visibility=self.visibility[:, order])

    def part(self, start_s: float | None, end_s: float | None) -> PoseTrack:
        """Only the frames between two moments, both included; their times stay."""
        first = -np.inf if start_s is None else start_s
        last = np.inf if end_s is None else end_s
        inside = (self.times_s >= first) & (self.times_s <= last)
        return replace(
            self,
            times_s=self.times_s[inside],
            image_px=self.image_px[inside],
            world_m=self.world_m[inside],
            visibility=self.visibility[inside],
        )

    def save(self, path: Path, scene: SceneFacts | None = None) -> None:
        """Write `landmarks.npz`, with what is needed besides to analyse them again."""
        known = scene or SceneFacts.still(len(self))
        np.savez_compressed(
            path,
            times_s=self.times_s,
            image_px=self.image_px.astype(np.float32),
            world_m=self.world_m.astype(np.float32),
            visibility=self.visibility.astype(np.float32),
            size_px=np.array([self.width_px, self.height_px]),
            kind=np.array(self.kind),
            cleaned=np.array(self.cleaned),
            motion_px=known.motion_px.astype(np.float32),
            cuts_s=np.array(known.cuts_s, dtype=np.float64),
            people=np.array(known.people),
            mirrored=np.array(known.mirrored),
            origin=np.array(known.origin),
            focal_length_35mm=np.array(known.focal_length_35mm or np.nan),
        )

    @classmethod
    def load(cls, path: Path) -> PoseTrack:
        """Read `landmarks.npz`; raises VideoError when the file is not one of ours."""
        return load_track(path)[0]


@dataclass(frozen=True)
class SceneFacts:
    """What is known of the scene besides the landmarks, n frames.

    motion_px (n, 2): how far the background has moved since the first frame. cuts_s: first moments after
    cuts. people: most people seen at once. mirrored: the landmarks of a mirrored recording, turned round.
    origin: name of the file they were made from, empty where it is not known.
    focal_length_35mm: as the camera wrote it into the file, millimetres.
    """

    motion_px: Floats
    cuts_s: tuple[float, ...] = ()
    people: int = 1
    mirrored: bool = False
    origin: str = ""
    focal_length_35mm: float | None = None

    @classmethod
    def still(cls, n: int, people: int = 1) -> SceneFacts:
        """Of a camera on a stand."""
        return cls(np.zeros((n, 2)), people=people)


ARRAYS: Final = ("times_s", "image_px", "world_m", "visibility")


def load_track(path: Path) -> tuple[PoseTrack, SceneFacts]:
    """A saved `landmarks.npz` and its scene; raises VideoError when the file is not one of ours.

    Files of version 0.1.0 hold no more than the landmarks, which were always cleaned ones.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            more: dict[str, Any] = {name: data[name] for name in data.files}
        width, height = (int(v) for v in more["size_px"])
        kind, cleaned = str(more.get("kind", "blazepose")), bool(more.get("cleaned", True))
        arrays = {name: more[name].astype(np.float64) for name in ARRAYS}
        if kind not in get_args(LandmarkKind):
            raise ValueError(f"landmarks of the unknown kind {kind}")
        track = PoseTrack(width_px=width, height_px=height, kind=kind, cleaned=cleaned, **arrays)  # type: ignore[arg-type]
        still = SceneFacts.still(len(track))
        focal = float(more.get("focal_length_35mm", np.nan))
        scene = SceneFacts(
            motion_px=np.asarray(more.get("motion_px", still.motion_px), dtype=np.float64),
            cuts_s=tuple(float(cut_s) for cut_s in more.get("cuts_s", ())),
            people=int(more.get("people", 1)),
            mirrored=bool(more.get("mirrored", False)),
            origin=str(more.get("origin", "")),
            focal_length_35mm=focal if np.isfinite(focal) else None,
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise VideoError(f"{path} is not a landmark file written by knee-track: {error}.") from error
    return track, scene
