"""The pose process: MediaPipe runs here and nowhere else.

Started by `knee_track.pose.landmarker`, which explains why. Reads requests from standard input and answers
frames, in order, on standard output; ends when its input ends, or with a traceback on standard error. Needs
nothing of knee_track, so that the parent can run it as a plain file.

A request is `REQUEST` (kind, width, height, time stamp in ms) and width x height x 3 bytes of RGB. The first
is MODEL, where `width` is the length of the bundle that follows and `height` the most people a probe may
find; RESTART carries nothing and gets no answer. A frame is answered with `REPLY` (number of people) and, per
person, 33 rows of float32: x, y (fractions of the frame), visibility, and world x, y, z in metres.
"""

from __future__ import annotations

import io
import os
import queue
import signal
import struct
import sys
import threading
import traceback
import types
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REQUEST: Final = struct.Struct("<BIIq")
REPLY: Final = struct.Struct("<I")
MODEL, TRACK, PROBE, RESTART = range(4)
ROW: Final = 6
N_ROWS: Final = 33
LANDMARKER: Final = "pose_landmarks_detector.tflite"
PRESENCE, SEGMENTATION = 1, 2
"""Places among the outputs of the landmark network: landmarks, presence, segmentation, heat maps, world."""

Request = tuple[int, int, int, int, bytearray]


class Poses:
    """A tracker of one person (VIDEO mode) and a finder of several (IMAGE mode), made when first used."""

    def __init__(self, bundle: bytes, max_people: int) -> None:
        # MediaPipe's package imports two libraries that nothing here calls and that take half of its start.
        for unused in ("matplotlib", "matplotlib.pyplot", "sounddevice"):
            sys.modules.setdefault(unused, types.ModuleType(unused))
        import mediapipe

        self._mediapipe = mediapipe
        self._bundle = without_segmentation(bundle)
        self._max_people = max_people
        self._tracker: Any = None
        self._prober: Any = None

    def _landmarker(self, mode: str, people: int) -> Any:
        tasks = self._mediapipe.tasks
        return tasks.vision.PoseLandmarker.create_from_options(
            tasks.vision.PoseLandmarkerOptions(
                base_options=tasks.BaseOptions(model_asset_buffer=self._bundle),
                running_mode=tasks.vision.RunningMode[mode],
                num_poses=people,
            )
        )

    def restart(self) -> None:
        """Forget the person tracked so far."""
        if self._tracker is not None:
            self._tracker.close()
        self._tracker = None

    def track(self, rgb: NDArray[np.uint8], time_ms: int) -> NDArray[np.float32]:
        """Follow one person; time stamps must rise."""
        if self._tracker is None:
            self._tracker = self._landmarker("VIDEO", 1)
        return _rows(self._tracker.detect_for_video(self._image(rgb), time_ms))

    def probe(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Find everybody in one frame."""
        if self._prober is None:
            self._prober = self._landmarker("IMAGE", self._max_people)
        return _rows(self._prober.detect(self._image(rgb)))

    def _image(self, rgb: NDArray[np.uint8]) -> Any:
        return self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=rgb)


def _rows(result: Any) -> NDArray[np.float32]:
    """(people, 33, 6) x, y, visibility, world x, y, z."""
    import numpy as np

    people = zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
    rows = [
        [(p.x, p.y, p.visibility, w.x, w.y, w.z) for p, w in zip(image, world, strict=True)]
        for image, world in people
    ]
    return np.array(rows, dtype=np.float32).reshape(len(rows), N_ROWS, ROW)


def without_segmentation(bundle: bytes) -> bytes:
    """The bundle less the part of its landmark network that only draws the person's outline.

    MediaPipe runs that part, a third of the time, even when nobody asks for the outline. The landmarks stay
    the same to the last bit.
    """
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[LANDMARKER] = _pruned(members[LANDMARKER])
    lighter = io.BytesIO()
    with zipfile.ZipFile(lighter, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return lighter.getvalue()


def _pruned(network: bytes) -> bytes:
    """The network less every operation that only its segmentation output needs."""
    import flatbuffers
    from mediapipe.tasks.metadata import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(network, 0))
    graph = model.subgraphs[0]
    graph.outputs = graph.outputs.tolist()
    maker = {tensor: operation for operation in graph.operators for tensor in operation.outputs}
    # MediaPipe counts the outputs, so another tensor takes the place of the outline: one of its own, since a
    # tensor that is named twice among the outputs holds chance values on some processors, and nobody is
    # found.
    graph.outputs[SEGMENTATION] = maker[graph.outputs[PRESENCE]].inputs[0]
    needed: set[int] = set()
    waiting = graph.outputs.copy()
    while waiting:
        operation = maker.get(waiting.pop())
        if operation is not None and id(operation) not in needed:
            needed.add(id(operation))
            waiting.extend(operation.inputs)
    graph.operators = [operation for operation in graph.operators if id(operation) in needed]
    builder = flatbuffers.Builder(len(network))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _read_requests(stream: BinaryIO, requests: queue.Queue[Request | None]) -> None:
    """Read ahead of the network, so that the parent never waits for it to take a frame."""
    while len(head := stream.read(REQUEST.size)) == REQUEST.size:
        kind, width, height, time_ms = REQUEST.unpack(head)
        payload = bytearray({MODEL: width, RESTART: 0}.get(kind, width * height * 3))
        if stream.readinto(payload) != len(payload):  # type: ignore[attr-defined]
            break
        requests.put((kind, width, height, time_ms, payload))
    requests.put(None)


def _serve(requests: queue.Queue[Request | None], replies: BinaryIO) -> None:
    import numpy as np

    if (first := requests.get()) is None:
        return
    poses = Poses(bundle=bytes(first[-1]), max_people=first[2])
    while (request := requests.get()) is not None:
        kind, width, height, time_ms, payload = request
        if kind == RESTART:
            poses.restart()
            continue
        rgb = np.frombuffer(payload, np.uint8).reshape(height, width, 3)
        rows = poses.track(rgb, time_ms) if kind == TRACK else poses.probe(rgb)
        replies.write(REPLY.pack(len(rows)) + rows.tobytes())
        replies.flush()


def main() -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; without it the input ends
    # Native code logs to descriptor 1 as it likes: keep the real one for replies, send the rest to stderr.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests: queue.Queue[Request | None] = queue.Queue(maxsize=2)
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, requests), daemon=True).start()
    code = 1
    try:
        _serve(requests, replies)
        code = 0
    except Exception:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)  # an ordinary exit would wait for the reading thread and for MediaPipe's usage report


if __name__ == "__main__":
    main()
