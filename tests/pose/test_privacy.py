"""Nothing leaves the machine: under strace, no look-up and no connection but to the loopback."""

import os
import re
import shutil
import subprocess
import sys

import pytest

ATTEMPT = re.compile(
    r"(?:connect|sendto|sendmmsg)\(.*?sa_family=AF_INET6?,.*?sin6?_port=htons\((\d+)\).*?"
    r'(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")'
)

# MediaPipe reports when a landmarker is closed, which a restart does. Without the proxy variables (tried by
# hand, with `offline_environment` replaced by a plain copy of os.environ) this test fails: strace shows a
# connection to port 53 and a query for play.googleapis.com. With them it shows connections to 127.0.0.1.
SCRIPT = """
import sys, time
from pathlib import Path
import numpy as np
from knee_track.pose.bundles import find_bundle
from knee_track.pose.estimate import estimate_track
from knee_track.pose.landmarker import PoseProcess
from knee_track.settings import PoseSettings

bundle = find_bundle("full", offline=True)
estimate_track(Path(sys.argv[1]), bundle, PoseSettings(), end_s=1.0)
with PoseProcess(bundle.data, 1) as process:
    for _ in range(2):
        process.track(np.zeros((64, 64, 3), np.uint8), 0.0)
        process.receive()
        process.restart()
    process.track(np.zeros((64, 64, 3), np.uint8), 0.0)
    process.receive()
    time.sleep(2.0)
"""


def attempts(trace: str) -> list[tuple[str, int]]:
    """(address, port) of every traced attempt to reach an internet address, and DNS queries."""
    found = [(v4 or v6, int(port)) for port, v4, v6 in ATTEMPT.findall(trace)]
    return found + [("resolver", 53) for line in trace.splitlines() if "googleapis" in line]


def is_local(address: str, port: int) -> bool:
    return port != 53 and (address.startswith("127.") or address == "::1")


def test_the_reading_of_a_trace_sees_what_would_leave():
    trace = (
        '1 connect(6, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.53")}, 16) = 0\n'
        "1 connect(5, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), "
        'inet_pton(AF_INET6, "2a00::1", &sin6_addr), sin6_scope_id=0}, 28) = 0\n'
        '1 connect(6, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16) = -1\n'
        '1 connect(4, {sa_family=AF_UNIX, sun_path="/run/nscd/socket"}, 110) = -1\n'
        '1 sendto(6, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("8.8.8.8")}) = 1\n'
        '1 sendmmsg(6, [{msg_hdr={msg_name=NULL, msg_iov=[{iov_base="play\\ngoogleapis"}]}}], 2, 0) = 2\n'
    )
    leaving = [attempt for attempt in attempts(trace) if not is_local(*attempt)]
    assert leaving == [("10.0.0.53", 53), ("2a00::1", 443), ("8.8.8.8", 80), ("resolver", 53)]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (apt install strace)")
def test_nothing_leaves_the_machine(bundle, samples_dir, tmp_path):
    log = tmp_path / "trace.txt"
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    command = ["strace", "-f", "-e", "trace=connect,sendto,sendmmsg", "-s", "200", "-o", str(log)]
    clip = str(samples_dir / "front_squat_good.mp4")
    subprocess.run([*command, sys.executable, "-c", SCRIPT, clip], env=environment, check=True, timeout=300)
    tried = attempts(log.read_text())
    assert tried, "MediaPipe no longer tries to report: this test has lost its subject"
    assert [attempt for attempt in tried if not is_local(*attempt)] == []
