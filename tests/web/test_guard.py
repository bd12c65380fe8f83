"""Who is let in: the attacker's list of Host, Origin and token, against a small application."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from knee_track.web.guard import COOKIE, LOOPBACK, Access, Guard

TOKEN = "a-token-that-nobody-guesses"


async def _hello(request):
    return PlainTextResponse("inside")


async def _talk(socket):
    await socket.accept()
    await socket.send_text("inside")
    await socket.close()


OPEN = Access()


def client(access=OPEN, base_url="http://127.0.0.1:8765"):
    routes = [
        Route("/", _hello, methods=["GET", "POST", "DELETE"]),
        Route("/open/x", _hello),
        Route("/results", _hello),
        WebSocketRoute("/socket", _talk),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(Guard, access=access, open_paths=["/open/"])
    return TestClient(app, base_url=base_url, follow_redirects=False)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST", "[::1]:8765", "localhost:9000"]
)
def test_own_names_are_served(host):
    assert client().get("/", headers={"host": host}).text == "inside"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8765",
        "127.0.0.1@evil.example",
        "evil.example#127.0.0.1",
        "127.0.0.1:8765:8765",
        "[::1",
        "192.168.1.20:8765",
        "",
    ],
)
def test_a_name_that_was_bent_to_this_machine_is_refused(host):
    answer = client().get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "inside" not in answer.text


def test_two_host_headers_are_refused():
    request = client().build_request("GET", "/")
    request.headers = type(request.headers)([("host", "127.0.0.1:8765"), ("host", "evil.example")])
    assert client().send(request).status_code == 421


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "https://127.0.0.1:8765",
        "http://127.0.0.1:3000",
        "http://localhost:8765",
    ],
)
def test_only_own_pages_change_anything(method, origin):
    headers = {} if origin is None else {"origin": origin}
    assert client().request(method, "/", headers=headers).status_code == 403
    own = client().request(method, "/", headers={"origin": "http://127.0.0.1:8765"})
    assert own.text == "inside"


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:3000"])
def test_only_own_pages_open_a_socket(origin):
    here = {"host": "127.0.0.1:8765"}
    headers = here if origin is None else here | {"origin": origin}
    with pytest.raises(WebSocketDisconnect), client().websocket_connect("/socket", headers=headers):
        pass
    own = here | {"origin": "http://127.0.0.1:8765"}
    with client().websocket_connect("/socket", headers=own) as socket:
        assert socket.receive_text() == "inside"


def test_a_socket_with_a_bent_name_is_refused():
    bent = {"origin": "http://evil.example", "host": "evil.example"}
    with pytest.raises(WebSocketDisconnect), client().websocket_connect("/socket", headers=bent):
        pass


class TestToken:
    access = Access(LOOPBACK | {"192.168.1.20"}, TOKEN)

    def at_home(self):
        return client(self.access, "http://192.168.1.20:8765")

    @pytest.mark.parametrize("path", ["/", "/results", "/?token=", "/?token=wrong", "/?token=a-token"])
    def test_nobody_without(self, path):
        answer = self.at_home().get(path)
        assert answer.status_code == 401
        assert "token" in answer.text

    def test_comes_once_with_the_address_then_as_a_cookie(self):
        home = self.at_home()
        first = home.get(f"/results?token={TOKEN}")
        cookie = first.headers["set-cookie"].lower()
        assert first.status_code == 200 and "inside" not in first.text
        assert 'url=/results"' in first.text and TOKEN not in first.text
        assert "httponly" in cookie and "samesite=strict" in cookie
        assert home.get("/results").text == "inside"

    def test_a_path_of_another_site_is_not_gone_on_to(self):
        answer = self.at_home().get(f"//evil.example/?token={TOKEN}")
        assert "//evil.example" not in answer.text

    def test_is_asked_of_sockets_and_changes(self):
        own = {"origin": "http://192.168.1.20:8765", "host": "192.168.1.20:8765"}
        opening = self.at_home().websocket_connect(f"/socket?token={TOKEN}", headers=own)
        with pytest.raises(WebSocketDisconnect), opening:
            pass
        assert self.at_home().post(f"/?token={TOKEN}", headers=own).status_code == 401
        with self.at_home().websocket_connect(
            "/socket", headers=own | {"cookie": f"{COOKIE}={TOKEN}"}
        ) as socket:
            assert socket.receive_text() == "inside"

    def test_is_for_https_alone_where_there_is_https(self):
        safe = client(Access(self.access.names, TOKEN, secure=True), "https://192.168.1.20:8765")
        assert "; secure" in safe.get(f"/?token={TOKEN}").headers["set-cookie"].lower()

    def test_paths_with_a_key_of_their_own_need_none(self):
        assert self.at_home().get("/open/x").text == "inside"


def test_every_answer_has_the_headers():
    for answer in (
        client().get("/"),
        client().get("/", headers={"host": "evil.example"}),
        client().get("/none"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "camera=(self)" in answer.headers["permissions-policy"]
    assert "ws://127.0.0.1:8765" in client().get("/").headers["content-security-policy"]


def test_no_header_writes_into_the_policy():
    answer = client().get("/", headers={"host": "evil.example; script-src *"})
    assert "evil" not in answer.headers["content-security-policy"]
