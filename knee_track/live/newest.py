"""A mailbox with one place: the newest thing wins, nothing ever queues."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """Hand things from one thread to another, at the pace of whichever is slower.

    What is put while the place is taken replaces what lies there. So the taker is never behind by more than
    the thing it is busy with, and memory does not grow, whatever the two speeds are.

    Attributes
    ----------
    skipped : how many things were replaced before anybody took them
    """

    def __init__(self) -> None:
        self.skipped = 0
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        """True when nothing more will come; something may still lie there to be taken."""
        return self._closed

    def put(self, item: T) -> bool:
        """Leave `item` (anything but None), replacing what nobody took; False when the mailbox is closed."""
        with self._changed:
            if self._closed:
                return False
            self.skipped += self._item is not None
            self._item = item
            self._changed.notify()
            return True

    def take(self, timeout_s: float | None = None) -> T | None:
        """Take the newest item, waiting for it up to `timeout_s` (None: without end).

        None when the time is over, or when the mailbox is closed and empty.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Accept nothing more and wake everybody who waits; what lies there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
