"""A long clip is followed in parts: how many depends on the clip alone, and the numbers do not on the parts."""

import numpy as np
import pytest

from knee_track.pipeline import analyze
from knee_track.pose import parts
from knee_track.pose.crew import Crew
from knee_track.pose.parts import LONG_WARM_UP_S, WHOLE, divide
from knee_track.settings import Settings

SEAM_DEG = 0.3


def test_a_long_clip_has_parts_of_about_half_a_minute_that_begin_early():
    assert len(divide(0.0, 74.0)) == 2
    assert len(divide(0.0, 76.0)) == 3
    spans = divide(0.0, 600.0)
    assert len(spans) == 20 and spans[0] == (None, 30.0) and spans[-1] == (570.0 - LONG_WARM_UP_S, None)
    for before, after in zip(spans, spans[1:], strict=False):
        assert after[0] == pytest.approx(before[1] - LONG_WARM_UP_S)


def peaks_deg(analysis):
    return np.array(
        [getattr(rep.legs, leg).peak_deviation_deg for rep in analysis.reps for leg in ("left", "right")]
    )


def test_parts_give_what_the_whole_gives_however_many_work_on_them(bundle, samples_dir, monkeypatch):
    """Harder than in use: parts of 4 s, so that seams lie inside repetitions."""
    clip = samples_dir / "front_squat_valgus.mp4"
    monkeypatch.setattr("knee_track.pose.clip.divide", lambda start_s, end_s: [WHOLE])
    whole = analyze(clip, offline=True)
    monkeypatch.setattr("knee_track.pose.clip.divide", divide)
    monkeypatch.setattr(parts, "LONG_S", 11.0)
    monkeypatch.setattr(parts, "LONG_PART_S", 4.0)
    found = []
    for size in (1, 3):
        with Crew(bundle, Settings().pose, size) as crew:
            found.append(analyze(clip, crew=crew))
    assert np.array_equal(peaks_deg(found[0]), peaks_deg(found[1]))
    assert found[0].curves.time_s.tolist() == whole.curves.time_s.tolist()
    assert len(whole.reps) == len(found[0].reps) == 4
    assert np.abs(peaks_deg(found[0]) - peaks_deg(whole)).max() <= SEAM_DEG
