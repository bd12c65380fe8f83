"""What is done to one clip, wherever that is: look into it, or analyse it into a folder."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from knee_track.batch.clips import About, Job, Looked
from knee_track.batch.storage import Place, fetch
from knee_track.errors import KneeTrackError, OutputError
from knee_track.pose.bundles import find_bundle
from knee_track.pose.crew import Crew
from knee_track.pose.manifest import Variant
from knee_track.settings import Settings

Progress = Callable[[float], None]
POSE_SHARE: Final = 0.8
"""Share of a clip's time that finding landmarks takes; the rest draws and writes."""
REMEDY: Final = "Look at the clip, or copy it again from the camera."
FREE_SPACE: Final = "Free space where the results are kept, then run the same command again."


@dataclass(frozen=True)
class Equipment:
    """What every worker of a run is given.

    settings, variant, model : as in `analyze`; the model lies on this machine already
    about : what was declared of all clips
    video, blur_faces : whether to draw the annotated video, and whether to hide the client's face in it
    memory_mb : the most that a worker may hold, None without a limit
    """

    settings: Settings
    variant: Variant = "full"
    model: Path | None = None
    about: About = About()
    video: bool = True
    blur_faces: bool = False
    memory_mb: int | None = None


class Tools:
    """A worker's own: pose processes that are kept from clip to clip; a context manager."""

    def __init__(self, equipment: Equipment) -> None:
        self.equipment = equipment
        self._crew: Crew | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._crew is not None:
            self._crew.close()

    def crew(self, size: int) -> Crew:
        """The pose processes, started when first needed; as many as a clip may have."""
        if self._crew is None:
            bundle = find_bundle(self.equipment.variant, self.equipment.model, offline=True)
            self._crew = Crew(bundle, self.equipment.settings.pose, size)
        self._crew.size = size
        return self._crew


def look(path: Path) -> Looked:
    """Content, length and date of a clip. Raises VideoError for one that cannot be used."""
    from knee_track.video.reader import VideoReader, file_sha256

    with VideoReader(path) as reader:
        info = reader.info
    return Looked(file_sha256(path), info.duration_s or 0.0, info.recorded_at)


def analyse(job: Job, tools: Tools, scratch: Path, progress: Progress) -> Path:
    """Analyse a clip and write its result folder into the folder `scratch`; return the folder.

    Nothing in it has the file's own name. Raises KneeTrackError for a clip that cannot be analysed.
    """
    from knee_track.pipeline import analyze
    from knee_track.report.folder import write_outputs
    from knee_track.store.names import without_names

    equipment = tools.equipment
    clip = staged(job.clip.place, scratch / job.name)
    analysis = analyze(
        clip,
        settings=equipment.settings,
        client_id=job.client,
        progress=lambda share: progress(POSE_SHARE * share),
        crew=tools.crew(job.processes),
        **job.clip.about.options(),
    )
    folder = write_outputs(
        without_names(analysis, job.client, job.day, job.key.sha256),
        clip,
        scratch,
        video=equipment.video,
        blur_faces=equipment.blur_faces,
        progress=lambda share: progress(POSE_SHARE + (1 - POSE_SHARE) * share),
    )
    clip.unlink()
    return folder


def staged(path: Place, neutral: Path) -> Path:
    """The clip under another name: a link where the system makes one, else a copy. Raises VideoError."""
    from knee_track.errors import VideoError

    if not isinstance(path, Path):
        return fetch(path, neutral)
    with suppress(OSError):
        neutral.symlink_to(path.resolve())
        return neutral
    with suppress(OSError):
        os.link(path, neutral)
        return neutral
    try:
        shutil.copyfile(path, neutral)
    except OSError as error:
        raise VideoError(f"{path}: cannot be copied ({error.strerror}); free space.") from error
    return neutral


def told(error: BaseException, *paths: Place) -> tuple[str, str]:
    """Reason and remedy of a failure, without the paths that its sentence begins with."""
    if isinstance(error, MemoryError):
        return "needs more memory than a worker may have", "Give more with --memory, or cut the clip."
    if not isinstance(error, KneeTrackError):
        words = " ".join(str(error).split())
        return f"failed inside knee-track ({type(error).__name__}: {words})", "Report it with the clip."
    text = str(error)
    if isinstance(error, OutputError):  # says where, which is a place that will be gone
        why = re.search(r"\((.*?)\)", text)
        return f"its result cannot be written ({why[1] if why else text})", FREE_SPACE
    for path in paths:
        text = text.removeprefix(f"{path}: ").replace(f" in {path}", "").replace(str(path), "the clip")
    reason, _, remedy = text.rstrip(".").rpartition("; " if "; " in text else ": ")
    if not reason:
        return remedy, REMEDY
    return reason, f"{remedy[:1].upper()}{remedy[1:]}."
