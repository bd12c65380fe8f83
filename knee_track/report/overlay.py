"""What is drawn on a frame: skeleton, third-toe lines, deviation with band, phase, reps and events."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from knee_track.curves import Curves
from knee_track.findings.severity import RANK, grade_of
from knee_track.pose.skeleton import ANKLE, EDGES, FOOT_INDEX, HEEL, HIP, KNEE, LEGS, Leg
from knee_track.pose.track import PoseTrack
from knee_track.report.brush import SHADOW, Brush, Colour, Rgb
from knee_track.report.words import NOT_MEASURED, PHASES, signed
from knee_track.results import Analysis, Grade
from knee_track.settings import Settings

Floats = NDArray[np.float64]

LEG_COLOURS: dict[Leg, Colour] = {"left": (70, 180, 255), "right": (214, 150, 255)}
BODY_COLOUR: Colour = (236, 236, 236)
LINE_COLOUR: Colour = (120, 255, 130)
TEXT_COLOUR: Colour = (255, 255, 255)
QUIET_COLOUR: Colour = (178, 184, 190)
GRADE_COLOURS: dict[Grade, Colour] = {
    "none": (120, 230, 150),
    "mild": (250, 214, 96),
    "moderate": (255, 150, 40),
    "severe": (255, 84, 72),
    "unknown": QUIET_COLOUR,
}
LATERAL_COLOUR = GRADE_COLOURS["mild"]  # a knee too far out is no grade, but not good either
LEG_PARTS = (HIP, KNEE, ANKLE, HEEL, FOOT_INDEX)
NUMBERS_HEIGHT, LEGEND_HEIGHT = 100, 32  # of the panel's rows, for a shorter side of 720 pixels
PANEL_DIM = 0.38  # how much of the picture shines through behind text


class Overlay:
    """Draws the analysis onto frames of one size; drawing changes the given picture in place.

    Built for pictures of `width_px` × `height_px`, whatever the size of the source: the track's pixels are
    scaled, and line widths and letters follow the picture's shorter side.
    """

    def __init__(self, analysis: Analysis, curves: Curves, track: PoseTrack, width_px: int, height_px: int):
        self._curves = curves
        self._grades = Settings.model_validate(analysis.changed_settings).grade
        self._measured = analysis.view.usable
        self._reps = len(analysis.reps)
        self._brush = Brush(width_px, height_px)
        scale = np.array([width_px / track.width_px, height_px / track.height_px])
        self._points = track.image_px * scale
        self._lines = {leg: curves.legs[leg].toe_line_px * scale for leg in LEGS}
        self._targets = {leg: curves.legs[leg].knee_target_px * scale for leg in LEGS}
        self._events = {leg: _event_grades(analysis, curves, leg) for leg in LEGS}
        self._legend = self._make_legend(width_px)

    def draw_body(self, picture: Rgb, index: int) -> None:
        """Skeleton, third-toe lines, knees' distance from them and event rings of frame `index`."""
        lines = {leg: (self._lines[leg][index], self._targets[leg][index]) for leg in LEGS}
        draw_skeleton(self._brush, picture, self._points[index], lines)
        for leg in LEGS:
            self._draw_knee(picture, index, leg)

    def draw_panels(self, picture: Rgb, index: int) -> None:
        """Numbers and legend at the top, away from the feet, and the border that flashes in an event."""
        numbers = self._brush.px(NUMBERS_HEIGHT)
        panel = picture[: numbers + len(self._legend)]
        cv2.convertScaleAbs(panel, dst=panel, alpha=PANEL_DIM)
        cv2.max(panel[numbers:], self._legend, dst=panel[numbers:])
        # The client faces the camera: their right knee is on the picture's left.
        self._draw_leg_numbers(picture, index, "right", self._brush.px(18))
        self._draw_leg_numbers(picture, index, "left", picture.shape[1] - self._brush.px(258))
        self._draw_rep(picture, index)
        worst = max((self._events[leg][index] for leg in LEGS), key=RANK.__getitem__)
        if worst != "unknown":
            corner = (picture.shape[1] - 1, picture.shape[0] - 1)
            cv2.rectangle(picture, (0, 0), corner, GRADE_COLOURS[worst], 2 * self._brush.px(5))

    def _draw_knee(self, picture: Rgb, index: int, leg: Leg) -> None:
        knee, target = self._points[index, KNEE[leg]], self._targets[leg][index]
        if not np.isfinite(knee).all():
            return
        event = self._events[leg][index]
        if event != "unknown":
            self._brush.circle(picture, knee, 30, GRADE_COLOURS[event], 4)
        self._brush.line(picture, knee, target, self._colour_now(index, leg), 6)
        self._brush.circle(picture, knee, 8, LEG_COLOURS[leg], -1)
        self._brush.circle(picture, knee, 8, SHADOW, 1)

    def _draw_leg_numbers(self, picture: Rgb, index: int, leg: Leg, x: int) -> None:
        curves = self._curves.legs[leg]
        deviation, band = curves.deviation_deg[index], curves.band_deg[index]
        self._brush.text(picture, f"{leg.upper()} KNEE", x, 32, LEG_COLOURS[leg], 19, 600)
        if np.isnan(deviation):
            self._brush.text(picture, "–" if self._measured else NOT_MEASURED, x, 76, QUIET_COLOUR, 24, 500)
            return
        colour = self._colour_now(index, leg)
        end = self._brush.text(picture, f"{signed(deviation)}°", x, 80, colour, 40, 700)
        if np.isfinite(band):
            self._brush.text(picture, f"± {band:.1f}°", end + self._brush.px(8), 80, QUIET_COLOUR, 20, 500)

    def _draw_rep(self, picture: Rgb, index: int) -> None:
        rep, phase = int(self._curves.rep[index]), str(self._curves.phase[index])
        middle = picture.shape[1] // 2
        title = f"Rep {rep} of {self._reps}" if rep else f"{self._reps} reps"
        self._brush.text(
            picture, title, middle, 48, TEXT_COLOUR if rep else QUIET_COLOUR, 28, 700, centred=True
        )
        self._brush.text(picture, PHASES.get(phase, phase), middle, 82, QUIET_COLOUR, 22, 500, centred=True)

    def _colour_now(self, index: int, leg: Leg) -> Colour:
        """Colour of this very frame's deviation; quiet in standing, where it is not graded (DESIGN)."""
        if self._curves.rep[index] == 0 or self._curves.depth[index] < self._grades.loaded_depth:
            return QUIET_COLOUR
        deviation = self._curves.legs[leg].deviation_deg[index]
        if deviation <= self._grades.lateral_deg:
            return LATERAL_COLOUR
        return GRADE_COLOURS[grade_of(deviation, self._grades)]

    def _make_legend(self, width_px: int) -> Rgb:
        """The legend on black, to be laid over a dimmed strip of the picture where it is brighter."""
        legend: Rgb = np.zeros((self._brush.px(LEGEND_HEIGHT), width_px, 3), np.uint8)
        entries = [("left leg", LEG_COLOURS["left"]), ("right leg", LEG_COLOURS["right"])]
        if self._measured:
            entries.append(("line over the third toe", LINE_COLOUR))
        x, y = self._brush.px(18), self._brush.px(13)
        for text, colour in entries:
            cv2.line(legend, (x, y), (x + self._brush.px(26), y), colour, self._brush.px(5), cv2.LINE_AA)
            x = self._brush.text(
                legend, text, x + self._brush.px(36), 20, QUIET_COLOUR, 20, 500
            ) + self._brush.px(28)
        return legend


