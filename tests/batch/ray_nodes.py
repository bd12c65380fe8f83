"""A Ray cluster of several node processes on this machine, none of which listens to strangers."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Not 127.0.0.1, which Ray takes for a mistake and replaces by the machine's address in the network.
ADDRESS = "127.0.0.2"
STORE_BYTES = 80_000_000  # about the least that Ray allows


@contextmanager
def cluster(count: int, environment: dict[str, str]) -> Iterator[Nodes]:
    """A head without processors and so many nodes of one each; all gone at the end."""
    folder = tempfile.mkdtemp(prefix="kneetrack_ray_")  # short: a socket's path holds 107 characters
    Path(folder, "ray").mkdir()  # for the address of the head, which Ray writes into RAY_TMPDIR/ray
    told = {
        "RAY_TMPDIR": folder,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_worker_niceness": "0",  # else they starve beside other tests
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        **environment,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        nodes = Nodes(folder, told)
        try:
            for _ in range(count):
                nodes.add()
            yield nodes
        finally:
            nodes.close()
            shutil.rmtree(folder, ignore_errors=True)


class Nodes:
    """The nodes; `environment` is what whoever connects to them needs."""

    def __init__(self, folder: str, environment: dict[str, str]) -> None:
        from ray.cluster_utils import Cluster

        self.environment = os.environ | environment
        self._common = {
            "object_store_memory": STORE_BYTES,
            "node_ip_address": ADDRESS,
            "temp_dir": folder,
            "include_dashboard": False,
        }
        self._cluster: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **self._common})
        self._nodes: dict[str, Any] = {}
        self._numbers = itertools.count(1)

    @property
    def address(self) -> str:
        return str(self._cluster.address)

    def add(self) -> str:
        """One more node of one processor; its name, which its workers find in their environment."""
        name = f"node{next(self._numbers)}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CLUSTER_NODE", name)
            self._nodes[name] = self._cluster.add_node(num_cpus=1, **self._common)
        return name

    def kill(self, node: str) -> None:
        """End a node as a power cut does."""
        self._cluster.remove_node(self._nodes.pop(node), allow_graceful=False)

    def close(self) -> None:
        self._cluster.shutdown()


def begun(notes: Path) -> list[tuple[str, str]]:
    """Node and clip of each analysis that was begun, in order; see `batch_sabotage.note`."""
    files = sorted(notes.iterdir(), key=lambda path: int(path.name.partition("_")[0]))
    found = [path.read_text().partition(" ") for path in files]
    return [(node, clip) for node, _, clip in found if clip]


def wait_until(met: Any, run: Any, limit_s: float = 150.0) -> None:
    """Wait while the run goes on."""
    until = time.monotonic() + limit_s
    while not met():
        assert run.poll() is None, "".join(run.communicate())
        assert time.monotonic() < until, "nothing happened"
        time.sleep(0.1)
