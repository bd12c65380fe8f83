"""What makes one result different from another: the clip's content and everything that shaped the numbers."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from knee_track.settings import Settings


class ClipKey(NamedTuple):
    """Same key, same numbers: a result is made and kept once per key."""

    sha256: str
    settings_digest: str
    model_sha256: str
    software_version: str


def settings_digest(settings: Settings, **options: Any) -> str:
    """SHA-256 of all thresholds and of the options that change numbers (movement, mirrored, height …).

    `options` hold what JSON can say; their order does not matter.
    """
    told = {"settings": settings.model_dump(mode="json"), "options": options}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
