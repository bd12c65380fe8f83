"""The page Results: earlier runs, opened, compared, deleted."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse

from knee_track.cli.compare import leg_line
from knee_track.errors import UsageError
from knee_track.protocol.library import load_library
from knee_track.protocol.retest import compare as compare_analyses
from knee_track.web.site import OPEN_RUN, SiteOf
from knee_track.web.uploads import Refused

PAGE_TYPES: Final = {".html": "text/html; charset=utf-8"}
SHOWN_TYPES: Final = {".mp4": "video/mp4", ".md": "text/plain; charset=utf-8"}
"""What a browser shows; everything else is saved."""

REPORT_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self' data:; connect-src 'none'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-scripts allow-modals allow-downloads"
)
"""A report brings its script and style with it and holds names that users gave. It is shown as a page of
nobody: it may show its video, and can neither send anything nor touch the pages around it."""

router = APIRouter()


@router.get("/results")
def page(site: SiteOf) -> HTMLResponse:
    """All runs."""
    return site.page("results.html.j2", here="results", runs=site.runs.all())


@router.get("/results/{id_}")
def one(id_: str, site: SiteOf) -> HTMLResponse:
    """One run, its report in place."""
    run = site.runs.find(id_)
    names = [path.name for path in run.files()]
    return site.page("run.html.j2", here="results", run=run, names=names)


@router.get("/results/{id_}/delete")
def ask_delete(id_: str, site: SiteOf) -> HTMLResponse:
    """What will be deleted, and whether to."""
    run = site.runs.find(id_)
    files = [path for path in run.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files)
    return site.page("delete.html.j2", here="results", run=run, files=len(files), size=size)


@router.post("/results/{id_}/delete")
def delete(id_: str, site: SiteOf) -> RedirectResponse:
    """Delete a run, for good."""
    site.runs.delete(site.runs.find(id_))
    return RedirectResponse("/results", HTTPStatus.SEE_OTHER)


@router.get("/compare")
def compare(
    site: SiteOf,
    run: Annotated[list[str] | None, Query(max_length=10)] = None,
    same_session: bool = False,
) -> HTMLResponse:
    """Two runs of one client, the earlier one first."""
    if run is None or len(run) != 2:
        raise Refused(HTTPStatus.BAD_REQUEST, "Tick two results to compare them.")
    before, after = sorted((site.runs.find(id_) for id_ in run), key=lambda one: one.when)
    defaults = load_library().defaults
    lines: list[str] = []
    try:
        result = compare_analyses(before.analysis, after.analysis, defaults, same_session=same_session)
        lines, text = [leg_line(leg) for leg in result.legs], result.text
    except UsageError as error:
        text = str(error)
    return site.page(
        "compare.html.j2",
        here="results",
        before=before,
        after=after,
        same_session=same_session,
        lines=lines,
        text=text,
    )


@router.get(OPEN_RUN + "{id_}/{key}/{name}")
def file(id_: str, key: str, name: str, site: SiteOf) -> FileResponse:
    """A file of a run; the key is that of the run."""
    if not hmac.compare_digest(key.encode(), site.key_of(id_).encode()):
        raise Refused(HTTPStatus.NOT_FOUND, "This address is of an earlier start; open the result anew.")
    path = site.runs.find(id_).file(name)
    if path is None:
        raise Refused(HTTPStatus.NOT_FOUND, "There is no such file in this result.")
    suffix = path.suffix.lower()
    if suffix in PAGE_TYPES:
        return FileResponse(
            path, media_type=PAGE_TYPES[suffix], headers={"content-security-policy": REPORT_POLICY}
        )
    if suffix in SHOWN_TYPES:
        return FileResponse(path, media_type=SHOWN_TYPES[suffix])
    disposition = f"attachment; filename*=utf-8''{quote(path.name)}"
    return FileResponse(
        path, media_type="application/octet-stream", headers={"content-disposition": disposition}
    )
