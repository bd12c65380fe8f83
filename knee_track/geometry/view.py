"""Where the camera stands: name, angles, and whether knees can be measured from there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knee_track import results
from knee_track.geometry import anatomy, deviation, legmodel
from knee_track.geometry.legfit import LegFit
from knee_track.geometry.legmodel import Shared
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HEEL, HIP, KNEE, LEGS, SHOULDER
from knee_track.pose.track import PoseTrack
from knee_track.settings import ViewSettings

Floats = NDArray[np.float64]

BODY_WIDTHS = (0.47, 0.88)
"""Hip and shoulder landmarks' distance in shanks, rendered bodies: 0.45 to 0.49 and 0.83 to 0.92."""
FOOT_FORWARD = 0.55
"""Heel to toe landmark in shanks, along a body whose feet turn out by 16 degrees."""
HOW_TO_FILM = "film from the front at knee height, 2.5 to 3 m away"


def rough_yaw_deg(track: PoseTrack) -> Floats:
    """Yaw per frame (n,) in degrees from the world landmarks' hip and shoulder lines and feet.

    Good to about 8 degrees in front views and under-read by up to 15 at the side (measured on rendered
    clips); only used to start the fit and to refuse views that are far off. 0 front, +-180 back, positive
    toward the client's left. Without world landmarks see `picture_yaw_deg`.
    """
    if not track.has_world:
        return picture_yaw_deg(track)
    directions = []
    for pair in (HIP, SHOULDER):
        across = track.world_m[:, pair["left"]] - track.world_m[:, pair["right"]]
        directions.append(np.arctan2(-across[:, 2], across[:, 0]))
    toes = [track.world_m[:, FOOT_INDEX[leg]] - track.world_m[:, HEEL[leg]] for leg in LEGS]
    feet = toes[0] + toes[1]
    directions.append(np.arctan2(-feet[:, 0], -feet[:, 2]))
    turn = np.stack(directions, axis=1)
    return np.asarray(np.degrees(np.arctan2(np.sin(turn).sum(axis=1), np.cos(turn).sum(axis=1))))


def picture_yaw_deg(track: PoseTrack) -> Floats:
    """Yaw per frame (n,) in degrees from the picture alone, for tracks without world landmarks.

    The widths of hips and shoulders, against the usual ones in shanks, give its cosine with the sign of front
    or back; how far both feet together point to one side gives its sine, and their toe-out cancels. A front
    view where the feet are hidden; NaN where hips and shoulders are. The shank is the longest usual one.
    """
    image = track.image_px
    shanks = [np.linalg.norm(image[:, KNEE[leg]] - image[:, ANKLE[leg]], axis=1) for leg in LEGS]
    known = np.fmax(*shanks)[np.isfinite(np.fmax(*shanks))]
    if not known.size:
        return np.full(len(track), np.nan)
    unit = float(np.percentile(known, 90))
    across = np.array([image[:, pair["left"], 0] - image[:, pair["right"], 0] for pair in (HIP, SHOULDER)])
    widths = across / (unit * np.array(BODY_WIDTHS)[:, None])
    there = np.isfinite(widths)
    with np.errstate(invalid="ignore"):
        cosine = np.where(there, widths, 0.0).sum(axis=0) / there.sum(axis=0)
    toes = [image[:, FOOT_INDEX[leg], 0] - image[:, HEEL[leg], 0] for leg in LEGS]
    sine = np.nan_to_num(-(toes[0] + toes[1]) / (2.0 * FOOT_FORWARD * unit))
    return np.asarray(np.degrees(np.arctan2(sine, cosine)))


def name_of(yaw_deg: float, settings: ViewSettings) -> results.ViewName:
    """Front, oblique, side or back by yaw."""
    off = abs(yaw_deg)
    if not np.isfinite(off):
        return "unknown"
    if off <= settings.front_yaw_deg:
        return "front"
    if off >= 180.0 - settings.front_yaw_deg:
        return "back"
    return "side" if settings.side_yaw_deg <= off <= 180.0 - settings.side_yaw_deg else "oblique"


def refusal(yaw_deg: float, settings: ViewSettings) -> str | None:
    """Why knees are not measured from this yaw, or None when they are."""
    off = abs(yaw_deg)
    if not np.isfinite(off):
        return f"the camera's position could not be told; {HOW_TO_FILM}"
    if off <= settings.max_yaw_deg:
        return None
    if off >= 180.0 - settings.max_yaw_deg:
        return f"the camera stands behind the client; {HOW_TO_FILM}"
    return f"the camera stands {off:.0f}° to the side; {HOW_TO_FILM}"


def rough_view(
    yaw_deg: float, settings: ViewSettings, *, mirrored: bool, reasons: Sequence[str]
) -> results.View:
    """The view of a clip without a leg fit: named by the rough yaw, not usable for knees."""
    known = bool(np.isfinite(yaw_deg))
    return results.View(
        name=name_of(yaw_deg, settings),
        yaw_deg=yaw_deg if known else None,
        yaw_band_deg=settings.rough_yaw_band_deg if known else None,
        pitch_deg=None,
        roll_deg=None,
        mirrored=mirrored,
        usable=False,
        reasons=list(reasons),
    )


def view_of(fit: LegFit, settings: ViewSettings, *, mirrored: bool, reasons: Sequence[str]) -> results.View:
    """The view that the fit found; `reasons` say which reps could not be measured all the same."""
    yaw = legmodel.yaw_of(fit.shared)
    spread = np.degrees(deviation.Z95 * np.sqrt(np.diag(fit.covariance)))
    return results.View(
        name=name_of(yaw, settings),
        yaw_deg=yaw,
        pitch_deg=float(np.degrees(fit.shared[Shared.PITCH])),
        roll_deg=float(np.degrees(fit.shared[Shared.ROLL])),
        yaw_band_deg=yaw_band_deg(fit),
        pitch_band_deg=float(spread[Shared.PITCH]),
        roll_band_deg=float(spread[Shared.ROLL]),
        mirrored=mirrored,
        usable=True,
        reasons=list(reasons),
    )


def yaw_band_deg(fit: LegFit) -> float:
    """95 % half-width of the yaw."""
    yaw = legmodel.yaw_of(fit.shared)
    step = 1e-5
    gradient = [
        np.radians(legmodel.yaw_of(fit.shared + shift) - yaw) / step
        for shift in step * np.eye(legmodel.N_SHARED)
    ]
    band = deviation.spread_of(fit, np.array([yaw]), np.array([gradient]))
    return float(np.degrees(band[0]))


def camera_in_metres(fit: LegFit, height_m: float | None) -> tuple[float, float] | None:
    """Camera height above the floor and distance in metres; None when the client's height is unknown."""
    if height_m is None:
        return None
    shank_m = anatomy.SHANK_SHARE_OF_HEIGHT * height_m
    x, y = fit.shared[legmodel.ANKLE_X].mean(), fit.shared[legmodel.ANKLE_Y].mean()
    height = (fit.shared[Shared.HEIGHT] + fit.shared[Shared.TOE_DROP]) * shank_m
    return float(height), float(np.hypot(x, y) * shank_m)
