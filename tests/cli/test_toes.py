"""`--toes`: numbers are read, and a click is asked for only where there is a display."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from knee_track.cli import app
from knee_track.cli.toes import click_toes, parse_toes, read_toes
from knee_track.errors import UsageError


@pytest.mark.parametrize(
    ("text", "toes", "at_s"),
    [
        ("left=412,1180 right=268,1176", {"left": (412.0, 1180.0), "right": (268.0, 1176.0)}, None),
        ("right=268.5,1176@1.5", {"right": (268.5, 1176.0)}, 1.5),
        (" right=1,2, left=3,4 @ 2 s", None, None),
        ("left: 3, 4; right: 1, 2 @ 2 s", {"left": (3.0, 4.0), "right": (1.0, 2.0)}, 2.0),
    ],
)
def test_marks_as_written(text: str, toes: dict[str, tuple[float, float]] | None, at_s: float | None) -> None:
    if toes is None:
        with pytest.raises(UsageError, match="give pixels of the full-size picture"):
            parse_toes(text)
    else:
        assert parse_toes(text) == (toes, at_s)


@pytest.mark.parametrize(
    "text", ["", "412,1180", "left=1,2 left=3,4", "left=1", "left=1,2@soon", "middle=1,2"]
)
def test_what_cannot_be_read_is_told_how_to_write(text: str) -> None:
    with pytest.raises(UsageError, match="left=412,1180 right=268,1176"):
        parse_toes(text)


def test_nothing_said_is_nothing_known() -> None:
    assert read_toes(None, None, None) == (None, None)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks for a display on Linux only")
def test_click_without_a_display(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="needs a display, and there is none here; give pixels"):
        read_toes("click", tmp_path / "clip.mp4", None)
    with pytest.raises(UsageError, match="needs the video"):
        read_toes("click", None, None)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--toes", "left=5000,10"], "lies outside the picture of 720 × 1280"),
        (["--toes", "left"], "give pixels of the full-size picture"),
        (["--camera-height", "50"], "A camera height of 50 m cannot be used"),
        (["--camera-distance", "0.1"], "A camera distance of 0.1 m cannot be used"),
    ],
)
def test_errors_come_before_the_work(options: list[str], sentence: str, samples_dir: Path) -> None:
    result = CliRunner().invoke(
        app, ["analyze", str(samples_dir / "front_squat_good.mp4"), "--offline", *options]
    )
    assert isinstance(result.exception, UsageError)
    assert sentence in str(result.exception)


Deed = tuple[int, int] | str


class Window:
    """A window whose user does one thing, a click (x, y) or a key, each time the program looks."""

    def __init__(self, deeds: Sequence[Deed], patch: pytest.MonkeyPatch) -> None:
        self.deeds, self.shapes = list(deeds), []
        patch.setattr("knee_track.system.has_display", lambda: True)
        patch.setattr(cv2, "namedWindow", lambda *_: None)
        patch.setattr(cv2, "destroyAllWindows", lambda: None)
        patch.setattr(cv2, "getWindowProperty", lambda *_: 1.0)
        patch.setattr(cv2, "imshow", lambda _, picture: self.shapes.append(picture.shape))
        patch.setattr(cv2, "setMouseCallback", self.listen)
        patch.setattr(cv2, "waitKey", self.wait)

    def listen(self, _: str, callback: Callable[..., None]) -> None:
        self.callback = callback

    def wait(self, _: int) -> int:
        deed = self.deeds.pop(0)
        if isinstance(deed, str):
            return ord(deed)
        self.callback(cv2.EVENT_LBUTTONDOWN, *deed, 0, None)
        return -1


def test_clicks_become_full_size_pixels_of_a_later_frame(
    monkeypatch: pytest.MonkeyPatch, samples_dir: Path
) -> None:
    window = Window([" ", (9, 9), "b", (300, 800), (200, 790), "\r"], monkeypatch)
    marks, at_s = click_toes(samples_dir / "front_squat_good.mp4", None)
    assert window.shapes[0] == (1000, 562, 3)  # 720 x 1280 fitted into the window
    assert marks is not None and at_s == pytest.approx(0.5, abs=0.04)
    assert marks["left"] == pytest.approx((300 * 1.28, 800 * 1.28))
    assert marks["right"] == pytest.approx((200 * 1.28, 790 * 1.28))


def test_leaving_the_window_marks_nothing(monkeypatch: pytest.MonkeyPatch, samples_dir: Path) -> None:
    Window([(300, 800), "\x1b"], monkeypatch)
    with pytest.raises(UsageError, match="left without marking"):
        click_toes(samples_dir / "front_squat_good.mp4", None)
