"""Reaching a Ray cluster, or making one of this machine."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from knee_track.errors import ClusterError
from knee_track.pose.crew import usable_cores

STORE_BYTES: Final = 150_000_000
"""Ray's memory for shared objects on this machine: a model of 10 MB and messages, not a third of all."""
ANSWER_S: Final = 10.0
PORT: Final = 6379
QUIET: Final[dict[str, Any]] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
INSTALL: Final = "python -m pip install 'knee-track[cluster]'"


@contextmanager
def connected(address: str | None, workers: int) -> Iterator[Any]:
    """The module `ray`, connected to the cluster, or to one of this machine's own with so many processors.

    Raises ClusterError. Ray's usage statistics are off, whatever the machine says: nothing is told to anyone.
    """
    ray = _ray(own=address is None)
    with _log_folder() as logs:
        with plainly(address):
            if address is None:
                ray.init(
                    "local",
                    num_cpus=workers or usable_cores(),
                    include_dashboard=False,
                    object_store_memory=STORE_BYTES,
                    _temp_dir=logs,
                    _system_config={"worker_niceness": 0},  # Ray's 15 waits for whatever else runs here
                    **QUIET,
                )
            else:
                ray.init(_proven(address), **QUIET)
        try:
            yield ray
        finally:
            ray.shutdown()


def _ray(*, own: bool) -> Any:
    """The module, imported with the environment that it reads then."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if own:  # Ray listens to the network; strangers do not know the token
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    elif "RAY_AUTH_MODE" not in os.environ and _has_token():  # `ray start` does the same
        os.environ["RAY_AUTH_MODE"] = "token"
    try:
        import ray
    except ImportError as error:
        raise ClusterError(f"--engine ray needs the package ray; install it with: {INSTALL}.") from error
    return ray


def _has_token() -> bool:
    """Whether this machine keeps a token for clusters, where Ray looks for it."""
    told = "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ
    return told or Path("~/.ray/auth_token").expanduser().is_file()


@contextmanager
def _log_folder() -> Iterator[str]:
    """A folder of our own for what Ray writes beside the work, short since sockets lie in it."""
    with TemporaryDirectory(
        prefix="kneetrack_ray_", dir="/tmp" if Path("/tmp").is_dir() else None, ignore_cleanup_errors=True
    ) as folder:
        yield folder


def _proven(address: str) -> str:
    """The address, once somebody answers there: Ray itself would go on asking for minutes."""
    host, _, port = address.rpartition(":") if ":" in address else (address, "", str(PORT))
    if "/" in host or not port.isdecimal():
        raise ClusterError(
            f"--address {address}: give it as host:{PORT}, and run on a machine of the cluster."
        )
    try:
        socket.create_connection((host, int(port)), ANSWER_S).close()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ClusterError(
            f"--address {address}: no cluster answers there ({reason}); start one with "
            f"RAY_USAGE_STATS_ENABLED=0 ray start --head --port={PORT}."
        ) from error
    return f"{host}:{port}"


@contextmanager
def plainly(address: str | None) -> Iterator[None]:
    """Turn what Ray complains of into one sentence."""
    try:
        yield
    except ClusterError:
        raise
    except Exception as error:  # Ray raises its own, and ConnectionError, RuntimeError, ValueError …
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        where = f"the cluster at {address}" if address else "a cluster on this machine"
        raise ClusterError(
            f"Ray cannot use {where} ({reason}); see that it runs, "
            "with the same versions of Ray and Python, and the same token if it wants one."
        ) from error
