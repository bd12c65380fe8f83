"""Names and addresses under which this machine can be called."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import Final

from knee_track.web.guard import LOOPBACK

ANY: Final = frozenset({"0.0.0.0", "::", ""})
ELSEWHERE: Final = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Addresses kept free for documents: to plan a way to them, without sending anything, tells the own one."""


def is_loopback(host: str) -> bool:
    """Whether a host is reached from this machine only."""
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_addresses() -> list[str]:
    """Addresses of this machine in its networks, the most likely one first; without loopback."""
    found: list[str] = []
    for elsewhere, family in ELSEWHERE:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [str(known[4][0]) for known in socket.getaddrinfo(socket.gethostname(), None)]
    plain = [address.partition("%")[0] for address in found]
    return list(dict.fromkeys(address for address in plain if not is_loopback(address)))


def own_names() -> list[str]:
    """What this machine calls itself, also with the ending that home networks know it by."""
    name = socket.gethostname().lower()
    return [name] if "." in name else [name, f"{name}.local"]


def served_names(host: str) -> frozenset[str]:
    """What a Host header may say when the server listens on `host`."""
    if is_loopback(host):
        return LOOPBACK | {host.lower()}
    return LOOPBACK | {host.lower(), *own_addresses(), *own_names()} - ANY


def in_url(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
