"""What the pages share: the output folder, the queue, the uploads, the key of opened runs."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from knee_track import __version__
from knee_track.report import words
from knee_track.report.summary import verdict
from knee_track.settings import Settings
from knee_track.web.guard import Access
from knee_track.web.jobs import Jobs
from knee_track.web.runs import Run, Runs
from knee_track.web.uploads import Uploads, size_words

DEFAULT_LIMIT_BYTES: Final = 2_000_000_000
OPEN_RUN: Final = "/open/"
"""Files of a run are served below this, with the run's key in the address."""


@dataclass
class Site:
    """One server.

    Attributes
    ----------
    out : folder of the results
    settings : thresholds for every analysis
    access : who is served
    limit_bytes : the largest upload
    """

    out: Path
    settings: Settings = field(default_factory=Settings)
    access: Access = field(default_factory=Access)
    limit_bytes: int = DEFAULT_LIMIT_BYTES

    def __post_init__(self) -> None:
        self.runs = Runs(self.out)
        self.jobs = Jobs()
        self.uploads = Uploads(self.limit_bytes)
        self._secret = secrets.token_bytes(32)
        self._pages = _environment()

    def close(self) -> None:
        """End what runs and remove what was uploaded."""
        self.jobs.close()
        self.uploads.close()

    def key_of(self, run_id: str) -> str:
        """What an address must hold to get at a run's files: good for this server's life only."""
        return hmac.new(self._secret, run_id.encode(), hashlib.sha256).hexdigest()[:32]

    def address_of(self, run: Run, file: str = "report.html") -> str:
        """Where a file of a run is served."""
        from urllib.parse import quote

        return f"{OPEN_RUN}{run.id}/{self.key_of(run.id)}/{quote(file)}"

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page from its template."""
        text = self._pages.get_template(template).render(site=self, version=__version__, **values)
        return HTMLResponse(text, status)


def site_of(connection: HTTPConnection) -> Site:
    """The site that a request is for."""
    site: Site = connection.app.state.site
    return site


SiteOf = Annotated[Site, Depends(site_of)]


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("knee_track.web"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals |= {
        "count": words.count,
        "signed_band": words.signed_band,
        "titles": words.TITLES,
        "verdict": verdict,
        "size_words": size_words,
    }
    return environment
