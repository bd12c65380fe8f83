"""`--toes`: numbers are read, and a click is asked for only where there is a display."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from knee_track.cli import app
from knee_track.cli.toes import parse_toes, read_toes
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
