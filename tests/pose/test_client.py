import numpy as np
import pytest

from knee_track.errors import UsageError
from knee_track.pose.client import (
    Box,
    Figure,
    Sighting,
    choose_client,
    fullest_moment,
    link_people,
    off_client,
)

WIDTH = 1000
TIMES = np.arange(0.0, 9.0, 0.75)


def figure(x, hip_y=400.0, height=600.0, followed=False):
    return Figure(Box(x - 100, 700 - height, x + 100, 700), (x, hip_y), followed)


def crowd(*ways):
    """Sightings of people whose way gives their figure at a time, or None where they are not seen."""
    return [Sighting.of(t, [seen for way in ways if (seen := way(t)) is not None]) for t in TIMES]


def squatting(x, **more):
    return lambda t: figure(x, hip_y=400 + 100 * (1 - np.cos(2 * np.pi * t / 3)), **more)


def standing(x, **more):
    return lambda t: figure(x, **more)


def walking(start, end, **more):
    return lambda t: figure(start + (end - start) * t / TIMES[-1], **more)


def middles(people):
    return [round(np.mean([f.torso[0] for f in person.figures])) for person in people]


@pytest.mark.parametrize(
    ("wanted", "other"),
    [
        (squatting(400), standing(600)),  # movement
        (standing(500), standing(900)),  # middle of the picture
        (standing(400, height=600), standing(600, height=300)),  # size
        (standing(600, followed=True), standing(400)),  # presence
        (squatting(500), standing(850, height=660, followed=True)),  # a spotter near the camera
    ],
)
def test_the_client_is_large_central_moving_and_present(wanted, other):
    for ways in ((wanted, other), (other, wanted)):
        people = link_people(crowd(*ways))
        assert len(people) == 2
        client = choose_client(people, WIDTH)
        assert client.figures[0].torso[0] == wanted(0.0).torso[0]


def test_a_bystander_who_walks_past_in_front_stays_another_person():
    people = link_people(crowd(walking(100, 900), standing(500)))  # near the client, only the first is seen
    travels = sorted(np.ptp([f.torso[0] for f in person.figures]) for person in people)
    assert travels == pytest.approx([0, 800])


def test_someone_hidden_for_a_while_is_the_same_person_again():
    hidden = standing(300)
    people = link_people(crowd(standing(700), lambda t: None if 2 < t < 5 else hidden(t)))
    assert sorted(middles(people)) == [300, 700]


def test_what_is_seen_once_or_is_small_or_twice_the_same_is_nobody():
    once = crowd(standing(500), lambda t: figure(150) if t == 1.5 else None)
    assert middles(link_people(once)) == [500]
    small = crowd(standing(500), standing(150, height=150))
    assert middles(link_people(small)) == [500]
    twice = crowd(standing(500, followed=True), standing(560))
    assert middles(link_people(twice)) == [500]


def test_people_are_numbered_from_left_to_right_where_most_are_seen():
    late = standing(100)
    people = link_people(crowd(standing(800), standing(500), lambda t: late(t) if t > 4 else None))
    time_s, row = fullest_moment(people)
    assert time_s == 4.5 and middles(row) == [100, 500, 800]
    assert middles([choose_client(people, WIDTH, number) for number in (1, 2, 3)]) == [100, 500, 800]
    for number in (0, 4):
        with pytest.raises(UsageError, match=rf"--person {number}: at most 3 people .* 4\.5 s"):
            choose_client(people, WIDTH, number)


def test_a_skeleton_on_somebody_else_is_off_the_client():
    client, spotter = link_people(crowd(squatting(500), standing(620, hip_y=390)))
    times = np.array([0.0, 0.9, 1.2, 2.0, 3.0])
    torsos = client.torsos(times)
    torsos[1] = np.nan
    torsos[2] = spotter.torsos(times)[2]  # near in the picture, but the spotter's
    torsos[3] = [40.0, 400.0]  # nobody there
    assert off_client(torsos, times, client, [spotter]).tolist() == [False, False, True, True, False]


def test_boxes_clip_to_the_picture():
    box = Box.around(np.array([[-20.0, 10.0], [50.0, 110.0], [np.nan, np.nan]])).padded(0.1)
    assert box == Box(-30.0, 0.0, 60.0, 120.0)
    assert box.scaled(0.5, 2.0) == Box(-15.0, 0.0, 30.0, 240.0)
    picture = np.zeros((100, 40, 3))
    picture[box.slices(picture.shape)] = 1
    assert picture.all()
    assert box.holds(np.array([[0.0, 0.0], [61.0, 5.0]])).tolist() == [True, False]
