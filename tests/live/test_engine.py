"""The engine frame by frame: stages, instructions and pauses, on a stick figure whose movement is known."""

from dataclasses import replace

import numpy as np
import pytest
from live_figures import SIZE, frames, instructions, squats

from knee_track.errors import VideoError
from knee_track.live.engine import LiveEngine
from knee_track.live.replay import replay
from knee_track.live.state import LegNow
from knee_track.settings import load_settings

SET = [(3.0, 5.0, 0.3), (5.5, 7.5, 0.3)]
BOTTOMS = [4.0, 6.5]


@pytest.fixture(scope="module")
def clip():
    return squats(8.5, *SET)


@pytest.fixture(scope="module")
def watched(clip):
    return replay(clip, smoothed_by_mediapipe=False)


def engine(**options):
    return LiveEngine(inline=True, smoothed_by_mediapipe=False, **options)


def feed(live, track, **context):
    """States of all frames; context values may be functions of time."""
    states = []
    for time_s, seen in frames(track):
        here = {name: value(time_s) if callable(value) else value for name, value in context.items()}
        gone = here.pop("gone", False)
        states.append(live.step(None if gone else seen, time_s, SIZE, **here))
    return states


def between(states, start_s, end_s):
    return [state for state in states if start_s < state.time_s < end_s]


def test_from_standing_to_the_last_rep(watched):
    states = watched.states
    stages = [state.stage for state in states]
    assert [s for i, s in enumerate(stages) if i == 0 or s != stages[i - 1]] == [
        "standing",
        "ready",
        "measuring",
    ]
    ready_s = next(state.time_s for state in states if state.stage == "ready")
    assert 2.0 <= ready_s <= 2.7
    assert instructions(states)[:3] == ["stand_still", "begin", None]
    assert [rep.bottom_s for rep in watched.reps] == pytest.approx(BOTTOMS, abs=0.07)
    assert all(rep.measured for rep in watched.reps)


def test_reps_are_counted_within_a_fraction_of_a_second_and_said_once(watched):
    for number, (_, end, _) in enumerate(SET, start=1):
        assert next(s.time_s for s in watched.states if len(s.reps) >= number) <= end + 0.35
    said = [rep.number for state in watched.states for rep in state.new_reps]
    assert said == [1, 2]


def test_standing_still_counts_up_to_two_seconds_and_fidgeting_does_not():
    live = engine()
    still = feed(live, squats(3.0))
    counted = [state.standing_s for state in still if not state.calibrated]
    assert counted == sorted(counted)
    assert max(counted) > 1.8
    fidgeting = squats(6.0, *[(s, s + 0.5, 0.045) for s in np.arange(0, 6, 0.5)])
    assert not any(state.calibrated for state in feed(engine(), fidgeting))


def test_longer_standing_can_be_asked_for():
    settings = load_settings(None, ["live.standing_s=3.5"])
    states = feed(engine(settings=settings), squats(5.0))
    assert 3.5 <= next(s.time_s for s in states if s.calibrated) < 4.5


def test_without_quiet_standing_reps_count_and_quality_is_lowered():
    states = replay(squats(6, (0.8, 3.1, 0.3), (3.2, 5.5, 0.3)), smoothed_by_mediapipe=False).states
    assert len(states[-1].reps) == 2
    assert states[-1].quality != "high"


def test_a_lost_client_pauses_and_coming_back_resumes(clip):
    states = feed(engine(), clip, gone=lambda t: 5.3 < t < 6.5)
    lost = between(states, 5.9, 6.4)
    assert {(s.stage, s.paused_by, s.instruction.id) for s in lost} == {("paused", "lost", "nobody")}
    assert all(s.stage == "measuring" for s in between(states, 7.1, 14))
    assert [rep.bottom_s for rep in states[-1].reps] == pytest.approx(BOTTOMS[:1], abs=0.07)


def test_a_short_loss_pauses_nothing(clip):
    states = feed(engine(), clip, gone=lambda t: 6.4 < t < 6.7)
    assert not any(state.stage == "paused" for state in states)
    assert len(states[-1].reps) == 2


def test_a_second_person_pauses_until_alone_again(clip):
    states = feed(engine(), clip, people=lambda t: 2 if 7.6 < t < 7.8 else 1)
    assert all(s.paused_by == "second_person" for s in between(states, 7.65, 8.2))
    assert all(s.paused_by is None for s in between(states, 8.4, 14))


