"""The client's page: one sheet, every exercise once, words that are read at twelve, nothing loaded."""

import re
import sys
from datetime import date
from pathlib import Path
from urllib.request import OpenerDirector

import pytest
import textstat

sys.path.insert(0, str(Path(__file__).parents[1] / "protocol"))
from plan_cases import blocks, build_protocol, found, plan_cases, sessions  # noqa: E402

from knee_track.errors import UsageError  # noqa: E402
from knee_track.protocol.intake import Intake  # noqa: E402
from knee_track.report import pdf  # noqa: E402
from knee_track.report.handout import handout_html  # noqa: E402

try:
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher
except OSError:  # WeasyPrint stands on Pango
    pytest.skip("Pango is not installed, so nothing can be laid out", allow_module_level=True)

MONDAY = date(2026, 11, 30)
RICH = [found("medial_knee", "both"), found("pelvic_drop", "right"), found("shallow_depth")]
RICH += [found("ascent_only", "both")]
PHASES = ["Loosen", "Wake up", "Put together", "Practise the line", "Every day"]


def rich(**intake):
    return build_protocol(RICH, Intake(**intake), start=MONDAY)


def weeks_of(plan):
    return [int(stage.weeks.split("-")[0]) for stage in plan.weeks]


def pages(html):
    return len(HTML(string=html).render().pages)


def type_size(html):
    return float(re.search(r'<body style="font-size: ([\d.]+)pt">', html)[1])


def words_of(html):
    """What is read on the page."""
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", html, flags=re.DOTALL)
    body = re.sub(r"</(p|h1|h2|td|th|title)>", "\n", body)
    return re.sub(r"[ \t]+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&#39;", "'").replace("&#34;", '"')


PLANS = {
    "three sessions": rich(),
    "five sessions": rich(sessions_per_week=5),
    "six long sessions": rich(sessions_per_week=6, minutes=90),
    "one session": rich(sessions_per_week=1),
    "one side": build_protocol([found("medial_knee", "left")], start=MONDAY),
    "without dates": build_protocol(RICH),
    "maintenance": build_protocol([found("good_tracking", "both")], start=MONDAY),
    "maintenance, six": build_protocol(
        [found("good_tracking", "both")], Intake(sessions_per_week=6), start=MONDAY
    ),
    "short": rich(minutes=10),
}


@pytest.mark.parametrize("name", PLANS)
def test_every_stage_is_one_sheet_of_readable_type(name):
    for week in weeks_of(PLANS[name]):
        page = handout_html(PLANS[name], week)
        assert pages(page) == 1, (name, week)
        assert type_size(page) >= 11, (name, week)


def test_every_mix_of_findings_is_one_sheet():
    for number, findings in enumerate(list(plan_cases())[::11]):
        plan = build_protocol(findings, start=MONDAY)
        week = weeks_of(plan)[number % len(plan.weeks)]
        page = handout_html(plan, week)
        assert pages(page) == 1 and type_size(page) >= 11, (number, week)


def test_few_exercises_are_set_larger_than_many():
    assert type_size(handout_html(PLANS["maintenance"])) > type_size(handout_html(PLANS["three sessions"], 3))


def test_more_text_than_a_sheet_holds_is_not_lost():
    plan = rich().model_copy(deep=True)
    for block in blocks(plan):
        for dose in block.exercises:
            dose.how = "Bend your knee and then stand up again with care. " * 12
    assert pages(handout_html(plan)) == 2


@pytest.mark.parametrize("name", PLANS)
def test_every_exercise_of_the_stage_stands_on_the_page_once(name):
    plan = PLANS[name]
    for stage, week in zip(plan.weeks, weeks_of(plan), strict=True):
        shown = re.findall(r"<b>([^<]+)</b> <span class=\"dose", handout_html(plan, week))
        doses = [dose for session in stage.sessions for block in session.blocks for dose in block.exercises]
        names = {dose.plain for dose in [*doses, *stage.daily]}
        assert sorted(shown) == sorted(names)


