# SPDX-License-Identifier: Apache-2.0
"""A cell is killed in every state of an interrupt of its device.

The axes, and what each word means here:

    path      trapped (the VFIO state machine) or linked (a hardware list register)
    state     of that machine: inactive, pending (queued behind another), active
    line      held: the physical line is kept active so that it cannot fire again (the
              automask; on the linked path until the guest's own deactivation); open
    mapping   fast: the device's registers are mapped; slow: they trap
    guest     acked: it has acknowledged the virtual interrupt and not ended it; not

Each of the 48 combinations is either in REACHABLE, with the way into it, or excluded by a
rule of docs/vfio-platform.md in EXCLUDED; test_table() proves that none is in both or in
neither. Each reachable one is taken twice: with the interrupt enabled and disabled by the
guest at its own distributor at the moment of the kill.

After the kill, seen from outside: no line of the device is enabled, active or pending in
the physical GIC, no deadline runs at EL2, and the next cell that gets the device finds it
idle, with nothing counted, and can use it.
"""

import itertools
import time

import pytest
from rig import (DEVICE_BASE, DEVICE_EDGE, DEVICE_NODE, DEVICE_SPIS, GICD, INTID, Helper, Puppet,
                 Rig, RigError, cell)

CPU_OFF = 0x84000002

LEVEL, BLOCKER, EDGE = 1, 0, DEVICE_EDGE
PATHS = ("trapped", "linked")
STATES = ("inactive", "pending", "active")
LINES = ("open", "held")
MAPPINGS = ("fast", "slow")
GUESTS = ("not", "acked")

# Patterns of (path, state, line, mapping, guest), None for any: the rule that excludes it.
EXCLUDED = (
    (("trapped", "inactive", "held", None, None),
     "T6, T7: the step that makes a level IRQ inactive unmasks it (line down, unmask); an "
     "edge is never held"),
    (("trapped", "pending", None, "fast", None),
     "I3, I6: one that is pending implies an active one, and then no region is mapped"),
    (("trapped", "active", None, "fast", None),
     "I6: while one is active no region is mapped"),
    (("linked", "pending", None, None, None), "rule 38: a linked IRQ never enters the machine"),
    (("linked", "active", None, None, None), "rule 38: a linked IRQ never enters the machine"),
    (("linked", "inactive", "open", None, "acked"),
     "a list register that the guest has acknowledged is active and holds its physical line"),
)

CONFIG = 'host = "' + DEVICE_NODE + '"; mmap-timeout-ms = <{timeout}>; x-irqfd = <{irqfd}>;'
CELLS = {
    "slow": ("60000", "0"),           # traps for a minute after an interrupt
    "quick": ("30", "0"),             # maps again at once
    "linked": ("60000", "1"),
    "mixed": ("60000", "0 1 1 1"),    # the blocker is trapped, the others linked
    "pair": ("60000", "0"),           # two CPUs
    "brief": ("500", "0"),            # two CPUs
}


class Drive:
    """Ways into a state: each leaves the cell as its combination says."""

    def __init__(self, rig, name):
        self.rig, self.name = rig, name
        rig.mark()
        rig.start(name)
        self.puppet = Puppet(rig, name)
        self.puppet.map_device(DEVICE_BASE)
        for index, intid in enumerate(INTID):
            self.puppet.irq_setup(intid, index == EDGE)

    def fire(self, index):
        if index == EDGE:
            self.rig.pulse(DEVICE_SPIS[index])
        else:
            self.rig.set_line(DEVICE_SPIS[index], 1)

    def calm(self, index):
        self.rig.set_line(DEVICE_SPIS[index], 0)

    def touch(self):
        """An access to the device: on the slow path the EOI."""
        self.puppet.read(DEVICE_BASE)

    def ack(self, index):
        """The guest acknowledges; other interrupts that come first are ended at once."""
        for _ in range(len(INTID)):
            token = self.puppet.acknowledge()
            if token == INTID[index]:
                return token
            if token < 1020:
                self.puppet.do(Puppet.END, token)
        raise RigError(f"interrupt {INTID[index]} was not there to be acknowledged")

    def wait(self, index, state=None, mapping=None, count=None):
        """Until the hypervisor says so."""
        deadline = time.monotonic() + 10
        while True:
            device = self.rig.devices(self.name)[0]
            irq = device["irqs"][index]
            if ((state is None or irq["state"] == state)
                    and (mapping is None or device["regions"][0] == mapping)
                    and (count is None or irq["count"] == count)):
                return device
            if time.monotonic() > deadline:
                raise RigError(f"IRQ {index} is {irq}, regions {device['regions']}; "
                               f"expected {state} {mapping} {count}")

    def trapped(self, state, line, mapping, guest):
        """Rules T1, T2, T6, T7 and T11 in the order that leads there."""
        index = LEVEL if line == "held" or state == "inactive" else EDGE
        is_acked = guest == "acked"
        if state == "inactive" and mapping == "fast" and not is_acked:
            return index
        if state == "pending" and not is_acked:
            self.fire(BLOCKER)
            self.wait(BLOCKER, "active")
            self.fire(index)
            self.wait(index, "pending")
            return index
        self.fire(index)
        self.wait(index, "active")
        if is_acked:
            self.ack(index)
        if state == "active":
            return index
        self.calm(index)
        self.touch()
        self.wait(index, "inactive", "mapped" if mapping == "fast" else "trapped")
        if state == "pending":
            self.fire(BLOCKER)
            self.wait(BLOCKER, "active")
            self.fire(index)
            self.wait(index, "pending")
        return index

    def linked(self, line, mapping, guest, index=LEVEL):
        if line == "held":
            self.fire(index)
            self.wait(index, count=1)
            if guest == "acked":
                self.ack(index)
        if mapping == "slow":
            self.fire(BLOCKER)
            self.wait(BLOCKER, "active", "trapped")
        return index


