"""The page Live: pictures come in over a WebSocket, what they show goes back."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import HTMLResponse
from starlette.websockets import WebSocketDisconnect

from knee_track.errors import KneeTrackError
from knee_track.judgement import Declared
from knee_track.live.state import Feedback
from knee_track.pose.skeleton import Leg
from knee_track.reps.movement import Known
from knee_track.web.analyse_page import facts
from knee_track.web.camera_session import CameraSession, Wishes
from knee_track.web.live_hub import Holder, LiveHub
from knee_track.web.names import display_name
from knee_track.web.site import Site, SiteOf

FIRST_WORD_S: Final = 10.0
"""A connection that does not say what it wants is closed."""
LAST_WORDS_S: Final = 5.0
"""For what is still to be told after a goodbye."""
ORDER_CHARACTERS: Final = 2000

router = APIRouter()
log = logging.getLogger(__name__)


class Begin(BaseModel):
    """The first word of a page."""

    model_config = ConfigDict(extra="forbid")

    client: str | None = Field(None, max_length=60)
    height: float | None = Field(None, ge=0.5, le=2.6)
    movement: Known | None = None
    leg: Leg | None = None
    feedback: Feedback = "every"
    record: bool = False
    known: str | None = Field(None, max_length=60)
    take_over: bool = False

    @property
    def wishes(self) -> Wishes:
        """For the camera session."""
        client = display_name(self.client) if self.client and self.client.strip() else None
        declared = Declared(self.movement, self.leg, height_m=self.height, client_id=client)
        return Wishes(declared, self.feedback, self.record)


@router.get("/live")
def page(site: SiteOf) -> HTMLResponse:
    """The page."""
    return site.page("live.html.j2", here="live")


def make_hub(site: Site) -> LiveHub:
    """The hub of a site."""
    return LiveHub(site, partial(facts, site))


@router.websocket("/live/socket")
async def socket(socket: WebSocket) -> None:
    """A page's connection, from its first word to its end."""
    await socket.accept()
    hub: LiveHub = socket.app.state.hub
    holder = Holder(_who(socket))
    try:
        begin = Begin.model_validate(await asyncio.wait_for(socket.receive_json(), FIRST_WORD_S))
        session = await hub.enter(holder, begin.wishes, known=begin.known, take_over=begin.take_over)
        if session is None:
            await socket.send_json({"type": "busy", "who": hub.held_by})
            await socket.close()
            return
    except KneeTrackError as error:
        await socket.send_json({"type": "failed", "text": str(error)})
        await _hang_up(socket)
        return
    except (WebSocketDisconnect, TimeoutError, ValidationError, ValueError, KeyError):
        await _hang_up(socket, 1008)
        return
    holder.outbox.put({"type": "welcome", "session": session.id})
    await _converse(socket, session, holder, hub)


async def _converse(socket: WebSocket, session: CameraSession, holder: Holder, hub: LiveHub) -> None:
    """Both ways at once, until either ends."""
    sending = asyncio.create_task(_send(socket, holder))
    receiving = asyncio.create_task(_receive(socket, session))
    try:
        await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        parted = receiving.done() and receiving.exception() is None and receiving.result()
        await hub.leave(holder, for_good=parted)
        if parted:
            await asyncio.wait({sending}, timeout=LAST_WORDS_S)
        for task in (sending, receiving):
            task.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError, ValueError):
                await task
        await _hang_up(socket)


async def _hang_up(socket: WebSocket, code: int = 1000) -> None:
    """Close it; it may have gone already."""
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code)


async def _send(socket: WebSocket, holder: Holder) -> None:
    while (words := await holder.outbox.take()) is not None:
        for one in words:
            await socket.send_json(one)


async def _receive(socket: WebSocket, session: CameraSession) -> bool:
    """Pictures and orders, until the page says goodbye: True, or is gone: False."""
    while True:
        message: dict[str, Any] = dict(await socket.receive())
        if message["type"] == "websocket.disconnect":
            return False
        if (data := message.get("bytes")) is not None:
            session.camera.put(data)
            continue
        order = _order(message.get("text") or "")
        if order == {"type": "bye"}:
            return True
        session.obey(order)


def _order(text: str) -> dict[str, Any]:
    import json

    order = json.loads(text) if len(text) <= ORDER_CHARACTERS else None
    if not isinstance(order, dict):
        raise ValueError("no order")
    return order


def _who(socket: WebSocket) -> str:
    """What other pages are told of this one."""
    address = socket.client.host if socket.client else "?"
    return "a page on this machine" if address in ("127.0.0.1", "::1") else f"the device {address}"
