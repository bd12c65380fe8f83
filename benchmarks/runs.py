"""The public pipeline on one clip, with the raw landmarks kept between runs.

Landmarks take minutes, everything after them seconds. They are kept in a folder of the user's, under a digest
of all they depend on, so that a change of geometry, reps or findings is measured at once.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from importlib.metadata import version
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

import knee_track
from knee_track.pipeline import Declared, Recording, analyze_track
from knee_track.pose.bundles import Bundle, find_bundle
from knee_track.pose.estimate import PoseResult, estimate_track
from knee_track.results import Analysis, Source
from knee_track.settings import PoseSettings, Settings
from knee_track.video.reader import file_sha256

CACHE: Final = user_cache_path("knee-track") / "benchmarks"
PACKAGES: Final = ("mediapipe", "av", "numpy")
AFTER_POSE: Final = frozenset({"clean.py", "lag.py", "swaps.py"})
"""Modules of `knee_track.pose` that work on raw landmarks and do not change them."""


def analyze_clip(clip: Path, settings: Settings, cache: Path = CACHE) -> Analysis:
    """What `knee-track analyze` says of a clip."""
    pose = raw_pose(clip, find_bundle(), settings.pose, cache)
    return analyze_track(pose.track, _recording(clip, pose), Declared(), settings)


def raw_pose(clip: Path, bundle: Bundle, settings: PoseSettings, cache: Path) -> PoseResult:
    """Raw landmarks as `estimate_track` gives them, estimated only where the cache does not hold them."""
    kept = cache / f"{_digest(clip, bundle, settings)}.pickle"
    if kept.is_file():
        # Our own file in the user's own folder; its classes are part of its name's digest.
        result: PoseResult = pickle.loads(kept.read_bytes())
        return result
    result = estimate_track(clip, bundle, settings)
    cache.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(pickle.dumps(result))
    fresh.replace(kept)
    return result


def _digest(clip: Path, bundle: Bundle, settings: PoseSettings) -> str:
    """Digest of all that raw landmarks depend on: clip, model, settings, packages, our code up to them."""
    package = Path(knee_track.__file__).parent
    code = sorted(path for part in ("pose", "video") for path in (package / part).glob("*.py"))
    parts = [
        file_sha256(clip),
        bundle.sha256,
        settings.model_dump_json(),
        *(version(name) for name in PACKAGES),
        *(file_sha256(path) for path in code if path.name not in AFTER_POSE),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _recording(clip: Path, pose: PoseResult) -> Recording:
    """What the analysis wants to know of a track's origin."""
    source = Source(
        path=str(clip),
        sha256=None,
        width_px=pose.video.width_px,
        height_px=pose.video.height_px,
        duration_s=float(pose.track.times_s[-1]),
        frame_count=pose.frame_count,
        mean_fps=pose.mean_fps,
        variable_frame_rate=pose.variable_frame_rate,
    )
    return Recording(
        source=source,
        model=None,
        motion_px=pose.camera_motion_px,
        cuts_s=pose.cuts_s,
        warnings=pose.warnings,
        people=pose.people,
    )
