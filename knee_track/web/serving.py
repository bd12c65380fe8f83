"""Running the server: its socket, its words to the user, its end."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvicorn
from platformdirs import user_data_path

from knee_track.errors import UsageError
from knee_track.settings import Settings
from knee_track.web.addresses import ANY, in_url, is_loopback, own_addresses, served_names
from knee_track.web.app import create_app
from knee_track.web.certificate import Certificate, own_certificate
from knee_track.web.guard import Access
from knee_track.web.site import DEFAULT_LIMIT_BYTES, Site

FRAME_LIMIT_BYTES: Final = 2_000_000
"""Largest message of a WebSocket: a picture of 960 px has 0.2 MB at most."""
GRACE_S: Final = 3
"""Open connections are given so long at the end; an upload under way does not hold the end up."""


@dataclass
class Serving:
    """What `knee-track serve` was asked for.

    Attributes
    ----------
    out : folder of the results
    host, port : where to listen; port 0 takes a free one
    https : with a certificate of this machine's own
    limit_bytes : the largest upload
    certificates : folder in which the certificate is kept
    """

    out: Path
    host: str = "127.0.0.1"
    port: int = 8765
    https: bool = False
    limit_bytes: int = DEFAULT_LIMIT_BYTES
    settings: Settings = field(default_factory=Settings)
    certificates: Path = field(default_factory=lambda: user_data_path("knee-track") / "https")

    def run(self, say: Callable[[str], None], *, browser: bool = False) -> None:
        """Serve until interrupted; `say` is told the address and how to use it.

        Raises UsageError when the port is taken or the host is none of this machine.
        """
        with self._listen() as listener:
            names = served_names(self.host)
            token = None if is_loopback(self.host) else secrets.token_urlsafe(16)
            certificate = own_certificate(self.certificates, sorted(names)) if self.https else None
            site = Site(self.out, self.settings, Access(names, token, self.https), self.limit_bytes)
            server = uvicorn.Server(self._config(site, certificate))
            urls = self._urls(listener.getsockname()[1], token)
            for line in words(urls, certificate, lan=token is not None, out=self.out):
                say(line)
            logging.getLogger("uvicorn.error").addFilter(_is_news)
            if browser:
                threading.Timer(1.0, webbrowser.open, [urls[0]]).start()
            server.run(sockets=[listener])

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, self.port))
        except OSError as error:
            listener.close()
            reason = (error.strerror or str(error)).lower()
            raise UsageError(
                f"Cannot listen on {self.host} port {self.port} ({reason}); is another 'knee-track serve' "
                "running? Choose another port with --port, or an address of this machine with --host."
            ) from error
        return listener

    def _urls(self, port: int, token: str | None) -> list[str]:
        """Addresses to open, the one for this machine first."""
        scheme = "https" if self.https else "http"
        hosts = ["127.0.0.1", *own_addresses()] if self.host in ANY else [self.host]
        ending = f"/?token={token}" if token else "/"
        return [f"{scheme}://{in_url(host)}:{port}{ending}" for host in hosts]

    def _config(self, site: Site, certificate: Certificate | None) -> uvicorn.Config:
        return uvicorn.Config(
            create_app(site),
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws_max_size=FRAME_LIMIT_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=GRACE_S,
            ssl_certfile=certificate.certificate if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line of the server's log is for the user: connections that its own end cuts off are not."""
    cut_off = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cut_off and not record.getMessage().startswith("Cancel ")


def words(urls: list[str], certificate: Certificate | None, *, lan: bool, out: Path) -> list[str]:
    """What the user is told: addresses, and what a phone needs."""
    lines = [f"knee-track is at {urls[0]}"]
    if lan:
        lines += [f"  in your network: {url}" for url in urls[1:]]
        lines.append("The address holds the access token: whoever has it can see and delete the results.")
    if certificate is not None:
        lines += [
            "On the phone: join the same network and open the address. The browser warns that it does not",
            "know the certificate; look at its details, compare the SHA-256 fingerprint with this one,",
            f"  {certificate.fingerprint}",
            "and only when they agree, go on ('Advanced', 'Proceed'; on an iPhone 'Show details', 'visit').",
        ]
    elif lan:
        lines.append("Another device's camera works over HTTPS only: add --https.")
    lines += [f"Results go to {out}", "Stop with Ctrl-C."]
    return lines
