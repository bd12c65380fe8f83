"""Finding a pose model bundle: kept on this machine, else fetched once; unused until its SHA-256 is checked.

Order: an explicit path; `models/` of the checkout that knee_track is imported from; the user's cache; the
official address; for `full`, a build from a published wheel. Whatever is fetched is kept in the first of the
two folders that can be written.
"""

from __future__ import annotations

import io
import logging
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from knee_track.errors import ModelError
from knee_track.pose.bundle_fetch import build_full_bundle, download, sha256_hex
from knee_track.pose.manifest import (
    KNOWN_BUNDLES,
    OFFICIAL_URL,
    Variant,
    file_name,
    official_path,
)

URL_VARIABLE = "KNEETRACK_MODEL_URL"
LOCK_TIMEOUT_S = 600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bundle:
    """A checked pose model: its bytes, which variant they are, their digest, and where they came from."""

    data: bytes = field(repr=False)
    variant: Variant
    sha256: str
    origin: str


def find_bundle(variant: Variant = "full", path: Path | None = None, *, offline: bool = False) -> Bundle:
    """The bundle at `path`, else the one kept on this machine, else (unless `offline`) a freshly fetched one.

    A damaged file at `path` is an error; a damaged kept file is logged and replaced. The file at `path`
    decides the variant by itself. Raises ModelError with the remedy.
    """
    if path is not None:
        return read_bundle(path)
    kept = _kept_bundle(variant)
    if kept is not None:
        return kept
    if offline:
        raise ModelError(
            f"No usable pose model '{variant}' on this machine: run 'knee-track models fetch' while online, "
            "or give a bundle with --model PATH."
        )
    return fetch_bundle(variant)


def read_bundle(path: Path) -> Bundle:
    """Read and check one bundle file; raises ModelError that says what is wrong and what to do."""
    try:
        return check_bundle(path.read_bytes(), str(path))
    except OSError as error:
        raise ModelError(
            f"{path}: cannot read this pose model ({error.strerror or error}); check --model, "
            "or leave it out to use the standard model."
        ) from error
    except ModelError as error:
        raise ModelError(f"{error}; get a good one with 'knee-track models fetch'.") from error


def check_bundle(data: bytes, origin: str) -> Bundle:
    """The bundle made of `data` when its SHA-256 is known; else raises ModelError saying what they are."""
    digest = sha256_hex(data)
    for known in KNOWN_BUNDLES:
        if known.sha256 == digest:
            return Bundle(data, known.variant, digest, origin)
    if data.lstrip().startswith(b"<"):
        raise ModelError(f"{origin} is an XML or HTML error page, not a pose model")
    if not zipfile.is_zipfile(io.BytesIO(data)):
        kind = "is cut short" if data.startswith(b"PK") else "is not a pose model"
        raise ModelError(f"{origin} {kind} ({len(data):,} bytes)")
    trusted = ", ".join(f"{known.variant} {known.sha256[:12]}…" for known in KNOWN_BUNDLES)
    raise ModelError(f"{origin} has the unknown SHA-256 {digest[:12]}… (known: {trusted})")


def bundle_folders() -> list[Path]:
    """Where bundles are kept: `models/` if knee_track is imported from a checkout, then the user's cache."""
    checkout = Path(__file__).resolve().parents[2]
    folders = [checkout / "models"] if (checkout / "models" / "README.md").is_file() else []
    return [*folders, user_cache_path("knee-track") / "models"]


def fetch_bundle(variant: Variant = "full") -> Bundle:
    """Fetch a bundle, check it and keep it; what another process fetched meanwhile is used instead.

    The official address can be replaced by a mirror in the environment variable KNEETRACK_MODEL_URL.
    """
    target = _writable_folder() / file_name(variant)
    try:
        with FileLock(target.with_name(f"{target.name}.lock"), timeout=LOCK_TIMEOUT_S):
            kept = _kept_bundle(variant, complaints=logging.DEBUG)
            if kept is not None:
                return kept
            data = _fetch(variant).data
            _write_atomically(target, data)
    except Timeout as error:
        raise ModelError(
            f"Another process has been fetching the pose model for {LOCK_TIMEOUT_S / 60:.0f} minutes; "
            f"end it or delete {target}.lock, then try again."
        ) from error
    except OSError as error:
        raise ModelError(
            f"{target}: cannot store the pose model ({error.strerror or error}); free it, "
            "or give a bundle with --model PATH."
        ) from error
    return check_bundle(data, str(target))


def _kept_bundle(variant: Variant, complaints: int = logging.WARNING) -> Bundle | None:
    """The first usable bundle among the kept files; a damaged one is logged at this level and passed over."""
    for folder in bundle_folders():
        path = folder / file_name(variant)
        if not path.is_file():
            continue
        try:
            return _check_variant(check_bundle(path.read_bytes(), str(path)), variant)
        except (ModelError, OSError) as error:
            log.log(complaints, "%s; it is not used.", error)
    return None


def _fetch(variant: Variant) -> Bundle:
    """Try each source in turn; raises ModelError with every reason when none delivers."""
    base = os.environ.get(URL_VARIABLE, OFFICIAL_URL).rstrip("/")
    url = f"{base}/{official_path(variant)}"
    sources: list[tuple[str, Callable[[], bytes]]] = [(url, lambda: download(url))]
    if variant == "full":
        sources.append(("the bundle built from the mediapipe 0.10.21 wheel", build_full_bundle))
    reasons: list[str] = []
    for origin, fetch in sources:
        if reasons:
            log.info("%s; trying another way.", reasons[-1])
        log.info("Getting the pose model '%s', once: %s", variant, origin)
        try:
            return _check_variant(check_bundle(fetch(), origin), variant)
        except ModelError as error:
            reasons.append(str(error))
    other = "" if variant == "full" else "use the standard model, "
    raise ModelError(
        f"The pose model '{variant}' could not be fetched: {'; '.join(reasons)}. "
        f"Check the network connection, {other}or give a bundle with --model PATH."
    )


def _check_variant(bundle: Bundle, variant: Variant) -> Bundle:
    if bundle.variant != variant:
        raise ModelError(f"{bundle.origin} is the pose model '{bundle.variant}', not '{variant}'")
    return bundle


def _writable_folder() -> Path:
    """The first folder that exists or can be made, and be written to."""
    for folder in bundle_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            log.debug("%s cannot be made: %s", folder, error)
            continue
        if os.access(folder, os.W_OK):
            return folder
    places = " and ".join(str(folder) for folder in bundle_folders())
    raise ModelError(
        f"The pose model cannot be stored in {places}; make that writable, or give --model PATH."
    )


def _write_atomically(target: Path, data: bytes) -> None:
    """Write beside the target and rename, so that nobody ever sees half a file; the caller holds the lock."""
    part = target.with_name(f"{target.name}.part")
    part.write_bytes(data)
    part.replace(target)
