# SPDX-License-Identifier: Apache-2.0
"""A cell that does everything wrong gets exceptions, stays killable, and disturbs nobody.

Beside it runs a victim (inmates/tests/victim.c) with a device, which must go on in each of
these tests without a complaint.
"""

import re
import time

import boards
import pytest
from boards import GICD
from rig import Puppet, Rig, Victim, cell

BOARDS = boards.ALL
HYPERVISOR = 0x50000000
ROOT_CELL = 0x60000000
VICTIM = 0x69000000
UNOWNED_RAM = 0x6f000000
NOWHERE = 0x7f00000000
PLACES = {"hypervisor": HYPERVISOR, "root cell": ROOT_CELL, "victim's memory": VICTIM,
          "RAM of nobody": UNOWNED_RAM, "past the own end": 0x68200000,
          "victim's device": boards.DEVICE_REGISTERS,
          "past RAM": 0x80000000,
          "GICv2's hypervisor interface, GICv3's ITS": boards.FACTS["gich"],
          "top of the address space": NOWHERE, **boards.FACTS["not_ram"]}
EC_UNKNOWN, EC_INSTRUCTION, EC_DATA = 0x00, 0x21, 0x25
PAGE_EXECUTE = 0x703       # valid page, AF, inner shareable, normal memory, executable
TTBR0_WRITE, TLBI_ALL = 0xd5182000, 0xd508871f
LOAD_PAIR, STORE_PAIR, LOAD_POST = 0xa9400400, 0xa9000400, 0xf8408401
LOAD_EXCLUSIVE, DC_ZVA, PREFETCH = 0xc85f7c01, 0xd50b7420, 0xf9800000

VERSION = 0xc6000000
CONSOLE_WRITE = 0xc6000001

# QEMU 7.2 knows no HCR_EL2.TIDCP: the CPU's own registers, which have no effect in it, do
# not trap. On hardware they do.
EMULATED = boards.FACTS["untrapped"]
PSCI = {"CPU_SUSPEND": 0xc4000001, "CPU_ON": 0xc4000003, "AFFINITY_INFO": 0xc4000004,
        "FEATURES": 0x8400000a}


@pytest.fixture(scope="module", params=boards.GICS, ids=[f"gic{gic}" for gic in boards.GICS])
def rig(request):
    cells = {"bad": cell("bad", 1),
             "victim": cell("victim", 2, image="victim", device=f'host = "{boards.DEVICE}";')}
    with Rig(gic=request.param, cells=cells, limit=600, keep_configs=False) as board:
        yield board


@pytest.fixture(scope="module")
def victim(rig):
    return Victim(rig, "victim")


@pytest.fixture
def bad(rig, victim):
    """A fresh puppet; afterwards it must be possible to kill it, and the victim is well."""
    rig.mark()
    rig.start("bad")
    puppet = Puppet(rig, "bad")
    yield puppet
    start = time.monotonic()
    if rig.state("bad") != "failed":        # it was stopped for its own fault
        rig.ok("cell shutdown bad --force")
    assert time.monotonic() - start < 5
    victim.assert_well()
    rig.ok("cell destroy bad")
    assert rig.state("victim") == "running"


def exception_class(puppet):
    return puppet.esr >> 26


@pytest.mark.parametrize("place", PLACES)
def test_data_access(bad, place):
    """Every width, both ways: an abort with the address, and nothing is changed."""
    address = PLACES[place]
    bad.map_device(address)
    for width in (1, 2, 4, 8):
        assert bad.read(address, width) is None
        assert (exception_class(bad), bad.far) == (EC_DATA, address)
        assert bad.write(address, 0x5a5a5a5a5a5a5a5a, width) is None
        assert (exception_class(bad), bad.far) == (EC_DATA, address)
    assert bad.is_alive()


def test_console_is_not_the_uart(rig, bad):
    """Where the console's UART is there is one of the cell's own: the real one is not moved."""
    controls = [boards.FACTS["uart"] + offset for offset in boards.FACTS["uart_controls"]]
    before = [rig.readl(register) for register in controls]
    bad.map_device(boards.FACTS["uart"])
    for register in controls:
        for value in (0, 0xffffffff):
            bad.write(register, value)
    assert [rig.readl(register) for register in controls] == before
    assert rig.state("bad") == "running"


