"""Help with setting up, one instruction at a time, in the order in which a coach would speak.

What the picture alone can tell comes first: who is in it, whether the body is, how large, how bright, which
way it faces. How high and how tilted the camera stands cannot be told apart before legs were fitted over a
level floor; that is said after two seconds of quiet standing, and only where it exceeds its own band.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry.deviation import Z95
from knee_track.geometry.legfit import LegFit
from knee_track.geometry.legmodel import Shared
from knee_track.live.state import Instruction, PauseReason
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HEEL, HIP, KNEE, LEGS, SHOULDER
from knee_track.settings import Settings

Floats = NDArray[np.float64]

FEET: Final = [*ANKLE.values(), *HEEL.values(), *FOOT_INDEX.values()]
HEAD: Final = list(range(11))
BODY: Final = [*SHOULDER.values(), *HIP.values(), *KNEE.values(), *ANKLE.values()]
LEG_POINTS: Final = [index[leg] for index in (HIP, KNEE, ANKLE, FOOT_INDEX) for leg in LEGS]
MIN_BODY_SHARE: Final = 0.02
"""Of the picture's height beyond its edge, before a point counts as cut off."""

STAND_STILL: Final = Instruction("stand_still", "Stand still, feet where you will squat, for two seconds.")
BEGIN: Final = Instruction("begin", "Ready. Begin when you like.")
PAUSED: Final[dict[PauseReason, Instruction]] = {
    "user": Instruction("paused", "Paused."),
    "lost": Instruction("nobody", "You have left the picture; step back into it.", blocking=True),
    "second_person": Instruction("one_person", "Only one person in the picture, please.", blocking=True),
    "camera_moved": Instruction(
        "camera_moved", "The camera has moved; put it down and leave it.", blocking=True
    ),
}


@dataclass(frozen=True)
class Look:
    """The last moments before the camera, as medians.

    image_px (33, 2), visibility (33,): of the client, None with nobody there. size: width and height in
    pixels. yaw_deg: rough, NaN when unknown. brightness: mean of the picture, 0 to 255, None when not told.
    """

    image_px: Floats | None
    visibility: Floats | None
    size: tuple[int, int]
    yaw_deg: float = float("nan")
    people: int = 1
    brightness: float | None = None


def next_instruction(look: Look, settings: Settings) -> Instruction | None:
    """The first thing to put right, None when the client may stand still."""
    if look.image_px is None or look.visibility is None:
        return Instruction("nobody", "Step into the picture, so that all of you can be seen.", blocking=True)
    if look.people > 1:
        return PAUSED["second_person"]
    return (
        _body(look.image_px, look.size)
        or _distance(look.image_px, look.size, settings)
        or _light(look.visibility, look.brightness, settings)
        or _facing(look.yaw_deg, settings)
        or _lines(look.image_px, look.yaw_deg, settings)
    )


def camera_advice(fit: LegFit, settings: Settings) -> Instruction | None:
    """What the leg model says against the camera's place, beyond its own error; advice, never blocking."""
    live = settings.live
    band = Z95 * np.sqrt(np.diag(fit.covariance))
    height = float(fit.shared[Shared.HEIGHT] + fit.shared[Shared.TOE_DROP])
    pitch, roll = np.degrees(fit.shared[[Shared.PITCH, Shared.ROLL]])
    low, high = live.camera_height
    if height - band[Shared.HEIGHT] > high:
        return Instruction("lower_camera", "Lower the camera to knee height.")
    if height + band[Shared.HEIGHT] < low:
        return Instruction("raise_camera", "Raise the camera to knee height.")
    if abs(pitch) - np.degrees(band[Shared.PITCH]) > live.max_pitch_deg:
        way = "up" if pitch > 0 else "down"
        return Instruction(f"tilt_camera_{way}", f"Tilt the camera {way}, until it looks straight ahead.")
    if abs(roll) - np.degrees(band[Shared.ROLL]) > live.max_roll_deg:
        return Instruction("level_camera", "The camera leans to one side; put it straight.")
    return None


def _body(image_px: Floats, size: tuple[int, int]) -> Instruction | None:
    """Whether the whole body is in the picture, and how to get it there.

    Left and right are the client's, who faces the camera: the picture's left is the client's right.
    """
    width, height = size
    margin = MIN_BODY_SHARE * height
    x, y = image_px.T
    feet, head = bool(np.nanmax(y[FEET]) > height + margin), bool(np.nanmin(y[HEAD]) < -margin)
    if feet and head:
        return Instruction(
            "step_back", "Step back, until your head and feet are in the picture.", blocking=True
        )
    if feet:
        return Instruction(
            "show_feet", "Your feet are cut off; step back or tilt the camera down.", blocking=True
        )
    if np.nanmin(x[BODY]) < -margin:
        return Instruction("step_left", "Take a step to your left.", blocking=True)
    if np.nanmax(x[BODY]) > width + margin:
        return Instruction("step_right", "Take a step to your right.", blocking=True)
    if head:
        return Instruction("show_head", "Your head is cut off; step back or tilt the camera up.")
    return None


def _distance(image_px: Floats, size: tuple[int, int], settings: Settings) -> Instruction | None:
    share = float(np.nanmax(image_px[:, 1]) - np.nanmin(image_px[:, 1])) / size[1]
    if share > settings.live.max_height_share:
        return Instruction("step_back", "Step back a little, so that there is room around you.")
    if share < settings.live.min_height_share:
        return Instruction("come_nearer", "Come nearer to the camera.")
    return None


def _light(visibility: Floats, brightness: float | None, settings: Settings) -> Instruction | None:
    if brightness is not None and brightness < settings.live.min_brightness:
        return Instruction(
            "more_light", "It is too dark; switch on a light that falls on you from the front."
        )
    if visibility[LEG_POINTS].min() < settings.events.min_visibility:
        return Instruction(
            "show_legs", "Your legs can hardly be seen; clear what hides them, and add light.", blocking=True
        )
    return None


def _facing(yaw_deg: float, settings: Settings) -> Instruction | None:
    """Turn to the camera: far off it knees are refused, a little off they are less sure."""
    if not abs(yaw_deg) > settings.live.face_yaw_deg:
        return None
    refused = abs(yaw_deg) > settings.view.max_yaw_deg + settings.view.rough_yaw_margin_deg
    return Instruction("face_camera", "Turn to face the camera.", blocking=refused)


def _lines(image_px: Floats, yaw_deg: float, settings: Settings) -> Instruction | None:
    """A camera that leans: hips, shoulders and ankles of a client who faces it all slope the same way."""
    if not abs(yaw_deg) <= settings.view.front_yaw_deg:
        return None
    slopes = []
    for pair in (SHOULDER, HIP, ANKLE):
        across = image_px[pair["left"]] - image_px[pair["right"]]
        slopes.append(np.degrees(np.arctan2(across[1], across[0])))
    least = min(slopes, key=abs)
    if all(slope * least > 0 for slope in slopes) and abs(least) > settings.live.max_roll_deg:
        return Instruction("level_camera", "The camera leans to one side; put it straight.")
    return None
