"""The doctor against faked defects of a machine."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from knee_track import system
from knee_track.cli import app
from knee_track.cli.doctor import check_cv2_wheels, check_display, check_encoder, check_model
from knee_track.pose import bundles

ABSENT = "libkneetrack_absent.so.9"


@pytest.fixture
def lacks_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(system, "PACKAGES", {ABSENT: "libabsent9"})


@pytest.mark.usefixtures("lacks_a_library")
def test_missing_library_is_named_with_its_package() -> None:
    assert system.missing_libraries() == [ABSENT]
    sentence = system.explain_missing_libraries()
    assert sentence is not None
    assert ABSENT in sentence and sentence.endswith("sudo apt install libabsent9")


def test_nothing_to_explain_when_every_library_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "PACKAGES", {})
    assert system.explain_missing_libraries() is None


@pytest.mark.usefixtures("lacks_a_library", "bundle")
def test_doctor_fails_and_says_the_remedy() -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "sudo apt install libabsent9" in result.output


def test_a_second_opencv_wheel_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not check_cv2_wheels().remedy
    info = tmp_path / "opencv_python_headless-4.10.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: opencv-python-headless\nVersion: 4.10.0\n")
    monkeypatch.syspath_prepend(tmp_path)

    check = check_cv2_wheels()

    assert check.needed and "opencv-python-headless" in check.found
    assert check.remedy.endswith("pip install --force-reinstall opencv-contrib-python")


def test_missing_model_stops_an_analysis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "bundle_folders", lambda: [tmp_path])
    check = check_model()
    assert check.needed and "knee-track models fetch" in check.remedy


def test_a_screen_is_not_needed_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    assert check_display().remedy and not check_display().needed
    monkeypatch.setenv("DISPLAY", ":0")
    assert not check_display().remedy


def test_the_encoder_of_the_annotated_video_is_here() -> None:
    assert check_encoder().found == "libx264"
