"""Opening a video file: what is in it, and one clear sentence when it cannot be used."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from knee_track.errors import VideoError
from knee_track.video.orientation import Orientation
from knee_track.video.quicktime import track_tags

MAX_FPS = 1000.0
"""Higher rates are a time base written into the wrong field."""

FOCAL_LENGTHS_MM = (8.0, 400.0)
"""35 mm equivalents that are believed, from fisheye to telephoto."""

QUICKTIME_BOXES = {b"ftyp", b"wide", b"mdat", b"free", b"skip", b"moov"}
"""Names of the first box of an MP4 or MOV file."""


@dataclass(frozen=True)
class VideoInfo:
    """What a file says about its video.

    Attributes
    ----------
    width_px, height_px : size of the upright picture with square pixels, before any scaling
    rotation_deg : clockwise turn that makes the stored picture upright: 0, 90, 180 or 270
    codec : short name, e.g. "h264", "hevc", "vp9", "av1", "gif"
    nominal_fps : mean frame rate as the container tells it, 30 when it does not
    duration_s, frame_count : as the container tells them, None when it does not
    recorded_at : ISO 8601 date and time of the recording, with the local time zone where the camera wrote it
    focal_length_35mm : 35 mm equivalent focal length of the whole photo, millimetres; most phones write none
    """

    path: Path
    width_px: int
    height_px: int
    rotation_deg: int
    codec: str
    nominal_fps: float
    duration_s: float | None
    frame_count: int | None
    recorded_at: str | None
    focal_length_35mm: float | None


def file_sha256(path: Path) -> str:
    """SHA-256 of a file as a hexadecimal string; raises VideoError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise VideoError(f"{path}: cannot be read ({error.strerror}).") from error


def open_video(path: Path) -> InputContainer:
    """Container of a local video file; raises VideoError with the reason and the remedy."""
    start = _first_bytes(path)
    try:
        # "file:" keeps a colon in a name from being taken for a protocol; the list keeps playlists offline.
        container = av.open(
            f"file:{path}",
            mode="r",
            metadata_errors="replace",
            container_options={"protocol_whitelist": "file"},
        )
    except (av.FFmpegError, ValueError) as error:
        if start[4:8] in QUICKTIME_BOXES:
            raise VideoError(
                f"{path}: the index of this video (moov) is missing, its recording or copying was cut off; "
                "copy it again from the camera, or repair it with a tool such as untrunc."
            ) from error
        raise _not_a_video(path) from error
    if container.format.name == "tty":  # FFmpeg draws any .txt file as a terminal screen
        container.close()
        raise _not_a_video(path)
    return container


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """First real video stream (not a cover picture); raises VideoError when none can be decoded."""
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise VideoError(f"{path}: holds no video stream (sound only?); choose a clip with a picture.")
    if streams[0].codec_context is None:
        raise VideoError(f"{path}: its video codec is not known here; convert the clip to MP4 (H.264).")
    return streams[0]


def frame_times_s(path: Path) -> NDArray[np.float64]:
    """Times (n,) of a video's frames in seconds from the first, read from its index without decoding."""
    with open_video(path) as container:
        stream = video_stream(container, path)
        stamps = [
            packet.pts * float(packet.time_base)
            for packet in container.demux(stream)
            if packet.pts is not None and not packet.is_discard
        ]
    times = np.unique(np.array(stamps, dtype=np.float64))
    return times - times[:1] if len(times) else times


def describe(
    path: Path, container: InputContainer, stream: VideoStream, orientation: Orientation
) -> VideoInfo:
    """Facts about an open video, given how its pictures are turned."""
    width_px = round(stream.width * float(stream.sample_aspect_ratio or 1))
    size = (stream.height, width_px) if orientation.swaps_sides else (width_px, stream.height)
    fps = _nominal_fps(stream)
    duration_s = _duration_s(container, stream)
    estimate = None if duration_s is None else round(duration_s * fps)
    tags = {**container.metadata, **stream.metadata}
    return VideoInfo(
        path=path,
        width_px=size[0],
        height_px=size[1],
        rotation_deg=orientation.clockwise_deg,
        codec=stream.codec_context.codec.canonical_name,
        nominal_fps=fps,
        duration_s=duration_s,
        frame_count=stream.frames or estimate,
        recorded_at=_recorded_at(tags),
        focal_length_35mm=_focal_length_35mm(tags) or _focal_length_35mm(track_tags(path)),
    )


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise VideoError(f"{path}: is a folder, not a video; name one clip in it.")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError as error:
        raise VideoError(f"{path}: no such file; check the name and the folder.") from error
    except PermissionError as error:
        raise VideoError(f"{path}: may not be read; change its permissions or copy it.") from error
    except OSError as error:
        raise VideoError(f"{path}: cannot be read ({error.strerror}).") from error
    if not start:
        raise VideoError(f"{path}: is empty (0 bytes); copy it again from the camera.")
    return start


def _not_a_video(path: Path) -> VideoError:
    return VideoError(f"{path}: is not a video that can be read; convert it to MP4 (H.264).")


def _nominal_fps(stream: VideoStream) -> float:
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate is not None and 0 < rate <= MAX_FPS:
            return float(rate)
    return 30.0


def _duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if "DURATION" in stream.metadata:  # Matroska and WebM, per track: "00:00:05.500000000"
        hours, minutes, seconds = stream.metadata["DURATION"].split(":")
        return timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds)).total_seconds()
    return None if container.duration is None else container.duration / av.time_base


def _recorded_at(tags: Mapping[str, str]) -> str | None:
    for key in ("com.apple.quicktime.creationdate", "creation_time"):
        try:
            moment = datetime.fromisoformat(tags.get(key, ""))
        except ValueError:
            continue
        if moment.year > 1970:  # cameras without a clock write 1904 or 1970
            return moment.isoformat()
    return None


def _focal_length_35mm(tags: Mapping[str, str]) -> float | None:
    """From tags such as com.apple.quicktime.camera.focal_length.35mm_equivalent or FocalLengthIn35mmFilm."""
    for key, value in tags.items():
        name = re.sub(r"[^a-z0-9]", "", key.lower())
        number = re.match(r"\s*(\d+(?:\.\d+)?)(?:/(\d+))?", value)
        if "focallength" in name and "35" in name and number:
            focal_length = float(number[1]) / (float(number[2] or 1) or 1.0)
            if FOCAL_LENGTHS_MM[0] <= focal_length <= FOCAL_LENGTHS_MM[1]:
                return focal_length
    return None
