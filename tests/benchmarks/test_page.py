"""The results page on made-up scores."""

import re
from pathlib import Path

import pytest
from made_scores import clip_score, leg_score, refused_leg

from benchmarks.accuracy import main
from benchmarks.learned import LEARNED, REPORTED
from benchmarks.page import Inserts, Provenance, page, read_insert, without_place, write_page
from knee_track.settings import Settings

PROVENANCE = Provenance("2026-01-02", "9.8.7", "MediaPipe 1.2", "python benchmarks/accuracy.py dev")
SECTIONS = (
    "How it was measured",
    "Targets",
    "Figure",
    "Simpler measures on the same rep-legs",
    "All tables",
    "Clips that were learned on",
    "The geometry alone",
    "What each part contributes",
    "What this does not show",
    "The study that would settle it",
)


def made_groups():
    legs = [leg_score(true, 0.5) for true in (2.0, 6.0, 10.0)] + [refused_leg()]
    return {
        REPORTED: [clip_score(legs, f"r{i:02d}", yaw_deg=3.0 * i - 9.0) for i in range(9)],
        LEARNED: [clip_score(legs, "sym_man_y0"), clip_score(legs, "var_man_far")],
    }


def made_page(groups, inserts=Inserts()):  # noqa: B008
    return page(groups, Settings(), PROVENANCE, inserts, "accuracy.png")


def headings(text):
    return [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]


def test_the_page_holds_every_section_and_where_its_numbers_come_from():
    text = made_page(made_groups(), Inserts(mocap="MOCAP ROWS", ablation="ABLATION ROWS"))
    assert headings(text) == list(SECTIONS)
    for words in ("2026-01-02", "knee-track 9.8.7", PROVENANCE.command, "MOCAP ROWS", "ABLATION ROWS"):
        assert words in text
    assert "](accuracy.png)" in text
    assert "the 9 *reported* clips" in text
    assert "Of the lines, 6 pass, 0 fail and 3 have too few" in text
    assert "| yaw ≤ 10°, camera 0.4–1.2 m | 7 | 21 | 7 | 0 | 0.50° (≤ 1.5°) |" in text
    assert "| camera yaw (0° = straight in front) | −9 to 15° |" in text


def test_sections_without_content_are_left_out():
    text = made_page({REPORTED: made_groups()[REPORTED]})
    left_out = {"Clips that were learned on", "The geometry alone", "What each part contributes"}
    assert headings(text) == [title for title in SECTIONS if title not in left_out]


def test_a_page_of_clips_learned_on_only_says_so():
    text = made_page({LEARNED: made_groups()[LEARNED]})
    assert "No clip of this run was kept apart" in text
    assert "*reported* clips" not in text


def test_tables_and_headings_stand_apart():
    text = made_page(made_groups(), Inserts("a", "b"))
    assert not re.search(r"\n\n\n", text)
    lines = text.splitlines()
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        if line.startswith("#"):
            assert (before, after) == ("", ""), line


def test_no_place_of_this_machine_reaches_the_page(tmp_path: Path):
    write_page(tmp_path / "docs" / "page.md", made_groups(), Settings(), PROVENANCE, Inserts())
    text = (tmp_path / "docs" / "page.md").read_text(encoding="utf-8")
    assert "](page.png)" in text
    assert (tmp_path / "docs" / "page.png").stat().st_size < 150_000
    assert not re.search(r"(?<![\w.)])/(?:\w+/)+|[A-Z]:\\|~/", text)
    assert without_place(tmp_path / "clips") == "clips"
    assert without_place(Path("docs/accuracy.md").resolve()) == "docs/accuracy.md"


def test_an_insert_is_lowered_into_its_section(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "part.md"
    path.write_text("# Big\n\ntext # not a heading\n\n## Small\n", encoding="utf-8")
    assert read_insert(path) == "### Big\n\ntext # not a heading\n\n### Small"
    assert read_insert(None) == ""
    assert main([str(tmp_path), "--ablation", str(tmp_path / "none.md")]) == 2
    assert "none.md, a part of the page, cannot be read." in capsys.readouterr().err
