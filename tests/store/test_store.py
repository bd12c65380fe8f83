"""The store on SQLite and on a real PostgreSQL server: what goes in comes out, once."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from store_fakes import FIRST, add, content, key_of, made

from knee_track.errors import StoreError
from knee_track.protocol.plan import build_protocol
from knee_track.results import Event, Finding, Frontal, LegSummary, RepLeg
from knee_track.store import neutral_name, open_store, settings_digest, without_names
from knee_track.store.dump import rows_for_comparison
from knee_track.store.names import redacted_path
from knee_track.store.rows import REP_FIELDS
from knee_track.store.tables import Base

HERE = Path(__file__).parent
NEXT = FIRST + timedelta(days=14)
ODD_NAMES = [
    'O\'Neil "Bo"',
    "Ünal Ömer",
    "a\nb",
    "😀",
    "x" * 300,
    "back\\slash",
    "b\udcffad",
    "; DROP TABLE clients",
]


def rows_in(store, table):
    with store.engine.connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


@pytest.mark.parametrize(
    "analysis",
    [
        made("a", 12.0, 3.0),
        made("a", None, 3.0, reps=1),
        made("a", 12.0, -6.5, protocol=build_protocol([Finding(id="medial_knee", leg="left", text="In.")])),
        made("a", reps=0),
    ],
    ids=["two legs", "one leg", "with a plan", "no rep"],
)
def test_what_goes_in_comes_out(store, out, open_again, analysis):
    client = store.enrol("Anna Müller")
    assert add(store, out, client, "a", FIRST, analysis)
    with open_again() as again:
        (clip,) = again.history(client)
    assert clip.analysis.model_dump() == without_names(analysis, client, FIRST).model_dump()
    assert (clip.key, clip.client, clip.day) == (key_of("a"), client, FIRST)
    assert clip.folder == f"{client}/a_kneetrack"


@pytest.mark.parametrize(
    ("table", "fields"),
    [
        ("reps", [*(name for name in REP_FIELDS if name != "index"), *Frontal.model_fields]),
        ("rep_legs", RepLeg.model_fields),
        ("leg_results", LegSummary.model_fields),
        ("events", Event.model_fields),
    ],
)
def test_every_field_of_a_result_has_its_column(table, fields):
    """A field added to the results without a migration would be lost."""
    assert set(fields) <= set(Base.metadata.tables[table].columns.keys())


def test_no_name_of_a_client_goes_into_a_result(store, out):
    client = store.enrol("Anna Müller")
    add(store, out, client, "a", FIRST, made("a", path="C:\\clips\\Anna Müller\\Anna squat.MOV"))
    (clip,) = store.history(client)
    assert clip.source == clip.analysis.source.path == f"c001_2026-05-04_{content('a')[:8]}.mov"
    assert clip.analysis.client.id == "c001"
    assert "anna" not in clip.analysis.model_dump_json().casefold()


def test_without_names_keeps_curves_and_track_and_can_be_done_twice():
    analysis = made("a")
    assert analysis.curves is not None
    once = without_names(analysis, "c001", FIRST)
    assert once.curves is analysis.curves and once.track is analysis.track
    assert without_names(once, "c001", FIRST) == once
    assert analysis.client.id == "client-7", "the given analysis stays as it was"


def test_a_suffix_cannot_carry_a_name():
    assert neutral_name("c001", FIRST, "ab" * 32, ".Anna Müller") == "c001_2026-05-04_abababab"


def test_a_clip_is_added_once(store, out):
    client = store.enrol("Anna")
    assert add(store, out, client, "a", FIRST)
    before = rows_for_comparison(store)
    assert not add(store, out, client, "a", FIRST)
    assert rows_for_comparison(store) == before
    assert rows_in(store, "clips") == 1 and rows_in(store, "reps") == 5 and rows_in(store, "rep_legs") == 10


@pytest.mark.parametrize("part", ["settings_digest", "model_sha256", "software_version"])
def test_other_settings_model_or_version_take_the_place_of_the_earlier_result(store, out, part):
    client = store.enrol("Anna")
    add(store, out, client, "a", FIRST, made("a", 12.0))
    newer = key_of("a", **{part: "other"})
    assert set(store.known([key_of("a"), newer])) == {key_of("a")}
    assert store.add_analysis(newer, client, made("a", 5.0), "c001/a_kneetrack", NEXT)
    assert set(store.known([key_of("a"), newer])) == {newer}
    assert [clip.day for clip in store.history(client)] == [NEXT]
    assert rows_in(store, "reps") == 5 and rows_in(store, "sessions") == 1


def test_known_says_whose_a_result_is_and_where(store, out):
    client = store.enrol("Anna")
    names = [f"clip{i}" for i in range(3)]
    for name in names:
        add(store, out, client, name, FIRST)
    asked = [key_of(f"clip{i}") for i in range(1200)]  # more than fit into one question
    found = store.known(asked)
    assert set(found) == {key_of(name) for name in names}
    assert found[key_of("clip1")].folder == "c001/clip1_kneetrack" and found[key_of("clip1")].client == client
    store.remove(key_of("clip1"))
    assert key_of("clip1") not in store.known(asked) and rows_in(store, "reps") == 10


def test_a_client_has_one_id_however_the_accents_of_the_folder_are_written(store):
    assert store.enrol("Mu\u0308ller") == store.enrol("M\u00fcller") == "c001"
    assert store.enrol("müller") == "c002"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_folder_names_are_clients_like_others(store, out, name):
    client = store.enrol(name)
    assert store.enrol(name) == client
    add(store, out, client, "a", FIRST, made("a", path=f"/clips/{name}/squat.mp4"))
    store.add_failure(f"{name}/broken.mp4", f"/clips/{name}/broken.mp4: empty", "copy it again", client)
    assert len(store.history(client)) == 1 and len(store.failures()) == 1


def test_an_id_is_never_given_twice(store):
    from knee_track.store.leaving import forget

    assert [store.enrol("Anna"), store.enrol("Bo")] == ["c001", "c002"]
    forget(store, "c002")
    assert store.enrol("Cem") == "c003"


def test_a_client_is_found_by_id_name_or_folder(store):
    store.enrol("Anna Müller")
    store.describe("c001", name="Annie", height_m=1.72, notes="old injury left")
    for who in ("c001", "C001", "annie", "anna müller"):
        assert store.find(who).id == "c001"
    one = store.find("c001")
    assert (one.name, one.height_m, one.notes, one.clips, one.last_day) == (
        "Annie",
        1.72,
        "old injury left",
        0,
        None,
    )
    store.describe("c001", name="")
    assert store.find("c001").name is None and store.find("c001").height_m == 1.72


@pytest.mark.parametrize("who", ["c002", "Nobody", "../c001", ""])
def test_an_unknown_client_is_one_sentence(store, who):
    store.enrol("Anna")
    with pytest.raises(StoreError, match="there is no client"):
        store.find(who)


@pytest.mark.parametrize("who", ["c002", "Anna", "c1; --"])
def test_what_is_no_id_is_refused_by_the_store(store, out, who):
    store.enrol("Anna")
    with pytest.raises(StoreError, match="knee-track clients lists"):
        store.history(who)


@pytest.mark.parametrize("folder", ["/etc", "../other", "", "c001/../../x"])
def test_a_result_lies_inside_the_folder_of_results(store, folder):
    client = store.enrol("Anna")
    with pytest.raises(ValueError, match="relative"):
        store.add_analysis(key_of("a"), client, made("a"), folder, FIRST)
    assert rows_in(store, "clips") == 0


def test_a_failure_counts_its_tries_until_it_is_cleared(store):
    client = store.enrol("Anna Müller")
    told = ("Anna Müller/a.mp4", "/home/x/Anna Müller/a.mp4: empty", "copy it again", client)
    assert [store.add_failure(*told), store.add_failure(*told)] == [1, 2]
    assert store.add_failure("readme.txt", "no video", "leave it out") == 1
    first, second = store.failures()
    assert (first.file, first.reason, first.tries, first.client) == (
        "c001/a.mp4",
        "c001/a.mp4: empty",
        2,
        client,
    )
    assert (second.file, second.tries, second.client) == ("readme.txt", 1, None)
    store.clear_failure("Anna Müller/a.mp4", client)
    assert [one.file for one in store.failures()] == ["readme.txt"]


@pytest.mark.parametrize(
    ("path", "folder", "shown"),
    [
        ("Anna Müller/squat.mp4", "Anna Müller", "c001/squat.mp4"),
        ("Anna Müller/mueller_ANNA2.mp4", "Anna Müller", "c001/mueller_c0012.mp4"),
        ("Anna Müller/Mu\u0308ller squat.mp4", "Anna Müller", "c001/c001 squat.mp4"),
        ("2026/Al/also al.mp4", "Al", "2026/c001/also c001.mp4"),
        ("Bo 2026/2026-11-03.mp4", "Bo 2026", "c001/2026-11-03.mp4"),
        ("c++/c++.mp4", "c++", "c001/c001.mp4"),
    ],
)
def test_a_failed_file_is_named_without_its_client(path, folder, shown):
    assert redacted_path(path, folder, "c001") == shown


def test_the_digest_follows_every_threshold_and_option():
    from knee_track.settings import Settings

    same = settings_digest(Settings(), movement="squat", height=None)
    assert same == settings_digest(Settings(), height=None, movement="squat")
    changed = Settings.model_validate({"events": {"enter_deg": 5.0}})
    assert (
        len({same, settings_digest(changed, movement="squat", height=None), settings_digest(Settings())}) == 3
    )


def test_sqlite_and_postgresql_hold_the_same_rows(tmp_path, database):
    """Whatever the order of arrival, and whatever ids it gave."""
    told = []
    for address, turn in ((str(tmp_path / "one"), 1), (database, -1)):
        with open_store(address, tmp_path / "one") as store:
            for name in ("Anna", "Bo")[::turn]:
                client = store.enrol(name)
                for i in (0, 1, 2)[::turn]:
                    one, where = f"{name}{i}", f"{client}/{i}_kneetrack"
                    store.add_analysis(
                        key_of(one), client, made(one, 4.0 + i), where, FIRST + timedelta(days=i)
                    )
                store.add_failure(f"{name}/broken.mp4", "empty", "copy it again", client)
            told.append(rows_for_comparison(store))
    assert told[0] == told[1]
    assert len(told[0]) == 2 + 6 + 6 + 6 * (5 + 10 + 2 + 1 + 1) + 6 * 5 + 2


def test_the_rows_for_comparison_tell_a_difference(store, out):
    client = store.enrol("Anna")
    add(store, out, client, "a", FIRST, made("a", 12.0))
    before = rows_for_comparison(store)
    store.remove(key_of("a"))
    add(store, out, client, "a", FIRST, made("a", 12.1))
    assert rows_for_comparison(store) != before


def run_writers(address, out, writers, clips):
    command = [sys.executable, str(HERE / "writer.py"), address, str(out), str(clips)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen(command, text=True, cwd=HERE.parents[1], **pipes) for _ in range(writers)]
    assert [process.stdout.readline() for process in running] == ["ready\n"] * writers
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=120) for process in running]
    assert all(process.returncode == 0 for process in running), told
    return [int(text) for text, _ in told]


def test_processes_that_write_the_same_clips_at_once_add_each_exactly_once(where, out):
    """They also open the store that is not there yet at once, and enrol the same clients."""
    new = run_writers(where, out, writers=3, clips=12)
    assert sum(new) == 12
    with open_store(where, out) as store:
        assert {one.folder for one in store.clients()} == {"Anna", "Bo", "Cem"}
        assert sum(one.clips for one in store.clients()) == 12
        assert rows_in(store, "clips") == 12 and rows_in(store, "reps") == 60
        assert store.failures()[0].tries == 3


def test_of_two_versions_at_once_one_result_of_the_clip_stays(where, out, monkeypatch):
    """Both writers are held where each has looked for an earlier result and not yet written its own."""
    from knee_track.store.clips import Clips

    both_there, real = threading.Barrier(2), Clips._clip_row

    def held(*arguments):
        with suppress(threading.BrokenBarrierError):  # with a lock the second never gets here meanwhile
            both_there.wait(timeout=1)
        return real(*arguments)

    def write(version):
        with open_store(where, out) as store:
            key = key_of("a", software_version=version)
            return store.add_analysis(key, "c001", made("a"), "c001/a_kneetrack", FIRST)

    with open_store(where, out) as store:
        client = store.enrol("Anna")
        add(store, out, client, "b", FIRST)  # the session is there, and does not hold one of them up
        monkeypatch.setattr(Clips, "_clip_row", held)
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(write, ["1", "2"])) == [True, True]
        assert len(store.history(client)) == rows_in(store, "clips") == 2


def test_a_store_killed_in_the_middle_of_a_clip_has_all_of_it_or_nothing(where, out, monkeypatch):
    """An error between the rows of a clip stands for the kill: the transaction is never committed."""
    from knee_track.store import clips

    real = clips.rows_of

    def torn(analysis, clip_id):
        yield from real(analysis, clip_id)[:2]
        raise KeyboardInterrupt

    with open_store(where, out) as store:
        client = store.enrol("Anna")
        monkeypatch.setattr(clips, "rows_of", torn)
        with pytest.raises(KeyboardInterrupt):
            add(store, out, client, "a", FIRST)
        monkeypatch.undo()
        assert rows_in(store, "clips") == rows_in(store, "reps") == rows_in(store, "sessions") == 0
        assert add(store, out, client, "a", FIRST)


def test_deleting_a_client_takes_every_table_along(store, out):
    """Every table but failures of no client hangs on the client, also those that come later."""
    client = store.enrol("Anna")
    add(store, out, client, "a", FIRST)
    store.add_failure("Anna/b.mp4", "empty", "copy it again", client)
    with store.engine.execution_options(writing=True).begin() as connection:
        connection.execute(text("DELETE FROM clients"))
    names = [name for name in inspect(store.engine).get_table_names() if name != "kneetrack_version"]
    assert len(names) == 10
    assert {name: rows_in(store, name) for name in names} == dict.fromkeys(names, 0)


def test_days_of_history_are_in_order(store, out):
    client = store.enrol("Anna")
    days = [date(2026, 11, 3), date(2025, 1, 2), date(2026, 2, 1)]
    for i, day in enumerate(days):
        add(store, out, client, f"clip{i}", day)
    assert [clip.day for clip in store.history(client)] == sorted(days)
    assert store.find(client).last_day == max(days) and store.find(client).clips == 3


def test_the_store_lies_beside_its_results_and_can_be_moved(tmp_path):
    from knee_track.store.records import result_folder

    old, new = tmp_path / "old", tmp_path / "new"
    with open_store(old) as store:
        add(store, old, store.enrol("Anna"), "a", FIRST)
    old.rename(new)
    with open_store(new) as store:
        (clip,) = store.history("c001")
        found = result_folder(store.home, clip.place, clip.folder)
    assert found is not None and (found / "report.html").is_file() and Path(found).is_relative_to(new)


def test_a_clip_with_a_full_plan_takes_little_room(tmp_path):
    """A million clips are to fit on one disk: a plan alone is 98 kB of JSON."""
    plan = build_protocol([Finding(id="medial_knee", leg="left", text="In.")])
    with open_store(tmp_path) as store:
        client, clips = store.enrol("Anna"), 40
        empty = (tmp_path / "kneetrack.db").stat().st_size
        for i in range(clips):
            add(store, tmp_path, client, f"clip{i}", FIRST, made(f"clip{i}", protocol=plan))
    assert (tmp_path / "kneetrack.db").stat().st_size - empty < clips * 20_000
