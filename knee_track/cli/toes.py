"""Where the third toes are: read from the command line, or clicked in a window."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knee_track.errors import UsageError
from knee_track.pose.skeleton import LEGS, Leg

if TYPE_CHECKING:
    from knee_track.geometry.calibration import Point
    from knee_track.video.reader import Frame

HOW = (
    'give pixels of the full-size picture, as --toes "left=412,1180 right=268,1176", or with a time, "… @1.5"'
)
NUMBER = r"(\d+(?:\.\d+)?)"
STEP_S = 0.5
"""How far a key takes the picture on."""
WINDOW_PX = 1000
HOW = "give pixels of the full-size picture: --toes 'left=412,1180 right=268,1176', with a time '… @1.5'"
WINDOW = "Third toes"
ENTER, ESCAPE = (10, 13), 27

Toes = tuple[dict[Leg, "Point"] | None, float | None]


def read_toes(text: str | None, video: Path | None, start_s: float | None) -> Toes:
    """Marked third toes and their time from `--toes`; raises UsageError."""
    if text is None:
        return None, None
    if text.strip().lower() != "click":
        return parse_toes(text)
    if video is None:
        raise UsageError(f"--toes click needs the video; without it {HOW}.")
    return click_toes(video, start_s)


def parse_toes(text: str) -> Toes:
    """From "left=412,1180 right=268,1176@1.5"; raises UsageError."""
    marks, _, at = text.partition("@")
    number = re.fullmatch(rf"\s*{NUMBER}\s*s?\s*", at)
    found = re.findall(rf"\b(left|right)\s*[=:]\s*{NUMBER}\s*,\s*{NUMBER}", marks)
    rest = re.sub(rf"\b(left|right)\s*[=:]\s*{NUMBER}\s*,\s*{NUMBER}", "", marks)
    names = [name for name, _, _ in found]
    if not found or rest.strip(" ;") or len(set(names)) < len(names) or (at and number is None):
        raise UsageError(f"--toes {text}: {HOW}.")
    sides = {name: (float(x), float(y)) for name, x, y in found}
    toes: dict[Leg, Point] = {leg: sides[leg] for leg in LEGS if leg in sides}
    return toes, float(number[1]) if number else None


def click_toes(video: Path, start_s: float | None) -> Toes:
    """Ask for two clicks in a picture of the clip; raises UsageError without a window or an answer."""
    import cv2

    from knee_track.system import has_display
    from knee_track.video.reader import VideoReader

    if not has_display():
        raise UsageError(f"--toes click needs a display, and there is none here; {HOW}.")
    try:
        cv2.namedWindow(WINDOW, cv2.WINDOW_AUTOSIZE)
    except cv2.error as error:
        raise UsageError(f"--toes click: no window can be opened here; {HOW}.") from error
    try:
        with VideoReader(video, start_s=start_s) as reader:
            shown_s = -STEP_S
            for frame in reader:
                if frame.time_s < shown_s + STEP_S:
                    continue
                shown_s = frame.time_s
                toes = _two_clicks(cv2, frame)
                if toes is not None:
                    return toes, frame.time_s
    finally:
        cv2.destroyAllWindows()
    raise UsageError("--toes click: the clip ended without two clicks; start again, and mark both toes.")


def _two_clicks(cv2: Any, frame: Frame) -> dict[Leg, Point] | None:
    """The client's left and then right third toe, full-size pixels; None when the next picture is wanted."""
    height, width = frame.rgb.shape[:2]
    scale = min(1.0, WINDOW_PX / max(height, width))
    picture = cv2.resize(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR), None, fx=scale, fy=scale)
    points: list[Point] = []

    def clicked(event: int, x: int, y: int, flags: int, data: object) -> None:
        if event == cv2.EVENT_LBUTTONDOWN and len(points) < 2:
            points.append((x / scale, y / scale))

    cv2.setMouseCallback(WINDOW, clicked)
    while True:
        cv2.imshow(WINDOW, _with_words(cv2, picture, points, scale))
        key = cv2.waitKey(30)
        if key == ESCAPE or cv2.getWindowProperty(WINDOW, cv2.WND_PROP_VISIBLE) < 1:
            raise UsageError("--toes click was left without marking; start again, or leave --toes away.")
        if key in ENTER and len(points) == 2:
            return dict(zip(LEGS, points, strict=True))
        if key == ord("b"):
            points.clear()
        if key == ord(" "):
            return None


def _with_words(cv2: Any, picture: Any, points: list[Point], scale: float) -> Any:
    """The picture with the marks so far and what to do next."""
    shown = picture.copy()
    for x, y in points:
        cv2.drawMarker(shown, (round(x * scale), round(y * scale)), (0, 255, 255), cv2.MARKER_CROSS, 15, 1)
    ask = ("Click the client's LEFT third toe tip", "Now the RIGHT one", "Enter: take them")[len(points)]
    for line, words in enumerate((ask, "Space: later picture   b: again   Esc: leave")):
        place = (10, 25 + 25 * line)
        cv2.putText(shown, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 4, cv2.LINE_AA)
        cv2.putText(shown, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1, cv2.LINE_AA)
    return shown
