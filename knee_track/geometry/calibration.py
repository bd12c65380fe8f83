"""What somebody measured beside the clip, and what the fit makes of it.

All of it is optional: the third toes' tips marked in the picture, the camera's height and distance in
metres, and the focal length that the camera wrote into the file. Each adds residuals, in standard
deviations, to what the leg model believes beforehand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track import results
from knee_track.errors import UsageError
from knee_track.geometry import anatomy
from knee_track.geometry.anatomy import Prior
from knee_track.geometry.camera import Camera
from knee_track.pose.skeleton import LEGS, Leg

Floats = NDArray[np.float64]
Point = tuple[float, float]

STATURE: Final = Prior(1.70, 0.10)
"""Height of a client who did not say, metres: men and women together."""
STATURE_SD_M: Final = 0.015
"""Of a height that was said: shoes, rounding, time of day."""
SHANK_SHARE_SD: Final = 0.012
"""Person-to-person spread of `anatomy.SHANK_SHARE_OF_HEIGHT`."""
CAMERA_HEIGHT_SD_M: Final = 0.03
"""Tape measure to a lens, and soles under the toes."""
CAMERA_DISTANCE_SD: Final = (0.05, 0.02)
"""Of the distance to the middle between the ankles: metres, and a share of it."""
HEIGHT_RANGE_M: Final = (0.05, 3.0)
DISTANCE_RANGE_M: Final = (0.8, 10.0)
TOE_SD_SHANKS: Final = 0.008
"""How well the tip of the third toe is known to who marks it, in shanks (3 mm)."""
TOE_SD_PX: Final = 2.0
"""How well it is hit."""
OFF_THE_FOOT: Final = 0.5
"""Shanks between a mark and the toe landmark from which it cannot be that foot; the ankle is 0.45 away."""
OTHER_FOOT: Final = 0.2
"""Shanks from which a mark is called the other foot's when that one is nearer."""

FILM_DIAGONAL_MM: Final = 43.27
PHOTO_DIAGONAL: Final = 1.25
"""Diagonal over longer side of a 4:3 sensor; 35 mm equivalence is by the diagonal of the whole photo."""
VIDEO_CROP: Final = 1.12
"""Stabilisation cuts video out of the photo's field: 1.05 to 1.25 times longer focal lengths."""
LOG_FOCAL_SD: Final = 0.08


@dataclass(frozen=True)
class Calibration:
    """What is known beside the clip; None, or no entry, where it is not.

    Attributes
    ----------
    toes_px : per leg (the client's) the third toe's tip (x, y), pixels of the upright full-size picture
    toes_at_s : the frame they were marked in, seconds; None: the first frame
    camera_height_m : lens above the floor
    camera_distance_m : along the floor, from under the lens to the middle between the ankles
    client_height_m : tells how long the shanks are, the fit's unit; used with height or distance only
    focal_length_35mm : 35 mm equivalent focal length in millimetres, as cameras write it
    """

    toes_px: Mapping[Leg, Point] = field(default_factory=dict)
    toes_at_s: float | None = None
    camera_height_m: float | None = None
    camera_distance_m: float | None = None
    client_height_m: float | None = None
    focal_length_35mm: float | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing in it helps the fit."""
        camera = (self.camera_height_m, self.camera_distance_m, self.focal_length_35mm)
        return not self.toes_px and all(value is None for value in camera)

    @property
    def log_focal(self) -> Prior | None:
        """Logarithm of the focal length over the picture's longer side."""
        if self.focal_length_35mm is None:
            return None
        photo = self.focal_length_35mm / FILM_DIAGONAL_MM * PHOTO_DIAGONAL
        return Prior(float(np.log(photo * VIDEO_CROP)), LOG_FOCAL_SD)

    @property
    def shank_m(self) -> Prior:
        """Length of the shank in metres."""
        told = self.client_height_m
        stature = STATURE if told is None else Prior(told, STATURE_SD_M)
        share = anatomy.SHANK_SHARE_OF_HEIGHT
        relative = np.hypot(SHANK_SHARE_SD / share, stature.sd / stature.mean)
        return Prior(share * stature.mean, float(share * stature.mean * relative))

    def mirrored(self, width_px: float) -> Calibration:
        """As seen in the picture flipped left to right; the legs' names are the client's and stay."""
        return replace(self, toes_px={leg: (width_px - x, y) for leg, (x, y) in self.toes_px.items()})

    def of_legs(self, legs: Collection[Leg], sway_px: Floats) -> Calibration:
        """Only these legs' marks, in the picture put back by how far (x, y) the camera had swayed."""
        x, y = (float(sway) for sway in sway_px)
        toes = {leg: (mark[0] - x, mark[1] - y) for leg, mark in self.toes_px.items() if leg in legs}
        return replace(self, toes_px=toes)


