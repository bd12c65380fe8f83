"""A long clip is followed in parts, as many as the clip alone says, and the numbers stay what they were."""

from contextlib import ExitStack
from itertools import islice

import numpy as np
import pytest
from batch_clips import LONG_SIDE_PX

from knee_track.pipeline import analyze
from knee_track.pose import parts
from knee_track.pose.crew import Crew
from knee_track.pose.parts import LONG_WARM_UP_S, WHOLE, divide
from knee_track.settings import Settings
from knee_track.video.reader import VideoReader
from knee_track.video.writer import VideoWriter

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


def repeated(samples, target):
    """Samples one after another, small and with every other frame left out."""
    at_s, last_s = 0.0, 0.0
    with ExitStack() as stack:
        writer = None
        for sample in samples:
            with VideoReader(sample, long_side_px=LONG_SIDE_PX) as reader:
                for frame in islice(reader, 0, None, 2):
                    if writer is None:
                        height, width = frame.rgb.shape[:2]
                        writer = stack.enter_context(VideoWriter(target, width, height))
                    last_s = at_s + frame.time_s
                    writer.write(frame.rgb, last_s)
            at_s = last_s + 1 / 15
    return target


def test_parts_give_what_the_whole_gives_however_many_work_on_them(
    bundle, samples_dir, monkeypatch, tmp_path
):
    """One client, filmed for 34 s; in use parts are half a minute long, so that seams count for less."""
    clip = repeated([samples_dir / "front_squat_valgus.mp4"] * 3, tmp_path / "long.mp4")
    monkeypatch.setattr("knee_track.pose.clip.divide", lambda start_s, end_s: [WHOLE])
    whole = analyze(clip, offline=True)
    monkeypatch.setattr("knee_track.pose.clip.divide", divide)
    monkeypatch.setattr(parts, "LONG_S", 25.0)
    monkeypatch.setattr(parts, "LONG_PART_S", 17.5)
    found = []
    for size in (1, 2):
        with Crew(bundle, Settings().pose, size) as crew:
            found.append(analyze(clip, crew=crew))
    assert np.array_equal(peaks_deg(found[0]), peaks_deg(found[1]))
    assert found[0].curves.time_s.tolist() == whole.curves.time_s.tolist()
    assert len(whole.reps) == len(found[0].reps) == 12
    assert np.abs(peaks_deg(found[0]) - peaks_deg(whole)).max() <= SEAM_DEG
