"""`sessions.ics`: the plan's sessions and re-tests for a calendar (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Final

from icalendar import Calendar, Event

from knee_track.protocol.catalogue import Catalogue, load_catalogue
from knee_track.protocol.plain import plain_dose, plain_how, plain_name
from knee_track.protocol.timetable import Appointment, sessions_on
from knee_track.results import Protocol, Session

PRODID: Final = "-//knee-track//practice plan//EN"


def calendar_ics(plan: Protocol, start: date, *, client: str | None = None, filmed: bool = True) -> str:
    """One event of a whole day per session, and one per re-test, as the text of an .ics file.

    The same input gives the same text, and the same UIDs: a calendar that imports the file twice has no event
    twice; with a client's pseudonym, not even when the plan has changed in between.

    Parameters
    ----------
    plan
        A plan with weeks; one without gives a calendar without events.
    start
        The day of the first session.
    client
        A pseudonym that tells the events of clients apart in one calendar; without it the plan itself does.
    filmed
        Whether the re-test is a clip; False for 3-D markers.
    """
    words = load_catalogue(plan.language)
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", words.text("calendar.name"))
    who = f"{client or plan.model_dump_json()}|{start.isoformat()}"
    for one in sessions_on(plan, start):
        calendar.add_component(_session(one, who, start, words))
    for number, stage in enumerate(plan.weeks, start=1):
        _, last = stage.span
        day = start + timedelta(weeks=last, days=-1)
        title = words.text(f"calendar.{'film' if filmed else 'test'}")
        text = words.text("handout.again_how")
        calendar.add_component(_event(f"test|{number}|{who}", day, title, text, start))
    content: bytes = calendar.to_ical()
    return content.decode("utf-8")


def _session(one: Appointment, who: str, start: date, words: Catalogue) -> Event:
    minutes = round(one.session.minutes)
    title = words.text("calendar.session", name=one.session.name, minutes=minutes)
    id_ = f"session|{one.week}|{one.session.name}|{who}"
    return _event(id_, one.day, title, _description(one, words), start)


def _description(one: Appointment, words: Catalogue) -> str:
    """The session's exercises by phase, then the practice of every day, then when to stop."""
    lines = [words.text("handout.week", week=one.week)]
    for phase, listed in groupby(_listed(one.session, words), key=lambda entry: entry[0]):
        lines += ["", words.text(f"handout.phases.{phase}"), *(text for _, text in listed)]
    if one.stage.daily:
        lines += ["", words.text("handout.phases.daily")]
        lines += [
            _line(plain_name(dose), plain_dose(dose, "both", words), plain_how(dose), words)
            for dose in one.stage.daily
        ]
    return "\n".join(lines)


def _listed(session: Session, words: Catalogue) -> list[tuple[str, str]]:
    return [
        (
            block.phase,
            _line(plain_name(dose), plain_dose(dose, block.leg, words), plain_how(dose), words),
        )
        for block in session.blocks
        for dose in block.exercises
    ]


def _line(name: str, dose: str, how: str, words: Catalogue) -> str:
    return words.text("calendar.exercise", name=name, dose=dose, how=how)


def _event(id_: str, day: date, title: str, text: str, start: date) -> Event:
    """An event that lasts all day and leaves it free for others."""
    event = Event()
    event.add("UID", f"{sha256(id_.encode()).hexdigest()[:32]}@knee-track")
    event.add("DTSTAMP", datetime.combine(start, time(), UTC))
    event.add("DTSTART", day)
    event.add("DTEND", day + timedelta(days=1))
    event.add("SUMMARY", title)
    event.add("DESCRIPTION", text)
    event.add("TRANSP", "TRANSPARENT")
    return event
