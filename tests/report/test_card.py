"""The filming card: distance, height, dress and movement, as the requirements of a usable view."""

import re

from typer.testing import CliRunner

from knee_track.cli import app
from knee_track.protocol.library import load_library
from knee_track.report.card import filming_card


def written(tmp_path):
    target = tmp_path / "card.html"
    result = CliRunner().invoke(app, ["card", "-o", str(target)])
    assert result.exit_code == 0, result.output
    return target.read_text(encoding="utf-8")


def test_the_card_says_what_prevents_refusals(tmp_path):
    text = written(tmp_path)
    place = ("knee height", "straight in front", "2.5–3 m", "whole body")
    dress = ("shorts", "bare feet or flat shoes")
    for words in (*place, *dress, "at least five squats", "two seconds"):
        assert words in text, words
    assert "pain above 5 out of 10" in text and "giving way or locking" in text


def test_the_card_loads_nothing_and_prints_to_a4(tmp_path):
    text = written(tmp_path)
    assert not re.search(r"(src|href)=|url\(|<script", text)
    assert "size: A4" in text and "default-src 'none'" in text


def test_an_unwritable_place_is_one_sentence(tmp_path):
    error = CliRunner().invoke(app, ["card", "-o", str(tmp_path)]).exception
    assert "choose another place" in str(error)


def test_an_unknown_language_is_refused_and_the_known_ones_named(tmp_path):
    error = CliRunner().invoke(app, ["card", "-o", str(tmp_path / "c.html"), "--language", "xx"]).exception
    assert "no texts in 'xx'; choose from" in str(error) and "en" in str(error)
    assert not (tmp_path / "c.html").exists()


def test_the_limit_of_pain_is_the_librarys():
    defaults = load_library().defaults
    limit = defaults.pain_rule.model_copy(update={"stop_above": 3})
    own = defaults.model_copy(update={"pain_rule": limit, "stop_signs": ("a loud crack",)})
    page = filming_card(own)
    assert "pain above 3 out of 10" in page and "Stop at once with: a loud crack." in page
    assert "{" not in page.split("</style>")[1]
