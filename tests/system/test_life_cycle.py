# SPDX-License-Identifier: Apache-2.0
"""A cell and its device come and go, whatever the interrupt is doing."""

import re

import pytest

import boards
from testbed import cell_config, device_config, guest

BURST = 1000        # interrupts of guests/*-burst.c
ROUNDS = 5
BOARDS = boards.ALL
CELLS = boards.FACTS["demos"]
TIME = boards.FACTS["time"]


@pytest.fixture(params=["linked", "trapped"])
def path(request):
    return request.param


def demo(board, name):
    """The device is as good as new."""
    board.start(name)
    board.demo(name)


def test_five_times(boot, gic, path):
    name = CELLS[path]
    board = boot(gic=gic, **TIME)
    for number in range(ROUNDS):
        before = board.cells()
        assert before[name]["state"] == "absent"
        demo(board, name)
        assert board.stats(name)["spurious"] == 0
        board.do(f"shutdown {name}", f"destroy {name}")
        after = board.cells()
        after[name]["stop"] = before[name]["stop"]
        assert after == before, f"round {number}"


def test_owners_take_turns(boot, gic):
    """The paths change with the owner, and nothing of the last one stays."""
    board = boot(gic=gic, **TIME)
    for number in range(4):
        name = CELLS[("linked", "trapped")[number % 2]]
        demo(board, name)
        board.do(f"destroy {name}")


def test_restart(boot, gic, path):
    """Without a new cell: its device is reset and assigned again."""
    name = CELLS[path]
    board = boot(gic=gic, **TIME)
    demo(board, name)
    for _ in range(2):
        board.do(f"restart {name}")
        board.demo(name)
    board.do(f"shutdown {name}", f"load {name}", f"start {name}")
    board.demo(name)


@pytest.fixture
def board(boot, gic, path, bundle):
    """A board with cells, all of them on the same path, for the guests that only tests run.

    "endless" takes interrupts as fast as it can, "burst" a thousand of them, and "stuck"
    one, which it never ends.
    """
    options = "x-irqfd = <0>; mmap-timeout-ms = <100>;" if path == "trapped" else ""
    more = "shutdown-ms = <200>;" + device_config(boards.DEVICE, more=options)
    kind = boards.FACTS["guests"]
    images = {"endless": f"{kind}-burst", "burst": f"{kind}-burst", "stuck": f"{kind}-stuck"}
    configs = {}
    for number, (name, image) in enumerate(images.items()):
        bootargs = f'bootargs = "{name}";'
        configs[f"cell-{name}"] = cell_config(name, image=image, cell_id=20 + number,
                                              more=bootargs + more)
    return boot(gic=gic, bundle=bundle(
        configs=configs, files={name: guest(name) for name in set(images.values())}))


def thousand_interrupts(board, path):
    """The device and its line are as good as new for the next owner."""
    board.start("burst")
    assert board.burst("burst") == (BURST, BURST, 0)
    irq = board.device("burst").irq
    assert (irq.path, irq.interrupts, irq.eois, irq.state) == (path, BURST, BURST, "inactive")


ENDS = ["destroy", "shutdown", "shutdown --force", "restart"]


@pytest.mark.parametrize("command", ENDS, ids=["destroy", "shutdown", "force", "restart"])
def test_ended_amidst_interrupts(board, path, command):
    """Thousands of them a second: there is always one under way."""
    for _ in range(3):
        board.start("endless")
        board.wait_device("endless", lambda device: device.irq.interrupts > 100)
        board.do(f"{command} endless")
        ended = len(board.lines)
        if command == "restart":
            board.wait_device("endless", lambda device: device.irq.interrupts > 100)
        if command != "destroy":
            board.do("destroy endless")
        assert board.state("endless") == "absent"
    assert not any(re.match(r"\[endless\]", line) for line in board.lines[ended:])
    thousand_interrupts(board, path)
    assert board.stats("burst")["spurious"] == 0


def test_counters_amidst_interrupts(board):
    """Asked at any moment, at most one interrupt has no EOI yet."""
    board.start("endless")
    last = 0
    for _ in range(300):
        irq = board.device("endless").irq
        assert irq.eois <= irq.interrupts <= irq.eois + 1, irq
        assert irq.interrupts >= last
        last = irq.interrupts
    assert last > 1000


@pytest.fixture
def stuck(board):
    """The board, when the cell "stuck" has an interrupt that it will not end."""
    board.start("stuck")
    board.wait_line("-stuck: the alarm rings now")
    board.wait_device("stuck", lambda device: device.irq.state == "active")
    irq = board.device("stuck").irq
    assert (irq.state, irq.interrupts, irq.eois) == ("active", 1, 0)
    return board


def test_active_interrupt_holds_the_page(stuck, path):
    """The deadline does not map the registers again under an active interrupt."""
    if path == "linked":
        device = stuck.device("stuck")
        assert (device.region.mapping, device.trapped_times) == ("mapped", 0)
    else:
        device = stuck.wait_device("stuck", lambda device: device.irq.expiries >= 3)
        assert (device.region.mapping, device.trapped_times) == ("trapped", 1)
    assert (device.irq.state, device.irq.interrupts, device.irq.eois) == ("active", 1, 0)


@pytest.mark.parametrize("command", ENDS, ids=["destroy", "shutdown", "force", "restart"])
def test_ended_with_an_active_interrupt(stuck, path, command):
    """The line is neither left masked nor active: the next owner gets all its interrupts."""
    stuck.do(f"{command} stuck")
    if command == "shutdown":
        assert any("cell stuck did not answer within 200 ms" in line for line in stuck.lines)
    if command == "restart":
        stuck.wait_line("-stuck: the alarm rings now")
        stuck.wait_device("stuck", lambda device: device.irq.state == "active")
    if command != "destroy":
        stuck.do("destroy stuck")
    thousand_interrupts(stuck, path)
