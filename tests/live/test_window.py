"""The keys of the window, with OpenCV's windows replaced: there is no display."""

import time
from types import SimpleNamespace

import cv2
import pytest
from live_clip import LANDMARKS, ClipPose, ClipPoses, ClipSource

from knee_track.errors import UsageError
from knee_track.live.check import Keeping, LiveCheck
from knee_track.live.pace import Pace, Step
from knee_track.live.session import LiveSession
from knee_track.live.window import Window
from knee_track.pose.track import PoseTrack
from knee_track.settings import Settings


class Screen:
    """A window whose user presses `keys`, (seconds since the first picture, key), and then closes it."""

    def __init__(self, keys, patch):
        self.keys, self.pictures, self.first_s, self.is_open = list(keys), [], None, True
        patch.setattr("knee_track.live.window.has_display", lambda: True)
        patch.setattr(cv2, "namedWindow", lambda *_: None)
        patch.setattr(cv2, "resizeWindow", lambda *_: None)
        patch.setattr(cv2, "destroyAllWindows", lambda: setattr(self, "is_open", False))
        patch.setattr(cv2, "getWindowProperty", lambda *_: 1.0 if self.keys else 0.0)
        patch.setattr(cv2, "imshow", self.show)
        patch.setattr(cv2, "waitKey", self.wait)

    def show(self, _, picture):
        self.first_s = self.first_s or time.monotonic()
        self.pictures.append(picture)

    def wait(self, _):
        if self.first_s and self.keys and time.monotonic() - self.first_s >= self.keys[0][0]:
            return ord(self.keys.pop(0)[1])
        return -1


class Heard:
    """An announcer that keeps what it is told."""

    missing = None

    def __init__(self):
        self.tones = self.speech = True
        self.cues, self.said, self.closed = [], [], False

    def cue(self, leg):
        self.cues.append(leg)

    def say(self, text):
        self.said.append(text)

    def close(self):
        self.closed = True


@pytest.fixture
def ran(bundle, tmp_path, monkeypatch):
    """Run the window on the sample with some keys pressed; what there was to see, hear and find."""

    def run(*keys, rounds=30):
        clip = PoseTrack.load(LANDMARKS)
        pose = ClipPose(clip)
        screen, heard = Screen(keys, monkeypatch), Heard()
        window = Window(Settings(), heard)
        check = LiveCheck(
            ClipSource(clip, pose, rounds=rounds),
            LiveSession(Settings()),
            Keeping(tmp_path),
            window.tell,
            make_pose=ClipPoses(pose),
            pace=Pace([Step("full", 1280)]),
        )
        with window, check:
            window.run(check)
        window.finish(check)
        return SimpleNamespace(screen=screen, heard=heard, check=check, window=window)

    return run


def test_a_clip_to_its_end_is_shown_heard_and_saved(ran, capsys):
    end = ran((600, "q"), rounds=1)
    assert len(end.screen.pictures) > 50
    assert end.screen.pictures[0].shape == (1280, 720, 3)
    assert not end.screen.is_open and end.heard.closed
    (saved,) = end.check.saved
    assert len(saved.analysis.reps) == 4
    assert str(saved.folder / "report.html") in capsys.readouterr().out.replace("\n", "")


def test_cues_are_sounded_at_once_and_the_set_is_summed_up(ran):
    end = ran((600, "q"), rounds=1)
    end.window.tell({"type": "cue", "leg": "right"})
    assert end.heard.cues[-1] == "right"


@pytest.mark.parametrize("last", ["q", "\x1b"])
def test_quitting_before_anything_happened_says_so(ran, capsys, last):
    end = ran((0.0, last))
    assert end.check.saved == [] or len(end.check.saved[0].analysis.reps) == 0
    assert capsys.readouterr().out.strip()


def test_keys_set_what_they_say(ran):
    end = ran((0.1, "m"), (0.2, "f"), (0.3, "f"), (0.4, "s"), (0.5, " "), (1.5, "x"))  # then it is closed
    assert end.check.session.feedback == "summary"
    assert end.check.session.paused
    assert (end.heard.tones, end.heard.speech) == (False, False)
    assert end.window._mirror


def test_enter_ends_a_set_and_the_next_begins(ran):
    end = ran((10.0, "\r"), (20.0, "q"))
    assert len(end.check.saved) == 2
    assert len({saved.folder for saved in end.check.saved}) == 2


def test_how_a_set_was_is_said_unless_there_is_to_be_no_feedback(ran):
    end = ran((0.0, "q"))
    for mode, said in (("every", 1), ("summary", 2), ("off", 2)):
        end.check.session.feedback = mode
        end.window.tell({"type": "set", "text": "Both knees track well."})
        end.window._read_news(end.check)
        assert end.heard.said == ["Both knees track well."] * said


def test_without_a_display_there_is_a_way_out(monkeypatch):
    monkeypatch.setattr("knee_track.live.window.has_display", lambda: False)
    with pytest.raises(UsageError, match="--no-window.*knee-track serve"):
        Window(Settings(), Heard()).__enter__()
