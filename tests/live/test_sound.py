"""Tones by their spectrum, speech by what the speaking program is given."""

import sys
import time

import numpy as np
import pytest
from live_fakes import wait_until

from knee_track.live import sound
from knee_track.live.cue_words import live_cue, spoken_cue
from knee_track.live.sound import RATE_HZ, Announcer, speech_command, tone
from knee_track.protocol.library import load_library


@pytest.mark.parametrize(("leg", "pitches"), [("left", [440]), ("right", [660]), ("both", [440, 660])])
def test_tones_have_their_pitch_and_no_click(leg, pitches):
    samples = tone(leg)
    assert len(samples) == pytest.approx(0.12 * RATE_HZ, abs=1)
    power = np.abs(np.fft.rfft(samples, 8 * len(samples)))
    hz = np.fft.rfftfreq(8 * len(samples), 1 / RATE_HZ)
    for pitch in (440, 660):
        near = power[np.abs(hz - pitch) < 12].max()
        assert (near > 0.4 * power.max()) == (pitch in pitches)
    assert abs(samples[0]) < 1e-6 and abs(samples[-1]) < 1e-6
    assert np.abs(samples).max() <= 0.5


def test_the_cue_is_the_librarys():
    cues = {one.id: one.cues for one in load_library().exercises}
    assert live_cue() in cues["ret_app_feedback"]
    assert spoken_cue("left", "Keep the dot on the line") == "Left: keep the dot on the line."
    assert spoken_cue("both", live_cue("de"), "de") == "Beide: Halt den Punkt auf der Linie."


@pytest.fixture
def speaker(tmp_path):
    """A program that notes what it is to say, and takes as long as the text has seconds."""
    script = tmp_path / "speak.py"
    script.write_text(
        "import sys, time, pathlib\n"
        f"with open({str(tmp_path / 'said.txt')!r}, 'a') as file: file.write(sys.argv[1] + '\\n')\n"
        "time.sleep(30 if 'long' in sys.argv[1] else 0)\n"
    )
    return [sys.executable, str(script)]


def said(tmp_path):
    path = tmp_path / "said.txt"
    return path.read_text().splitlines() if path.exists() else []


def test_a_cue_is_a_tone_and_words(tmp_path, speaker):
    played = []
    announcer = Announcer("Knees out", "en", player=played.append, speaker=speaker)
    announcer.cue("right")
    assert wait_until(lambda: said(tmp_path) == ["Right: knees out."])
    assert len(played) == 1
    announcer.tones = announcer.speech = False
    announcer.cue("left")
    announcer.close()
    assert len(played) == 1 and len(said(tmp_path)) == 1


def test_what_comes_while_it_speaks_is_dropped_and_closing_ends_it(tmp_path, speaker):
    announcer = Announcer("Knees out", "en", player=None, speaker=speaker)
    announcer.say("a long sentence")
    assert wait_until(lambda: said(tmp_path))
    began = time.monotonic()
    for _ in range(20):
        announcer.say("more")  # the first waits for its turn, the others are lost
    assert time.monotonic() - began < 0.5
    announcer.close()
    assert time.monotonic() - began < 5
    assert len(said(tmp_path)) <= 2


def test_a_sound_card_that_goes_away_is_told_once(caplog):
    def broken(_):
        raise OSError("device unplugged")

    announcer = Announcer("Knees out", "en", player=broken, speaker=None)
    announcer.cue("left")
    assert wait_until(lambda: "unplugged" in caplog.text)
    announcer.cue("left")
    announcer.close()
    assert caplog.text.count("unplugged") == 1


def test_what_a_machine_lacks_is_a_sentence():
    for player, speaker, words in (
        (None, None, "No tones and no speech"),
        (print, None, "No speech"),
        (None, ["say"], "No tones"),
    ):
        announcer = Announcer("Knees out", "en", player=player, speaker=speaker)
        assert announcer.missing.startswith(f"{words} on this machine")
        announcer.close()
    announcer = Announcer("Knees out", "en", player=print, speaker=["say"])
    assert announcer.missing is None
    announcer.close()


@pytest.mark.parametrize(
    ("platform", "there", "command"),
    [
        ("linux", {"spd-say", "espeak"}, "spd-say"),
        ("linux", {"espeak"}, "espeak"),
        ("darwin", set(), "say"),
        ("win32", set(), "powershell"),
    ],
)
def test_the_speaking_program_of_a_system(monkeypatch, platform, there, command):
    monkeypatch.setattr(sound.sys, "platform", platform)
    monkeypatch.setattr(sound.shutil, "which", lambda name: name if name in there else None)
    assert speech_command()[0] == command


def test_no_speaking_program_is_none(monkeypatch):
    monkeypatch.setattr(sound.sys, "platform", "linux")
    monkeypatch.setattr(sound.shutil, "which", lambda _: None)
    assert speech_command() is None
