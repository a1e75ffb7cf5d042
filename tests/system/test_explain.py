# SPDX-License-Identifier: Apache-2.0
"""What a person is told: counters per CPU, their rise while one watches, why a cell stopped."""

import re

import pytest
from rig import (DEVICE_BASE, DEVICE_NODE, DEVICE_SPIS, GICD, GICR, INTID, Helper, Puppet, Rig,
                 cell)

UNOWNED_RAM = 0x6f000000
PAGE_EXECUTE = 0x703
SYSTEM_OFF, SYSTEM_RESET, VERSION = 0x84000008, 0x84000009, 0xc6000000
TRAPPED = f'host = "{DEVICE_NODE}"; x-irqfd = <0>; mmap-timeout-ms = <0>;'
COUNT = 25


@pytest.fixture(scope="module", params=[3, 2], ids=["gic3", "gic2"])
def rig(request):
    cells = {"one": cell("one", 1, device=TRAPPED, properties="shutdown-ms = <30>;"),
             "two": cell("two", cpus=0xc, memory=(0x69000000, 0x200000), number=102)}
    with Rig(gic=request.param, cells=cells, device=True, keep_configs=False) as board:
        yield board


@pytest.fixture(autouse=True)
def clean_slate(request):
    yield
    board = request.node.funcargs["rig"]
    for name in ("one", "two"):
        if board.state(name) != "absent":
            board.ok(f"cell destroy {name}")


def started(rig, name):
    rig.mark()
    rig.start(name)
    return Puppet(rig, name)


def stats(rig, name):
    """[{counter: value}] of the cell's CPUs."""
    result = []
    for line in rig.ok(f"cell stats {name}"):
        words = line.split()
        if re.match(rf"cell {name}, CPU \d+:", line):
            result.append({})
        elif len(words) > 1 and words[1].isdigit():
            result[-1][words[0]] = int(words[1])
    return result


def test_trapped_accesses_and_injections(rig):
    """Each is counted where it happened, once."""
    puppet = started(rig, "one")
    puppet.map_device(DEVICE_BASE)
    puppet.irq_setup(INTID[0])
    before = stats(rig, "one")[0]
    for _ in range(COUNT):
        rig.set_line(DEVICE_SPIS[0], 1)
        while puppet.acknowledge() != INTID[0]:
            pass
        rig.set_line(DEVICE_SPIS[0], 0)
        puppet.read(DEVICE_BASE)
        puppet.do(Puppet.END, INTID[0])
    after = stats(rig, "one")[0]
    spent = {name: after[name] - before[name] for name in after}
    assert spent["device"] == COUNT
    assert spent["irq"] - spent["kick"] - spent["maintenance"] >= COUNT
    assert spent["injected"] >= COUNT
    # They are read one after the other, while its timer goes on.
    assert abs(spent["exits"] - sum(spent[name] for name in (
        "linked", "irq", "hypercall", "psci", "mmio", "device", "sysreg", "other",
        "spurious"))) < COUNT


def test_overflow(rig):
    """More pending at once than there are list registers: counted, and none is lost."""
    puppet = started(rig, "one")
    frame = GICR + 0x10000 if rig.gic == 3 else GICD
    before = stats(rig, "one")[0]["overflowed"]
    for intid in range(16):
        puppet.write(frame + 0x400 + intid, 0x40, 1)
    puppet.write(frame + 0x100, 0xffff)
    for intid in range(16):
        if rig.gic == 3:
            puppet.do(Puppet.EXECUTE, 0xd518cba0, intid << 24 | 1)
        else:
            puppet.write(GICD + 0xf00, 2 << 24 | intid)
    seen = set()
    while (token := puppet.acknowledge()) & 0x3ff < 1020:
        seen.add(token & 0x3ff)
        puppet.do(Puppet.END, token)
    assert seen == set(range(16))
    assert stats(rig, "one")[0]["overflowed"] > before


def test_each_cpu_has_its_own(rig):
    puppet = started(rig, "two")
    helper = Helper(puppet)
    before = stats(rig, "two")
    helper.calls((VERSION,))
    turns = helper.turns()
    while helper.turns() < turns + 100:
        pass
    helper.calls()
    after = stats(rig, "two")
    assert after[1]["hypercall"] - before[1]["hypercall"] >= 100
    assert after[0]["hypercall"] == before[0]["hypercall"]


