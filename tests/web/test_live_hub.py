"""Who has the camera session, and what becomes of it when a page goes; sessions that only count."""

import asyncio
from pathlib import Path

import pytest

from knee_track.web import live_hub
from knee_track.web.camera_session import Wishes
from knee_track.web.live_hub import Holder, LiveHub
from knee_track.web.outbox import Outbox


class CountedSession:
    made: list["CountedSession"] = []

    def __init__(self, site, wishes, tell, words):
        self.id, self.tell, self.ended, self.connections = f"session {len(self.made)}", tell, False, 0
        self.camera = self
        self.made.append(self)

    alive = property(lambda self: not self.ended)

    def start(self):
        pass

    def connect(self):
        self.connections += 1

    def end(self):
        self.tell({"type": "set"})
        self.ended = True


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    CountedSession.made = []
    monkeypatch.setattr(live_hub, "CameraSession", CountedSession)


def hub(grace_s=0.05):
    return LiveHub(Path(), dict, grace_s)


def heard(holder):
    async def take():
        return await asyncio.wait_for(holder.outbox.take(), 0.1)

    return take()


def test_a_page_that_stays_away_has_its_session_ended():
    async def run():
        one, hall = Holder("one"), hub()
        session = await hall.enter(one, Wishes())
        await hall.leave(one)
        assert hall.held_by is None and not session.ended
        await asyncio.sleep(0.3)
        assert session.ended

    asyncio.run(run())


def test_a_page_that_comes_back_in_time_keeps_it():
    async def run():
        one, hall = Holder("one"), hub(0.3)
        session = await hall.enter(one, Wishes())
        await hall.leave(one)
        assert await hall.enter(Holder("one again"), Wishes(), known=session.id) is session
        await asyncio.sleep(0.6)
        assert not session.ended and session.connections == 2

    asyncio.run(run())


def test_another_page_within_the_grace_begins_anew():
    async def run():
        one, hall = Holder("one"), hub(10)
        first = await hall.enter(one, Wishes())
        await hall.leave(one)
        second = await hall.enter(Holder("two"), Wishes(), known="guessed")
        assert second is not first and first.ended and not second.ended
        await hall.close()
        assert second.ended

    asyncio.run(run())


def test_a_page_that_says_goodbye_still_hears_of_its_set():
    async def run():
        one, hall = Holder("one"), hub()
        session = await hall.enter(one, Wishes())
        await hall.leave(one, for_good=True)
        assert session.ended and hall.held_by is None
        assert await heard(one) == [{"type": "set"}]
        assert await heard(one) is None

    asyncio.run(run())


def test_whoever_is_replaced_is_told_and_cannot_end_the_new_session():
    async def run():
        one, two, hall = Holder("one"), Holder("two"), hub()
        await hall.enter(one, Wishes())
        assert await hall.enter(two, Wishes()) is None
        session = await hall.enter(two, Wishes(), take_over=True)
        assert await heard(one) == [{"type": "taken", "who": "two"}]
        await hall.leave(one, for_good=True)
        assert not session.ended and hall.held_by == "two"
        await hall.close()

    asyncio.run(run())


def test_a_session_that_failed_is_not_gone_on_with():
    async def run():
        one, hall = Holder("one"), hub(10)
        first = await hall.enter(one, Wishes())
        first.ended = True
        await hall.leave(one)
        assert await hall.enter(Holder("one again"), Wishes(), known=first.id) is not first
        await hall.close()

    asyncio.run(run())


def test_of_the_states_only_the_newest_waits():
    async def run():
        box = Outbox()
        for number in range(1000):
            box.put({"type": "state", "number": number})
        box.put({"type": "cue"})
        assert await box.take() == [{"type": "cue"}, {"type": "state", "number": 999}]
        for number in range(1000):
            box.put({"type": "rep", "number": number})
        assert len(await box.take()) == 200

    asyncio.run(run())
