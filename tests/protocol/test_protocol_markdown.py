import re

import pytest
from plan_cases import analysis_of, found, used

from knee_track.protocol.markdown import protocol_markdown
from knee_track.protocol.safety import DISCLAIMER


def page(*findings):
    analysis = analysis_of(list(findings))
    return analysis.protocol, protocol_markdown(analysis.protocol, analysis)


def test_the_page_holds_plan_safety_and_disclaimer_in_reading_order():
    _, text = page(found("medial_knee", "right"))
    titles = re.findall(r"^##? (.+)$", text, re.MULTILINE)
    order = ["What was seen", "Before you start", "The plan at a glance", "Weeks 1-2", "Weeks 7-8", "Re-test"]
    order.append("When to see a doctor")
    places = [next(i for i, title in enumerate(titles) if title.startswith(start)) for start in order]
    assert places == sorted(places)
    assert text.count(DISCLAIMER) == 1
    assert "`anna.mp4`" in text and "/clips" not in text


def test_every_exercise_is_explained_once_and_prescribed():
    plan, text = page(found("medial_knee", "both"), found("pelvic_drop", "left"))
    assert text.count("\n- Why: Because of ") == len(used(plan))


def test_a_dose_reads_as_a_coach_writes_it():
    _, text = page(found("medial_knee", "both"))
    assert re.search(
        r"\| activate \| Clamshell \| both \| 2 × 12 each side \| 2-2-3 \| 15 s \| “.+” \|", text
    )
    _, text = page(found("medial_knee", "right"))
    assert re.search(r"\| activate \| Clamshell \| \*\*right\*\* \| 2 × 12 \|", text)


def test_tables_keep_their_columns():
    _, text = page(found("medial_knee", "both"), found("descent_only", "left"))
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_sessions_that_are_alike_share_a_table():
    _, text = page(found("medial_knee", "right"))
    assert "### Sessions A and C" in text


@pytest.mark.parametrize("limit", ["view_refused", "low_quality"])
def test_without_a_plan_the_page_says_how_to_film(limit):
    _, text = page(found(limit))
    assert "How to film the next clip" in text and "knee height" in text
    assert "Session" not in text and DISCLAIMER in text
