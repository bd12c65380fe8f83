"""A live set becomes a result, in a process of its own, so that the next set is not slowed down."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from knee_track.live.recording import LiveSet
from knee_track.pipeline import model_of
from knee_track.pose.bundles import find_bundle
from knee_track.pose.manifest import Variant
from knee_track.report.folder import write_outputs
from knee_track.web.child import Tell


@dataclass(frozen=True)
class SetWork:
    """Analyse a set as a recorded clip is.

    Attributes
    ----------
    film : its video, None when none was kept
    clock_s : the film's first picture on the clock of the landmarks, None without a film
    """

    kept: LiveSet
    out: Path
    variant: Variant
    film: Path | None = None
    clock_s: float | None = None

    def __call__(self, tell: Tell) -> str:
        """Returns the name of the result's folder."""
        tell("Measuring the set", 0.0)
        model = model_of(find_bundle(self.variant, offline=True), version("mediapipe"))
        analysis = self.kept.analysis(model=model, film=self.film, clock_s=self.clock_s)
        analysis.source.path = self.kept.name if self.film is None else self.film.name
        folder = write_outputs(
            analysis, self.film, self.out, progress=lambda share: tell("Writing the report", share)
        )
        if self.film is not None:
            shutil.move(self.film, folder / self.film.name)
        return folder.name