def reachable(path, state, line, mapping, guest):
    return not any(all(want in (None, have) for want, have in
                       zip(pattern, (path, state, line, mapping, guest)))
                   for pattern, _ in EXCLUDED)


COMBINATIONS = list(itertools.product(PATHS, STATES, LINES, MAPPINGS, GUESTS))
REACHABLE = [combination for combination in COMBINATIONS if reachable(*combination)]


def cell_for(path, state, mapping):
    if path == "linked":
        return "mixed" if mapping == "slow" else "linked"
    return "quick" if (state, mapping) == ("inactive", "fast") else "slow"


def drive_into(rig, combination):
    """Start the cell and bring it there; returns (drive, index of the IRQ)."""
    path, state, line, mapping, guest = combination
    drive = Drive(rig, cell_for(path, state, mapping))
    if path == "trapped":
        index = drive.trapped(state, line, mapping, guest)
    else:
        index = drive.linked(line, mapping, guest)
    return drive, index


def assert_is_there(drive, index, combination):
    """The hypervisor's word and the physical GIC agree that the state is reached."""
    path, state, line, mapping, _ = combination
    device = drive.rig.devices(drive.name)[0]
    if path == "trapped":
        assert device["irqs"][index]["state"] == state
    assert device["irqs"][index]["path"] == path
    assert device["regions"][0] == ("mapped" if mapping == "fast" else "trapped")
    assert (INTID[index] in drive.rig.gic_state(registers=False)["active"]) == (line == "held")


def assert_quiet(rig, combination):
    """From outside: nothing of the device is left in the GIC, and no deadline runs."""
    stream = rig.snapshot()
    state = rig.gic_state(registers=False, stream=stream)
    assert not state["enabled"] & set(INTID), combination
    assert not state["active"] & set(INTID), combination
    assert not any(rig.timers(stream)[1:]), combination     # the first is the root cell's
    for spi in DEVICE_SPIS:
        rig.set_line(spi, 0)
    assert not rig.gic_state(registers=False)["pending"] & set(INTID), combination


