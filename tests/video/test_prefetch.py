import threading
import time
from collections.abc import Generator, Iterator

import pytest

from knee_track.video.prefetch import prefetched


def test_items_come_in_order_and_are_prepared_ahead() -> None:
    prepared = threading.Semaphore(0)

    def source() -> Iterator[int]:
        for i in range(10):
            prepared.release()
            yield i

    items = prefetched(source(), ahead=3)
    assert next(items) == 0
    for _ in range(4):  # the one taken and three more, without asking for them
        assert prepared.acquire(timeout=5)
    assert not prepared.acquire(timeout=0.05)
    assert list(items) == list(range(1, 10))


def test_an_error_of_the_source_comes_after_the_items_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("disk gone")

    items = prefetched(source(), ahead=4)
    assert next(items) == 1
    with pytest.raises(OSError, match="disk gone"):
        next(items)


def test_stopping_early_ends_the_thread() -> None:
    items = prefetched(iter(range(1000)), ahead=4)
    next(items)
    assert any(t.name.startswith("prefetch") for t in threading.enumerate())
    items.close()
    assert not any(t.name.startswith("prefetch") for t in threading.enumerate())


def test_a_thread_whose_start_is_interrupted_lets_go_of_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C just then leaves the pool without knowledge of the thread, which is in the source already."""
    inside = threading.Event()

    def items() -> Generator[int]:
        for i in range(10):
            inside.set()
            time.sleep(0.3)
            yield i

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        assert inside.wait(10)
        raise KeyboardInterrupt

    source, start = items(), threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(prefetched(source, 2))
    source.close()  # a ValueError while the thread is in it
