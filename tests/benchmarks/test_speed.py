import os
import sys

import pytest

from benchmarks.speed import Cost, cost_of, report

pytestmark = pytest.mark.skipif(os.name != "posix", reason="os.wait4 is missing on Windows")

BUSY = "import time\nwhile time.process_time() < 0.4: pass"


def test_the_work_of_child_processes_counts():
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
    cost = cost_of([sys.executable, "-c", nested], os.environ)
    assert cost.cpu_s >= 0.4 and cost.wall_s >= 0.4
    assert cost.memory_mb > 5
    idle = cost_of([sys.executable, "-c", "import time; time.sleep(0.5)"], os.environ)
    assert idle.cpu_s < 0.4 and idle.wall_s >= 0.5


def test_a_failing_process_ends_the_benchmark_with_its_own_words():
    with pytest.raises(SystemExit, match="no such clip"):
        cost_of([sys.executable, "-c", "raise SystemExit('no such clip')"], os.environ)


def test_ratios_are_taken_per_pair(capsys):
    busy_for_a_while = [(1.0, 0.5), (10.0, 6.0), (2.0, 1.4)]
    report([(Cost(plain, 1.0, 100.0), Cost(ours, 2.0, 50.0)) for plain, ours in busy_for_a_while])
    wall, cpu, memory = capsys.readouterr().out.splitlines()
    assert "0.60 (median; 0.50 to 0.70)" in wall
    assert "2.00 (median; 2.00 to 2.00)" in cpu
    assert "100 MB plain, 50 MB" in memory
