"""What the live tests share."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], timeout_s: float = 15.0) -> bool:
    """Whether a condition comes true in time; the time is generous, machines are busy."""
    end_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.005)
    return True
