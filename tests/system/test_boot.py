# SPDX-License-Identifier: Apache-2.0
"""Every way from the loader to the root cell's shell."""

import re

import pytest

WAYS = ["direct", "uboot", "fit"]


@pytest.mark.parametrize("way", WAYS)
def test_reaches_the_shell(boot, gic, way):
    board = boot(gic=gic, boot=way)
    text = board.text(1000)
    assert (re.search(r"^U-Boot 20\d\d\.\d\d", text, re.M) is None) == (way == "direct")
    assert re.search(r"^\[bulkhead\] Bulkhead \d+\.\d+\.\d+ at EL2, 4 CPUs, "
                     r"memory 0x50000000 to 0x51000000$", text, re.M)
    assert re.search(rf"^\[bulkhead\] GICv{gic} with \d+ list registers", text, re.M)
    states = {name: cell["state"] for name, cell in board.cells().items()}
    assert states["root"] == "running"
    assert states["hello"] == states["rtc-demo"] == states["rtc-trapped-demo"] == "absent"


def test_the_image_moves(boot):
    """U-Boot's FIT may place it anywhere: it runs where the system config says."""
    board = boot(boot="fit", environment={
        "bootcmd": "setenv fdt_high ffffffffffffffff; "
                   "bootm ${fit_addr}#bulkhead ${fit_addr}#bulkhead ${fdt_addr}"})
    assert board.state("root") == "running"


@pytest.mark.parametrize("offset", [0, 4, 1])
def test_bundle_at_any_alignment(boot, gic, offset):
    """U-Boot leaves the bundle where it was fetched, behind the legacy header."""
    board = boot(gic=gic, boot="uboot", environment={
        "ramdisk_addr_r": hex(0x44000000 + offset), "initrd_high": "ffffffffffffffff"})
    assert "Loading Ramdisk to" not in board.text(1000)
    board.do("create hello", "load hello")


def test_bundle_without_legacy_header(boot, bundle):
    board = boot(bundle=bundle().with_suffix(".itb"))
    board.do("create hello", "load hello")


@pytest.mark.parametrize("cpus", [1, 2, 8])
def test_number_of_cpus(boot, gic, cpus):
    board = boot(gic=gic, smp=cpus)
    assert f"at EL2, {cpus} CPUs" in board.text()
    if cpus == 1:
        assert "CPU" in board.refusal("create rtc-demo")
    else:
        board.start("rtc-demo")     # on CPU 1
        assert board.state("rtc-demo") == "running"


def test_much_memory(boot, gic):
    board = boot(gic=gic, memory="4G")
    board.do("create hello", "load hello")


def test_help_and_version(boot):
    board = boot()
    text = "\n".join(board.run("help"))
    for op in ("create", "load", "start", "shutdown", "destroy", "stats", "devices"):
        assert f"  cell {op} " in text
    assert "  cell list " in text and "  help " in text
    assert re.search(r"hypercall ABI \d+\.\d+", board.run("version")[0])
