# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own failure, provoked in a copy of the tree, is told and ended."""

import os
import re
import shutil
import subprocess
import sys
import time

import pytest

from testbed import OUT, ROOT, cell_config, guest, system_config

import test_broken      # of scripts/

SOURCES = ROOT / "tests" / "system" / "panic"
BUILD_LIMIT = 300       # seconds
RESET_MS = 700


@pytest.fixture(scope="module")
def hypervisor(tmp_path_factory):
    """The folder of a hypervisor that fails when a guest asks it to."""
    tree = tmp_path_factory.mktemp("panic") / "tree"
    test_broken.copy_tree(tree)
    for name in ("provoke.c", "provoke.h"):
        shutil.copy(SOURCES / name, tree / "hypervisor" / "core")
    subprocess.run(["patch", "-p1", "--batch", "--no-backup-if-mismatch", "-i",
                    SOURCES / "provoke.patch"], cwd=tree, check=True)
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    environment["BUILD"] = str(tree / "build")
    subprocess.run(["make", f"-j{os.cpu_count()}", "hypervisor"], cwd=tree, env=environment,
                   check=True, timeout=BUILD_LIMIT, stdout=subprocess.DEVNULL)
    return tree / "build" / OUT.name / "hypervisor"


@pytest.fixture
def provoke(boot, bundle, hypervisor, gic):
    """provoke(way, reset_ms=0): the board after that failure was provoked on CPU 3."""
    def start(way, reset_ms=0, **options):
        system = system_config().replace("root-cell", f"panic-reset-ms = <{reset_ms}>; root-cell")
        configs = {"system": system,
                   "cell-culprit": cell_config("culprit", image="panic-provoke",
                                               more=f'bootargs = "{way}";')}
        board = boot(gic=gic, kernel=hypervisor / "bulkhead.bin", **options,
                     bundle=bundle(configs=configs, files={"panic-provoke":
                                                           guest("panic-provoke")}))
        board.start("rtc-demo")
        board.wait_line(r"alarm +1 at")
        board.do("create culprit", "load culprit")
        board.console.send("cell start culprit\r")
        board.wait_line("panic-provoke: now")
        return board

    return start


def backtrace(board, hypervisor, tmp_path):
    """What scripts/backtrace.py makes of the console's lines."""
    log = tmp_path / "console.log"
    log.write_text("\r\n".join(board.lines), encoding="utf-8")
    return subprocess.run([sys.executable, ROOT / "scripts" / "backtrace.py", "--elf",
                           hypervisor / "bulkhead.elf", log], stdout=subprocess.PIPE,
                          universal_newlines=True, check=True).stdout.splitlines()


def places(trace, what):
    """The functions, inlined ones first, of each line `panic: WHAT` of the trace."""
    found = []
    for number, line in enumerate(trace):
        if f"panic: {what} " in line:
            found.append([])
            for place in trace[number + 1:]:
                match = re.match(r" {8}(\w+) at \S+:\d+", place)
                if not match:
                    break
                found[-1].append(match.group(1))
    return found


WAYS = {    # bootargs of the guest: the reason, where it was
    0: ("provoked by the test, way 0", "panic"),
    1: ("a data abort", "provoke_load"),
    2: ("a data abort", "provoke_overflow"),
    3: ("an undefined instruction", "provoke_deeper"),
    4: ("an? (instruction abort|misaligned PC)", None),
}


@pytest.mark.parametrize("way", WAYS)
def test_report(provoke, hypervisor, tmp_path, way):
    """One report: reason, CPU, cell, every register, and the way there as symbols."""
    board = provoke(way)
    reason, place = WAYS[way]
    board.wait_line(rf"^\[bulkhead\] panic: the hypervisor itself failed: {reason}$")
    board.wait_line(r"panic: CPU 0x3, cell culprit, EL2, image at 0x50000000$")
    match = board.wait_line(r"panic: ELR (0x\w+) ESR 0x\w+ FAR (0x\w+) SPSR 0x\w+ SP 0x\w+$")
    if way == 1:
        assert int(match.group(2), 16) == 1 << 28
    board.wait_line("panic: the machine stays stopped$")
    registers = {}
    for line in board.lines:
        match = re.search(r"panic: x(\d+)((?: 0x[0-9a-f]+)+)$", line)
        if match:
            for offset, value in enumerate(match.group(2).split()):
                registers[int(match.group(1)) + offset] = int(value, 16)
    assert sorted(registers) == list(range(31))

    trace = backtrace(board, hypervisor, tmp_path)
    assert len([line for line in trace if "itself failed" in line]) == 1
    at = places(trace, "at")
    callers = sum(places(trace, "LR") + places(trace, "from"), [])
    assert len(at) == 1
    if place:
        assert place in at[0]
    else:
        assert at == [[]]       # where nothing is
    if way == 2:
        assert 10 < callers.count("provoke_overflow") < 30     # bounded
    else:
        assert "provoke_deeper" in at[0] + callers
        assert "dispatch_vendor" in callers or "call_vendor" in callers


def test_everything_stops(provoke):
    """No cell runs on under a hypervisor that has failed, and it is not said twice."""
    board = provoke(1)
    board.wait_line("panic: the machine stays stopped$")
    seen = len(board.lines)
    time.sleep(2.5)             # rtc-demo would say two alarms
    board.console.send("cell list\r")
    with pytest.raises(Exception, match="did not come in time"):
        board.wait_line(".", timeout=1)
    assert len(board.lines) == seen
    assert board.console.isalive()


@pytest.mark.parametrize("way", ["direct", "uboot"])
def test_reset(provoke, way):
    """After the configured time the board starts again, and works."""
    board = provoke(0, reset_ms=RESET_MS, boot=way)
    board.wait_line(f"panic: the machine is reset in {RESET_MS} ms$")
    start = time.monotonic()
    board.wait_line(r"^\[bulkhead\] Bulkhead .* at EL2")
    assert time.monotonic() - start > RESET_MS / 1000 * 0.8
    board.wait_prompt()
    board.start("hello")
    board.wait_line("hello: done")


def test_product_has_no_such_call(boot, bundle):
    config = cell_config("culprit", image="panic-provoke", more='bootargs = "0";')
    board = boot(bundle=bundle(configs={"cell-culprit": config},
                               files={"panic-provoke": guest("panic-provoke")}))
    board.start("culprit")
    board.wait_line("panic-provoke: came back with -1$")
