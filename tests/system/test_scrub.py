# SPDX-License-Identifier: Apache-2.0
"""Nothing of a cell is left to the next one: memory, and every register it can write.

The guest (entry_state.S) writes down all registers at its first instruction, then fills
its memory with canaries and every register with a pattern. The next cell's record must
show reset values, and its memory zeroes; memory that nobody owns is read from outside.
"""

import struct
import time

import pytest
from rig import CELL_SIZE, ROOT, Puppet, Rig, RigError, assemble, cell

CANARY = struct.pack("<Q", 0x5ca1ab1e0ddba115)
HERE, THERE = 0x68000000, 0x6a000000
FLAGS_UNKNOWN = ("nzcv",)
SYSTEM = ("cpacr_el1 sctlr_el1 ttbr0_el1 ttbr1_el1 tcr_el1 mair_el1 amair_el1 vbar_el1 esr_el1 "
          "far_el1 afsr0_el1 afsr1_el1 par_el1 elr_el1 spsr_el1 sp_el0 contextidr_el1 tpidr_el0 "
          "tpidrro_el0 tpidr_el1 csselr_el1 cntkctl_el1 cntv_ctl_el0 cntv_cval_el0 cntp_ctl_el0 "
          "cntp_cval_el0 daif currentel spsel nzcv mdscr_el1 fpcr fpsr").split()
NAMES = ([f"x{n}" for n in range(1, 30)] + ["sp"] + SYSTEM
         + [f"q{n // 2}.{n % 2}" for n in range(64)] + ["words of memory that are not 0"])
EXPECTED = {"sctlr_el1": 0x30d00800, "daif": 0x3c0, "currentel": 4, "spsel": 1}


class Recorder:
    """A cell with entry_state.S in the memory at base."""

    def __init__(self, rig, name, base):
        self.rig, self.name, self.base = rig, name, base

    def wait(self, stage=2):
        """Until the guest has got so far: 1 recorded, 2 all dirty."""
        deadline = time.monotonic() + 20
        while True:
            memory = self.rig.ram(self.base, CELL_SIZE)
            at = memory.find(b"RECORD01")
            reached = struct.unpack_from("<Q", memory, at + 8)[0] if at >= 0 else 0
            if reached == 3:
                raise RigError("x30 was not 0 at the entry")
            if reached >= stage:
                return struct.unpack_from(f"<{len(NAMES)}Q", memory, at + 16)
            if time.monotonic() > deadline:
                raise RigError(f"the guest in {self.name} got to {reached}, not {stage}")
            time.sleep(0.005)

    def run(self):
        self.rig.start(self.name)
        return self.wait()


def assert_as_reset(record):
    found = dict(zip(NAMES, record))
    wrong = {name: hex(value) for name, value in found.items()
             if value != EXPECTED.get(name, 0) and name not in FLAGS_UNKNOWN}
    assert not wrong


def is_zero(rig, base):
    return rig.ram(base, CELL_SIZE).count(0) == CELL_SIZE


@pytest.fixture(scope="module", params=[3, 2], ids=["gic3", "gic2"])
def rig(request, tmp_path_factory):
    image = tmp_path_factory.mktemp("guest") / "entry-state.bin"
    assemble(ROOT / "tests" / "system" / "entry_state.S", image)

    def recorder(name, cpu, base, number):
        return cell(name, cpu=cpu, image="entry-state", memory=(base, CELL_SIZE), number=number,
                    properties=f"image-address = <0x0 {base:#x}>;")

    cells = {"one": recorder("one", 1, HERE, 101),
             "same": recorder("same", 1, HERE, 102),         # CPU and memory of "one"
             "elsewhere": recorder("elsewhere", 1, THERE, 103),    # its CPU
             "other": recorder("other", 2, HERE, 104),       # its memory
             "meter": cell("meter", 1, memory=(THERE, CELL_SIZE), number=105, properties="pmu;"),
             "plain": cell("plain", 1, memory=(THERE, CELL_SIZE), number=106)}
    with Rig(gic=request.param, cells=cells, images={"entry-state": image},
             keep_configs=False) as board:
        yield board


