from __future__ import annotations

import os
from pathlib import Path

import pytest
from report_fakes import make_analysis

from knee_track.errors import OutputError
from knee_track.report.swap import prove_writable, publish
from knee_track.results import Analysis


def save(place: Path, analysis: Analysis, note: str) -> Path:
    def fill(folder: Path) -> None:
        (folder / "analysis.json").write_text(analysis.model_dump_json(), encoding="utf-8")
        (folder / f"{note}.txt").touch()

    return publish(place / "squat_kneetrack", analysis.source, fill)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_same_clip_replaces_its_result_as_a_whole(tmp_path: Path) -> None:
    first = save(tmp_path, make_analysis(), "first")
    second = save(tmp_path, make_analysis(), "second")
    assert first == second == tmp_path / "squat_kneetrack"
    assert names(second) == ["analysis.json", "second.txt"]
    assert names(tmp_path) == ["squat_kneetrack"]


def test_another_clip_of_that_name_gets_a_number_and_keeps_it(tmp_path: Path) -> None:
    other = make_analysis(sha256="c" * 64)
    save(tmp_path, make_analysis(), "first")
    assert save(tmp_path, other, "other").name == "squat_kneetrack_2"
    assert save(tmp_path, other, "again").name == "squat_kneetrack_2"
    assert names(tmp_path / "squat_kneetrack") == ["analysis.json", "first.txt"]
    assert names(tmp_path / "squat_kneetrack_2") == ["again.txt", "analysis.json"]


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "squat_kneetrack" / "holiday.jpg"
    mine.parent.mkdir()
    mine.touch()
    assert save(tmp_path, make_analysis(), "first").name == "squat_kneetrack_2"
    assert mine.exists()


def test_a_failure_leaves_the_earlier_result_and_nothing_else(tmp_path: Path) -> None:
    analysis = make_analysis()
    save(tmp_path, analysis, "first")

    def fail(folder: Path) -> None:
        (folder / "half.txt").touch()
        raise OSError(28, os.strerror(28))

    with pytest.raises(OutputError, match="no space left"):
        publish(tmp_path / "squat_kneetrack", analysis.source, fail)
    assert names(tmp_path) == ["squat_kneetrack"]
    assert names(tmp_path / "squat_kneetrack") == ["analysis.json", "first.txt"]


def test_a_place_that_cannot_be_written_is_named_with_the_remedy(tmp_path: Path) -> None:
    blocked = tmp_path / "notes.txt"
    blocked.touch()
    with pytest.raises(OutputError, match=r"notes\.txt.*choose another folder with -o"):
        prove_writable(blocked / "out")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="permission denied"):
        prove_writable(tmp_path)


def test_a_missing_folder_is_made_only_for_a_result(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b"
    prove_writable(place)
    assert names(tmp_path) == []
    assert save(place, make_analysis(), "first") == place / "squat_kneetrack"
    assert names(place) == ["squat_kneetrack"]
