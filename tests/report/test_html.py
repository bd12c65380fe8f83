from __future__ import annotations

import json
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from report_fakes import PEAKS_DEG, make_analysis, make_curves

from knee_track.report.annotate import Still
from knee_track.report.html import render_report, video_url
from knee_track.report.moments import key_moments
from knee_track.results import Analysis

VOID = {"meta", "link", "img", "br", "line", "rect", "path"}
LOADING = {"src", "href", "srcset", "poster", "data", "action", "xlink:href"}


class Page(HTMLParser):
    """Collects tags and texts, and checks that every tag is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(part for part in self.texts if part)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [a for name, a in self.tags if name == tag and wanted.items() <= a.items()]


def render(analysis: Analysis, video: str | None = "./squat_annotated.mp4") -> str:
    stills = [Still(moment, b"jpeg") for moment in key_moments(analysis)]
    return render_report(analysis, analysis.curves, stills, video)


def test_the_page_is_sound_and_loads_nothing_but_its_video() -> None:
    page = Page(render(make_analysis()))
    loaded = [value or "" for _, attrs in page.tags for name, value in attrs.items() if name in LOADING]
    outside = [url for url in loaded if not url.startswith("data:")]
    assert outside == ["./squat_annotated.mp4"]


@pytest.mark.parametrize("options", [{}, {"knees": False}, {"reps": 0}])
def test_no_address_of_another_machine_stands_anywhere(options: dict[str, int]) -> None:
    text = render(make_analysis(**options))
    for loader in ("http:", "https:", "url(", "@import", "fetch(", "XMLHttpRequest", "//cdn"):
        assert loader not in text


def test_plain_words_come_first_and_numbers_carry_their_band() -> None:
    page = Page(render(make_analysis()))
    left = "The left knee drifts inward (moderate, severe at worst)"
    sentence = f"{left}; the right knee drifts inward in 1 of 3 reps (mild at worst)."
    assert sentence in page.text
    assert (
        page.text.index("In short") < page.text.index("Rep by rep") < page.text.index("How this was measured")
    )
    for peak in PEAKS_DEG["left"]:
        assert f"+{peak:.1f}° ± 2.5°" in page.text
    assert "events.enter_deg" in page.text  # a setting that differs from the default
    assert "The picture is dark." in page.text


def test_every_event_and_rep_can_be_jumped_to() -> None:
    page = Page(render(make_analysis()))
    chart_events = [a for a in page.all("rect", role="button")]
    assert [(a["data-seek"], a["class"]) for a in chart_events] == [
        ("5.0", "event grade-moderate"),
        ("8.0", "event grade-severe"),
        ("8.0", "event grade-mild"),
    ]
    assert all(a["tabindex"] == "0" and a["aria-label"] for a in chart_events)
    buttons = [a["data-seek"] for a in page.all("button")]
    assert buttons[-6:-3] == ["1.0", "4.0", "7.0"]  # reps 1 to 3
    assert buttons[-3:] == ["5.0", "8.0", "8.0"]  # the events' peaks


def test_the_cursor_knows_the_axes_and_the_numbers() -> None:
    text = render(make_analysis())
    chart = Page(text).all("svg")[0]
    times = make_curves().time_s
    assert float(chart["data-t0"] or "") == times[0]
    assert float(chart["data-t1"] or "") == pytest.approx(times[-1])
    data = text.split('id="series">')[1].split("</script>")[0]
    series = json.loads(data)
    bottom = series["time"].index(5.0)
    assert series["legs"]["left"]["deviation"][bottom] == 8.0
    assert (series["rep"][bottom], series["phase"][bottom]) == (2, "bottom")


def test_names_from_outside_are_escaped() -> None:
    evil = "<script>alert(1)</script>&\"'.mp4"
    analysis = make_analysis(evil)
    analysis.client.id = "<b>Bo</b>"
    text = render(analysis, video_url(evil))
    assert "<script>alert" not in text
    assert "<b>Bo" not in text
    assert "<b>Bo</b>" in Page(text).text
    assert unquote(Page(text).all("video")[0]["src"] or "") == f"./{evil}#t=0.001"


def test_video_names_with_special_characters_become_one_url() -> None:
    assert video_url("squat #1 50%?.mp4") == "./squat%20%231%2050%25%3F.mp4#t=0.001"


def test_refused_knees_say_why_and_how_to_film_and_keep_reps() -> None:
    page = Page(render(make_analysis(knees=False)))
    assert "Camera stands 70° to the side" in page.text
    assert "How to film" in page.text
    assert "3 reps counted, but the knees could not be measured." in page.text
    assert len(page.all("tr", **{"data-from": "1.0"})) == 1
    assert not page.all("rect", role="button")
    assert "grade-mild" not in [a.get("class") for _, a in page.tags]


def test_no_rep_is_said_plainly() -> None:
    page = Page(render(make_analysis(reps=0)))
    assert "No complete repetition was found" in page.text
    assert "too shallow" in page.text


def test_none_and_mild_never_wear_the_colours_of_danger() -> None:
    text = render(make_analysis())
    style = text.split("<style>")[1].split("</style>")[0]
    for theme in style.split(":root {")[1:3]:
        colours = dict(part.strip().split(": ") for part in theme.split("}")[0].split(";") if ": " in part)
        for name in ("--none", "--mild"):
            red, green, _ = (int(colours[name][i : i + 2], 16) for i in (1, 3, 5))
            assert green > 0.8 * red  # green to gold; orange and red have little green
    for name in ("moderate", "severe"):
        assert f".grade-{name} {{ --g: var(--{name})" in style


def test_without_a_video_pictures_and_curves_stand_alone() -> None:
    page = Page(render(make_analysis(), video=None))
    assert not page.all("video")
    assert len(page.all("img")) == 2
    assert all(a["alt"] for a in page.all("img"))
