"""The live check in a window: OpenCV's, with keys."""

from __future__ import annotations

import queue
from typing import Final, Self

import cv2

from knee_track.errors import UsageError
from knee_track.live.check import LiveCheck
from knee_track.live.happenings import Happening
from knee_track.live.recording import NO_SET
from knee_track.live.sound import Announcer
from knee_track.live.sources import now_s
from knee_track.live.state import Feedback
from knee_track.live.view import Extras, draw
from knee_track.report.summary import summary
from knee_track.settings import Settings
from knee_track.system import has_display

TITLE: Final = "knee-track live"
NOTE_S: Final = 6.0
"""How long a sentence stays on the screen; two lines are read in three seconds, from the camera in six."""

OTHERWISE: Final = "use --no-window for JSON lines, or knee-track serve for a page in the browser"
POLL_S: Final = 0.05
WINDOW_KIND: Final = cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL
SHORT_SCREEN_PX: Final = 700
"""Height that the window opens with at most, so that the instruction is on the screen of any laptop."""

MODES: Final[tuple[Feedback, ...]] = ("every", "alternate", "summary", "off")
MODE_WORDS: Final[dict[Feedback, str]] = {
    "every": "cue in every rep",
    "alternate": "cue in every other rep",
    "summary": "summary after the set only",
    "off": "no cues",
}
ESCAPE, ENTERS = 27, (10, 13)


class Window:
    """Context manager; raises UsageError where no window can be opened.

    Parameters
    ----------
    settings : of the check
    announcer : tones and speech; closed with the window
    mirror : show the picture as a mirror does
    fullscreen : as large as the screen
    """

    def __init__(
        self, settings: Settings, announcer: Announcer, *, mirror: bool = False, fullscreen: bool = False
    ) -> None:
        self._settings = settings
        self._announcer = announcer
        self._mirror = mirror
        self._sound = announcer.tones
        self._fullscreen = fullscreen
        self._news: queue.SimpleQueue[Happening] = queue.SimpleQueue()
        self._note, self._note_s = announcer.missing or "", now_s()

    def __enter__(self) -> Self:
        if not has_display():
            raise UsageError(f"A window needs a display, and there is none here; {OTHERWISE}.")
        try:
            cv2.namedWindow(TITLE, WINDOW_KIND)
            if self._fullscreen:
                cv2.setWindowProperty(TITLE, cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_FULLSCREEN)
        except cv2.error as error:
            raise UsageError(f"No window can be opened here; {OTHERWISE}.") from error
        return self

    def __exit__(self, *error: object) -> None:
        cv2.destroyAllWindows()
        self._announcer.close()

    def tell(self, happening: Happening) -> None:
        """Take a happening, from any thread."""
        if happening["type"] == "cue":
            self._announcer.cue(happening["leg"])
        self._news.put(happening)

    def run(self, check: LiveCheck) -> None:
        """Show pictures and heed the keys until the user quits or the source ends."""
        sized = False
        while not check.wait(0):
            self._read_news(check)
            shown = check.newest.take(POLL_S)
            if shown is not None:
                picture = draw(shown.frame, shown.state, self._extras(check, shown.timing.fps))
                if not sized and not self._fullscreen:
                    share = min(1.0, SHORT_SCREEN_PX / picture.shape[0])
                    cv2.resizeWindow(TITLE, round(share * picture.shape[1]), round(share * picture.shape[0]))
                sized = True
                cv2.imshow(TITLE, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
            key = cv2.waitKey(1) & 0xFF
            if key in (ord("q"), ESCAPE) or cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1:
                return
            self._heed(key, check)

    def finish(self, check: LiveCheck) -> None:
        """Print each set's summary, as for a recorded clip, and why one was not saved."""
        from rich.console import Console

        console = Console()
        for saved in check.saved:
            console.print(summary(saved.analysis, saved.folder), soft_wrap=True)
        if not check.saved and check.error is None:
            console.print(NO_SET)

    def _heed(self, key: int, check: LiveCheck) -> None:
        session = check.session
        if key == ord(" "):
            session.paused = not session.paused
        elif key in ENTERS:
            check.end_set()
            session.paused = False
            self._say("The set is being saved; the next one begins when you stand still.")
        elif key == ord("m"):
            self._mirror = not self._mirror
        elif key == ord("s"):
            self._sound = not self._sound
            self._announcer.tones = self._announcer.speech = self._sound
        elif key == ord("f"):
            session.feedback = MODES[(MODES.index(session.feedback) + 1) % len(MODES)]
            self._say(f"Feedback: {MODE_WORDS[session.feedback]}.")

    def _extras(self, check: LiveCheck, fps: float) -> Extras:
        fresh = now_s() - self._note_s < NOTE_S
        note = self._note if fresh else "Saving the set …" if check.saving else ""
        keys = (
            "space: go on" if check.session.paused else "space: pause",
            "enter: end the set",
            f"m: mirror {'off' if self._mirror else 'on'}",
            f"s: sound {'off' if self._sound else 'on'}",
            "f: feedback",
            "q: quit",
        )
        rules = self._settings
        return Extras(self._mirror, note, keys, fps, rules.events.enter_deg, rules.live.standing_s)

    def _read_news(self, check: LiveCheck) -> None:
        """What stays on the screen for a while: words of the source, and how a set was."""
        while not self._news.empty():
            happening = self._news.get()
            if happening["type"] in ("status", "set"):
                self._say(happening["text"])
            if happening["type"] == "set" and check.session.feedback != "off":
                self._announcer.say(happening["text"])

    def _say(self, text: str) -> None:
        self._note, self._note_s = text, now_s()
