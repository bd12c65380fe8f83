"""The commands `clients`, `history`, `export` and `forget`, as a coach types them."""

from __future__ import annotations

import stat
import subprocess
import sys
import zipfile
from datetime import timedelta

import fsspec
import pytest
from store_fakes import FIRST, add, key_of, made
from typer.testing import CliRunner

from knee_track.batch.elsewhere import overview_at
from knee_track.cli import app
from knee_track.errors import StoreError, UsageError
from knee_track.store import open_store
from knee_track.store.overview import write_overview


def run(*arguments, **options):
    return CliRunner().invoke(app, list(map(str, arguments)), env={"COLUMNS": "160"}, **options)


@pytest.fixture
def filled(where, out):
    """The address of a store with Anna, who got better, and Bo; and their overview."""
    with open_store(where, out) as store:
        for who, peaks in (("Anna Müller", (14.0, 3.0)), ("Bo", (5.0,))):
            client = store.enrol(who)
            for i, peak in enumerate(peaks):
                name = f"{client}{i}"
                add(store, out, client, name, FIRST + timedelta(days=7 * i), made(name, peak))
        write_overview(store, out)
    return where


def test_clients_are_listed_and_described(filled):
    assert run("clients", "--db", filled, "--name", "c001", "Annie").exit_code == 0
    assert run("clients", "--db", filled, "--height", "Annie", "1.72").exit_code == 0
    result = run("clients", "--db", filled, "--note", "c001", "old injury [left]")
    assert result.exit_code == 0, result.output
    (anna,) = [line for line in result.output.splitlines() if "c001" in line]
    for words in ("Annie", "Anna Müller", "1.72 m", "2", "2026-05-11", "old injury [left]"):
        assert words in anna


@pytest.mark.parametrize("height", ["172", "0.3"])
def test_a_height_that_is_none_is_refused(filled, height):
    error = run("clients", "--db", filled, "--height", "c001", height).exception
    assert isinstance(error, UsageError) and "metres" in str(error)


def test_history_says_what_changed_and_writes_the_page(filled, out, tmp_path):
    page = tmp_path / "page.html"
    result = run("history", "anna müller", "--db", filled, "-o", page)
    assert result.exit_code == 0, result.output
    assert "c001: 2 clips" in result.output
    assert "Squat. Left knee: improved since 2026-05-04, from +14.0° to +3.0°" in result.output
    assert "Right knee: unchanged" in result.output
    assert "improved since 2026-05-04" in page.read_text(encoding="utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_history_lies_in_the_clients_folder_and_is_linked_from_the_overview(tmp_path):
    with open_store(tmp_path) as store:
        add(store, tmp_path, store.enrol("Anna"), "a", FIRST)
        write_overview(store, tmp_path)
    result = run("history", "c001", "--db", tmp_path)
    assert result.exit_code == 0 and (tmp_path / "c001" / "history.html").is_file()
    assert 'href="c001/history.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_client_without_clips_has_no_history(tmp_path):
    with open_store(tmp_path) as store:
        store.enrol("Anna")
    result = run("history", "c001", "--db", tmp_path)
    assert result.exit_code == 0 and result.output == "c001: 0 clips\n"


def test_export_writes_a_zip(filled, tmp_path):
    result = run("export", "c001", "-o", tmp_path / "anna.zip", "--db", filled)
    assert result.exit_code == 0 and "clips 2" in result.output and "rep legs 20" in result.output
    with zipfile.ZipFile(tmp_path / "anna.zip") as file:
        assert "rows/clips.json" in file.namelist()


def test_forget_shows_first_and_deletes_nothing_without_a_yes(filled, out):
    result = run("forget", "c001", "--db", filled, input="n\n")
    assert result.exit_code == 1 and "Nothing was deleted." in result.output
    assert (
        "Anna Müller" in result.output and str(out / "c001") in result.output and "clips 2" in result.output
    )
    assert (out / "c001").is_dir() and "c001" in run("clients", "--db", filled).output


@pytest.mark.parametrize(("options", "typed"), [([], "y\n"), (["--yes"], "")], ids=["asked", "--yes"])
def test_forget_deletes_after_a_yes(filled, out, options, typed):
    result = run("forget", "c001", "--db", filled, *options, input=typed)
    assert result.exit_code == 0, result.output
    assert not (out / "c001").exists() and (out / "c002").is_dir()
    listed = run("clients", "--db", filled).output
    assert "c001" not in listed and "c002" in listed
    for name in ("index.html", "summary.csv"):
        assert "c001" not in (out / name).read_text(encoding="utf-8"), f"{name} is written anew"


def test_forget_shows_what_lies_at_a_url_and_writes_the_overview_there_anew(where):
    place, files = "memory://clinic/results", fsspec.filesystem("memory")
    with open_store(where, place) as store:
        for name in ("Anna", "Bo"):
            client = store.enrol(name)
            files.pipe(f"/clinic/results/{client}/a_kneetrack/report.html", b"report")
            store.add_analysis(key_of(name), client, made(name), f"{client}/a_kneetrack", FIRST)
        overview_at(store, place)
    try:
        assert b'href="c001/a_kneetrack/report.html"' in files.cat("/clinic/results/index.html")
        result = run("forget", "c001", "--db", where, "--yes")
        assert result.exit_code == 0 and f"{place}/c001/a_kneetrack" in result.output
        names = {path.removeprefix("/clinic/results/") for path in files.find("/clinic")}
        pages = {"index.html", "summary.csv", "summary.parquet", "failures.csv"}
        assert names == {"c002/a_kneetrack/report.html"} | pages
        for page in ("index.html", "summary.csv"):
            text = files.cat(f"/clinic/results/{page}").decode()
            assert "c001" not in text and "c002" in text
    finally:
        files.rm("/clinic", recursive=True)


@pytest.mark.parametrize(
    "arguments",
    [["clients"], ["history", "c001"], ["export", "c001", "-o", "x.zip"], ["forget", "c001", "--yes"]],
)
def test_a_store_that_is_not_there_is_one_sentence_and_is_not_made(tmp_path, arguments):
    error = run(*arguments, "--db", tmp_path / "typo").exception
    assert isinstance(error, StoreError) and "there is no store here" in str(error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [["clients"], ["history", "c001"], ["export", "c001", "-o", "x.zip"], ["forget", "c001"]]
)
def test_a_missing_package_is_one_sentence(tmp_path, arguments):
    """In a process of its own, in which SQLAlchemy cannot be imported."""
    code = "import sys; sys.modules['sqlalchemy'] = None; from knee_track.cli import main; main()"
    command = [sys.executable, "-c", code, *arguments, "--db", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert "needs the package sqlalchemy" in done.stderr and "knee-track[store]" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["history", "forget"])
def test_an_unknown_client_is_one_sentence(filled, command):
    error = run(command, "Nobody", "--db", filled).exception
    assert isinstance(error, StoreError) and "knee-track clients" in str(error)


def test_the_place_can_stand_in_the_environment(tmp_path, monkeypatch):
    with open_store(tmp_path / "results") as store:
        store.enrol("Anna")
    monkeypatch.setenv("KNEETRACK_DB", str(tmp_path / "results"))
    assert "c001" in run("clients").output
