"""sessions.ics as another library reads it (vobject), against days that are counted here by hand."""

from datetime import date, timedelta

import pytest
import vobject
from plan_cases import build_protocol, found

from knee_track.protocol.calendar_file import calendar_ics
from knee_track.protocol.intake import Intake

MONDAY = date(2026, 11, 30)
FINDINGS = [found("medial_knee", "left")]


def events(text):
    calendar = vobject.readOne(text)
    return calendar.contents.get("vevent", [])


def summary(event):
    return event.summary.value


def test_three_sessions_a_week_fall_on_monday_wednesday_and_saturday():
    found_events = events(calendar_ics(build_protocol(FINDINGS), MONDAY))
    days = [one.dtstart.value for one in found_events if "Knee practice" in summary(one)]
    expected = [MONDAY + timedelta(weeks=week, days=day) for week in range(8) for day in (0, 2, 5)]
    assert days == expected
    assert all(one.dtend.value - one.dtstart.value == timedelta(days=1) for one in found_events)


def test_re_tests_are_on_the_days_that_the_plan_names():
    plan = build_protocol(FINDINGS, start=MONDAY)
    tests = [one for one in events(calendar_ics(plan, MONDAY)) if "Film" in summary(one)]
    days = [one.dtstart.value for one in tests]
    assert days == [date(2026, 12, 13), date(2026, 12, 27), date(2027, 1, 10), date(2027, 1, 24)]
    assert [day.isoformat() for day in days] == plan.retest_dates
    markers = events(calendar_ics(plan, MONDAY, filmed=False))
    assert not any("Film" in summary(one) for one in markers) and len(markers) == 8 * 3 + 4


def test_a_session_says_what_to_do():
    plan = build_protocol(FINDINGS)
    first = events(calendar_ics(plan, MONDAY))[0]
    assert summary(first) == f"Knee practice A, {plan.weeks[0].sessions[0].minutes:.0f} minutes"
    text = first.description.value
    doses = [dose for block in plan.weeks[0].sessions[0].blocks for dose in block.exercises]
    for dose in [*doses, *plan.weeks[0].daily]:
        assert text.count(f"- {dose.plain}: ") == 1, dose.id
        assert dose.how in text
    assert "left leg only" in text and "None" not in text


def test_the_same_plan_gives_the_same_file_and_no_event_twice():
    plan = build_protocol(FINDINGS)
    text = calendar_ics(plan, MONDAY, client="c7")
    assert text == calendar_ics(build_protocol(FINDINGS), MONDAY, client="c7")
    ids = [one.uid.value for one in events(text)]
    assert len(set(ids)) == len(ids) == 28


def test_clients_are_kept_apart_and_a_changed_plan_takes_the_place_of_the_old_one():
    def ids(findings, client):
        return {
            one.uid.value for one in events(calendar_ics(build_protocol(findings), MONDAY, client=client))
        }

    other = [found("medial_knee", "both"), found("pelvic_drop", "right")]
    assert ids(FINDINGS, "c7") == ids(other, "c7")
    assert not ids(FINDINGS, "c7") & ids(FINDINGS, "c8")
    assert not ids(FINDINGS, None) & ids(other, None)


def test_the_file_is_folded_and_ends_lines_as_the_standard_says():
    text = calendar_ics(build_protocol(FINDINGS), MONDAY)
    assert text.count("\n") == text.count("\r\n")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "PRODID:" in text and text.count("DTSTAMP:20261130T000000Z") == 28


@pytest.mark.parametrize("sessions", [1, 5, 6])
def test_every_session_of_a_week_has_its_event(sessions):
    plan = build_protocol(FINDINGS, Intake(sessions_per_week=sessions))
    names = [summary(one) for one in events(calendar_ics(plan, MONDAY)) if "Film" not in summary(one)]
    assert len(names) == 8 * sessions
    assert [name.split()[2].rstrip(",") for name in names[:sessions]] == list("ABCDEF"[:sessions])


def test_a_plan_without_weeks_gives_no_events():
    assert events(calendar_ics(build_protocol([found("low_quality")]), MONDAY)) == []
