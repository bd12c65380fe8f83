"""A certificate of this machine's own, for HTTPS in the local network.

A phone gives its camera to no page without. It is signed by itself, so a browser warns once; the fingerprint
tells that it is this one.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from knee_track.errors import OutputError

if TYPE_CHECKING:
    from cryptography import x509

DAYS: Final = 365
"""Phones refuse certificates that are good for more than 398 days."""
SPARE_DAYS: Final = 14
"""A certificate that ends sooner is made anew."""


@dataclass(frozen=True)
class Certificate:
    """Files for the server, and the SHA-256 fingerprint of the certificate as browsers show it."""

    certificate: Path
    key: Path
    fingerprint: str


def own_certificate(folder: Path, names: Sequence[str]) -> Certificate:
    """The certificate kept in `folder`, made anew when it lacks a name or ends soon.

    names : host names and addresses. Raises OutputError when the folder cannot be written.
    """
    paths = folder / "certificate.pem", folder / "key.pem"
    try:
        kept = _kept(*paths, names)
        if kept is None:
            folder.mkdir(parents=True, exist_ok=True)
            kept = _make(*paths, names)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(
            f"{folder}: the certificate cannot be kept there ({reason}); make the folder writable, "
            "or leave out --https."
        ) from error
    return Certificate(*paths, _fingerprint(kept))


def _kept(path: Path, key: Path, names: Sequence[str]) -> x509.Certificate | None:
    from cryptography import x509

    if not (path.is_file() and key.is_file()):
        return None
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        known = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return None
    said = {str(address) for address in known.get_values_for_type(x509.IPAddress)}
    said.update(known.get_values_for_type(x509.DNSName))
    lasts = found.not_valid_after_utc - datetime.now(UTC) > timedelta(days=SPARE_DAYS)
    return found if lasts and set(names) <= said else None


def _make(path: Path, key_path: Path, names: Sequence[str]) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "knee-track on this machine")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_secret(
        key_path,
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return made


def _general_name(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_secret(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _fingerprint(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives import hashes

    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()
