"""A client's right to what is kept of them: everything in one file, or everything gone."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from knee_track.errors import KneeTrackError, StoreError
from knee_track.store.clients import Clients
from knee_track.store.dump import Plain, rows_by_table
from knee_track.store.extra import needs_extra
from knee_track.store.files import private_file
from knee_track.store.records import client_number, result_folder

# Names of what we write into a client's folder: results, unfinished ones, the page of their progress.
OURS: Final = re.compile(r".*_kneetrack(_\d+)?|\.kneetrack_tmp_.*|history\.html|\.history\.html\..*")


@dataclass(frozen=True)
class Belongings:
    """What is kept of a client.

    rows : by table
    paths : result folders and pages on this machine; those that are there, none inside another
    missing : result folders that the rows name and that are not there
    elsewhere : addresses (s3://…) at which results lie
    """

    client: str
    rows: dict[str, list[Plain]]
    paths: list[Path]
    missing: list[str]
    elsewhere: list[str]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each table holds; tables without any are left out."""
        return {table: len(rows) for table, rows in self.rows.items() if rows}


def belongings(store: Clients, client: str) -> Belongings:
    """Everything that is kept of a client. Raises StoreError for an unknown one."""
    number = client_number(client)
    with store.reading() as session:
        store.row_of(session, client)
        rows = dict(rows_by_table(session, number))
    found: set[Path] = set()
    missing, elsewhere = [], []
    for clip in rows["clips"]:
        folder = result_folder(store.home, clip["place"], clip["folder"])
        if folder is None:
            elsewhere.append(f"{clip['place']}/{clip['folder']}")
        elif folder.is_dir():
            found.add(folder)
        else:
            missing.append(clip["folder"])
    # The client's own folder as well: pages of theirs, and results that later ones took the place of.
    for place in {clip["place"] for clip in rows["clips"]} | {store.place}:
        own = result_folder(store.home, place, client)
        found |= _ours(own) if own is not None and own.is_dir() else set()
    paths = sorted(one for one in found if not found & set(one.parents))
    return Belongings(client, rows, paths, sorted(missing), sorted(elsewhere))


def _ours(folder: Path) -> set[Path]:
    """What knee-track wrote into a client's folder: the folder itself where nothing else lies in it.

    Whoever keeps clips beside results loses none of them.
    """
    there = set(folder.iterdir())
    ours = {path for path in there if OURS.fullmatch(path.name)}
    return {folder} if ours == there else ours


def forget(store: Clients, client: str) -> Belongings:
    """Delete everything of a client, without a way back, and return what that was.

    Folders go first: were it cut short, the rows still tell what is left, and it can be done again.
    Raises StoreError when a folder cannot be deleted; the rows are then untouched.
    """
    kept = belongings(store, client)
    after = f"nothing of {client} in the store was, run it again when it can be"
    for path in kept.paths:
        with _reaching(str(path), "deleted", after):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for address in kept.elsewhere:
        with _reaching(address, "deleted", after):
            _remove_at(address)
    store.write(lambda session: session.delete(store.row_of(session, client)))
    store.settle()
    return kept


@contextmanager
def _reaching(what: str, done: str, after: str) -> Iterator[None]:
    """Turn whatever a disk or another machine complains of into one sentence."""
    try:
        yield
    except KneeTrackError:
        raise
    except Exception as error:  # every kind of remote storage has errors of its own
        reason = (
            (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0].lower()
        )
        raise StoreError(f"{what}: cannot be {done} ({reason}); {after}.") from error


def _at(address: str) -> tuple[Any, str]:
    """The storage that a URL leads to, and the path there."""
    with needs_extra():
        import fsspec
    storage, path = fsspec.core.url_to_fs(address)
    return storage, path


def _remove_at(address: str) -> None:
    """Delete a folder at a URL; one that is not there any more is no fault."""
    storage, path = _at(address)
    if storage.exists(path):
        storage.rm(path, recursive=True)


def _files_at(address: str) -> Iterator[tuple[str, bytes]]:
    """The files of a result at a URL: names from the result's folder on, and contents."""
    storage, path = _at(address)
    above = path.rstrip("/").rpartition("/")[0]
    for found in sorted(storage.find(path)):
        yield found.removeprefix(f"{above}/"), storage.cat_file(found)


def export(store: Clients, client: str, target: Path) -> Belongings:
    """Write everything of a client into a zip file (mode 0600), and return what that was.

    `rows/<table>.json` hold the rows, name and folder with them; `results/` the result folders.
    Raises StoreError for an unknown client or a URL that cannot be reached, OutputError when the file cannot
    be written.
    """
    kept = belongings(store, client)
    with private_file(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as file:
        for table, rows in kept.rows.items():
            text = json.dumps(rows, indent=1, default=str, ensure_ascii=False)
            file.writestr(f"rows/{table}.json", text + "\n")
        for top in kept.paths:
            for path in [top, *sorted(top.rglob("*"))]:
                if path.is_file() and not path.is_symlink():
                    file.write(path, Path("results", path.relative_to(top.parent)))
        for address in kept.elsewhere:
            with _reaching(address, "read", "export again when it can be"):
                for name, content in _files_at(address):
                    file.writestr(f"results/{name}", content)
    return kept
