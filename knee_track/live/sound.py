"""A tone and a spoken word with a cue, where this machine can make them; never in the way of a frame."""

from __future__ import annotations

import logging
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knee_track.live.cue_words import spoken_cue
from knee_track.results import Working

RATE_HZ: Final = 44_100
TONE_S: Final = 0.12
FADE_S: Final = 0.01
"""Without it a tone clicks at both ends."""

PITCH_HZ: Final[dict[Working, tuple[float, ...]]] = {
    "left": (440.0,),
    "right": (660.0,),
    "both": (440.0, 660.0),
}
"""Lower for the left knee, a fifth higher for the right."""

SPEECH_TIMEOUT_S: Final = 10.0

log = logging.getLogger(__name__)


def tone(leg: Working) -> NDArray[np.float32]:
    """Samples (n,) of a leg's tone, -1 to 1, at RATE_HZ."""
    time_s = np.arange(round(TONE_S * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * hz * time_s) for hz in PITCH_HZ[leg]) / len(PITCH_HZ[leg])
    fade = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / FADE_S)
    return (0.4 * wave * fade).astype(np.float32)


def speech_command() -> list[str] | None:
    """The program that speaks a text given as its last argument, None where there is none."""
    if sys.platform == "darwin":
        return ["say"]
    if sys.platform == "win32":
        speak = (
            "Add-Type -AssemblyName System.Speech; "
            "(New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak($args[0])"
        )
        return ["powershell", "-NoProfile", "-Command", speak]
    for command in (["spd-say", "--wait"], ["espeak-ng"], ["espeak"]):
        if shutil.which(command[0]):
            return command
    return None


def tone_player() -> Callable[[NDArray[np.float32]], object] | None:
    """Plays samples and waits for their end; None without a sound device or its library."""
    try:
        import sounddevice

        sounddevice.query_devices(kind="output")
    except Exception as error:  # the library raises its own kinds, and OSError without PortAudio
        log.debug("no sound: %s", error)
        return None

    def play(samples: NDArray[np.float32]) -> None:
        sounddevice.play(samples, RATE_HZ, blocking=True)

    return play


class Announcer:
    """Sounds cues in a thread of its own; what comes while it is busy is dropped: a late cue misleads.

    Parameters
    ----------
    cue : words of the cue
    language : of the cue
    player, speaker : see `tone_player`, `speech_command`; None where there is none

    Attributes
    ----------
    tones, speech : whether they are wanted; may be changed at any time
    """

    def __init__(
        self,
        cue: str,
        language: str,
        *,
        player: Callable[[NDArray[np.float32]], object] | None,
        speaker: Sequence[str] | None,
    ) -> None:
        self.tones = self.speech = True
        self._cue, self._language = cue, language
        self._player, self._speaker = player, speaker
        self._waiting: queue.Queue[tuple[Working | None, str] | None] = queue.Queue(1)
        self._talking: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._work, name="live-sound", daemon=True)
        self._thread.start()

    @property
    def missing(self) -> str | None:
        """What this machine cannot do, as a sentence; None when it can do both."""
        lacking = [
            name for name, there in (("tones", self._player), ("speech", self._speaker)) if there is None
        ]
        return f"No {' and no '.join(lacking)} on this machine; cues are shown only." if lacking else None

    def cue(self, leg: Working) -> None:
        """Sound a cue for a leg; never waits."""
        self._put((leg, spoken_cue(leg, self._cue, self._language)))

    def say(self, text: str) -> None:
        """Speak a sentence; never waits."""
        self._put((None, text))

    def close(self) -> None:
        """Be silent."""
        self._waiting.queue.clear()
        talking = self._talking
        if talking is not None:
            talking.kill()
        self._waiting.put(None)
        self._thread.join(SPEECH_TIMEOUT_S)

    def _put(self, told: tuple[Working | None, str]) -> None:
        try:
            self._waiting.put_nowait(told)
        except queue.Full:
            log.debug("a cue came while another was sounded; it is dropped")

    def _work(self) -> None:
        while (told := self._waiting.get()) is not None:
            leg, text = told
            try:
                if leg is not None and self.tones and self._player is not None:
                    self._player(tone(leg))
                if self.speech and self._speaker is not None:
                    self._speak([*self._speaker, text])
            except Exception as error:  # a sound card that goes away must not take the live check down
                log.warning("Sound does not work any more (%s); cues are shown only.", error)
                self._player = self._speaker = None

    def _speak(self, command: list[str]) -> None:
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, **quiet) as self._talking:
            try:
                self._talking.wait(SPEECH_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._talking.kill()
        self._talking = None