@pytest.mark.parametrize("name, word", [
    ("load pair", LOAD_PAIR), ("store pair", STORE_PAIR), ("load with write-back", LOAD_POST),
    ("load exclusive", LOAD_EXCLUSIVE), ("clear a line", DC_ZVA)])
def test_access_without_syndrome(bad, name, word):
    """What the CPU does not decode for the hypervisor ends in an abort too."""
    bad.map_device(UNOWNED_RAM)
    assert bad.do(Puppet.EXECUTE, word, UNOWNED_RAM) is None
    assert exception_class(bad) == EC_DATA, name


def test_prefetch_is_nothing(bad):
    bad.map_device(UNOWNED_RAM)
    assert bad.do(Puppet.EXECUTE, PREFETCH, UNOWNED_RAM) is not None


@pytest.mark.parametrize("place", ["hypervisor", "victim's memory", "RAM of nobody",
                                   "victim's device", "past RAM"])
def test_instruction_fetch(bad, place):
    address = PLACES[place]
    bad.map_device(address)
    bad.do(Puppet.PAGE, address, address | PAGE_EXECUTE)
    assert bad.do(Puppet.JUMP, address) is None
    assert (exception_class(bad), bad.far) == (EC_INSTRUCTION, address)


def test_fetch_from_the_gic(bad):
    """The emulated distributor is no memory to run from, nor is GICv2's CPU interface."""
    for address in (GICD, GICD + 0x10000):
        bad.do(Puppet.PAGE, address, address | PAGE_EXECUTE)
        bad.map_device(address)
        assert bad.do(Puppet.JUMP, address) is None
        assert exception_class(bad) == EC_INSTRUCTION


LOOPS = {
    "spin": (Puppet.SPIN,),
    "sleep": (Puppet.SLEEP,),
    "read": (Puppet.READ_LOOP, UNOWNED_RAM),
    "read of the GIC": (Puppet.READ_LOOP, GICD + 4),
    "write": (Puppet.WRITE_LOOP, HYPERVISOR),
    "write to the GIC": (Puppet.WRITE_LOOP, GICD + 0x184),
    "fetch": (Puppet.BRANCH_LOOP, UNOWNED_RAM),
    "vectors that abort": (Puppet.FAULT_LOOP, UNOWNED_RAM),
    "vectors that are not mapped": (Puppet.FAULT_LOOP, 0x7700000000),
    "version": (Puppet.HVC_LOOP, VERSION),
    "unknown function": (Puppet.HVC_LOOP, 0xc6001234),
    "PSCI": (Puppet.HVC_LOOP, 0x84000000),
    "CPU_SUSPEND": (Puppet.HVC_LOOP, PSCI["CPU_SUSPEND"]),
    "CPU_ON of itself": (Puppet.HVC_LOOP, PSCI["CPU_ON"], 0, 0x68000000),
    "management": (Puppet.HVC_LOOP, 0xc6000010, 0, 4, 1),
    "SMC": (Puppet.SMC_LOOP, 0x84000000),
    "SMC of unknown": (Puppet.SMC_LOOP, 0x3f00ffff),
}


@pytest.mark.parametrize("name", LOOPS)
def test_endless_loop(rig, bad, victim, name):
    """It costs only that cell; the fixture kills it out of the loop."""
    kind, *arguments = LOOPS[name]
    if kind in (Puppet.READ_LOOP, Puppet.WRITE_LOOP, Puppet.BRANCH_LOOP, Puppet.FAULT_LOOP) \
            and arguments[0] < 0x7000000000:
        bad.map_device(arguments[0])
        if kind in (Puppet.BRANCH_LOOP, Puppet.FAULT_LOOP):
            bad.do(Puppet.PAGE, arguments[0], arguments[0] | PAGE_EXECUTE)
    bad.stuck(kind, *arguments)
    victim.assert_well()
    assert not bad.is_alive(0.1)
    # Vectors that cannot be fetched: no exception can answer, so the cell is stopped.
    assert rig.state("bad") == ("failed" if name == "vectors that abort" else "running")


