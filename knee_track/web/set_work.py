"""A live set becomes a result, in a process of its own, so that the next set is not slowed down."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from knee_track.live.recording import LiveSet
from knee_track.live.saving import save_set
from knee_track.pipeline import model_of
from knee_track.pose.bundles import find_bundle
from knee_track.pose.manifest import Variant
from knee_track.web.child import Tell


@dataclass(frozen=True)
class SetWork:
    """Analyse a set as a recorded clip is.

    Attributes
    ----------
    film : its video, see `Film.kept`; it is put into the result's folder
    """

    kept: LiveSet
    out: Path
    variant: Variant
    film: tuple[Path, float] | None = None

    def __call__(self, tell: Tell) -> str:
        """Returns the name of the result's folder."""
        tell("Measuring the set", 0.0)
        model = model_of(find_bundle(self.variant, offline=True), version("mediapipe"))
        saved = save_set(
            self.kept,
            self.out,
            model=model,
            film=self.film,
            progress=lambda share: tell("Writing the report", share),
        )
        if saved.film is not None:
            shutil.move(saved.film, saved.folder / saved.film.name)
        return saved.folder.name
