"""A printed page as PDF, by WeasyPrint (extra `pdf`); nothing is ever fetched: pages hold all they show."""

from __future__ import annotations

from knee_track.errors import UsageError


def pdf_bytes(html: str) -> bytes:
    """The page as PDF.

    Raises UsageError when WeasyPrint or the libraries that it stands on are not installed.
    """
    check_pdf()
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    document: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf()
    return document


def check_pdf() -> None:
    """Raise UsageError when WeasyPrint or the libraries that it stands on are not installed."""
    try:
        import weasyprint  # noqa: F401
        import weasyprint.urls  # noqa: F401
    except ImportError as error:
        raise UsageError("--pdf needs an extra: python -m pip install 'knee-track[pdf]'.") from error
    except OSError as error:
        raise UsageError(
            "--pdf needs Pango, which is not installed; on Debian or Ubuntu: sudo apt install libpango-1.0-0 "
            "libpangoft2-1.0-0 libharfbuzz-subset0. Or print handout.html from a browser."
        ) from error