def watched(rig, name, turns):
    """[{counter: rise}] of so many lines of `cell stats --watch`; a key ends it."""
    rig.console.send(f"cell stats --watch {name}\r")
    rig.line("a key ends this\r")
    result = []
    for _ in range(turns):
        rig.mark()
        line = rig.line(rf"cell {name}, CPU \d, (\d+\.\d+) s: ([^\r]*)\r")
        assert 0.9 < float(line[1])
        result.append({word: int(count) for word, count in
                       re.findall(r"(\w+) (\d+)", line[2])})
    rig.console.send("q")
    rig.line("bulkhead> ")
    return result


def test_watch(rig):
    """Second by second, what rose; a key ends it."""
    puppet = started(rig, "one")
    for rises in watched(rig, "one", 2):
        assert "hypercall" not in rises and rises["linked"] > 0     # its timer
    puppet.stuck(Puppet.HVC_LOOP, VERSION)
    for rises in watched(rig, "one", 3)[1:]:
        assert rises["hypercall"] > 1000 and rises["exits"] > 1000
    assert rig.state("one") == "running"
    rig.ok("cell shutdown one --force")
    assert "cell one: shut down, CPUs 1, 2048 KiB, 1 devices" in rig.ok("cell stats --watch one")


def test_watch_ends_with_the_cell(rig):
    """The last lines say why it stopped."""
    puppet = started(rig, "one")
    rig.mark()
    rig.console.send("cell stats --watch one\r")
    rig.line("a key ends this\r")
    puppet.post(Puppet.HVC, SYSTEM_OFF)
    rig.line(r"cell one: shut down, CPUs 1, 2048 KiB, 1 devices\r+\n"
             r"last stop: system off: cell one switched itself off \(PSCI SYSTEM_OFF\)\r")
    rig.line("bulkhead> ")


def vectors_abort(puppet):
    """An exception whose vectors lie in memory that is not the cell's."""
    puppet.map_device(UNOWNED_RAM)
    puppet.do(Puppet.PAGE, UNOWNED_RAM, UNOWNED_RAM | PAGE_EXECUTE)
    puppet.stuck(Puppet.FAULT_LOOP, UNOWNED_RAM)


ENDS = {
    "command": (lambda rig, puppet: rig.ok("cell shutdown one --force"), "shut down", "command",
                "cell one was stopped by a command"),
    "no answer": (lambda rig, puppet: (puppet.stuck(Puppet.SPIN), rig.ok("cell shutdown one")),
                  "shut down", "command",
                  "cell one did not answer within 30 ms and was stopped by force"),
    "off": (lambda rig, puppet: puppet.post(Puppet.HVC, SYSTEM_OFF), "shut down", "system off",
            "cell one switched itself off .PSCI SYSTEM_OFF."),
    "fault": (lambda rig, puppet: vectors_abort(puppet), "failed", "fault",
              r"cell one is stopped: CPU 1, PC 0x[0-9a-f]+, address 0x[0-9a-f]+, "
              r"ESR 0x[0-9a-f]+: this exception has no handler, VBAR_EL1 leads to no memory of "
              "the cell"),
}


@pytest.mark.parametrize("how", ENDS)
def test_reason_is_kept(rig, how):
    """Until the cell is destroyed, whatever is refused meanwhile; then it is gone."""
    act, state, word, sentence = ENDS[how]
    puppet = started(rig, "one")
    assert not any(line.startswith("last stop") for line in rig.ok("cell info one"))
    rig.mark()
    act(rig, puppet)
    if how != "command":
        rig.line(r"\[bulkhead\] " + sentence)
    assert rig.state("one") == state
    for command in ("", "cell start one", "cell create one", "cell load one"):
        rig.shell(command or "version")
        lines = [line for line in rig.ok("cell info one") if not line.startswith("[")]
        assert re.fullmatch(rf"last stop: {word}: {sentence}", lines[1]), lines
    rig.ok("cell destroy one")
    assert rig.ok("cell info one") == ["cell one: absent, CPUs -, 0 KiB, 0 devices"]


def test_reason_of_a_reset(rig):
    """A cell that restarted itself runs: it has no reason, the line is on the console."""
    puppet = started(rig, "one")
    rig.mark()
    puppet.post(Puppet.HVC, SYSTEM_RESET)
    rig.line(r"\[bulkhead\] cell one restarts itself \(PSCI SYSTEM_RESET\)\r")
    rig.line('puppet: "one" has its mailbox')
    assert rig.state("one") == "running"
    assert len(rig.ok("cell info one")) == 1