def _event_grades(analysis: Analysis, curves: Curves, leg: Leg) -> list[Grade]:
    """Per frame the grade of the event it lies in, "unknown" outside events."""
    grades: list[Grade] = ["unknown"] * len(curves.time_s)
    for event in analysis.events:
        if event.leg == leg:
            inside = (curves.time_s >= event.start_s) & (curves.time_s <= event.end_s)
            for index in np.flatnonzero(inside):
                grades[index] = event.grade
    return grades


def draw_skeleton(
    brush: Brush, picture: Rgb, points_px: Floats, lines_px: Mapping[Leg, tuple[Floats, Floats]]
) -> None:
    """Body (33, 2) over the third-toe lines: per leg the ends (2, 2) and the knee's place (2,)."""
    for leg, (toe_line, target) in lines_px.items():
        brush.line(picture, toe_line[0], toe_line[1], LINE_COLOUR, 5)
        brush.line(picture, points_px[ANKLE[leg]], target, LINE_COLOUR, 2)
    for a, b in EDGES:
        colour, width = _edge_style(a, b)
        brush.line(picture, points_px[a], points_px[b], colour, width)


def _edge_style(a: int, b: int) -> tuple[Colour, int]:
    """Colour and width of a skeleton edge: legs strong and in their side's colour, the rest quiet."""
    for leg in LEGS:
        if {a, b} <= {part[leg] for part in LEG_PARTS}:
            return LEG_COLOURS[leg], 5
    return BODY_COLOUR, 2