@pytest.mark.parametrize("name", PLANS)
def test_phases_come_in_the_order_of_a_session(name):
    for week in weeks_of(PLANS[name]):
        page = handout_html(PLANS[name], week)
        titles = re.findall(r"<h2 [^>]*><svg.*?</svg>\s*([^<]+)</h2>", page, re.DOTALL)
        plain = [title.replace(" (more)", "").strip() for title in titles]
        assert plain == sorted(plain, key=PHASES.index)
        assert len(plain) == page.count("<svg")


def test_every_session_of_every_week_has_a_box_with_its_day():
    page = handout_html(PLANS["five sessions"], 4)
    assert page.count('class="box"') == 2 * 5
    assert "Week 3" in page and "Week 4" in page and "Week 5" not in page
    # Five sessions spread over seven days: Monday, Tuesday, Thursday, Friday, Sunday.
    for day in ("Mon 14 Dec", "Tue 15 Dec", "Thu 17 Dec", "Fri 18 Dec", "Sun 20 Dec", "Sun 27 Dec"):
        assert page.count(day) == 1, day
    assert handout_html(PLANS["maintenance"]).count('class="box"') == 8 * 2
    undated = handout_html(PLANS["without dates"])
    assert undated.count('class="box"') == 2 * 3 and "Nov" not in undated and "Dec" not in undated


def test_a_dose_is_said_in_words_with_its_leg_and_sessions():
    one = words_of(handout_html(PLANS["one side"]))
    assert "Side clam 2 times 12, left leg only" in one
    assert "each leg" not in one.split("Put together")[0]
    assert re.search(r"Squat to hands or sticks 3 times 8 A C", one)
    assert "Wall sit or band sit 3 times, hold 20 seconds" in one
    assert re.search(r"Side clam 2 times 12, each leg", words_of(handout_html(PLANS["three sessions"])))


def test_sessions_that_differ_in_sets_alone_say_the_rest_once():
    plan = PLANS["one side"].model_copy(deep=True)
    for session in plan.weeks[0].sessions:
        dose = session.blocks[0].exercises[0].model_copy(update={"id": "own", "plain": "Big circle"})
        dose.sets, dose.reps, dose.hold_s, dose.duration_s = 1 if session.name == "B" else 3, 12, None, None
        session.blocks[0].exercises[0] = dose
    leg = "left leg only" if plan.weeks[0].sessions[0].blocks[0].leg == "left" else "each leg"
    assert f"Big circle 3 times 12, {leg} A C · once B" in words_of(handout_html(plan))


def test_when_sessions_are_alike_there_are_no_letters_to_read():
    page = words_of(handout_html(PLANS["one session"]))
    assert "letters" not in page


def test_it_says_when_to_film_again_and_what_to_do_with_pain():
    page = words_of(handout_html(PLANS["five sessions"], 3))
    assert "On Sunday 27 December 2026, at the end of week 4." in page
    assert "Film again" in page and "same place, same shoes, same depth" in page
    assert "above 5/10" in page and "Stop at once with: sharp pain" in page
    assert "At the end of week 2." in words_of(handout_html(PLANS["without dates"]))
    markers = words_of(handout_html(PLANS["without dates"], filmed=False))
    assert "Test again" in markers and "Film" not in markers


def test_only_what_the_stage_needs_is_listed():
    plan = PLANS["three sessions"]
    need = re.search(r"You need: (.+)", words_of(handout_html(plan, 1)))[1]
    stage = plan.weeks[0]
    things = {t for s in stage.sessions for b in s.blocks for d in b.exercises for t in d.equipment}
    things |= {thing for dose in stage.daily for thing in dose.equipment}
    assert {thing.strip() for thing in need.split(";")} == things
    assert things < set(plan.equipment)


@pytest.mark.parametrize("name", PLANS)
def test_it_is_read_at_twelve_and_promises_nothing_medical(name):
    for week in weeks_of(PLANS[name]):
        text = words_of(handout_html(PLANS[name], week))
        sentences = re.findall(r"[A-Z][^.!?\n;:]+[.!?]", text)
        assert len(sentences) > 12
        assert textstat.automated_readability_index(" ".join(sentences)) <= 7
        assert not re.search(r"diagnos|treat|rehabilit|prevent\w* injur|patient", text, re.IGNORECASE)
        assert not re.search(r"\bNone\b|\bnan\b|[{}]|_{2}[a-z]", text)


