"""How the benches measure a command."""

from __future__ import annotations

import sys

from tests.bench.harness import run_process

HOLD = "b = bytearray(40 << 20); import time; time.sleep(0.4)"
PARENT = f"""
import subprocess, sys
children = [subprocess.Popen([sys.executable, "-c", {HOLD!r}]) for _ in range(3)]
for child in children:
    child.wait()
"""


def test_memory_of_all_processes_is_counted_together_if_asked_for() -> None:
    largest = run_process([sys.executable, "-c", PARENT])
    together = run_process([sys.executable, "-c", PARENT], whole_tree=True)

    assert largest.rss_mib < 80
    assert 120 < together.rss_mib < 240
