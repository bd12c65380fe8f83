"""Decoding one video stream: pictures in the order in which they are shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import chain

import av
from av.container import InputContainer
from av.video.stream import VideoStream


def stamp_of(picture: av.VideoFrame) -> int | None:
    """Presentation stamp in units of the stream's time base; AVI has decoding stamps only."""
    return picture.dts if picture.pts is None else picture.pts


class Decoder:
    """Iterator over the decoded pictures of one stream.

    Packets that cannot be decoded are skipped and counted; a file that cannot be read on ends the pictures.

    Attributes
    ----------
    damaged : packets and pictures that were damaged
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        stream.thread_type = "AUTO"  # frame threads: 4K HEVC decodes slower than real time in one thread
        self.damaged = 0
        self._stream = stream
        self._stamps: list[int | None] = []
        self._packets: Iterator[av.Packet[VideoStream]] = self._demuxed(container)
        self._ready: deque[av.VideoFrame] = deque()

    def __iter__(self) -> Iterator[av.VideoFrame]:
        return self

    def __next__(self) -> av.VideoFrame:
        picture = self.peek()
        if picture is None:
            raise StopIteration
        self.damaged += picture.is_corrupt
        return self._ready.popleft()

    def peek(self) -> av.VideoFrame | None:
        """Next picture without taking it, None at the end."""
        while not self._ready:
            packet = next(self._packets, None)
            if packet is None:
                return None
            self._ready.extend(self._decoded(packet))
        return self._ready[0]

    def close(self) -> None:
        """Let go of packets and pictures.

        The decoder and its generator of packets hold each other, which would keep 20 MB of pictures of a clip
        left early until Python next looks for such circles.
        """
        self._packets = iter(())
        self._ready.clear()

    def skip_to(self, stamp: int) -> None:
        """Pass over what is shown before `stamp` without decoding it, as far as key frames allow.

        Reading packets costs next to nothing, works where containers cannot seek, and counts the frames.
        """
        waiting: list[av.Packet[VideoStream]] = []
        for packet in self._packets:
            if packet.is_keyframe and packet.pts is not None and packet.pts <= stamp:
                self._stream.codec_context.flush_buffers()
                self._ready.clear()
                waiting.clear()
            waiting.append(packet)
            if packet.pts is None or packet.pts >= stamp:
                break
        self._packets = chain(waiting, self._packets)

    def index_of(self, picture: av.VideoFrame) -> int:
        """0-based index of a picture in the whole clip: how many frames are shown before it."""
        stamp = stamp_of(picture)
        return sum(s is None or stamp is None or s < stamp for s in self._stamps)

    def _demuxed(self, container: InputContainer) -> Iterator[av.Packet[VideoStream]]:
        try:
            for packet in container.demux(self._stream):
                if packet.size and not packet.is_discard:
                    self._stamps.append(packet.pts)
                yield packet
        except av.FFmpegError:
            self.damaged += 1

    def _decoded(self, packet: av.Packet[VideoStream]) -> list[av.VideoFrame]:
        try:
            return packet.decode()
        except av.FFmpegError:
            self.damaged += 1
            return []
