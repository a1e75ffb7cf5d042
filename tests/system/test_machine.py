# SPDX-License-Identifier: Apache-2.0
"""scripts/machine.py: whatever becomes of who started it, no emulator survives."""

import os
import signal
import subprocess
import sys
import time

import pytest

from testbed import BOARD, OUT, ROOT, machine

STARTER = """
import sys, time
sys.path.insert(0, sys.argv[1])
import machine
console = machine.Machine(boot="direct", out=sys.argv[2]).spawn(limit=60)
print(console.pid, flush=True)
time.sleep(60)
"""


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_dead(pid, seconds=10):
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        assert time.monotonic() < deadline, f"the emulator {pid} is alive"
        time.sleep(0.02)


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT],
                         ids=["kill", "terminate", "interrupt"])
def test_dies_with_its_starter(sig):
    with subprocess.Popen([sys.executable, "-c", STARTER, str(ROOT / "scripts"), str(OUT)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as starter:
        try:
            pid = int(starter.stdout.readline())
            assert is_alive(pid)
        finally:
            starter.send_signal(sig)
    wait_until_dead(pid)


def test_limit_of_spawn():
    console = machine.Machine(board=BOARD, boot="direct", out=OUT).spawn(limit=1.5)
    try:
        console.expect_exact("bulkhead> ")
        assert is_alive(console.pid)
        wait_until_dead(console.pid)
    finally:
        console.close(force=True)
    assert console.signalstatus == signal.SIGKILL


def test_limit_of_run():
    """A board that does not power off is killed, and the status says so."""
    output, status = machine.Machine(board=BOARD, boot="direct", out=OUT).run(limit=1.5)
    assert "bulkhead> " in output and status == -signal.SIGKILL


def test_run_gives_the_shell_on_the_terminal():
    """`make run` without a terminal: commands by a pipe, as far as the limit."""
    result = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "machine.py"), "--boot", "direct", "--out",
         str(OUT), "--limit", "3"], input="cell list\n", stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, universal_newlines=True, check=False, timeout=60,
        env={**os.environ, "BOARD": BOARD})
    assert "bulkhead> cell list" in result.stdout and "root                 running" in \
        result.stdout
    assert "killed at its limit of 3 s" in result.stdout and result.returncode != 0
