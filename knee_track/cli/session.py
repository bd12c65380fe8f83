"""The clips of one session on the command line: checked first, then analysed one by one, none lost."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knee_track.cli.progress import ProgressBar
from knee_track.cli.saved import read_analysis
from knee_track.errors import KneeTrackError, OutputError, UsageError
from knee_track.protocol.addon import check_belong
from knee_track.protocol.assessment import CLIPS, SINGLE_LEG, ClipName
from knee_track.protocol.catalogue import load_catalogue
from knee_track.report.assessment import RECORD
from knee_track.results import Analysis, Protocol
from knee_track.video.reader import VideoReader, file_sha256

FOLDER = "assess_kneetrack"
OF_A_RUN = re.compile(r"_kneetrack(_\d+)?$")


@dataclass
class Session:
    """The clips by what they are.

    `saved` are those that an earlier run analysed, `written` the analysis.json of those analysed now.
    """

    paths: dict[ClipName, Path]
    client: str | None = None
    saved: dict[ClipName, Analysis] = field(default_factory=dict)
    names: tuple[ClipName, ...] = tuple(CLIPS)
    written: dict[ClipName, Path] = field(default_factory=dict)

    @classmethod
    def of(cls, *paths: Path | None, client: str | None) -> Session:
        """Clips in the order of CLIPS. Raises UsageError for one that is not there or cannot be read."""
        given = {name: path for name, path in zip(CLIPS, paths, strict=True) if path is not None}
        for path in given.values():
            if not path.is_file():
                raise UsageError(f"{path}: no such file; check the name and the folder.")
        jsons = {name: path for name, path in given.items() if path.suffix.lower() == ".json"}
        saved = {name: read_analysis(path) for name, path in jsons.items()}
        for analysis in saved.values():
            analysis.client.id = analysis.client.id or client
        return cls(given, client, saved)

    def check(self, *, tests: int) -> None:
        """Everything that can be told before a long analysis. Raises UsageError, or VideoError."""
        if not tests:
            raise UsageError(
                "There is no test beside the natural clip; give --cued, --heel-lift, --single-leg-left, "
                "--single-leg-right or --knee-to-wall."
            )
        check_belong(self.saved)
        for name, analysis in self.saved.items():
            if self.client and analysis.client.id not in (None, self.client):
                raise UsageError(
                    f"{self.paths[name]}: is of client {analysis.client.id}, not of {self.client}."
                )
        first: dict[str, ClipName] = {self.key(name): name for name in self.saved}
        for name in self.videos:
            twin = first.setdefault(self.key(name), name)
            if twin != name:
                raise UsageError(f"{self.paths[name]}: is also {CLIPS[twin]}; give one clip per test.")
            with VideoReader(self.paths[name]):  # an unusable clip is told before the others are analysed
                pass

    @property
    def videos(self) -> list[ClipName]:
        """The clips that are still to be analysed."""
        return [name for name in self.paths if name not in self.saved]

    def key(self, name: ClipName) -> str:
        """What tells one clip from another: its digest, else its path."""
        if name in self.saved:
            source = self.saved[name].source
            return source.sha256 or source.path
        return file_sha256(self.paths[name])

    def folder(self, out: Path | None) -> Path:
        """The session's own folder in `out`, or beside the natural clip; the same for the same clips.

        Another session's folder of that name is kept and this one numbered. Raises OutputError.
        """
        from knee_track.report.swap import prove_writable

        place = out if out is not None else _beside(self.paths["natural"])
        prove_writable(place)
        keys = {self.key(name) for name in self.paths}
        return next(folder for folder in _numbered(place) if _is_ours(folder, keys))

    def analysed(
        self, folder: Path, bar: ProgressBar, *, video: bool = True, **options: Any
    ) -> dict[ClipName, Analysis]:
        """All clips, each video with its usual folder inside `folder`; `options` are those of `analyze`.

        When one fails, the folders of those before it stay, and the error says where they are.
        """
        clips = dict(self.saved)
        finished = False
        for name in self.videos:
            try:
                clips[name] = self._analyse(name, folder, bar, video, options)
                finished = True
                check_belong({one: clips[one] for one in self.names if one in clips})
            except KneeTrackError as error:
                if not finished:
                    raise
                raise type(error)(
                    f"{str(error).rstrip('.')}; what was finished is in {folder}, and each analysis.json "
                    "there can be given instead of its clip."
                ) from error
        return {name: clips[name] for name in self.names if name in clips}

    def _analyse(
        self, name: ClipName, folder: Path, bar: ProgressBar, video: bool, options: dict[str, Any]
    ) -> Analysis:
        from knee_track.pipeline import analyze
        from knee_track.report.folder import write_outputs

        path, leg = self.paths[name], SINGLE_LEG.get(name)
        what = CLIPS[name]
        analysis = analyze(
            path,
            movement="single_leg_squat" if leg else None,
            leg=leg,
            progress=bar.stage(f"Looking at {what}"),
            **options,
        )
        # A clip of a session has no plan of its own: the session's stands beside it.
        analysis.protocol = Protocol(status="none", summary=load_catalogue().text("plan.of_session"))
        own = write_outputs(analysis, path, folder, video=video, progress=bar.stage(f"Reporting {what}"))
        self.written[name] = own / "analysis.json"
        return analysis


def _beside(natural: Path) -> Path:
    """Where the natural clip lies; never inside the folder of a run, which the next run replaces."""
    place = natural.resolve().parent
    while natural.suffix.lower() == ".json" and OF_A_RUN.search(place.name):
        place = place.parent
    return place


def _numbered(place: Path) -> Iterator[Path]:
    yield place / FOLDER
    yield from (place / f"{FOLDER}_{number}" for number in itertools.count(2))


def _is_ours(folder: Path, keys: set[str]) -> bool:
    """Whether the folder is free, or holds something of these clips. Raises OutputError."""
    if not folder.exists():
        return True
    try:
        sources = [_source(folder / RECORD, "clips", "natural")]
        inside = list(folder.iterdir())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(
            f"Cannot write results to {folder} ({reason}); choose another folder with -o."
        ) from error
    sources += [_source(one / "analysis.json", "source") for one in inside]
    return not inside or any(source in keys for source in sources)


def _source(path: Path, *where: str) -> str | None:
    """Digest or path of the clip that a result is of; None when there is no such result."""
    try:
        source = json.loads(path.read_text(encoding="utf-8"))
        for key in where:
            source = source[key]
        found: str | None = source["sha256"] or source["path"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found
