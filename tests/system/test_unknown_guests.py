# SPDX-License-Identifier: Apache-2.0
"""Programs that know of no hypervisor: they say the same in a cell as on the bare board."""

import re

import pytest

from testbed import GUESTS, WAIT, Board, cell_config, device_config

BARE = GUESTS.parent / "bare"
TYPED = "abcdefghijklmnopqrstuvwx"
FIXED_ADDRESS = 0x64000000
RAW_ADDRESS = "0x64080000"
RTC = device_config("pl031@9010000", "rtc")


def lines_of(shell, start, prefix=""):
    """What a program says from its first line to its last, typing when it asks for it."""
    shell.wait_line(re.escape(f"{prefix}{start}: type, please"))
    shell.console.send(TYPED)
    shell.wait_line(re.escape(f"{prefix}{start}: done"))
    said = [line[len(prefix):] for line in shell.lines if line.startswith(prefix)]
    first = next(number for number, line in enumerate(said) if line.startswith(start + ": EL1"))
    return said[first:said.index(f"{start}: done") + 1]


def bare(gic, kernel, start, smp):
    """What it says on the board itself, at EL1."""
    with Board(gic=gic, smp=smp, virtualization=False, kernel=BARE / kernel, bundle="") as board:
        said = lines_of(board, start)
        assert board.wait_end() == 0        # by PSCI
        return said


def in_cell(bundle, gic, config, image, start):
    """What it says in a cell. Its input is that of the cell in focus."""
    files = bundle(configs={"cell-guest": config}, files={"guest": BARE / image})
    with Board(gic=gic, bundle=files) as board:
        board.wait_prompt()
        board.do("create guest", "load guest")
        board.console.send("cell start guest\rcell console guest\r")
        board.wait_line(r"\[bulkhead\] input goes to guest")
        board.rewind()      # to what it said before
        said = lines_of(board, start, "[guest] ")
        board.wait_line(r"\[bulkhead\] cell guest switched itself off")
        board.wait_prompt()
        stats = board.stats("guest")
        assert stats["input_dropped"] == stats["output_dropped"] == 0
        assert stats["fault"] == 0
        return said


@pytest.mark.parametrize("form", ("elf", "raw"))
def test_fixed_addresses(bundle, gic, form):
    """GIC, timer, PL031 and PL011 by the addresses of the board's manual."""
    more, image = "", "fixed.elf"
    if form == "raw":
        more, image = f"image-address = <0 {FIXED_ADDRESS:#x}>;", "fixed.bin"
    expected = bare(gic, "fixed.elf", "fixed", 1)
    assert f"fixed: EL1, GICv{gic}" in expected
    assert f'uart: received "{TYPED}"' in expected
    config = cell_config("guest", memory=FIXED_ADDRESS, image="guest", more=more + RTC)
    assert in_cell(bundle, gic, config, image, "fixed") == expected


@pytest.mark.parametrize("cpus, count", ((0x8, 1), (0xe, 3)), ids=("1cpu", "3cpus"))
def test_tree(bundle, gic, cpus, count):
    """Raw bytes at an address, which find the machine in the tree at x0."""
    expected = bare(gic, "tree.bin", "tree", count)
    assert f"tree: {count} CPUs, {count - 1} SGIs" in expected
    assert "tree: GICv%d, timer INTID 27, PSCI 1 by HVC" % gic in expected
    config = cell_config("guest", cpus=cpus, image="guest",
                         more=f"image-address = <0 {RAW_ADDRESS}>;")
    assert in_cell(bundle, gic, config, "tree.bin", "tree") == expected
