"""Knee over third toe, per leg and per repetition, from one squat video.

>>> from knee_track import analyze  # doctest: +SKIP
>>> analyze("squat.mp4").legs.left.grade  # doctest: +SKIP
'mild'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from knee_track.elsewhere import analyze_pose_file
    from knee_track.marker_pipeline import analyze_markers
    from knee_track.pipeline import analyze
    from knee_track.results import Analysis

__all__ = ["Analysis", "__version__", "analyze", "analyze_markers", "analyze_pose_file"]

__version__ = "0.1.0"

# The function `analyze` cannot live in a module of its own name: importing that would hide the function.
_HOMES = {
    "analyze": "knee_track.pipeline",
    "analyze_markers": "knee_track.marker_pipeline",
    "analyze_pose_file": "knee_track.elsewhere",
    "Analysis": "knee_track.results",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that `import knee_track` is instant."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
