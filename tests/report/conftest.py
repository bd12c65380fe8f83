from __future__ import annotations

from pathlib import Path

import pytest
from report_fakes import write_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grey clip as long as the made-up set."""
    return write_clip(tmp_path_factory.mktemp("clips") / "squat.mp4")
