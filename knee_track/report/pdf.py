"""A printed page as PDF, by WeasyPrint (extra `pdf`); nothing is ever fetched: pages hold all they show."""

from __future__ import annotations

from pathlib import Path

from knee_track.errors import OutputError, UsageError


def pdf_bytes(html: str) -> bytes:
    """The page as PDF.

    Raises UsageError when WeasyPrint or the libraries that it stands on are not installed.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        raise UsageError("--pdf needs an extra: pip install 'knee-track[pdf]'") from error
    document: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf()
    return document


def write_pdf(html: str, path: Path) -> None:
    """Write the page as PDF. Raises UsageError as `pdf_bytes` does, OutputError for an unwritable place."""
    content = pdf_bytes(html)
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"Cannot write {path} ({reason}); choose another place with -o.") from error