def test_a_moved_camera_pauses_and_asks_to_stand_still_again():
    track = squats(9.0, (3.0, 5.0, 0.3))
    shift = np.where(track.times_s > 5.6, 120.0, 0.0)
    moved = replace(track, image_px=track.image_px + np.stack([shift, 0 * shift], axis=1)[:, None])
    states = feed(engine(), moved, motion_px=lambda t: (120.0 * (t > 5.6), 0.0))
    assert between(states, 5.6, 5.7)[0].paused_by == "camera_moved"
    assert all(s.paused_by is None for s in between(states, 6.3, 12))
    assert "stand_still" in instructions(between(states, 6.3, 9.0))
    end = states[-1]
    assert end.legs["left"].deviation_deg is not None


def test_the_users_pause_lasts_until_taken_back(clip):
    live = engine()
    states = []
    for time_s, seen in frames(clip):
        if time_s == pytest.approx(5.2, abs=0.01):
            live.paused = True
        if time_s == pytest.approx(7.8, abs=0.01):
            live.paused = False
        states.append(live.step(seen, time_s, SIZE))
    assert {s.paused_by for s in between(states, 5.3, 7.7)} == {"user"}
    assert len(states[-1].reps) == 1


def test_feet_set_anew_are_measured_only_after_standing_again():
    first, second = squats(3.0), squats(4.0)
    stepped = replace(second, image_px=second.image_px + [150.0, 0.0], times_s=second.times_s + 3.0)
    live = engine()
    feed(live, first)
    states = feed(live, stepped)
    assert all(s.legs["left"].deviation_deg is None for s in between(states, 3.7, 4.9))
    assert states[-1].legs["left"].deviation_deg is not None
    assert instructions(states).count("stand_still") == 1


def test_a_frame_that_is_not_later_changes_nothing(clip):
    live = engine()
    for time_s, seen in frames(clip):
        live.step(seen, time_s, SIZE)
        live.step(seen, time_s, SIZE)
    assert len(live.flush().reps) == 2


def test_the_picture_may_change_its_size(clip):
    live = engine()
    for time_s, seen in frames(clip):
        half = time_s > 5.2
        smaller = replace(seen, image_px=seen.image_px / 2) if half else seen
        state = live.step(smaller, time_s, (360, 640) if half else SIZE)
    assert len(state.reps) == 2


def test_slow_work_beside_gives_the_same_reps(clip, watched):
    live = LiveEngine(smoothed_by_mediapipe=False)
    for time_s, seen in frames(clip):
        live.step(seen, time_s, SIZE)
    reps = live.flush().reps
    live.close()
    assert [rep.bottom_s for rep in reps] == [rep.bottom_s for rep in watched.reps]
    assert all(rep.measured for rep in reps)


def test_after_the_set_comes_the_analysis_of_a_recorded_clip(watched):
    analysis = watched.engine.finish()
    bottoms_s = [rep.bottom_s for rep in analysis.reps]
    assert np.diff(bottoms_s) == pytest.approx(np.diff(BOTTOMS), abs=0.07)
    assert 0 < bottoms_s[0] <= BOTTOMS[0]


def test_a_set_is_named_after_its_moment(watched):
    import re

    live = engine()
    feed(live, squats(3.0))
    assert re.fullmatch(r"webcam_\d{8}_\d{6}", live.finish().source.path)


def test_without_a_set_there_is_a_sentence():
    live = engine()
    live.step(None, 0.0, SIZE)
    with pytest.raises(VideoError, match="No set was recorded"):
        live.finish()


def test_nothing_is_coloured_while_standing(watched):
    standing = [leg for s in watched.states if s.phase is None for leg in s.legs.values()]
    assert {leg.grade for leg in standing} <= {"none", "unknown"}
    assert LegNow().grade == "unknown"


def test_a_long_session_keeps_no_more_than_the_limit():
    live = engine(settings=load_settings(None, ["live.max_set_s=8", "live.review_s=6"]))
    track = squats(5.5, (3.0, 5.0, 0.3))
    for turn in range(4):
        feed(live, replace(track, times_s=track.times_s + 5.5 * turn))
    assert len(live.raw_track()) <= 30 * 8 + 1
    assert len(live._set._raw._times_s) <= 4 * 30 * 8
    assert len(live.flush().reps) == 4
