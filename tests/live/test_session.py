"""What the session adds to the engine: bystanders, light, a moved camera, and one set after another."""

from itertools import pairwise

import numpy as np
import pytest
from live_figures import SIZE, frames, squats

from knee_track.live.session import LiveSession
from knee_track.live.sources import Frame
from knee_track.pose.landmarker import People

GREY = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)


@pytest.fixture(scope="module")
def clip():
    return squats(8.5, (3.0, 5.0, 0.3), (5.5, 7.5, 0.3))


def people(*points_px):
    image_px = np.array(points_px, dtype=float).reshape(-1, 33, 2)
    return People(image_px, np.ones(image_px.shape[:2]), np.zeros((*image_px.shape[:2], 3)))


def feed(session, track, *, until_s=np.inf, from_s=0.0, picture=None):
    states = []
    for number, (time_s, seen) in enumerate(frames(track)):
        if not from_s <= time_s < until_s:
            continue
        if picture is not None:
            session.watch(Frame(picture(time_s), 0.0, time_s, number))
        who = People(seen.image_px[None], seen.visibility[None], seen.world_m[None])
        states.append(session.step(who, time_s, SIZE))
    return states


def session(**options):
    return LiveSession(inline=True, **options)


def beside(points_px, *, metres=0.0, size=1.0):
    """The same figure further to the right, and smaller about its feet."""
    feet = np.nanmax(points_px[:, 1])
    return (points_px - [0.0, feet]) * size + [metres, feet]


@pytest.mark.parametrize(
    ("looks", "size", "paused"),
    [(2, 0.8, True), (1, 0.8, False), (2, 0.2, False)],
    ids=["a second person", "seen once: a mistake", "small: far in the background"],
)
def test_only_somebody_at_the_side_seen_twice_pauses(clip, looks, size, paused):
    live = session()
    client = clip.image_px[0]
    feed(live, clip, until_s=2.9)
    for _ in range(looks):
        live.see_everybody(people(client, beside(client, metres=400.0, size=size)), 2.9, SIZE)
    states = feed(live, clip, from_s=2.9, until_s=3.0)
    assert {state.paused_by for state in states} == ({"second_person"} if paused else {None})
    live.see_everybody(people(client), 3.0, SIZE)
    assert feed(live, clip, from_s=3.0, until_s=3.9)[-1].paused_by is None


def test_the_same_person_found_twice_is_one(clip):
    live = session()
    feed(live, clip, until_s=2.9)
    for _ in range(2):
        live.see_everybody(people(clip.image_px[0], clip.image_px[0] + 5.0), 2.9, SIZE)
    assert feed(live, clip, from_s=2.9, until_s=3.0)[-1].paused_by is None


@pytest.mark.parametrize(("grey", "dark"), [(20, True), (128, False)])
def test_light_is_read_from_the_picture(clip, grey, dark):
    states = feed(session(), clip, until_s=2.9, picture=lambda _: np.full_like(GREY, grey))
    assert (states[-1].instruction.id == "more_light") == dark


def test_a_camera_that_is_pushed_pauses_and_the_set_goes_on_after_it(clip):
    noise = np.random.default_rng(1).integers(0, 255, (SIZE[1] // 64, SIZE[0] // 64 + 4, 3), np.uint8)
    wall = np.kron(noise, np.ones((64, 64, 1), np.uint8))

    def picture(time_s):
        moved = int(np.clip((time_s - 2.6) * 400, 0, 160))  # 160 px within 0.4 s; a shank has 190
        return np.ascontiguousarray(wall[:, moved : moved + SIZE[0]])

    states = feed(session(), clip, until_s=2.95, picture=picture)
    assert "camera_moved" in {state.paused_by for state in states}
    assert {state.paused_by for state in states if state.time_s < 2.6} == {None}


def test_each_set_has_its_own_landmarks_and_the_wishes_stay(clip):
    live = session(feedback="alternate")
    feed(live, clip, until_s=5.4)
    live.paused = True
    first = live.end_set(name="first")
    assert (live.feedback, live.paused) == ("alternate", True)
    live.paused = False
    assert [rep.number for rep in first.last.reps] == [1]
    second_states = feed(live, squats(20, (14, 16, 0.3)), from_s=8.5)
    second = live.end_set(name="second")
    assert [rep.number for rep in second.last.reps] == [1]
    assert len(second_states) and first.kept.raw.times_s[-1] < 5.4 < second.kept.raw.times_s[0]
    assert [len(one.kept.analysis().reps) for one in (first, second)] == [1, 1]
    assert [one.kept.name for one in (first, second)] == ["first", "second"]


def test_without_anybody_there_is_no_set():
    live = session()
    for time_s in (0.0, 0.1, 0.2):
        live.step(people(), time_s, SIZE)
    assert live.end_set().kept is None


def test_bystanders_are_counted_for_the_report(clip):
    live = session()
    client = clip.image_px[0]
    feed(live, clip, until_s=1.0)
    for _ in range(2):
        live.see_everybody(people(client, beside(client, metres=400.0)), 1.0, SIZE)
    live.see_everybody(people(client), 1.0, SIZE)
    feed(live, clip, from_s=1.0)
    assert live.end_set().kept.people == 2


def test_memory_of_the_surroundings_does_not_grow(clip):
    live = session()
    feed(live, clip, until_s=2.0, picture=lambda _: GREY)
    assert len(live._surroundings._scene.motion_px) == 0
    assert all(b.time_s > a.time_s for a, b in pairwise(feed(live, clip, from_s=2.0, until_s=2.2)))
