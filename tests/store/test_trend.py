"""Progress over time. Limits, docs/measurement.md §8: 3° in a session, 5° with marked toes, else 7°."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from store_fakes import FIRST, key_of, made

from knee_track.results import Calibration, MarkedToes, Quality
from knee_track.store import without_names
from knee_track.store.charts import progress_chart, sparkline
from knee_track.store.history_page import progress, verdict, write_history
from knee_track.store.records import StoredClip

TOES = {"calibration": Calibration(third_toe=MarkedToes(left_px=(1, 2), right_px=(3, 4)))}
WEEK = 7


def clip(days, left, right=3.0, **changes):
    name = f"clip{days}{left}{changes}"
    day = FIRST + timedelta(days=days)
    analysis = without_names(made(name, left, right, **changes), "c001", day)
    return StoredClip(key_of(name), "c001", day, analysis.source.path, "", "c001/x_kneetrack", analysis)


def left(*clips):
    return next(trend for trend in progress(clips) if trend.leg == "left")


def changes(trend):
    return [point.since_first.change if point.since_first else None for point in trend.points]


@pytest.mark.parametrize(("days", "marks", "limit"), [(0, {}, 3), (WEEK, TOES, 5), (WEEK, {}, 7)])
@pytest.mark.parametrize(("way", "word"), [(-1, "improved"), (1, "worse")])
def test_a_change_is_said_only_beyond_the_minimum_detectable_one(days, marks, limit, way, word):
    first = clip(0, 12.0, **marks)
    at, beyond = (clip(days, 12.0 + way * size, **marks) for size in (limit, limit + 0.1))
    assert changes(left(first, at)) == [None, "unchanged"]
    assert changes(left(first, beyond)) == [None, word]
    assert left(first, beyond).points[1].since_first.detectable_deg == limit


def test_toes_marked_in_one_clip_alone_do_not_lower_the_limit():
    assert changes(left(clip(0, 12.0, **TOES), clip(WEEK, 6.0))) == [None, "unchanged"]


def test_small_steps_that_add_up_are_seen_against_the_first_clip():
    trend = left(*(clip(WEEK * i, 14.0 - 3 * i) for i in range(4)))
    assert changes(trend) == [None, "unchanged", "unchanged", "improved"]
    assert [p.since_last.change if p.since_last else None for p in trend.points] == [None, *["unchanged"] * 3]


def test_a_clip_that_cannot_be_compared_is_left_out_of_the_line_and_of_the_first():
    poor = {"quality": Quality(level="low")}
    trend = left(clip(0, 20.0, **poor), clip(WEEK, 20.0, reps=4), clip(2 * WEEK, 12.0), clip(3 * WEEK, 4.0))
    assert trend.first is trend.points[2]
    assert changes(trend) == [None, None, None, "improved"]
    assert "low quality" in trend.points[0].obstacle and "4 measured reps" in trend.points[1].obstacle
    assert [point.comparable for point in trend.points] == [False, False, True, True]


def test_another_depth_is_not_compared():
    trend = left(clip(0, 12.0), clip(WEEK, 2.0, depth=0.46), clip(2 * WEEK, 2.0, depth=0.45))
    assert changes(trend) == [None, "not comparable", "improved"]


def test_movements_are_told_apart():
    found = progress([clip(0, 12.0), clip(WEEK, 2.0, movement="lunge"), clip(2 * WEEK, 4.0)])
    assert [(trend.movement, trend.leg) for trend in found] == [
        ("squat", "left"), ("squat", "right"), ("lunge", "left"), ("lunge", "right"),
    ]  # fmt: skip
    assert changes(found[0]) == [None, "improved"] and changes(found[2]) == [None]


def test_a_leg_that_was_never_measured_is_left_out():
    assert [trend.leg for trend in progress([clip(0, None), clip(WEEK, None)])] == ["right"]
    assert progress([clip(0, None, None)]) == []


@pytest.mark.parametrize(
    ("clips", "words"),
    [
        ([(0, 14.0), (WEEK, 3.0)], "improved since 2026-05-04, from +14.0° to +3.0°, change −11.0° ± 4.2° "),
        ([(0, 3.0), (WEEK, 14.0)], "worse since 2026-05-04, from +3.0° to +14.0°, change +11.0° ± 4.2° "),
        ([(0, 6.0), (WEEK, 3.0)], "unchanged since 2026-05-04, from +6.0° to +3.0°, change −3.0° ± 4.2° "),
        ([(0, 6.0)], "one clip so far; the next one will be held against it."),
        ([(0, 6.0), (WEEK, None)], "not comparable with 2026-05-04; 0 measured reps on that day, 5 are "),
        ([(0, 14.0), (WEEK, 3.0), (9, None)], "improved since 2026-05-04 (as of 2026-05-11; what came "),
    ],
)  # fmt: skip
def test_the_verdict_is_one_sentence(clips, words):
    said = verdict(left(*(clip(days, deg) for days, deg in clips)))
    assert said.endswith(".") and said.startswith(f"Left knee: {words}")


def heights(path):
    return [float(y) for _, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path)]


@pytest.mark.parametrize(("marks", "limit"), [(TOES, 5), ({}, 7)])
def test_the_shaded_area_reaches_as_far_as_a_change_goes_unseen(marks, limit):
    trend = left(
        clip(0, 12.0, **marks), clip(WEEK, 12.0 - limit, **marks), clip(2 * WEEK, 12.5 - 2 * limit, **marks)
    )
    chart = progress_chart(trend, ["", "", ""])
    first, edge, beyond = chart.dots
    assert max(heights(chart.shade)) == pytest.approx(edge.y, abs=0.1)
    assert first.y - min(heights(chart.shade)) == pytest.approx(edge.y - first.y, abs=0.2)
    assert beyond.y > edge.y, "down is nearer to the line"
    assert [dot.kind for dot in chart.dots] == ["first", "unchanged", "improved"]
    zero = next(y for y, label in chart.ticks if label == "0°")
    assert (zero - first.y) / (zero - edge.y) == pytest.approx(12 / (12 - limit), rel=1e-3)


def test_time_runs_to_scale_and_clips_of_one_day_stand_apart():
    trend = left(clip(0, 12.0), clip(10, 12.0), clip(10, 11.0), clip(40, 12.0))
    x = [dot.x for dot in progress_chart(trend, [""] * 4).dots]
    assert (x[1] - x[0]) / (x[3] - x[0]) == pytest.approx(0.25, abs=0.01)
    assert x[2] > x[1]


def test_nothing_is_shaded_while_there_is_nothing_to_compare():
    assert progress_chart(left(clip(0, 12.0)), [""]).shade == ""


def test_a_sparkline_goes_up_where_the_knee_goes_in():
    spark = sparkline([2.0, 10.0], "")
    before, after = heights(spark.path)
    assert after < before < spark.zero and spark.last[1] == pytest.approx(after, abs=0.1)
    assert sparkline([], "") is None


def test_the_page_says_it_loads_nothing_and_names_nobody(tmp_path):
    clips = [
        clip(0, 14.0),
        clip(WEEK, 3.0, path="/clips/Anna Müller/<b>anna</b>.mp4"),
        clip(2 * WEEK, 4.0, depth=0.3),
    ]
    folder = tmp_path / "c001" / "x_kneetrack"
    folder.mkdir(parents=True)
    (folder / "report.html").touch()
    page = write_history(tmp_path / "c001" / "history.html", "c001", clips, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "improved since 2026-05-04" in text and 'class="shade"' in text and "3° within one day" in text
    assert 'href="x_kneetrack/report.html"' in text
    assert not re.search(r'(src|href)="(?!data:|x_kneetrack)', text) and "@import" not in text
    assert "Anna" not in text and "Müller" not in text
    assert oct(page.stat().st_mode)[-3:] == "600"


def test_a_client_without_measured_knees_has_a_page_too(tmp_path):
    page = write_history(tmp_path / "history.html", "c001", [clip(0, None, None)], tmp_path)
    assert "No knee has been measured yet." in page.read_text(encoding="utf-8")