@pytest.mark.parametrize("name", PLANS)
def test_it_loads_and_links_nothing(name):
    page = handout_html(PLANS[name])
    assert not re.search(r"https?:|(src|href)=|url\(|<script|@import", page)
    assert "default-src 'none'" in page and "size: A4" in page


def test_a_week_outside_the_plan_is_refused():
    with pytest.raises(UsageError, match="weeks 1 to 8; there is no week 9"):
        handout_html(PLANS["five sessions"], 9)
    assert handout_html(PLANS["five sessions"], 7) == handout_html(PLANS["five sessions"], 8)


@pytest.mark.parametrize("intake", [{"red_flags": frozenset({"locked_knee"})}, {"pain": 7}])
def test_a_referral_is_a_short_page_that_says_what_to_do(intake):
    plan = rich(**intake)
    assert not sessions(plan)
    page = handout_html(plan)
    text = words_of(page)
    assert pages(page) == 1
    assert all(text.count(line) == 1 for line in plan.referral)
    assert "doctor" in text and "Side clam" not in text


def test_a_refused_clip_has_no_handout():
    with pytest.raises(ValueError, match="filming card"):
        handout_html(build_protocol([found("low_quality")]))


def test_without_plain_words_the_coachs_name_and_first_cue_stand_there():
    plan = PLANS["one side"].model_copy(deep=True)
    dose = plan.weeks[0].sessions[0].blocks[0].exercises[0]
    for session in plan.weeks[0].sessions:
        for block in session.blocks:
            for one in block.exercises:
                if one.id == dose.id:
                    one.plain = one.how = None
                    one.name = "Ball <roll> & press"
    text = handout_html(plan)
    assert "Ball &lt;roll&gt; &amp; press" in text and dose.cues[0] in words_of(text)


def test_the_pdf_fetches_nothing(monkeypatch):
    asked = []
    monkeypatch.setattr(URLFetcher, "fetch", lambda self, url, *rest: asked.append(url) or 1 / 0)
    assert pdf.pdf_bytes(handout_html(PLANS["five sessions"])).startswith(b"%PDF-") and asked == []


def test_an_address_in_a_page_is_refused(tmp_path, monkeypatch):
    picture = tmp_path / "picture.svg"
    square = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    picture.write_text(square, encoding="utf-8")
    page = f'<p>Text<img src="{picture.as_uri()}"></p>'
    opened = []
    monkeypatch.setattr(OpenerDirector, "open", lambda self, *rest, **more: opened.append(rest) or 1 / 0)
    HTML(string=page).write_pdf()
    assert opened  # what WeasyPrint does when it is not told otherwise
    opened.clear()
    assert pdf.pdf_bytes(page).startswith(b"%PDF-") and opened == []


def test_without_weasyprint_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError) as caught:
        pdf.pdf_bytes("<p>Text</p>")
    assert str(caught.value) == "--pdf needs an extra: python -m pip install 'knee-track[pdf]'."


def test_safety_stands_by_name_whatever_its_place_in_the_list():
    plan = PLANS["one side"]
    stop, pain_rule = plan.safety_text.stop, plan.safety_text.pain_rule
    turned = plan.model_copy(update={"safety": plan.safety[::-1]})
    assert handout_html(turned) == handout_html(plan)
    assert stop in words_of(handout_html(plan)) and pain_rule in words_of(handout_html(plan))
    referred = rich(red_flags=frozenset({"locked_knee"}))
    others = {id_: text for id_, text in referred.safety_text.red_flags.items() if id_ != "emergency"}
    text = words_of(handout_html(referred))
    assert referred.safety_text.red_flags["emergency"] in text
    assert not any(other in text for other in others.values())


def test_an_earlier_plan_without_names_for_its_safety_loses_none_of_it():
    plan = PLANS["one side"].model_copy(update={"safety_text": None})
    text = words_of(handout_html(plan))
    assert all(line in text for line in plan.safety)
