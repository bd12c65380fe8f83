"""Taking everything along, and being forgotten: nothing is left, and nobody else is touched."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from datetime import timedelta
from pathlib import Path

import fsspec
import pytest
from sqlalchemy import inspect, text
from store_fakes import FIRST, add, key_of, made

from knee_track.errors import OutputError, StoreError
from knee_track.store import open_store
from knee_track.store.dump import rows_by_table
from knee_track.store.history_page import write_history
from knee_track.store.leaving import belongings, export, forget
from knee_track.store.overview import write_overview

SECRET = "Xanthippe Quellwasser"  # a name that stands nowhere by chance


OTHER = "Zebulon"
ROWS = {
    "clients": 1, "sessions": 2, "clips": 2, "failures": 1, "reps": 10, "rep_legs": 20, "leg_results": 4,
    "events": 10, "findings": 2, "protocols": 2,
}  # fmt: skip


@pytest.fixture
def two(store, out):
    """Two clients with two clips each, notes, a failure, and pages."""
    for who, clips in ((SECRET, ("one", "two")), (OTHER, ("three", "four"))):
        client = store.enrol(who)
        store.describe(client, name=f"{who} the first", height_m=1.72, notes=f"{who} said so")
        for i, clip in enumerate(clips):
            made_clip = made(clip, 12.0, path=f"/clips/{who}/{who}.mp4")
            add(store, out, client, clip, FIRST + timedelta(days=i), made_clip)
        told = f"/clips/{who}/broken {who}.mp4: the file of {who} is empty"
        store.add_failure(f"{who}/broken {who}.mp4", told, "copy it again", client)
        write_history(out / client / "history.html", client, store.history(client), store.home or out)
    write_overview(store, out)
    return store


def everything(store):
    """Every value of every table as text."""
    with store.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return "\n".join(
            str(tuple(row)) for name in names for row in connection.execute(text(f"SELECT * FROM {name}"))
        )


def files_with(folder: Path, word: str):
    return [path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_names_are_in_the_store_alone(two, out):
    assert SECRET in everything(two)
    for word in ("Xanthippe", "Quellwasser"):
        found = {path.name.split("-")[0] for path in files_with(out, word)}
        assert found <= {"kneetrack.db"}
        assert not [path for path in out.rglob("*") if word.casefold() in path.name.casefold()]


def test_forgetting_leaves_nothing_of_a_client(two, out):
    contents = [key_of("one").sha256, key_of("two").sha256]
    assert all(word in everything(two) for word in contents)
    forget(two, "c001")
    write_overview(two, out)
    for word in (SECRET, "Xanthippe", "c001", *contents):
        assert word not in everything(two)
        assert files_with(out, word) == [], "also in the database's free pages and its log"
    assert not (out / "c001").exists()
    with pytest.raises(StoreError, match="there is no client c001"):
        forget(two, "c001")


def test_the_other_client_keeps_every_row_and_file(two, out):
    def kept():
        with two.reading() as session:
            rows = dict(rows_by_table(session, 2))
        return rows, {path: path.read_bytes() for path in (out / "c002").rglob("*") if path.is_file()}

    rows, files = kept()
    assert {name: len(found) for name, found in rows.items()} == ROWS and len(files) == 5
    forget(two, "c001")
    assert kept() == (rows, files)
    assert [one.id for one in two.clients()] == ["c002"] and len(two.history("c002")) == 2


def test_clips_that_are_kept_in_a_clients_folder_stay(two, out):
    clip = out / "c001" / "2026-11-03_squat.mp4"
    clip.write_bytes(b"as filmed")
    forget(two, "c001")
    assert [path.name for path in (out / "c001").iterdir()] == [clip.name]


def test_a_result_outside_its_place_is_not_deleted(two, out, tmp_path):
    """A store that somebody changed by hand must not make us delete what is not ours."""
    other = tmp_path / "precious"
    other.mkdir()
    by_hand = "UPDATE clips SET folder = '../precious' WHERE folder = 'c001/one_kneetrack'"
    with two.engine.execution_options(writing=True).begin() as connection:
        assert connection.execute(text(by_hand)).rowcount == 1
    with pytest.raises(StoreError, match="lies outside"):
        forget(two, "c001")
    assert other.is_dir() and (out / "c001").is_dir() and SECRET in everything(two)


def test_when_a_folder_cannot_be_deleted_the_rows_stay(two, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("knee_track.store.leaving.shutil.rmtree", refuse)
    with pytest.raises(StoreError, match="cannot be deleted .permission denied") as error:
        forget(two, "c001")
    assert "\n" not in str(error.value)
    monkeypatch.undo()
    assert SECRET in everything(two)
    forget(two, "c001")
    assert SECRET not in everything(two)


def test_results_on_another_machine_are_exported_and_deleted_there(where, tmp_path):
    files = fsspec.filesystem("memory")
    with open_store(where, "memory://clinic/results/") as store:
        for who, clip in (("Anna", "a"), ("Bo", "b")):
            client = store.enrol(who)
            files.pipe(f"/clinic/results/{client}/{clip}_kneetrack/report.html", b"report")
            store.add_analysis(key_of(clip), client, made(clip), f"{client}/{clip}_kneetrack", FIRST)
        assert belongings(store, "c001").elsewhere == ["memory://clinic/results/c001/a_kneetrack"]
        export(store, "c001", tmp_path / "all.zip")
        with zipfile.ZipFile(tmp_path / "all.zip") as file:
            names = [name for name in file.namelist() if name.startswith("results/")]
            assert names == ["results/a_kneetrack/report.html"] and file.read(names[0]) == b"report"
        forget(store, "c001")
        assert files.find("/clinic") == ["/clinic/results/c002/b_kneetrack/report.html"]
        assert [one.id for one in store.clients()] == ["c002"]
    files.rm("/clinic", recursive=True)


def test_another_machine_that_is_away_is_one_sentence(where, monkeypatch, tmp_path):
    def away(*_, **__):
        raise ConnectionError("No route to host\nand more")

    with open_store(where, "memory://clinic/results") as store:
        client = store.enrol("Anna")
        store.add_analysis(key_of("a"), client, made("a"), "c001/a_kneetrack", FIRST)
        monkeypatch.setattr("fsspec.core.url_to_fs", away)
        with pytest.raises(StoreError, match="cannot be deleted .no route to host") as error:
            forget(store, client)
        assert "\n" not in str(error.value) and len(store.history(client)) == 1
        with pytest.raises(StoreError, match="cannot be read .no route to host"):
            export(store, client, tmp_path / "all.zip")
        assert not (tmp_path / "all.zip").exists()


def test_an_export_holds_everything_of_a_client_and_nothing_of_others(two, out, tmp_path):
    target = tmp_path / "export.zip"
    (out / "c001" / "one_kneetrack" / "squat_annotated.mp4").write_bytes(b"video" * 1000)
    kept = export(two, "c001", target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600 and kept.missing == []
    with zipfile.ZipFile(target) as file:
        assert file.testzip() is None
        rows = {Path(n).stem: json.loads(file.read(n)) for n in file.namelist() if n.startswith("rows/")}
        results = {n for n in file.namelist() if n.startswith("results/")}
        everything_in = b"".join(file.read(name) for name in file.namelist())
        video = file.read("results/c001/one_kneetrack/squat_annotated.mp4")
    (person,) = rows["clients"]
    assert person == {
        "number": 1,
        "folder": SECRET,
        "name": f"{SECRET} the first",
        "height_m": 1.72,
        "notes": f"{SECRET} said so",
    }
    assert [row["day"] for row in rows["sessions"]] == ["2026-05-04", "2026-05-05"]
    assert {name: len(found) for name, found in rows.items()} == ROWS
    assert {row["peak_deviation_deg"] for row in rows["rep_legs"]} == {12.0, 3.0}
    there = {f"results/{path.relative_to(out)}" for path in (out / "c001").rglob("*") if path.is_file()}
    assert results == there and video == b"video" * 1000
    assert OTHER.encode() not in everything_in and key_of("three").sha256.encode() not in everything_in


def test_an_export_says_which_results_are_not_there(two, out, tmp_path):
    shutil.rmtree(out / "c001" / "one_kneetrack")
    assert export(two, "c001", tmp_path / "a.zip").missing == ["c001/one_kneetrack"]


def test_an_export_that_cannot_be_written_leaves_nothing(two, tmp_path):
    target = tmp_path / "folder.zip"
    target.mkdir()
    with pytest.raises(OutputError, match="Cannot write") as error:
        export(two, "c001", target)
    assert "\n" not in str(error.value) and sorted(path.name for path in tmp_path.iterdir()) == [
        "folder.zip",
        "out",
    ]
