"""A network camera for tests: RTSP with H.264 inside the TCP connection, as little of RFC 2326 as will do."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import av
import numpy as np

SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=camera
t=0 0
m=video 0 RTP/AVP 96
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1
a=control:track1
""".replace("\n", "\r\n")


class RtspServer(socketserver.ThreadingTCPServer):
    """Serves a grey picture; `mode` says how it behaves from now on."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, fps: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mode: Literal["serve", "stall", "drop"] = "serve"
        self.fps = fps
        self.transports: list[str] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.server_address[1]}/front"


class _Handler(socketserver.StreamRequestHandler):
    server: RtspServer

    def handle(self) -> None:
        while lines := self._request():
            method, url, _ = lines[0].split()
            fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
            body = SDP if method == "DESCRIBE" else ""
            answer = [f"CSeq: {fields['cseq']}", "Session: 1", f"Content-Length: {len(body)}"]
            if method == "DESCRIBE":
                answer += ["Content-Type: application/sdp", f"Content-Base: {url}/"]
            if method == "SETUP":
                self.server.transports.append(fields["transport"])
                answer.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
            self.wfile.write(("RTSP/1.0 200 OK\r\n" + "\r\n".join(answer) + "\r\n\r\n" + body).encode())
            if method == "PLAY":
                self._play()
                return

    def _request(self) -> list[str]:
        lines: list[str] = []
        while (line := self.rfile.readline().decode().strip()) or not lines:
            if not line:
                return []
            lines.append(line)
        return lines

    def _play(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
            packets.bind(("127.0.0.1", 0))
            packets.settimeout(0.005)
            target = f"rtp://127.0.0.1:{packets.getsockname()[1]}?pkt_size=1200"
            with av.open(target, "w", format="rtp") as out:
                options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
                stream = out.add_stream("libx264", rate=30, width=64, height=48, options=options)
                stream.pix_fmt = "yuv420p"
                while not self.server.over.wait(1.0 / self.server.fps) and self.server.mode != "drop":
                    if self.server.mode == "serve":
                        picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8))
                        out.mux(stream.encode(picture))
                    if not self._pass_on(packets):
                        return

    def _pass_on(self, packets: socket.socket) -> bool:
        try:
            while True:
                packet = packets.recv(2048)
                self.wfile.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
        except TimeoutError:
            return True
        except OSError:  # the client is gone
            return False


@contextmanager
def rtsp_server(fps: float = 50.0) -> Iterator[RtspServer]:
    """A running server on 127.0.0.1, stopped at the end."""
    server = RtspServer(fps)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
