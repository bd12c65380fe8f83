"""A rendered clip's raw landmarks, frame by frame: what is said live is what the recorded analysis says.

The clip's truth (sample_videos/README.md): four squats, one clean, then the left knee in by 7 cm, then both
twice. Its landmarks are kept beside this file, so no pose network is needed.
"""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.live_agreement import differences
from benchmarks.truth import load_truth
from knee_track.judgement import Declared
from knee_track.live.replay import replay
from knee_track.live.review import recording_of
from knee_track.pipeline import analyze_track
from knee_track.pose.track import PoseTrack
from knee_track.settings import Settings, load_settings

LANDMARKS = Path(__file__).parent / "front_squat_valgus.npz"


@pytest.fixture(scope="module")
def raw():
    return PoseTrack.load(LANDMARKS)


@pytest.fixture(scope="module")
def recorded(raw):
    origin = recording_of(raw, np.zeros((len(raw), 2)), "clip")
    return analyze_track(raw, origin, Declared(), Settings())


@pytest.fixture(scope="module")
def live():
    return replay(LANDMARKS)


@pytest.fixture(scope="module")
def truth(samples_dir):
    return load_truth(samples_dir / "front_squat_valgus.truth.npz")


def test_the_same_reps_as_in_truth(live, truth):
    assert [rep.bottom_s for rep in live.reps] == pytest.approx(
        [rep["bottom"] for rep in truth.reps], abs=0.15
    )


def test_peaks_are_the_recorded_ones(live, recorded):
    said, shown = differences(live, recorded, Settings())
    assert len(said) == 8
    assert np.median(np.abs(said)) < 0.5
    assert np.median(np.abs(shown)) < 1.5


def test_peaks_are_near_the_truth(live, truth):
    for rep, told in zip(live.reps, truth.reps, strict=True):
        span = (truth.times_s >= told["start"]) & (truth.times_s <= told["end"]) & (truth.depth >= 0.05)
        for leg, found in rep.legs.items():
            true_deg = np.percentile(truth.deviation_deg(leg)[span], 95)
            assert found.peak_deviation_deg == pytest.approx(true_deg, abs=max(found.band_deg, 4.0))


def test_the_bad_reps_and_only_they_have_events_and_cues(live, recorded):
    assert {(e.leg, e.rep) for e in live.events} == {
        ("left", 2),
        ("left", 3),
        ("right", 3),
        ("left", 4),
        ("right", 4),
    }
    assert {(e.leg, e.rep) for e in live.events} == {(e.leg, e.rep) for e in recorded.events}
    assert [cue.rep for cue in live.cues] == [2, 3, 4]


def test_a_cue_comes_within_the_rep(live):
    for cue in live.cues:
        rep = live.reps[cue.rep - 1]
        assert rep.start_s < cue.time_s < rep.bottom_s


def test_a_mirrored_copy_says_the_same_of_the_same_leg(raw, live):
    turned = replay(raw.mirrored(), declared=Declared(mirrored=True))
    assert len(turned.reps) == len(live.reps)
    for rep, other in zip(live.reps, turned.reps, strict=True):
        for leg in ("left", "right"):
            assert other.legs[leg].peak_deviation_deg == pytest.approx(
                rep.legs[leg].peak_deviation_deg, abs=3.0
            )
    state = next(state for state in turned.states if state.cue)
    knee = state.legs["left"].knee_target_px
    assert abs(knee[0] - state.landmarks_px[25, 0]) < 60


def test_the_filter_and_the_solver_follow_their_settings(raw):
    short = raw.part(None, 5.0)
    base = [s.legs["left"].deviation_deg for s in replay(short).states if s.phase and s.legs]
    for flag in ("live.min_cutoff_hz=0.2", "live.beta=1"):
        other = [
            s.legs["left"].deviation_deg
            for s in replay(short, load_settings(None, [flag])).states
            if s.phase and s.legs
        ]
        assert base != other


def test_the_set_afterwards_is_the_recorded_analysis(live, recorded):
    after = live.finish()
    assert [rep.index for rep in after.reps] == [rep.index for rep in recorded.reps]
    for rep, other in zip(after.reps, recorded.reps, strict=True):
        assert rep.legs.left.peak_deviation_deg == pytest.approx(other.legs.left.peak_deviation_deg, abs=0.5)
