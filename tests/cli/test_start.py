"""The command line as a person meets it first, in processes of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from knee_track.settings import Settings, load_settings

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = ("cv2", "mediapipe", "scipy", "av", "matplotlib", "numpy", "pydantic")


def knee_track(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knee_track", *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def test_without_arguments_it_says_what_to_do_first() -> None:
    done = knee_track()
    assert done.returncode == 0
    assert "knee-track doctor" in done.stdout and "knee-track analyze" in done.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from knee_track.cli import app\n"
        "app(['--help'], standalone_mode=False)\n"
        f"print('heavy:', [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert "models" in done.stdout
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_importing_the_package_is_light_and_offers_the_result_type() -> None:
    code = "import sys, knee_track; print('numpy' in sys.modules, knee_track.Analysis.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "Analysis"]


def test_wrong_usage_exits_2() -> None:
    assert knee_track("no-such-command").returncode == 2


def test_an_error_is_one_sentence_on_stderr_and_exits_1(tmp_path: Path) -> None:
    done = knee_track(
        "models", "fetch", "--variant", "heavy", KNEETRACK_MODEL_URL=(tmp_path / "nowhere").as_uri()
    )
    if "is ready" in done.stdout:
        pytest.skip("the heavy model is kept on this machine")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("The pose model 'heavy' could not be fetched: file://")


def test_printed_settings_are_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(knee_track("settings", "--toml", PYTHONUTF8="1").stdout, encoding="utf-8")
    assert load_settings(path) == Settings()
    assert "# deg: " in path.read_text(encoding="utf-8")