def assert_clean(rig, name):
    """The next cell finds the device idle, and can use it."""
    drive = Drive(rig, name)
    device = rig.devices(name)[0]
    for irq in device["irqs"]:
        assert (irq["state"], irq["count"], irq["eois"]) == ("inactive", 0, 0)
    assert device["regions"] == ["mapped"]
    for register in (0x200, 0x300):
        for word in {intid // 32 for intid in INTID}:
            assert drive.puppet.read(GICD + register + 4 * word) == 0
    drive.fire(LEVEL)
    drive.wait(LEVEL, count=1)
    assert drive.puppet.acknowledge() == INTID[LEVEL]
    drive.calm(LEVEL)
    drive.touch()
    drive.puppet.do(Puppet.END, INTID[LEVEL])
    assert drive.puppet.acknowledge() >= 1020
    assert rig.gic_state(registers=False)["active"] & set(INTID) == set()
    rig.ok(f"cell destroy {name}")


@pytest.fixture(scope="module", params=[3, 2], ids=["gic3", "gic2"])
def rig(request):
    cells = {name: cell(name, number=100 + number, cpus=0x6 if name in ("pair", "brief") else 0x2,
                        device=CONFIG.format(timeout=timeout, irqfd=irqfd))
             for number, (name, (timeout, irqfd)) in enumerate(CELLS.items())}
    with Rig(gic=request.param, cells=cells, device=True, limit=900,
             keep_configs=False) as board:
        yield board


@pytest.fixture(autouse=True)
def clean_slate(request):
    """One test's failure is not the next one's."""
    yield
    board = request.node.funcargs.get("rig")
    if board is None:
        return
    for spi in DEVICE_SPIS:
        board.set_line(spi, 0)
    for name in CELLS:
        if board.state(name) != "absent":
            board.shell(f"cell destroy {name}")


def test_table():
    """Each combination is reachable or excluded by one rule; and no rule is idle."""
    assert len(COMBINATIONS) == 48 and len(REACHABLE) == 18
    for pattern, reason in EXCLUDED:
        assert any(all(want in (None, have) for want, have in zip(pattern, combination))
                   for combination in COMBINATIONS), reason


@pytest.mark.parametrize("is_enabled", [True, False], ids=["enabled", "disabled"])
@pytest.mark.parametrize("combination", REACHABLE, ids="-".join)
def test_kill(rig, combination, is_enabled):
    drive, index = drive_into(rig, combination)
    if not is_enabled:
        drive.puppet.irq_disable(INTID[index])
    assert_is_there(drive, index, combination)
    rig.ok(f"cell shutdown {drive.name} --force")
    assert_quiet(rig, combination)
    rig.ok(f"cell destroy {drive.name}")
    assert_quiet(rig, combination)
    assert_clean(rig, "linked" if drive.name != "linked" else "slow")


def test_kill_linked_edge(rig):
    """An edge on the linked path, acknowledged, with another edge latched behind it."""
    drive = Drive(rig, "linked")
    drive.linked("held", "fast", "acked", EDGE)
    drive.fire(EDGE)
    rig.ok("cell destroy linked")
    assert_quiet(rig, "linked edge")
    assert_clean(rig, "slow")


def test_interrupt_of_nobody(rig):
    """What a device without an owner signals is not the next owner's."""
    drive = Drive(rig, "slow")
    drive.fire(EDGE)
    drive.wait(EDGE, "active")
    rig.ok("cell destroy slow")
    for index in range(4):
        drive.fire(index)
        drive.calm(index)
    assert_clean(rig, "linked")


def second_cpu_alone(rig, name):
    """The cell's first CPU, which the device's lines go to, is off; the second runs."""
    drive = Drive(rig, name)
    helper = Helper(drive.puppet)
    helper.calls((0xc6000000,))
    drive.fire(LEVEL)
    drive.wait(LEVEL, "active")
    drive.calm(LEVEL)
    drive.touch()
    drive.wait(LEVEL, "inactive", "trapped")
    drive.puppet.post(Puppet.HVC, CPU_OFF)
    turns = helper.turns()
    while helper.turns() == turns:
        time.sleep(0.001)
    return drive


def test_deadline_outlives_cpu_off(rig):
    """A deadline that was set on a CPU which is off by then: the registers are mapped."""
    second_cpu_alone(rig, "brief").wait(LEVEL, "inactive", "mapped")


@pytest.mark.parametrize("is_late", [False, True], ids=["before", "after"])
def test_kill_with_deadline_elsewhere(rig, is_late):
    """The CPU that leaves last is not the one whose timer runs, set before or after it
    was switched off."""
    drive = second_cpu_alone(rig, "pair")
    if is_late:
        drive.fire(LEVEL)
        drive.wait(LEVEL, "active")
    assert any(rig.timers()[1:])
    rig.ok("cell shutdown pair --force")
    deadline = time.monotonic() + 5
    while any(rig.timers()[1:]):
        assert time.monotonic() < deadline, "a deadline runs, of a cell that is gone"
    assert_quiet(rig, "pair")
    rig.ok("cell destroy pair")
    assert_clean(rig, "slow")


# Those with the most to clean up: a queue, a held line, a list register, a deadline.
OFTEN = (("trapped", "pending", "held", "slow", "acked"),
         ("linked", "inactive", "held", "slow", "acked"))


@pytest.mark.parametrize("combination", OFTEN, ids="-".join)
def test_kill_a_hundred_times(rig, combination):
    """The device changes hands a hundred times in a row, each time out of that state."""
    limit = time.monotonic() + 120
    for turn in range(100):
        drive, _ = drive_into(rig, combination)
        device = rig.devices(drive.name)[0]
        assert sum(irq["count"] for irq in device["irqs"]) == \
            (3 if combination[0] == "trapped" else 2), turn
        rig.ok(f"cell destroy {drive.name}")
        assert_quiet(rig, (combination, turn))
        assert time.monotonic() < limit, f"{turn} turns in two minutes"
