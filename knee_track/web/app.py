"""The application: pages, files and errors, behind the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from knee_track.errors import KneeTrackError
from knee_track.web import analyse_page, live_page, results_page
from knee_track.web.guard import Guard
from knee_track.web.site import OPEN_RUN, Site, SiteOf
from knee_track.web.uploads import Refused


def create_app(site: Site) -> FastAPI:
    """The application of a site, which is closed when the application ends."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        app.state.hub = live_page.make_hub(site)
        try:
            yield
        finally:
            await app.state.hub.close()
            await run_in_threadpool(site.close)

    # Without the pages that describe an interface: they load scripts from elsewhere.
    app = FastAPI(title="knee-track", lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = site
    app.add_api_route("/", home, methods=["GET"])
    app.include_router(analyse_page.router)
    app.include_router(live_page.router)
    app.include_router(results_page.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")))
    app.add_exception_handler(KneeTrackError, _told)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_middleware(Guard, access=site.access, open_paths=[OPEN_RUN])
    return app


def home(site: SiteOf) -> HTMLResponse:
    """Where to begin."""
    return site.page("home.html.j2", here="home")


def _told(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, Refused) else HTTPStatus.BAD_REQUEST
    return _sentence(request, status, str(error))


def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return _sentence(request, status, "There is no such page." if status == 404 else f"{status.phrase}.")


def _misunderstood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    what = str(first["loc"][-1])
    return _sentence(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"'{what}': {first['msg'].lower()}.")


def _sentence(request: Request, status: HTTPStatus, sentence: str) -> Response:
    """An error as the caller reads it: a page, or JSON for a script of a page.

    The connection is closed, since what is left of an upload is not read.
    """
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": sentence}, status, headers={"connection": "close"})
    site: Site = request.app.state.site
    return site.page("error.html.j2", status, here="", sentence=sentence)
