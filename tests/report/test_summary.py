from __future__ import annotations

from pathlib import Path

from report_fakes import make_analysis

from knee_track.report.summary import headline, leg_sentences, summary, verdict
from knee_track.results import Analysis, Finding


def test_the_summary_says_per_leg_grade_number_and_worst_rep() -> None:
    lines = summary(make_analysis("a/squat.mp4"), Path("out/squat_kneetrack")).plain.splitlines()
    assert lines[0] == "squat.mp4 · squat · 3 reps · front view"
    left = next(line for line in lines if line.strip().startswith("left "))
    assert "moderate, severe at worst" in left
    assert "+8.0° ± 2.5°" in left
    assert "events in 2 of 3 reps, furthest inward +12.0° in rep 3, borderline" in left
    assert "left − right  +6.5° ± 2.0°" in "\n".join(lines)
    assert lines[-1].endswith(str(Path("out/squat_kneetrack/report.html")))


def test_refused_knees_give_the_reason_and_no_grade() -> None:
    text = summary(make_analysis(knees=False)).plain
    assert "3 reps counted, but the knees could not be measured." in text
    assert "Camera stands 70° to the side" in text
    assert "moderate" not in text


def graded(left: str, right: str) -> Analysis:
    """The made-up set without events, with these grades and medians to match."""
    analysis = make_analysis()
    analysis.findings = []
    for leg, grade in (("left", left), ("right", right)):
        result = getattr(analysis.legs, leg)
        result.grade = result.worst_grade = grade
        result.median_peak_deviation_deg = {"none": 1.0, "mild": 4.8}[grade]
        result.reps_with_events = 0
    return analysis


def lateral(leg: str) -> Finding:
    return Finding(id="lateral_knee", leg=leg, text="Too far out.", evidence={"right": {"size_deg": 9.1}})


def test_the_headline_follows_the_findings() -> None:
    analysis = graded("none", "none")
    assert headline(analysis) == "Both knees track over the third toe."
    analysis.findings = [lateral("right")]
    assert headline(analysis) == "The left knee tracks over the third toe; the right knee goes too far out."
    analysis.findings = [lateral("both")]
    assert headline(analysis) == "Both knees go too far out."
    assert verdict(analysis, "right").words == "too far out"
    assert "Furthest outward −9.1° (median rep): too far out." in leg_sentences(analysis, "right")


def test_a_weak_clip_says_so_first() -> None:
    analysis = graded("none", "none")
    analysis.findings = [Finding(id="low_quality", leg=None, text="Weak.")]
    assert headline(analysis).startswith("This recording allows weak statements only: both knees track")


def test_an_inward_grade_without_events_is_explained() -> None:
    analysis = graded("mild", "none")
    assert "The left knee drifts inward (mild, too short or too unsure for an event)" in headline(analysis)
    assert leg_sentences(analysis, "left")[0] == (
        "The median rep peaks at +4.8°, too short or too unsure for a valgus event."
    )


def test_the_worst_rep_is_said_when_it_is_worse_than_the_median() -> None:
    analysis = make_analysis()
    assert verdict(analysis, "left").words == "moderate, severe at worst"
    assert verdict(analysis, "right").words == "intermittent, mild at worst"
    analysis.legs.left.worst_grade = "moderate"
    assert verdict(analysis, "left").words == "moderate"


def test_a_knee_that_stays_outside_has_no_highest_peak() -> None:
    analysis = graded("none", "none")
    for rep in analysis.reps:
        rep.legs.left.peak_deviation_deg = -5.3
    assert "never inside the line" in summary(analysis).plain
    assert "Never inside the line; nearest to it in rep 1: −5.3°" in leg_sentences(analysis, "left")[1]
