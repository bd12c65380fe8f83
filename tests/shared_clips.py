"""Where the clips are that are not part of the repository."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("KNEETRACK_SHARED", REPOSITORY.parent / "shared"))