@pytest.fixture(autouse=True)
def clean_slate(request):
    yield
    board = request.node.funcargs["rig"]
    for name in ("one", "same", "elsewhere", "other", "meter", "plain"):
        if board.state(name) != "absent":
            board.shell(f"cell destroy {name}")


def test_first_entry(rig):
    """The first owner since the board's start."""
    assert_as_reset(Recorder(rig, "one", HERE).run())


@pytest.mark.parametrize("name, base", [("same", HERE), ("elsewhere", THERE), ("other", HERE)])
def test_next_owner(rig, name, base):
    """The next owner of the CPU, of the memory, or of both, after a kill."""
    Recorder(rig, "one", HERE).run()
    assert rig.ram(HERE, CELL_SIZE).count(CANARY) > CELL_SIZE // 8 * 0.9
    rig.ok("cell shutdown one --force")
    rig.ok("cell destroy one")
    assert is_zero(rig, HERE)
    assert_as_reset(Recorder(rig, name, base).run())


def test_destroy_at_once(rig):
    """destroy of a running cell: no shutdown before it."""
    Recorder(rig, "one", HERE).run()
    rig.ok("cell destroy one")
    assert is_zero(rig, HERE)


@pytest.mark.parametrize("again", ["cell restart one --force", "cell load one"])
def test_same_cell_again(rig, again):
    """A cell's own next life begins as its first: restart, or shutdown, load and start."""
    recorder = Recorder(rig, "one", HERE)
    recorder.run()
    if "restart" in again:
        rig.ok(again)
    else:
        rig.ok("cell shutdown one --force")
        rig.ok(again)
        assert rig.ram(HERE, CELL_SIZE).count(CANARY) == 1     # in the image itself
        rig.ok("cell start one")
    time.sleep(0.2)
    assert_as_reset(recorder.wait())


def test_created_memory_is_zero(rig):
    """What stood in the memory before any cell owned it is gone with create."""
    at = HERE + CELL_SIZE // 2
    rig.memory[at - 0x40000000:at - 0x40000000 + 8] = CANARY
    rig.ok("cell create one")
    assert is_zero(rig, HERE)


# The performance monitors: (op1, CRn, CRm, op2), a value that sticks. PMSELR comes first.
MONITORS = {
    "pmselr": ((3, 9, 12, 5), 1), "pmxevtyper": ((3, 9, 13, 1), 8), "pmxevcntr": ((3, 9, 13, 2), 77),
    "pmccfiltr": ((3, 14, 15, 7), 1 << 27), "pmccntr": ((3, 9, 13, 0), 0x1234567),
    "pmuserenr": ((3, 9, 14, 0), 0xf), "pmintenset": ((0, 9, 14, 1), 0x80000001),
    "pmovsset": ((3, 9, 14, 3), 0x80000001), "pmcr": ((3, 9, 12, 0), 0x1),
    "pmcntenset": ((3, 9, 12, 1), 0x80000001)}
PMCR_FLAGS = 0x7f       # what is above is the CPU's name and number of counters


def monitors(puppet):
    """{register: value}; counter 1 is looked at."""
    result = {}
    for name, ((op1, crn, crm, op2), _) in MONITORS.items():
        word = 0xd5380000 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5
        result[name] = puppet.do(Puppet.EXECUTE, word)
        if name == "pmselr":
            puppet.do(Puppet.EXECUTE, word & ~0x200000, 1)
    if result["pmcr"] is not None:
        result["pmcr"] &= PMCR_FLAGS
    return result


def test_performance_monitors(rig):
    """A cell that may use them finds them as after a reset, whoever had them before."""
    def puppet():
        rig.mark()
        rig.start("meter")
        return Puppet(rig, "meter")

    first = puppet()
    assert set(monitors(first).values()) == {0}
    for (op1, crn, crm, op2), value in MONITORS.values():
        first.do(Puppet.EXECUTE, 0xd5180000 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5, value)
    assert all(monitors(first).values())
    rig.ok("cell destroy meter")
    assert set(monitors(puppet()).values()) == {0}
    rig.ok("cell destroy meter")
    rig.mark()
    rig.start("plain")
    assert set(monitors(Puppet(rig, "plain")).values()) == {None}    # undefined there