def camera_residuals(known: Calibration, height: float, distance: float) -> Floats:
    """Camera height above the floor and distance along it, both in shanks, against what was measured.

    How long a shank is concerns both alike: the residuals are whitened with their covariance, so that given
    both, their ratio is known better than either.
    """
    shank = known.shank_m
    given = []
    if known.camera_height_m is not None:
        given.append((height, known.camera_height_m, CAMERA_HEIGHT_SD_M))
    if known.camera_distance_m is not None:
        metres, share = CAMERA_DISTANCE_SD
        given.append((distance, known.camera_distance_m, np.hypot(metres, share * known.camera_distance_m)))
    if not given:
        return np.empty(0)
    fitted, measured_m, sd_m = np.array(given).T
    expected = measured_m / shank.mean
    scale = expected * shank.sd / shank.mean
    covariance = np.diag((sd_m / shank.mean) ** 2) + np.outer(scale, scale)
    return np.asarray(np.linalg.solve(np.linalg.cholesky(covariance), fitted - expected))


def toe_residuals(known: Calibration, camera: Camera, third_toes: Floats) -> Floats:
    """Third-toe tips (2, 3) in the world, left then right, against the marks: x and y of each marked leg."""
    legs = [leg for leg in LEGS if leg in known.toes_px]
    if not legs:
        return np.empty(0)
    marks = np.array([known.toes_px[leg] for leg in legs])
    pixels, distance = camera.project(third_toes[[LEGS.index(leg) for leg in legs]])
    sd_px = np.hypot(TOE_SD_SHANKS * camera.focal_px / distance, TOE_SD_PX)
    return np.asarray((pixels - marks) / sd_px[:, None]).ravel()


def check_given(known: Calibration) -> None:
    """Raise UsageError for a camera that cannot stand there or a leg that is none."""
    for name, value, (low, high), example in (
        ("height", known.camera_height_m, HEIGHT_RANGE_M, "0.5"),
        ("distance", known.camera_distance_m, DISTANCE_RANGE_M, "2.8"),
    ):
        if value is not None and not low <= value <= high:
            raise UsageError(
                f"A camera {name} of {value:g} m cannot be used; "
                f"give it in metres, from {low:g} to {high:g}, e.g. {example}."
            )
    for leg in known.toes_px:
        if leg not in LEGS:
            raise UsageError(f"Third toes are marked on the left and the right foot, not on {leg!r}.")


def check_in_picture(known: Calibration, width_px: int, height_px: int) -> None:
    """Raise UsageError for a mark outside the picture."""
    for leg, (x, y) in known.toes_px.items():
        if not (0 <= x <= width_px and 0 <= y <= height_px):
            raise UsageError(
                f"The {leg} third toe at {x:g},{y:g} lies outside the picture of {width_px} × {height_px} "
                "pixels; give pixels of the full-size, upright picture, from its upper left corner."
            )


def check_time(known: Calibration, times_s: Floats) -> None:
    """Raise UsageError for marks made at a time that is not analysed."""
    at_s, first, last = known.toes_at_s, float(times_s[0]), float(times_s[-1])
    if known.toes_px and at_s is not None and not first - 0.05 <= at_s <= last + 0.05:
        raise UsageError(
            f"Third toes marked at {at_s:g} s lie outside the part that is analysed, "
            f"{first:.1f} to {last:.1f} s."
        )


def check_on_feet(known: Calibration, feet_px: Mapping[Leg, Floats], shank_px: float) -> None:
    """Raise UsageError when a mark does not lie on its foot's landmark (2,); one that is not seen passes."""
    for leg, mark in known.toes_px.items():
        off = {side: float(np.linalg.norm(feet_px[side] - mark)) / shank_px for side in LEGS}
        own, other = off[leg], off["right" if leg == "left" else "left"]
        if own > OTHER_FOOT and other < min(own, OFF_THE_FOOT):
            raise UsageError(
                f"The third toe marked as {leg} lies on the other foot; left and right are the client's own, "
                "also in mirrored recordings (declare those as mirrored)."
            )
        if own > OFF_THE_FOOT:
            x, y = feet_px[leg]
            raise UsageError(
                f"The {leg} third toe at {mark[0]:.0f},{mark[1]:.0f} is not on the {leg} foot, which is seen "
                f"near {x:.0f},{y:.0f}; mark it again, and say the time of the frame."
            )


def left_out(known: Calibration, used: Collection[Leg]) -> list[str]:
    """A sentence about marked toes that no fit could use, if there are any."""
    legs = [leg for leg in LEGS if leg in known.toes_px and leg not in used]
    return [f"The marked {leg} third toe was not used: that foot stood elsewhere then." for leg in legs]


def record_of(known: Calibration, used: Collection[Leg]) -> results.Calibration | None:
    """What `analysis.json` says of it: the marks of `used` legs, and the camera as it was told."""
    toes = {f"{leg}_px": mark for leg, mark in known.toes_px.items() if leg in used}
    camera = {
        "height_m": known.camera_height_m,
        "distance_m": known.camera_distance_m,
        "focal_length_35mm": known.focal_length_35mm,
    }
    told = any(value is not None for value in camera.values())
    if not toes and not told:
        return None
    return results.Calibration(
        third_toe=results.MarkedToes(**toes, at_s=known.toes_at_s) if toes else None,
        camera=results.KnownCamera(**camera) if told else None,
    )
