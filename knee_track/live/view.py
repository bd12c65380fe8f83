"""What the window shows: the picture with lines, a bar and a number per knee, one instruction, the keys.

Made to be read from three metres: few things, large, colour only where it means something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from knee_track.live.picture import shrunk
from knee_track.live.sources import Frame
from knee_track.live.state import LegNow, LiveState
from knee_track.pose.skeleton import KNEE, Leg
from knee_track.report.brush import SHADOW, Brush, Colour, Rgb
from knee_track.report.overlay import (
    GRADE_COLOURS,
    LEG_COLOURS,
    PANEL_DIM,
    QUIET_COLOUR,
    TEXT_COLOUR,
    draw_skeleton,
)
from knee_track.report.words import GRADES, PHASES, signed

Floats = NDArray[np.float64]

LONG_SIDE_PX: Final = 1280
BAR_DEG: Final = 15.0
"""End of the bars: severe begins at 11°, and more is not told apart from three metres."""

HEAD, FOOT, BANNER = 150, 44, 96
"""Heights of the numbers, the keys and the instruction, for a shorter side of 720 pixels."""


@dataclass(frozen=True)
class Extras:
    """What there is to draw beside the state. mirror: turn the picture round, as a mirror does.

    note: a sentence below the instruction, e.g. of the source. keys: what the keys do, left to right.
    fps: decisions per second. enter_deg: where events begin, marked on the bars. standing_s: quiet standing
    that calibrates.
    """

    mirror: bool
    note: str
    keys: Sequence[str]
    fps: float
    enter_deg: float
    standing_s: float


def draw(frame: Frame, state: LiveState, extras: Extras) -> Rgb:
    """The picture to show (h, w, 3) RGB, for one frame and its state."""
    small = shrunk(frame.rgb, LONG_SIDE_PX)
    scale = np.array(small.shape[1::-1]) / frame.rgb.shape[1::-1]
    picture = np.array(cv2.flip(small, 1)) if extras.mirror else small.copy()
    height, width = picture.shape[:2]
    canvas = _Canvas(picture, Brush(width, height), extras, scale)
    canvas.body(state)
    canvas.head(state)
    canvas.banner(state)
    canvas.keys()
    return picture


class _Canvas:
    """One picture being drawn on."""

    def __init__(self, picture: Rgb, brush: Brush, extras: Extras, scale: Floats) -> None:
        self._picture, self._brush, self._extras, self._scale = picture, brush, extras, scale
        self._height, self._width = picture.shape[:2]

    def body(self, state: LiveState) -> None:
        """Skeleton, third-toe lines, and each knee's way from its place over the line."""
        if state.landmarks_px is None:
            return
        points = self._placed(state.landmarks_px)
        lines = {}
        for leg, now in state.legs.items():
            if now.toe_line_px is not None and now.knee_target_px is not None:
                lines[leg] = (self._placed(now.toe_line_px), self._placed(now.knee_target_px))
        draw_skeleton(self._brush, self._picture, points, lines)
        for leg, (_, target) in lines.items():
            colour = _colour(state.legs[leg], moving=state.phase is not None)
            knee = points[KNEE[leg]]
            if not np.isfinite(knee).all() or not np.isfinite(target).all():
                continue
            self._brush.line(self._picture, knee, target, colour, 7)
            if state.legs[leg].event:
                self._brush.circle(self._picture, knee, 34, colour, 5)
            self._brush.circle(self._picture, knee, 10, LEG_COLOURS[leg], -1)
            self._brush.circle(self._picture, knee, 10, SHADOW, 1)

    def head(self, state: LiveState) -> None:
        """A number and a bar per knee on the side where the client sees it, the count between them."""
        px = self._brush.px
        panel = self._picture[: px(HEAD)]
        cv2.convertScaleAbs(panel, dst=panel, alpha=PANEL_DIM)
        bar = min(px(420), self._width // 2 - px(110))
        # Unmirrored, the client faces the camera: the right knee is on the picture's left.
        left, right = ("left", "right") if self._extras.mirror else ("right", "left")
        moving = state.phase is not None
        self._leg(left, state, px(20), bar, moving)  # type: ignore[arg-type]
        self._leg(right, state, self._width - px(20) - bar, bar, moving)  # type: ignore[arg-type]
        middle = self._width // 2
        self._text(str(len(state.reps)), middle, 78, TEXT_COLOUR, 76, 700)
        self._text("rep" if len(state.reps) == 1 else "reps", middle, 106, QUIET_COLOUR, 24, 500)
        phase = PHASES[state.phase] if state.phase else ""
        self._text(phase, middle, 136, QUIET_COLOUR, 24, 500)

    def banner(self, state: LiveState) -> None:
        """The one instruction, large, at the bottom; how long to stand still as a line that fills."""
        px = self._brush.px
        text = state.instruction.text if state.instruction else ""
        if not text and not self._extras.note:
            return
        bottom = self._height - px(FOOT)
        panel = self._picture[bottom - px(BANNER) : bottom]
        cv2.convertScaleAbs(panel, dst=panel, alpha=PANEL_DIM)
        y = (bottom - px(BANNER)) / self._height_unit
        blocking = state.instruction is not None and state.instruction.blocking
        colour = GRADE_COLOURS["mild"] if blocking else TEXT_COLOUR
        self._text(text, self._width // 2, y + 46, colour, 36, 700)
        self._text(self._extras.note, self._width // 2, y + 82, QUIET_COLOUR, 22, 500)
        if state.stage == "standing" and state.standing_s > 0:
            end = round(self._width * min(1.0, state.standing_s / self._extras.standing_s))
            cv2.line(self._picture, (0, bottom - px(4)), (end, bottom - px(4)), GRADE_COLOURS["none"], px(6))

    def keys(self) -> None:
        """What the keys do, and the rate."""
        px = self._brush.px
        panel = self._picture[self._height - px(FOOT) :]
        cv2.convertScaleAbs(panel, dst=panel, alpha=PANEL_DIM)
        y = self._height / self._height_unit - 15
        fps = f"{self._extras.fps:.0f} fps"
        self._text("   ".join((*self._extras.keys, fps)), self._width // 2, y, QUIET_COLOUR, 20, 500)

    @property
    def _height_unit(self) -> float:
        """Pixels per unit of the brush's text heights."""
        return self._brush.px(720) / 720

    def _leg(self, leg: Leg, state: LiveState, x: int, width: int, moving: bool) -> None:
        px = self._brush.px
        now = state.legs.get(leg, LegNow())
        colour = _colour(now, moving=moving)
        graded = moving and now.grade not in ("none", "unknown")
        end = self._brush.text(self._picture, f"{leg.upper()} KNEE", x, 34, LEG_COLOURS[leg], 22, 600)
        if graded:
            self._brush.text(self._picture, GRADES[now.grade], end + px(12), 34, colour, 24, 700)
        if now.deviation_deg is None or now.band_deg is None:
            self._brush.text(self._picture, "–", x, 92, QUIET_COLOUR, 48, 600)
        else:
            end = self._brush.text(self._picture, f"{signed(now.deviation_deg, 0)}°", x, 96, colour, 58, 700)
            band = f"± {now.band_deg:.0f}°"
            self._brush.text(self._picture, band, end + px(10), 96, QUIET_COLOUR, 26, 500)
        self._bar(now, colour, x, px(116), width, px(20))

    def _bar(self, now: LegNow, colour: Colour, x: int, y: int, width: int, height: int) -> None:
        """From 0 outward to BAR_DEG inward; the tick is where events begin."""
        cv2.rectangle(self._picture, (x, y), (x + width, y + height), (70, 74, 80), -1)
        if now.deviation_deg is not None:
            share = min(1.0, max(0.0, now.deviation_deg / BAR_DEG))
            cv2.rectangle(self._picture, (x, y), (x + round(share * width), y + height), colour, -1)
        tick = x + round(self._extras.enter_deg / BAR_DEG * width)
        cv2.line(self._picture, (tick, y - 3), (tick, y + height + 3), TEXT_COLOUR, max(1, self._brush.px(3)))

    def _text(self, text: str, middle: int, y: float, colour: Colour, size: float, weight: int) -> None:
        """Centred, and made smaller where it would not fit."""
        if not text:
            return
        while size > 12 and self._brush.width(self._picture, text, size, weight) > self._width - 8:
            size *= 0.9
        self._brush.text(self._picture, text, middle, y, colour, size, weight, centred=True)

    def _placed(self, points_px: Floats) -> Floats:
        """Points of the frame where the shown picture has them."""
        points: Floats = points_px * self._scale
        return (
            points * np.array([-1.0, 1.0]) + np.array([self._width, 0.0]) if self._extras.mirror else points
        )


def _colour(now: LegNow, *, moving: bool) -> Colour:
    """Of a knee now: quiet in standing and inside the noise."""
    if now.deviation_deg is None or not moving:
        return QUIET_COLOUR
    return GRADE_COLOURS[now.grade]
