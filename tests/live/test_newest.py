import threading
import time

import pytest

from knee_track.live.newest import Newest


def test_the_newest_wins_and_the_older_is_counted() -> None:
    box: Newest[int] = Newest()
    for number in range(1, 6):
        assert box.put(number)
    assert box.take(0) == 5
    assert box.skipped == 4
    assert box.take(0) is None


def test_nothing_is_counted_as_skipped_when_everything_is_taken() -> None:
    box: Newest[int] = Newest()
    assert [(box.put(number), box.take(0)) for number in (1, 2, 3)] == [(True, 1), (True, 2), (True, 3)]
    assert box.skipped == 0


def test_waiting_ends_after_the_timeout() -> None:
    box: Newest[int] = Newest()
    start_s = time.monotonic()
    assert box.take(0.05) is None
    assert time.monotonic() - start_s >= 0.045
    assert not box.closed


def test_a_waiting_taker_is_woken_by_what_is_put() -> None:
    box: Newest[str] = Newest()
    taken: list[str | None] = []
    taker = threading.Thread(target=lambda: taken.append(box.take()))
    taker.start()
    box.put("picture")
    taker.join(10)
    assert taken == ["picture"]


def test_closing_wakes_everybody() -> None:
    box: Newest[int] = Newest()
    taken: list[int | None] = []
    takers = [threading.Thread(target=lambda: taken.append(box.take())) for _ in range(3)]
    for taker in takers:
        taker.start()
    box.close()
    for taker in takers:
        taker.join(10)
    assert taken == [None, None, None]
    assert box.closed


def test_what_lay_there_at_the_closing_is_still_given() -> None:
    box: Newest[int] = Newest()
    box.put(7)
    box.close()
    assert not box.put(8)
    assert box.take() == 7
    assert box.take() is None


@pytest.mark.parametrize("count", [2000])
def test_a_fast_giver_never_gets_ahead_of_a_slow_taker(count: int) -> None:
    box: Newest[int] = Newest()
    taken: list[int] = []

    def take() -> None:
        while (number := box.take()) is not None:
            taken.append(number)
            time.sleep(0.0002)

    taker = threading.Thread(target=take)
    taker.start()
    for number in range(1, count + 1):
        box.put(number)
    box.close()
    taker.join(30)
    assert taken == sorted(taken)
    assert taken[-1] == count
    assert len(taken) + box.skipped == count
