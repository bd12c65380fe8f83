from __future__ import annotations

from pathlib import Path

from report_fakes import make_analysis

from knee_track.report.summary import headline, summary


def test_the_summary_says_per_leg_grade_number_and_worst_rep() -> None:
    lines = summary(make_analysis("a/squat.mp4"), Path("out/squat_kneetrack")).plain.splitlines()
    assert lines[0] == "squat.mp4 · squat · 3 reps · front view"
    left = next(line for line in lines if line.strip().startswith("left "))
    assert "moderate" in left
    assert "+8.0° ± 2.5°" in left
    assert "events in 2 of 3 reps, highest +12.0° in rep 3, borderline" in left
    assert "left − right  +6.5° ± 2.0°" in "\n".join(lines)
    assert lines[-1].endswith(str(Path("out/squat_kneetrack/report.html")))


def test_refused_knees_give_the_reason_and_no_grade() -> None:
    text = summary(make_analysis(knees=False)).plain
    assert "3 reps counted, but the knees could not be measured." in text
    assert "Camera stands 70° to the side" in text
    assert "moderate" not in text


def test_a_perfect_set_and_a_lateral_one_are_not_called_the_same() -> None:
    analysis = make_analysis()
    for leg, median in (("left", 1.0), ("right", 1.0)):
        result = getattr(analysis.legs, leg)
        result.grade, result.median_peak_deviation_deg = "none", median
    assert headline(analysis) == "Both knees track over the third toe."
    analysis.legs.right.median_peak_deviation_deg = -9.0
    assert (
        headline(analysis) == "The left knee tracks over the third toe; the right knee moves too far outward."
    )
    analysis.changed_settings = {"grade": {"lateral_deg": -12.0}}
    assert headline(analysis) == "Both knees track over the third toe."
