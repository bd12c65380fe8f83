"""Uploads: streamed to a random name in a private folder, cut off at the cap."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.requests import ClientDisconnect, Request

from knee_track.errors import KneeTrackError

SILENCE_S: Final = 60.0
"""An upload that brings nothing for so long is dropped."""

AT_ONCE: Final = 4
"""Uploads at the same time; more wait for nobody and are told to come back."""

ROOM_LEFT_BYTES: Final = 500_000_000
"""Left free on the disk, for the results."""


class Refused(KneeTrackError):
    """A request that cannot be done; `status` is the HTTP status."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Uploads:
    """The folder of uploads, removed with all that is in it by `close`.

    Parameters
    ----------
    limit_bytes : the largest upload
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._folder = Path(tempfile.mkdtemp(prefix="knee_track_web_"))  # for its owner alone
        self._running = 0

    @property
    def folder(self) -> Path:
        """Where uploads and films wait."""
        return self._folder

    async def receive(self, request: Request) -> Path:
        """Store a request's body; returns a file in a folder of its own.

        Raises Refused when it is too large, empty or slow, when there is no room, or when it broke off.
        """
        self._check(int(request.headers.get("content-length", 0)))
        place = self.new_place()
        self._running += 1
        try:
            await self._store(request, place / "upload")
        except ClientDisconnect as error:
            discard(place)
            raise Refused(HTTPStatus.BAD_REQUEST, "The upload broke off.") from error
        except BaseException:
            discard(place)
            raise
        finally:
            self._running -= 1
        return place / "upload"

    def new_place(self) -> Path:
        """A new folder with a random name."""
        place = self._folder / secrets.token_hex(16)
        place.mkdir(mode=0o700)
        return place

    def close(self) -> None:
        """Remove everything."""
        discard(self._folder)

    def _check(self, announced_bytes: int) -> None:
        if announced_bytes > self.limit_bytes:
            raise self._too_large()
        if self._running >= AT_ONCE:
            raise Refused(
                HTTPStatus.TOO_MANY_REQUESTS, f"{AT_ONCE} uploads are under way; try again in a moment."
            )
        if shutil.disk_usage(self._folder).free < announced_bytes + ROOM_LEFT_BYTES:
            raise Refused(
                HTTPStatus.INSUFFICIENT_STORAGE,
                "The disk has no room for this upload; make some and try again.",
            )

    async def _store(self, request: Request, path: Path) -> None:
        chunks = request.stream()
        size = 0
        with path.open("xb") as file:
            while True:
                try:
                    chunk = await asyncio.wait_for(anext(chunks, None), SILENCE_S)
                except TimeoutError as error:
                    raise Refused(HTTPStatus.REQUEST_TIMEOUT, "The upload has stalled; try again.") from error
                if chunk is None:
                    break
                size += len(chunk)
                if size > self.limit_bytes:
                    raise self._too_large()
                await asyncio.to_thread(file.write, chunk)
        if size == 0:
            raise Refused(HTTPStatus.BAD_REQUEST, "The upload is empty; choose a video file.")

    def _too_large(self) -> Refused:
        return Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The file is larger than {size_words(self.limit_bytes)}; cut it to the set, "
            "or start the server with a larger --max-upload.",
        )


def size_words(size_bytes: int) -> str:
    """A size as people read it: "2 GB", "850 MB", "12 kB"."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB")):
        if size_bytes >= unit:
            return f"{size_bytes / unit:.3g} {name}"
    return f"{size_bytes / 1000:.3g} kB"


def discard(place: Path) -> None:
    """Remove a folder, as far as it can be."""
    shutil.rmtree(place, ignore_errors=True)
