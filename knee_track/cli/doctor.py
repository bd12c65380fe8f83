"""`knee-track doctor`: is everything here that an analysis needs, and what to do if not."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from importlib import metadata

import typer

from knee_track.errors import ModelError
from knee_track.system import explain_missing_libraries

CV2_WHEELS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)


@dataclass(frozen=True)
class Check:
    """One thing looked at. An empty remedy means it is fine; `needed` ones stop an analysis."""

    subject: str
    found: str
    remedy: str = ""
    needed: bool = True

    @property
    def verdict(self) -> tuple[str, str]:
        """One word and its colour."""
        if not self.remedy:
            return "ok", "green"
        return ("missing", "red") if self.needed else ("note", "yellow")


def doctor() -> None:
    """Check Python, OpenCV, system libraries, pose model, encoder, camera and display; say the remedy.

    Exit code 1 when something is missing that an analysis needs.
    """
    checks = all_checks()
    for check in checks:
        word, colour = check.verdict
        typer.secho(f"{word:9}", fg=colour, nl=False)
        typer.echo(f"{check.subject:17} {check.found}")
        if check.remedy:
            typer.echo(f"{'':9}-> {check.remedy}")
    if any(check.remedy and check.needed for check in checks):
        raise typer.Exit(1)


def all_checks() -> list[Check]:
    """Every check, in the order of the table."""
    return [
        check_python(),
        check_cv2_wheels(),
        check_libraries(),
        check_model(),
        check_encoder(),
        check_camera(),
        check_display(),
    ]


def check_python() -> Check:
    """Python 3.11 or later."""
    old = sys.version_info < (3, 11)
    return Check("Python", platform.python_version(), "install Python 3.11 or later" if old else "")


def check_cv2_wheels() -> Check:
    """Exactly one OpenCV wheel: two of them overwrite each other's files."""
    installed = [name for name in CV2_WHEELS if _installed(name)]
    keep = "opencv-contrib-python"
    if installed == [keep]:
        return Check("OpenCV", f"{keep} {metadata.version(keep)}")
    others = " ".join(installed)
    remove = f"pip uninstall -y {others} && " if installed else ""
    return Check("OpenCV", others or "none", f"{remove}pip install --force-reinstall {keep}")


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def check_libraries() -> Check:
    """System libraries behind the pose network and OpenCV (Linux)."""
    remedy = explain_missing_libraries()
    return Check("system libraries", "some missing" if remedy else "present", remedy or "")


def check_model() -> Check:
    """A usable full pose model on this machine."""
    from knee_track.pose.bundles import find_bundle

    try:
        bundle = find_bundle("full", offline=True)
    except ModelError as error:
        return Check("pose model", "none", str(error))
    return Check("pose model", bundle.origin)


def check_encoder() -> Check:
    """H.264 encoder for the annotated video."""
    import av

    try:
        av.Codec("libx264", "w")
    except ValueError:
        return Check("H.264 encoder", "none", "pip install --force-reinstall --only-binary=:all: av")
    return Check("H.264 encoder", "libx264")


def check_camera() -> Check:
    """A webcam that opens; not needed to analyse files."""
    try:
        import cv2
    except ImportError as error:
        return Check("camera", f"not checked ({error})", "repair OpenCV first", needed=False)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    camera = cv2.VideoCapture(0)
    opened = camera.isOpened()
    camera.release()
    if opened:
        return Check("camera", "camera 0 opens")
    return Check("camera", "none", "only a webcam needs one; video files do not", needed=False)


def check_display() -> Check:
    """A screen for live windows; not needed to analyse files."""
    variables = ("DISPLAY", "WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not any(map(os.environ.get, variables)):
        return Check("display", "none", "only live windows need one; reports do not", needed=False)
    return Check("display", "present")
