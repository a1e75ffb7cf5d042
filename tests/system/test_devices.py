# SPDX-License-Identifier: Apache-2.0
"""Other devices of a real board, each made to interrupt, and one that cannot."""

import pytest

from testbed import Board, cell_config, device_config

BOARDS = ("zcu102",)
TIME = {"icount": True, "icount_shift": 2}
# cell: (what its program says, INTID and number of interrupts, or None)
DEMOS = {
    "uart-demo": ("uart-demo: 8 bytes, 8 interrupts: PASS", (54, 8)),
    "can-demo": ("can-demo: 10 frames, 10 interrupts, 10 right: PASS", (55, 10)),
    "spi-demo": ("spi-demo: 5 transfers, 5 interrupts, flash bf 25 05: PASS", (51, 5)),
    "clock-demo": ("3 of 3 seconds seen: PASS", None),
}
# The same devices, a linked interrupt made a trapped one.
OPTIONS = {
    "uart-demo": ("serial@ff010000", "reset-writes = <0x0c 4 0x1fff>, <0x14 4 0x1fff>;"),
    "can-demo": ("can@ff060000", 'dma = "none"; reset-writes = <0x00 4 0x1>;'),
    "spi-demo": ("spi@ff040000", 'dma = "none"; reset-writes = <0x0c 4 0x7f>, <0x14 4 0x0>;'),
}


@pytest.fixture(scope="module")
def board():
    with Board(**TIME) as running:
        running.wait_prompt()
        yield running


@pytest.mark.parametrize("name", DEMOS)
def test_demo(board, name):
    """Twice: the second owner finds the device as the first did."""
    sentence, irq = DEMOS[name]
    for _ in range(2):
        board.start(name)
        line = board.wait_line(rf"^\[{name}\] {name}: .*: (PASS|FAIL)$").group(0)
        assert line.endswith(sentence)
        device = board.device(name)
        if irq is None:
            assert device.irqs == [] and device.region.mapping == "trap-only"
            assert device.region.accesses > 0 and "reset none" in device.options
        else:
            assert (device.irq.intid, device.irq.interrupts, device.irq.eois) == \
                (irq[0], irq[1], irq[1])
            assert (device.irq.path, device.irq.state) == ("linked", "inactive")
        assert board.stats(name)["spurious"] == 0
        board.do(f"destroy {name}")


def test_trapped_path(boot, bundle):
    """The same programs: a handler's first access ends the interrupt, and all is right."""
    configs, files = {}, {}
    for number, (name, (host, options)) in enumerate(OPTIONS.items()):
        more = device_config(host, more=f"x-irqfd = <0>; mmap-timeout-ms = <20>; {options}")
        configs[f"cell-{name}-trapped"] = cell_config(f"{name}-trapped", cell_id=20 + number,
                                                      image=name, more=more)
    board = boot(bundle=bundle(configs=configs, images=OPTIONS), **TIME)
    for name in OPTIONS:
        board.start(f"{name}-trapped")
        board.wait_line(rf"^\[{name}-trapped\] {name}: .*PASS$", unless="FAIL")
        device = board.device(f"{name}-trapped")
        assert device.irq.path == "trapped" and device.irq.interrupts >= DEMOS[name][1][1]
        assert device.irq.interrupts == device.irq.eois
        board.do(f"destroy {name}-trapped")


def test_the_console_is_not_given_away(boot, bundle):
    config = cell_config("thief", more=device_config("serial@ff000000"))
    board = boot(bundle=bundle(configs={"cell-thief": config}), **TIME)
    assert "serial@ff000000" in board.refusal("create thief")