def test_tables_of_another(rig, bad, victim):
    """Page tables that lie where the cell may not read: not even its vectors run."""
    assert bad.do(Puppet.EXECUTE, TTBR0_WRITE, HYPERVISOR) is not None    # by the TLB
    bad.post(Puppet.EXECUTE, TLBI_ALL)
    victim.assert_well()
    assert not bad.is_alive(0.1)
    assert rig.state("bad") == "failed"


def test_console_flood(rig, bad, victim):
    """Whole lines as fast as they go: the shell still answers, and the cell dies."""
    text = int.from_bytes(b"flood\n\0\0", "little")
    bad.stuck(Puppet.HVC_LOOP, CONSOLE_WRITE, 6, text)
    victim.assert_well(rounds=5, seconds=60)
    rig.console.send("cell shutdown bad --force\r")
    rig.line(r"cell bad: shut down", timeout=60)
    rig.drain(0.5)
    rig.ok("cell load bad")
    rig.mark()
    rig.ok("cell start bad")    # for the fixture


def test_wrong_hypercalls(bad):
    """Every function number near the known ones, with arguments out of every range."""
    hostile = (0, 1, 7, 0xff, 1 << 31, 1 << 32, (1 << 63) - 1, (1 << 64) - 1)
    for function in list(range(0xc6000000, 0xc6000040)) + [0xc600ffff, 0x86000000, 0x8600ff00,
                                                           0x8600ff02, 0, (1 << 64) - 1]:
        for argument in hostile:
            if function in (0xc6000001, 0xc6000003) and argument < 49:
                continue    # the console is its own
            answer = bad.hvc(function, argument, argument, argument, argument)
            assert answer is not None, hex(function)
            if 0xc6000010 <= function < 0xc6000040:
                assert answer >> 63 == 1, (hex(function), hex(argument), hex(answer))


def test_every_smccc_owner(bad):
    """Fast and yielding, 32 and 64 bits, of every service: refused, by HVC and SMC."""
    for owner in range(64):
        for kind in (0x00000000, 0x40000000, 0x80000000, 0xc0000000):
            function = kind | owner << 24 | 0x7777
            for verb in (Puppet.HVC, Puppet.SMC):
                answer = bad.do(verb, function, 1, 2, 3)
                assert answer == (1 << 64) - 1, (hex(function), answer)


def test_wrong_psci(bad):
    """Calls for CPUs, addresses and powers that are not the cell's."""
    refused = [(PSCI["CPU_ON"], 1, 0x68000000), (PSCI["CPU_ON"], 1 << 40, 0x68000000),
               (PSCI["CPU_ON"], 0, HYPERVISOR), (PSCI["CPU_ON"], 0, 0x68000001),
               (PSCI["CPU_ON"], 0, (1 << 64) - 1), (PSCI["CPU_ON"], (1 << 64) - 1, 0),
               (PSCI["AFFINITY_INFO"], 1, 0), (PSCI["AFFINITY_INFO"], 0, 5),
               (PSCI["CPU_SUSPEND"], 1 << 16), (PSCI["CPU_SUSPEND"], (1 << 64) - 1),
               (PSCI["FEATURES"], 0x84000099), (0x84000012, 1), (0xc4000012, (1 << 63)),
               (0x84000005,), (0x84000007,), (0xc400000e, 0), (0x8400001f,)]
    for call in refused:
        answer = bad.hvc(*call)
        assert answer >> 31 & 1, [hex(word) for word in call]
    assert bad.is_alive()


@pytest.mark.parametrize("how", ["SYSTEM_OFF", "CPU_OFF"])
def test_one_line_says_why(rig, victim, how):
    """A cell that ends by itself: one line names it and the reason."""
    rig.mark()
    rig.start("bad")
    Puppet(rig, "bad").post(Puppet.HVC, {"SYSTEM_OFF": 0x84000008, "CPU_OFF": 0x84000002}[how])
    reason = {"SYSTEM_OFF": "switched itself off", "CPU_OFF": "its last CPU switched itself off"}
    rig.line(r"\[bulkhead\] cell bad:? " + reason[how])
    rig.drain()
    assert len(re.findall(r"\[bulkhead\] .*bad", rig.log)) == 1
    assert rig.state("bad") == "shut down"
    rig.ok("cell destroy bad")
    victim.assert_well()


