"""A camera on the network for tests: MJPEG over HTTP that can stall, break off, refuse and come back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import cv2
import numpy as np

Mode = Literal["serve", "stall", "drop", "deny", "mute"]


class MjpegServer(ThreadingHTTPServer):
    """Serves numbered pictures at `/`; `mode` says how it behaves from now on."""

    daemon_threads = True

    def __init__(self, port: int = 0, fps: float = 100.0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.mode: Mode = "serve"
        self.interval_s = 1.0 / fps
        self.connections = 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: MjpegServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        server = self.server
        server.connections += 1
        if server.mode == "mute":
            server.over.wait(30)
            return
        if server.mode == "deny":
            self.send_error(401)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        number = 0
        while not server.over.wait(server.interval_s):
            if server.mode == "drop":
                return
            if server.mode == "serve":
                data = cv2.imencode(".jpg", np.full((48, 64, 3), number % 256, np.uint8))[1].tobytes()
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + data + b"\r\n")
                except OSError:
                    return
                number += 1


@contextmanager
def mjpeg_server(port: int = 0, fps: float = 100.0) -> Iterator[MjpegServer]:
    """A running server on 127.0.0.1, stopped at the end."""
    server = MjpegServer(port, fps)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
