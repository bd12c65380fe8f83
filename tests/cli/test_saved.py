"""Files of a plan: all are there, or everything is as it was."""

import os
import shutil
from pathlib import Path

import pytest

from knee_track.cli.saved import prove_file_writable, write_files, write_text
from knee_track.errors import OutputError

NEW = {"a.md": b"new a", "b.json": b"new b", "c.html": b"new c"}


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path):
    """a.md and c.html are there from earlier, b.json is new, d.ics goes."""
    for name in ("a.md", "c.html", "d.ics", "mine.txt"):
        (tmp_path / name).write_bytes(f"old {name}".encode())
    return tmp_path


def failing(monkeypatch, owner, name, at, error):
    """Let the call number `at` of a function fail, before or after it did its work."""
    real, calls = getattr(owner, name), []

    def call(*arguments, **options):
        calls.append(arguments)
        if len(calls) == abs(at):
            if at < 0:
                real(*arguments, **options)
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(owner, name, call)


def test_all_are_written_and_nothing_else_stays(folder):
    written = write_files(folder, NEW, without=["d.ics", "e.pdf"])
    assert written == [folder / name for name in NEW]
    assert content(folder) == NEW | {"mine.txt": b"old mine.txt"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", [1, 2, 3, -1, -2, -3])
@pytest.mark.parametrize(
    ("owner", "name"), [(Path, "write_bytes"), (Path, "replace"), (shutil, "copy2")], ids=str
)
def test_a_failure_or_interruption_leaves_everything_as_it_was(folder, monkeypatch, owner, name, at, error):
    before = content(folder)
    failing(monkeypatch, owner, name, at, error)
    expected = OutputError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_files(folder, NEW, without=["d.ics"])
    assert content(folder) == before


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), KeyboardInterrupt()])
def test_a_file_that_cannot_go_brings_all_back(folder, monkeypatch, error):
    before = content(folder)
    real = Path.unlink

    def unlink(path, **options):
        if path.name == "d.ics":
            raise error
        real(path, **options)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write_files(folder, NEW, without=["d.ics"])
    assert content(folder) == before


def test_an_interruption_once_all_are_moved_keeps_the_new_ones(folder, monkeypatch):
    real = Path.unlink

    def unlink(path, **options):
        if path.name == ".a.md.old" and path.exists() and (folder / "c.html").read_bytes() == b"new c":
            monkeypatch.setattr(Path, "unlink", real)
            raise KeyboardInterrupt
        real(path, **options)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(KeyboardInterrupt):
        write_files(folder, NEW, without=["d.ics"])
    assert content(folder) == NEW | {"mine.txt": b"old mine.txt"}


def test_a_folder_that_was_made_goes_again(tmp_path, monkeypatch):
    failing(monkeypatch, Path, "replace", 2, OSError(5, "Input/output error"))
    with pytest.raises(OutputError, match=r"Cannot write .*b\.json \(input/output error\)"):
        write_files(tmp_path / "plans" / "anna", NEW)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_a_link_again(tmp_path, monkeypatch):
    (tmp_path / "kept.md").write_bytes(b"kept")
    (tmp_path / "a.md").symlink_to("kept.md")
    failing(monkeypatch, Path, "replace", 2, OSError(5, "Input/output error"))
    with pytest.raises(OutputError):
        write_files(tmp_path, NEW)
    assert os.readlink(tmp_path / "a.md") == "kept.md" and len(list(tmp_path.iterdir())) == 2


def test_a_place_for_a_file_is_proved_without_a_trace(tmp_path):
    prove_file_writable(tmp_path / "new" / "a.toml", "--save-intake")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    for place in (tmp_path, tmp_path / "file" / "a.toml"):
        with pytest.raises(OutputError, match="choose another place with --save-intake"):
            prove_file_writable(place, "--save-intake")
        with pytest.raises(OutputError, match="choose another place with --save-intake"):
            write_text(place, "x", "--save-intake")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