@pytest.mark.parametrize("op0", [2, 3])
def test_untrapped_system_registers(bad, op0):
    """A read of every encoding of MRS: none beyond the cell's own EL1 and EL0 state."""
    base = 0xd5300000 | (op0 & 1) << 19
    found = bad.sweep(base, 16384, 1 << 5)
    for index, value in found.items():
        op1, crn, crm, op2 = index >> 11, index >> 7 & 15, index >> 3 & 15, index & 7
        name = f"S{op0}_{op1}_C{crn}_C{crm}_{op2}"
        if op0 == 2:
            # OSLSR_EL1: the OS lock is there, and taken.
            expected = 0xa if (op1, crn, crm, op2) == (0, 1, 1, 4) else 0
            assert value == expected, f"debug register {name} is {value:#x}"
            continue
        assert op1 in (0, 1, 2, 3), f"{name} is no register of EL1"
        assert crn not in (11, 15) or (op1, crn) in EMULATED, f"{name} is implementation defined"
        assert not (op1 == 3 and crn == 9), f"PMU register {name}"
        assert not (op1 == 0 and crn == 9 and crm == 14), f"PMU register {name}"
        assert not (op1 == 0 and crn == 1 and crm == 0 and op2 == 1), "ACTLR_EL1"
    assert bad.is_alive()


def test_writes_to_system_registers(rig, bad, victim):
    """A write of ones to every encoding of MSR that a cell should not have."""
    for op1 in (2, 3, 4, 5, 6, 7):
        base = 0xd5180000 | op1 << 16
        found = bad.sweep(base, 2048, 1 << 5, (1 << 64) - 1)
        if op1 == 3:
            # EL0's: flags, FP control, thread register, the cell's own timers.
            allowed = {(4, 2, 0), (4, 4, 0), (4, 4, 1), (13, 0, 2), (13, 0, 3), (14, 2, 0),
                       (14, 2, 1), (14, 2, 2), (14, 3, 0), (14, 3, 1), (14, 3, 2), (4, 2, 1)}
            found = {index for index in found
                     if (index >> 7, index >> 3 & 15, index & 7) not in allowed}
        elif op1 == 2:
            found = {index for index in found if index != 0}      # CSSELR_EL1
        assert not found, (op1, [hex(index) for index in found])
    assert rig.state("bad") == "running"


def test_system_instructions(rig, bad, victim):
    """Set/way maintenance and translations of EL2: ignored, or undefined."""
    for op1 in (4, 5, 6, 7):
        found = bad.sweep(0xd5080000 | op1 << 16, 2048, 1 << 5)
        assert not found, (op1, [hex(index) for index in found])
    for word in (0xd5087640, 0xd5087a40, 0xd5087e40):     # DC ISW, CSW, CISW
        assert bad.do(Puppet.EXECUTE, word, 0) is not None
    victim.assert_well()


def stats(rig, name):
    """{counter: value} of the cell's first CPU."""
    found = (line.split() for line in rig.ok(f"cell stats {name}"))
    return {words[0]: int(words[1]) for words in found if len(words) > 1 and words[1].isdigit()}


@pytest.mark.parametrize("name", ["write to the GIC", "version", "read"])
def test_exits_of_the_victim(rig, bad, victim, name):
    """A neighbour that hammers costs the victim no exit: each is an interrupt, the RTC's, its
    timer's or, on the emulator's GICv2, the work-around's. How many of them come in a round
    depends on the machine's speed, so the rounds themselves are not compared."""
    kind, *arguments = LOOPS[name]
    for is_hammering in (False, True):
        if is_hammering:
            if kind != Puppet.HVC_LOOP:
                bad.map_device(arguments[0])
            bad.stuck(kind, *arguments)
        before, rounds = stats(rig, "victim"), victim.record()["rounds"]
        victim.assert_well(rounds=100, seconds=60)
        after, rounds = stats(rig, "victim"), victim.record()["rounds"] - rounds
        spent = {counter: after[counter] - before[counter] for counter in after}
        # The counters are read one after the other, while it runs.
        assert abs(spent["exits"] - spent["linked"] - spent["irq"]) <= 8, spent
        assert spent["kick"] == spent["hypercall"] == spent["fault"] == 0, spent
        assert spent["exits"] >= rounds, spent
