"""Reading ahead in a second thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def prefetched(items: Iterator[T], ahead: int) -> Generator[T]:
    """Yield the items in order while a second thread prepares up to `ahead` more.

    An exception of the source is raised here in its turn. Closing this generator, or an error in the
    consumer, waits for the item being prepared and ends the thread.
    """
    end = object()
    turn = threading.Lock()
    closed = threading.Event()

    def prepare() -> T | object:
        with turn:
            return end if closed.is_set() else next(items, end)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch") as pool:
        try:
            waiting = deque(pool.submit(prepare) for _ in range(ahead))
            while (item := waiting.popleft().result()) is not end:
                waiting.append(pool.submit(prepare))
                yield item  # type: ignore[misc]
        finally:
            pool.shutdown(cancel_futures=True)
            with turn:  # the pool does not know a thread whose start was interrupted by Ctrl-C
                closed.set()
