from __future__ import annotations

import re

import numpy as np
import pytest
from report_fakes import make_analysis

from knee_track.report.plots import Scale, make_chart


def test_scales_are_straight_lines_that_end_at_the_frame() -> None:
    scale = Scale(0.0, 10.0, 200.0, 100.0)
    assert float(scale(0.0)) == 200.0
    assert float(scale(2.5)) == 175.0
    assert float(scale(99.0)) == 100.0
    assert np.isnan(scale(np.nan))


def test_events_and_reps_lie_where_their_times_say() -> None:
    analysis = make_analysis()
    chart = make_chart(analysis, analysis.curves)
    left = next(panel for panel in chart.panels if panel.name == "left")
    px_per_s = (chart.time.end - chart.time.start) / (chart.time.high - chart.time.low)
    event = left.events[0]
    assert event.x == pytest.approx(chart.time.start + 4.5 * px_per_s)
    assert event.width == pytest.approx(0.9 * px_per_s)
    assert event.seek_s == 5.0
    assert [rep.x for rep in chart.reps] == pytest.approx(
        [chart.time.start + start * px_per_s for start in (1, 4, 7)]
    )


def test_curves_break_where_nothing_was_measured() -> None:
    analysis = make_analysis()
    analysis.curves.legs["left"].deviation_deg[145:155] = np.nan  # around the bottom of rep 2
    left = make_chart(analysis, analysis.curves).panels[0]
    assert left.faint.count("M") == 2
    assert "nan" not in left.faint + left.ribbon
    # Only the loaded window is drawn strongly and with its band: one stroke per rep, and the gap cuts one.
    assert left.strong.count("M") == left.ribbon.count("Z") == 4


def test_refused_knees_leave_the_depth_alone() -> None:
    analysis = make_analysis(knees=False)
    assert [panel.name for panel in make_chart(analysis, analysis.curves).panels] == ["depth"]


def test_a_changed_threshold_moves_its_line() -> None:
    analysis = make_analysis()
    before = dict((name, y) for y, name in make_chart(analysis, analysis.curves).panels[0].levels)
    analysis.changed_settings = {"grade": {"mild_deg": 6.0}}
    after = dict((name, y) for y, name in make_chart(analysis, analysis.curves).panels[0].levels)
    assert after["mild"] < before["mild"]  # higher up
    assert after["severe"] == before["severe"]


def test_long_clips_are_thinned() -> None:
    analysis = make_analysis()
    curves = analysis.curves
    long = {
        name: np.tile(value, 60) for name, value in vars(curves).items() if name not in ("legs", "time_s")
    }
    legs = {
        leg: type(one)(
            **{name: np.tile(value, (60,) + (1,) * (value.ndim - 1)) for name, value in vars(one).items()}
        )
        for leg, one in curves.legs.items()
    }
    chart = make_chart(analysis, type(curves)(time_s=np.arange(18000) / 30, legs=legs, **long))
    assert len(re.findall("[ML]", chart.panels[0].faint)) <= 3000
