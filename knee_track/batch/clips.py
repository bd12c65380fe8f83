"""What is known of a clip before, and after, it was looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from knee_track.batch.storage import Place
from knee_track.pose.skeleton import Leg
from knee_track.results import Movement
from knee_track.store.keys import ClipKey


@dataclass(frozen=True)
class About:
    """What was declared of a clip and changes its numbers; see `knee_track.judgement.Declared`."""

    movement: Movement | None = None
    leg: Leg | None = None
    mirrored: bool = False
    height_m: float | None = None
    person: int | None = None
    start_s: float | None = None
    end_s: float | None = None

    def options(self) -> dict[str, Any]:
        """As keyword arguments of `analyze`."""
        return asdict(self)


@dataclass(frozen=True)
class Clip:
    """A file that was found.

    file : its path inside the folder of clips, with "/"
    folder : the client's name as folders or manifest tell it
    day : from manifest, name or folders; None where they say nothing
    size : bytes
    problem : why it cannot be read, known already; reason and remedy
    url : where it lies when that is no folder of this machine; `path` then only tells its name
    changed : the day on which a file at a URL last changed, if that is told
    """

    path: Path
    file: str
    folder: str
    day: date | None
    size: int
    about: About = field(default_factory=About)
    problem: tuple[str, str] | None = None
    url: str | None = None
    changed: date | None = None

    @property
    def place(self) -> Place:
        """From where it is read."""
        return self.url or self.path


@dataclass(frozen=True)
class Looked:
    """What a look into the file told: content, length in seconds, and when it was recorded."""

    sha256: str
    duration_s: float
    recorded_at: str | None


@dataclass(frozen=True)
class Job:
    """A clip that is to be analysed; `client` is the id, `name` what its results are called."""

    clip: Clip
    client: str
    day: date
    key: ClipKey
    duration_s: float
    name: str
    processes: int = 1

    @property
    def folder(self) -> str:
        """Where its results lie inside the folder of results."""
        return f"{self.client}/{Path(self.name).stem}_kneetrack"
