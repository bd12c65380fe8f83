"""The overview beside the results: the same numbers on the page, in CSV and in Parquet, and no name."""

from __future__ import annotations

import csv
import math
import re
import stat
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest
from store_fakes import FIRST, add, content, made

from knee_track.errors import OutputError
from knee_track.report.tables import write_reps_csv
from knee_track.results import Finding
from knee_track.store import open_store
from knee_track.store.overview import write_overview

WEEK = timedelta(days=7)


@pytest.fixture
def filled(store, out):
    """Anna over two days, Bo with a knee that was not measured, and two failures."""
    anna, bo = store.enrol("Anna Müller"), store.enrol("Bo")
    add(store, out, anna, "a1", FIRST, made("a1", 12.0, 3.0))
    add(store, out, anna, "a2", FIRST + WEEK, made("a2", 5.0, 2.0, reps=6))
    far_out = [Finding(id="lateral_knee", leg="right", text="Too far out.")]
    add(store, out, bo, "b1", FIRST, made("b1", None, -6.0, findings=far_out))
    store.add_failure("Anna Müller/a\nb <i>.mp4", 'the "file", is empty', "copy it again", anna)
    store.add_failure("readme.txt", "no video", "leave it out")
    write_overview(store, out)
    return store


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_row_per_rep(filled, out):
    rows = read_csv(out / "summary.csv")
    assert [(row["client"], row["day"], row["rep"]) for row in rows] == [
        *(("c001", "2026-05-04", f"{i}") for i in range(1, 6)),
        *(("c001", "2026-05-11", f"{i}") for i in range(1, 7)),
        *(("c002", "2026-05-04", f"{i}") for i in range(1, 6)),
    ]
    first, last = rows[0], rows[-1]
    assert (first["left_peak_deviation_deg"], first["left_grade"], first["left_borderline"]) == (
        "12",
        "severe",
        "false",
    )
    assert (last["left_peak_deviation_deg"], last["left_grade"], last["left_borderline"]) == ("", "", "")
    assert (last["right_peak_deviation_deg"], last["content"]) == ("-6", content("b1"))


def test_its_columns_are_those_of_a_results_own_table(filled, out, tmp_path):
    write_reps_csv(tmp_path / "reps.csv", made("a1").reps)
    (own, *_), (summary, *_) = read_csv(tmp_path / "reps.csv"), read_csv(out / "summary.csv")
    assert list(summary)[-len(own) :] == list(own)
    assert {name: summary[name] for name in own} == own


def test_csv_and_parquet_say_the_same(filled, out):
    table = pq.read_table(out / "summary.parquet").to_pylist()
    rows = read_csv(out / "summary.csv")
    assert len(rows) == len(table) == 16
    for row, typed in zip(rows, table, strict=True):
        assert list(row) == list(typed)
        for name, value in typed.items():
            if isinstance(value, float):
                assert math.isclose(float(row[name]), value, rel_tol=1e-6), name
            else:
                words = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
                assert row[name] == words, name
    assert isinstance(table[0]["day"], date) and isinstance(table[0]["left_borderline"], bool)
    assert table[-1]["left_peak_deviation_deg"] is None


def test_failures_are_listed_with_their_remedy(filled, out):
    assert read_csv(out / "failures.csv") == [
        {
            "file": "c001/a\nb <i>.mp4",
            "reason": 'the "file", is empty',
            "remedy": "copy it again",
            "tries": "1",
        },
        {"file": "readme.txt", "reason": "no video", "remedy": "leave it out", "tries": "1"},
    ]


def sections(out):
    page = (out / "index.html").read_text(encoding="utf-8")
    return dict(re.findall(r'<section aria-labelledby="h-(\w+)">(.*?)</section>', page, re.DOTALL)), page


def test_the_page_shows_each_clients_last_grade_and_trend(filled, out):
    found, page = sections(out)
    anna, bo = re.findall(r"<tr><th scope=.row.*?</tr>", found["clients"], re.DOTALL)
    assert "c001" in anna and "2026-05-11" in anna and "+12.0° to +5.0°" in anna
    assert [re.findall(r"grade-(\w+)", row) for row in (anna, bo)] == [
        ["mild", "none"],
        ["unknown", "lateral"],
    ]
    assert "not measured" in bo and "too far out" in bo
    assert 'href="c001/a2_kneetrack/report.html"' in anna and "progress" not in anna
    for words in ("2 clients", "3 clips", "16 reps", "2 failures"):
        assert f"<b>{words}</b>" in page


def test_the_worst_event_of_each_last_day_comes_first(store, out):
    for who, peaks in (("Anna", (20.0, 8.0)), ("Bo", (13.0,)), ("Cem", (3.0,))):
        client = store.enrol(who)
        for i, peak in enumerate(peaks):
            add(store, out, client, f"{who}{i}", FIRST + i * WEEK, made(f"{who}{i}", peak))
    write_overview(store, out)
    events = sections(out)[0]["events"]
    assert re.findall(r"[+−]\d+\.\d° ±", events) == ["+13.0° ±", "+8.0° ±"]


def test_the_page_loads_nothing_names_nobody_and_escapes(filled, out):
    page = (out / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert links and all(
        link == "data:," or re.fullmatch(r"c00\d/\w+_kneetrack/report\.html", link) for link in links
    )
    assert "@import" not in page and "url(" not in page
    assert "Anna" not in page and "Müller" not in page and "Bo<" not in page
    assert "<i>" not in page and "&lt;i&gt;" in page


def test_files_are_readable_by_their_owner_alone(filled, out):
    names = ["index.html", "summary.csv", "summary.parquet", "failures.csv"]
    assert {stat.S_IMODE((out / name).stat().st_mode) for name in names} == {0o600}
    assert not [path for path in out.iterdir() if path.name.endswith(".part")]


def test_an_empty_store_has_an_overview(store, out):
    write_overview(store, out)
    assert "No clip has been analysed yet." in (out / "index.html").read_text(encoding="utf-8")
    assert read_csv(out / "summary.csv") == [] and pq.read_table(out / "summary.parquet").num_rows == 0


def test_written_again_it_is_the_same(filled, out):
    before = {
        path.name: path.read_bytes()
        for path in out.glob("*.*")
        if path.suffix in (".csv", ".html", ".parquet")
    }
    write_overview(filled, out)
    assert len(before) == 4
    assert {name: (out / name).read_bytes() for name in before} == before


def test_an_overview_that_fails_leaves_the_old_one(filled, out, monkeypatch):
    before = {path.name: path.read_bytes() for path in out.glob("*.*") if path.suffix in (".csv", ".parquet")}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("knee_track.store.summary.write_table", full)
    with pytest.raises(OutputError, match="no space left on device"):
        write_overview(filled, out)
    assert {name: (out / name).read_bytes() for name in before} == before
    assert not [path for path in out.iterdir() if path.name.endswith(".part")]


def test_results_of_another_place_are_told_without_a_link(where, out, tmp_path):
    with open_store(where, "s3://clinic/results") as store:
        client = store.enrol("Anna")
        add(store, tmp_path / "elsewhere", client, "a", FIRST)
        write_overview(store, out)
    found, _ = sections(out)
    assert "c001" in found["clients"] and "<a " not in found["clients"]
