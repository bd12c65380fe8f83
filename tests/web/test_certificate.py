"""The certificate of this machine: kept while it will do, made anew when it will not."""

import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509

from knee_track.errors import OutputError
from knee_track.web.addresses import is_loopback, served_names
from knee_track.web.certificate import own_certificate

NAMES = ["127.0.0.1", "192.168.1.20", "fe80::1", "localhost", "studio"]


def read(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_names_time_and_key(tmp_path):
    made = own_certificate(tmp_path / "https", NAMES)
    found = read(made.certificate)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(one) for one in names.get_values_for_type(x509.IPAddress)} == set(NAMES[:3])
    assert names.get_values_for_type(x509.DNSName) == NAMES[3:]
    assert 300 < (found.not_valid_after_utc - datetime.now(UTC)).days < 398
    assert made.key.stat().st_mode & 0o777 == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)


def test_is_kept_so_that_a_phone_asks_once(tmp_path):
    first = own_certificate(tmp_path, NAMES)
    assert own_certificate(tmp_path, NAMES[:2]).fingerprint == first.fingerprint
    assert own_certificate(tmp_path, [*NAMES, "10.0.0.7"]).fingerprint != first.fingerprint


def test_a_damaged_one_is_made_anew(tmp_path):
    first = own_certificate(tmp_path, NAMES)
    first.certificate.write_text("nonsense")
    assert own_certificate(tmp_path, NAMES).fingerprint != first.fingerprint


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--https"):
        own_certificate(tmp_path / "file" / "https", NAMES)


def test_what_is_served():
    assert served_names("127.0.0.1") == {"127.0.0.1", "localhost", "::1"}
    assert "0.0.0.0" not in served_names("0.0.0.0") and len(served_names("0.0.0.0")) > 3
    assert "192.168.1.20" in served_names("192.168.1.20")
    assert is_loopback("127.0.0.7") and not is_loopback("0.0.0.0") and not is_loopback("example")
