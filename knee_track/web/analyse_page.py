"""The page Analyse: a clip comes in, its progress goes out, the report opens in place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, StreamingResponse

from knee_track.pipeline import check_height
from knee_track.pose.skeleton import Leg
from knee_track.reps.movement import Known
from knee_track.web.child import Child, WorkError
from knee_track.web.clip_work import Check, ClipOptions, ClipWork
from knee_track.web.jobs import Job
from knee_track.web.names import display_name
from knee_track.web.runs import run_id
from knee_track.web.site import Site, SiteOf
from knee_track.web.uploads import Refused, discard

LOOK_S: Final = 0.2
"""Time between two looks at a job."""
STILL_HERE_S: Final = 15.0
"""A word at least so often, so that nothing in between takes the connection for dead."""
CHECK_S: Final = 30.0
"""Longest time to open a video: more is a file made to cost it."""

router = APIRouter()


@router.get("/analyse")
def page(site: SiteOf) -> HTMLResponse:
    """The page."""
    return site.page("analyse.html.j2", here="analyse")


@router.post("/api/clips", status_code=HTTPStatus.ACCEPTED)
async def add_clip(
    request: Request,
    site: SiteOf,
    name: Annotated[str, Query(max_length=1000)] = "clip",
    height: float | None = None,
    movement: Known | None = None,
    leg: Leg | None = None,
    mirrored: bool = False,
    client: Annotated[str | None, Query(max_length=60)] = None,
    keep: bool = False,
) -> dict[str, Any]:
    """Take a video, the body of the request, and put its analysis into the queue."""
    check_height(height)
    pseudonym = display_name(client) if client and client.strip() else None
    options = ClipOptions(height, movement, leg, mirrored, pseudonym)
    shown = display_name(name)
    upload = await site.uploads.receive(request)
    try:
        await asyncio.to_thread(_check, Check(upload, shown))
        work = ClipWork(upload, shown, site.out, options, site.settings, keep)
        return facts(site, site.jobs.add(shown, work, partial(discard, upload.parent)))
    except BaseException:
        discard(upload.parent)
        raise


@router.get("/api/jobs")
def all_jobs(site: SiteOf) -> list[dict[str, Any]]:
    """Every analysis of this server's life, oldest first: for a page that comes back."""
    return [facts(site, job) for job in site.jobs.all()]


@router.get("/api/jobs/{id_}/events")
def follow(id_: str, site: SiteOf) -> StreamingResponse:
    """A job's progress as server-sent events, until it is over."""
    return StreamingResponse(_events(site, _find(site, id_)), media_type="text/event-stream")


@router.delete("/api/jobs/{id_}")
async def cancel(id_: str, site: SiteOf) -> dict[str, Any]:
    """End a job."""
    job = _find(site, id_)
    await asyncio.to_thread(site.jobs.cancel, job)
    return facts(site, job)


def facts(site: Site, job: Job) -> dict[str, Any]:
    """What a page may know of a job; once it is done, where its result is."""
    known = job.facts()
    if job.state == "done":
        id_ = run_id(job.text)
        known["result"] = f"/results/{id_}"
        known["report"] = f"/open/{id_}/{site.key_of(id_)}/report.html"
    return known


def _check(check: Check) -> None:
    """Open a video in a process of its own; raises Refused when it is none."""
    child = Child(check)
    try:
        child.result(timeout_s=CHECK_S)
    except WorkError as error:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from error
    finally:
        child.close()


def _find(site: Site, id_: str) -> Job:
    job = site.jobs.find(id_)
    if job is None:
        raise Refused(HTTPStatus.NOT_FOUND, "There is no such analysis; the server may have been restarted.")
    return job


async def _events(site: Site, job: Job) -> AsyncIterator[str]:
    told: dict[str, Any] = {}
    silent_s = 0.0
    while True:
        now = facts(site, job)
        if now != told:
            told, silent_s = now, 0.0
            yield f"data: {json.dumps(now)}\n\n"
        elif silent_s > STILL_HERE_S:
            silent_s = 0.0
            yield ": still here\n\n"
        if now["state"] in ("done", "failed", "cancelled"):
            return
        await asyncio.sleep(LOOK_S)
        silent_s += LOOK_S
