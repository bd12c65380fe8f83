"""Who may speak to the server, and what its answers may do: asked of every request before anything else.

A page of another site can send requests to this machine, and by re-pointing its own name to 127.0.0.1 even
read the answers. So the Host must be one that is served, whatever changes something and every WebSocket must
come from an own page, and beyond this machine an access token is asked for as well.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "knee_track_access"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE_METHODS: Final = ("GET", "HEAD")

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self' {socket}; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
"""Own files only. Old Safari does not count the own WebSocket as 'self', so it is named."""

HEADERS: Final = {
    "x-content-type-options": "nosniff",
    # "same-origin" tells other sites as little as "no-referrer" does, which would blank a form's own Origin.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), display-capture=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

WELCOME: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>knee-track</title>'
    '<meta http-equiv="refresh" content="0;url={url}"><p><a href="{url}">Go on to knee-track</a></p></html>'
)
"""After the token came with the address. No redirect: browsers keep a strict cookie back from one that began
at a link on another site, and this page is the one to begin the next request."""


@dataclass(frozen=True)
class Access:
    """Who is served.

    Attributes
    ----------
    names : host names and addresses, lower case, without port
    token : asked for when not None
    secure : over HTTPS
    """

    names: frozenset[str] = LOOPBACK
    token: str | None = None
    secure: bool = False


class Guard:
    """ASGI middleware around the whole application.

    Parameters
    ----------
    app : what is guarded
    access : who is served
    open_paths : path prefixes that carry a key of their own, checked behind the guard: a sandboxed page has
        no cookie to show for its video
    """

    def __init__(self, app: ASGIApp, access: Access, open_paths: Iterable[str] = ()) -> None:
        self._app = app
        self._access = access
        self._open_paths = tuple(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(message, headers.get("host", ""))
            await send(message)

        answer = self._answer(scope, headers)
        if answer is None:
            await self._app(scope, receive, send_with_headers)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before acceptance: HTTP 403
        else:
            await answer(scope, receive, send_with_headers)

    def _answer(self, scope: Scope, headers: Headers) -> Response | None:
        """What to say instead of passing the request on; None to pass it on."""
        host = headers.get("host", "").lower()
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._serves(host, scope):
            return _refusal(HTTPStatus.MISDIRECTED_REQUEST, "This address is not served here.")
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
        if changes and headers.get("origin", "").lower() != f"{scheme}://{host}":
            return _refusal(HTTPStatus.FORBIDDEN, "This was not asked for by a page of knee-track.")
        if self._access.token is None or scope["path"].startswith(self._open_paths):
            return None
        return self._ask_for_token(scope, headers, changes)

    def _serves(self, host: str, scope: Scope) -> bool:
        """Whether a Host header names this server: a known name, or the very address that was called.

        Any own address will do, since a name is what rebinding needs. The port is left out: a tunnel changes
        it, and no other site gains by it.
        """
        name = _without_port(host)
        if name in self._access.names:
            return True
        called = scope.get("server")
        try:
            own = called is not None and ipaddress.ip_address(name) == ipaddress.ip_address(called[0])
        except ValueError:
            return False
        return own and self._access.names != LOOPBACK

    def _ask_for_token(self, scope: Scope, headers: Headers, changes: bool) -> Response | None:
        if self._is_token(_cookie(headers)):
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if changes or not self._is_token(given):
            return _refusal(
                HTTPStatus.UNAUTHORIZED,
                "Open the whole address that 'knee-track serve' printed, with the token at its end.",
            )
        # Never a path that begins with two slashes: that would be another site.
        url = "/" + scope["path"].lstrip("/\\")
        answer = HTMLResponse(WELCOME.format(url=escape(url, quote=True)))
        answer.set_cookie(
            COOKIE, given, httponly=True, samesite="strict", secure=self._access.secure, path="/"
        )
        return answer

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self._access.token or "").encode())

    def _add_headers(self, message: Message, host: str) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        socket = f"{'wss' if self._access.secure else 'ws'}://{host}" if _is_plain(host) else ""
        headers.setdefault("content-security-policy", PAGE_POLICY.format(socket=socket))


def _refusal(status: HTTPStatus, sentence: str) -> Response:
    # What the caller still wants to send is not waited for.
    return PlainTextResponse(sentence, status, headers={"connection": "close"})


def _without_port(host: str) -> str:
    """The name in a Host header; brackets of an IPv6 address go."""
    found = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+))(?::\d+)?", host)
    return (found[1] or found[2]) if found else ""


def _is_plain(host: str) -> bool:
    return re.fullmatch(r"[\w.:\[\]-]+", host, re.ASCII) is not None


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
