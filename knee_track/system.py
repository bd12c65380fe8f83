"""What this machine has: libraries that mediapipe and OpenCV expect on Linux, a display; child processes."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Seen with `readelf -d` in libmediapipe.so 1.2.2 and in OpenCV 5.0 with its bundled Qt; Debian package names.
PACKAGES: Final = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libgthread-2.0.so.0": "libglib2.0-0",
}


def missing_libraries() -> list[str]:
    """File names of the system libraries that cannot be loaded; empty where nothing is missing or needed."""
    if not sys.platform.startswith("linux"):
        return []
    return [name for name in PACKAGES if not _loads(name)]


def explain_missing_libraries() -> str | None:
    """One sentence with the remedy, or None when nothing is missing.

    Ask after an ImportError or OSError of mediapipe or cv2.
    """
    missing = missing_libraries()
    if not missing:
        return None
    packages = " ".join(PACKAGES[name] for name in missing)
    return (
        f"This machine lacks {', '.join(missing)}, which the pose network and OpenCV need; "
        f"on Debian or Ubuntu run: sudo apt install {packages}"
    )


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_display() -> bool:
    """Whether windows can be shown; asked first, since Qt ends the program where there is no display."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def end_with_parent() -> None:
    """Let this child of `multiprocessing` end when the process that began it does, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()


@contextmanager
def one_thread() -> Iterator[None]:
    """Libraries for numbers use one thread of this process meanwhile.

    Where the pose network has the cores, threads for small matrices cost more than they bring.
    """
    import scipy.linalg  # noqa: F401 - what is loaded later is not limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
