"""A page of the live check as a test plays it: sends a clip's pictures, hears what the server says."""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
from web_server import Server, wait_until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from knee_track.video.reader import VideoReader
from knee_track.web.live_source import HEAD


def jpegs(clip: Path, long_side_px: int = 960) -> list[tuple[float, bytes]]:
    """A clip's pictures, each with its time in seconds."""
    with VideoReader(clip, long_side_px=long_side_px) as reader:
        return [(frame.time_s, jpeg(frame.rgb)) for frame in reader]


def jpeg(rgb) -> bytes:
    done, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert done
    return data.tobytes()


@dataclass
class LivePage:
    """One connection; heard: every message so far."""

    server: Server
    heard: list[dict] = field(default_factory=list)

    def __post_init__(self):
        url = self.server.url.replace("http", "ws")
        self._opening = connect(f"{url}/live/socket", origin=self.server.url, max_size=None, close_timeout=2)
        self.socket = self._opening.__enter__()
        self.number = -1
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        try:
            for text in self.socket:
                self.heard.append(json.loads(text))
        except ConnectionClosed:
            pass
        self.heard.append({"type": "gone"})

    def order(self, **words):
        self.socket.send(json.dumps(words))

    def all(self, kind: str) -> list[dict]:
        return [words for words in self.heard if words["type"] == kind]

    def wait_for(self, kind: str, timeout_s: float = 60.0) -> dict:
        assert wait_until(lambda: self.all(kind), timeout_s), f"no '{kind}' among {self.heard[-3:]}"
        return self.all(kind)[-1]

    @property
    def answered(self) -> int:
        numbers = [words["number"] for words in self.heard if words["type"] in ("state", "answer")]
        return max(numbers, default=-1)

    def play(self, pictures: Iterable[tuple[float, bytes]], slower: float = 1.0):
        """Send pictures at their own times, as the page does: never more than two unanswered.

        slower : so many times, for machines that are busy with other tests; the times told stay the clip's
        """
        began_s = time.monotonic()
        for time_s, data in pictures:
            time.sleep(max(0.0, began_s + slower * time_s - time.monotonic()))
            if self.number - self.answered < 2:
                self.number += 1
                self.socket.send(HEAD.pack(1000 * (began_s + time_s), self.number) + data)

    def close(self):
        self.socket.close()
