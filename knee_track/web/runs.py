"""The results so far: folders of runs in the output folder, found by listing it.

An id stands for a folder of the listing. No text of a request is ever joined to a path.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from knee_track.report.summary import headline
from knee_track.results import Analysis
from knee_track.web.uploads import Refused

RUN_NAME: Final = re.compile(r".+_kneetrack(_\d+)?")
ANALYSIS: Final = "analysis.json"


@dataclass(frozen=True)
class Run:
    """A result.

    Attributes
    ----------
    id : for addresses
    folder : where it is
    analysis : what it says
    when : when it was recorded, else analysed
    """

    id: str
    folder: Path
    analysis: Analysis
    when: datetime

    @property
    def name(self) -> str:
        """Of the clip, as the user knows it."""
        return Path(self.analysis.source.path).name or self.folder.name

    @property
    def headline(self) -> str:
        """The result in one sentence."""
        return headline(self.analysis)

    def file(self, name: str) -> Path | None:
        """The file of that name in the folder, by listing it; None when there is none."""
        return next((path for path in self.files() if path.name == name), None)

    def files(self) -> list[Path]:
        """Plain files in the folder, no links."""
        found = [path for path in self.folder.iterdir() if path.is_file() and not path.is_symlink()]
        return sorted(found, key=lambda path: path.name)


class Runs:
    """The runs in a folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, tuple[tuple[int, int], Run | None]] = {}

    def all(self) -> list[Run]:
        """Every run, newest first."""
        runs = [run for folder in self._folders() if (run := self._run(folder)) is not None]
        return sorted(runs, key=lambda run: run.when, reverse=True)

    def find(self, id_: str) -> Run:
        """The run of that id; raises Refused when there is none."""
        for folder in self._folders():
            if run_id(folder.name) == id_ and (run := self._run(folder)) is not None:
                return run
        raise Refused(HTTPStatus.NOT_FOUND, "There is no such result; it may have been deleted.")

    def delete(self, run: Run) -> None:
        """Remove a run's folder; it is gone from the listing at once."""
        hidden = run.folder.with_name(f".kneetrack_tmp_{uuid.uuid4().hex[:8]}_deleted")
        try:
            run.folder.rename(hidden)
            shutil.rmtree(hidden)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise Refused(
                HTTPStatus.CONFLICT,
                f"'{run.folder.name}' could not be deleted ({reason}); close what has it open and try again.",
            ) from error

    def _folders(self) -> Iterator[Path]:
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            is_run = RUN_NAME.fullmatch(path.name) and not path.name.startswith(".")
            if is_run and not path.is_symlink() and (path / ANALYSIS).is_file():
                yield path

    def _run(self, folder: Path) -> Run | None:
        """The run in a folder, read again only when it has changed; None when it is none."""
        path = folder / ANALYSIS
        try:
            facts = path.stat()
            stamp = (facts.st_mtime_ns, facts.st_size)
            if folder not in self._read or self._read[folder][0] != stamp:
                self._read[folder] = (stamp, _read_run(folder, facts.st_mtime))
        except OSError:
            return None
        return self._read[folder][1]


def run_id(folder_name: str) -> str:
    """What addresses call a folder."""
    return hashlib.sha256(folder_name.encode()).hexdigest()[:20]


def _read_run(folder: Path, changed_s: float) -> Run | None:
    try:
        analysis = Analysis.model_validate_json((folder / ANALYSIS).read_bytes())
    except (ValidationError, json.JSONDecodeError):
        return None
    when = datetime.fromtimestamp(changed_s)
    if analysis.source.recorded_at:
        with suppress(ValueError):
            when = datetime.fromisoformat(analysis.source.recorded_at)
    if when.tzinfo is not None:
        when = when.astimezone().replace(tzinfo=None)
    return Run(run_id(folder.name), folder, analysis, when)
