"""An object store, as fsspec sees one: whole files under flat names, no folders, no renaming, no locks.

Kept in the folder that BUCKET_ROOT names, where the tests and all processes see the same.
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import fsspec
from fsspec import AbstractFileSystem


def register() -> None:
    """Let URLs that begin with bucket:// mean this."""
    fsspec.register_implementation("bucket", Bucket, clobber=True)


def names() -> list[str]:
    """All names, sorted."""
    return sorted(unquote(path.name) for path in _root().iterdir() if not path.name.startswith("."))


def content(key: str) -> Path:
    """The file that holds what lies under a name."""
    return _root() / quote(key, safe="")


def _root() -> Path:
    return Path(os.environ["BUCKET_ROOT"])


class Bucket(AbstractFileSystem):
    protocol = "bucket"
    cachable = False

    def ls(self, path: str, detail: bool = True, **_: Any) -> Any:
        path = self._strip_protocol(path).strip("/")
        found: dict[str, dict[str, Any]] = {}
        for key in names():
            if key == path:
                found[key] = self._file(key)
            elif key.startswith(f"{path}/"):
                head, _, rest = key.removeprefix(f"{path}/").partition("/")
                name = f"{path}/{head}"
                found[name] = {"name": name, "size": 0, "type": "directory"} if rest else self._file(name)
        if not found:
            raise FileNotFoundError(path)
        return list(found.values()) if detail else list(found)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        path = self._strip_protocol(path).strip("/")
        if content(path).exists():
            return self._file(path)
        self.ls(path)
        return {"name": path, "size": 0, "type": "directory"}

    def _file(self, key: str) -> dict[str, Any]:
        return {"name": key, "size": content(key).stat().st_size, "type": "file"}

    def put_file(self, lpath: str, rpath: str, *_: Any, **__: Any) -> None:
        part = _root() / f".{uuid.uuid4().hex}"
        shutil.copyfile(lpath, part)
        part.replace(content(self._strip_protocol(rpath)))

    def get_file(self, rpath: str, lpath: str, *_: Any, **__: Any) -> None:
        shutil.copyfile(content(self._strip_protocol(rpath)), lpath)

    def cat_file(self, path: str, *_: Any, **__: Any) -> bytes:
        return content(self._strip_protocol(path)).read_bytes()

    def pipe_file(self, path: str, value: bytes, *_: Any, **__: Any) -> None:
        content(self._strip_protocol(path)).write_bytes(value)

    def rm_file(self, path: str) -> None:
        content(self._strip_protocol(path)).unlink(missing_ok=True)

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        pass

    def mv(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("an object store renames nothing")
