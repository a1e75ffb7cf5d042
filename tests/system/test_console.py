# SPDX-License-Identifier: Apache-2.0
"""The cells' virtual UARTs on the one real console, moved by puppets."""

import struct
import time

import pytest
from rig import GICD, GICR, GICR_SGI, Puppet, Rig, cell

UART, INTID = 0x09000000, 33
OTHER_UART, OTHER_INTID = 0x0b000000, 77
DR, FR, IMSC, RIS, MIS, ICR = 0x00, 0x18, 0x38, 0x3c, 0x40, 0x44
RX, TX, RT = 0x10, 0x20, 0x40
FR_IDLE, FR_RXFE = 0x90, 0x10
KEY = "\x1d"
CONSOLE_WRITE = 0xc6000001
INPUT_SIZE = 256
INPUT_INTID = 24        # "input waits", for those who read it by hypercall

# Arm DDI 0183G, 3.2: what a loader leaves, and the bits that can be written. All other
# words of the page read as zero and ignore writes.
REGISTERS = {
    FR: (FR_IDLE, 0), 0x20: (0, 0xff), 0x24: (13, 0xffff), 0x28: (1, 0x3f), 0x2c: (0x70, 0xff),
    0x30: (0x301, 0xff87), 0x34: (0x12, 0x3f), IMSC: (0, 0x7ff),
    0xfe0: (0x11, 0), 0xfe4: (0x10, 0), 0xfe8: (0x14, 0), 0xfec: (0, 0),
    0xff0: (0x0d, 0), 0xff4: (0xf0, 0), 0xff8: (0x05, 0), 0xffc: (0xb1, 0),
}


def puppets(gic, **cells):
    return Rig(gic=gic, cells=cells, keep_configs=False)


def started(rig, name, base=UART):
    rig.start(name)
    puppet = Puppet(rig, name)
    puppet.map_device(base)
    frame = GICR + GICR_SGI if rig.gic == 3 else GICD
    puppet.write(frame + 0x180, 1 << INPUT_INTID)
    return puppet


def shown(rig, name):
    """Move the input to a cell by the shell. It must have it."""
    rig.mark()
    rig.console.send(f"cell console {name}\r")
    rig.line(rf"\[bulkhead\] input goes to {name}\r")


def typed(rig, puppet, text, base=UART):
    """Type to the cell in focus: what its driver reads, polling."""
    rig.console.send(text)
    got, deadline = "", time.monotonic() + 20
    while len(got) < len(text):
        if puppet.read(base + FR) & FR_RXFE == 0:
            got += chr(puppet.read(base + DR))
        assert time.monotonic() < deadline, got
        rig.poll()
    return got


def wait_register(puppet, offset, is_so, base=UART):
    deadline = time.monotonic() + 20
    while not is_so(puppet.read(base + offset)):
        assert time.monotonic() < deadline, hex(puppet.read(base + offset))
        time.sleep(0.01)


def say(puppet, text, base=UART):
    for byte in text.encode():
        puppet.write(base + DR, byte)


def stat(rig, name, counter):
    return sum(int(line.split()[1]) for line in rig.ok(f"cell stats {name}")
               if line.split()[0] == counter)


def registers(puppet):
    for offset in range(4, 0x1000, 4):
        reset, kept = REGISTERS.get(offset, (0, 0))
        assert puppet.read(UART + offset) == reset, hex(offset)
        if offset not in REGISTERS and offset % 0x50 != 0:
            continue        # of the many that are reserved, some are written
        puppet.write(UART + offset, 0xffffffff)
        assert puppet.read(UART + offset) == (kept or reset), hex(offset)
        puppet.write(UART + offset, reset)
    # Narrower: the part of the word. Wider, there is nothing that could answer.
    assert puppet.read(UART + 0x34, 1) == puppet.read(UART + 0x34, 2) == 0x12
    assert puppet.read(UART + 0x31, 1) == 0x03      # UARTCR, bits 15:8
    assert puppet.read(UART + 0x32, 2) == 0
    puppet.write(UART + 0x31, 0xff, 1)
    assert puppet.read(UART + 0x30) == 0x301
    assert puppet.touch(UART + 4, 0x3ff, 4, 4) == 0x3ff
    for value in (None, 0):
        assert puppet.touch(UART, 0x200, 8, 8, value) == 0


def interrupts(rig, puppet):
    """Transmit, receive and timeout, through the GIC; a line that stays is level."""
    puppet.irq_setup(INTID)
    puppet.write(UART + IMSC, TX)
    assert puppet.acknowledge() >= 1020
    say(puppet, "sent by interrupts\n")
    rig.line(r"\[p\] sent by interrupts\r")
    for _ in range(2):
        assert puppet.acknowledge() == INTID
        puppet.do(puppet.END, INTID)
    puppet.write(UART + ICR, TX)
    assert puppet.acknowledge() >= 1020
    puppet.write(UART + IMSC, RX | RT)
    shown(rig, "p")
    rig.console.send("abc")
    wait_register(puppet, RIS, lambda value: value & RT)
    deadline = time.monotonic() + 20
    while puppet.acknowledge() != INTID:
        assert time.monotonic() < deadline
    got = ""
    while len(got) < 3:
        if puppet.read(UART + FR) & FR_RXFE == 0:
            got += chr(puppet.read(UART + DR))
    assert got == "abc"
    assert puppet.read(UART + MIS) == 0
    assert puppet.read(UART + DR) == 0      # there is nothing more
    puppet.do(puppet.END, INTID)
    assert puppet.acknowledge() >= 1020
    puppet.write(UART + IMSC, 0)
    rig.console.send("0123456789")
    wait_register(puppet, RIS, lambda value: value & RX)    # half a FIFO


@pytest.mark.parametrize("gic", (2, 3))
def test_uart(gic):
    """Every register of a PL011 and its interrupt, at the board's own place."""
    with puppets(gic, p=cell("p", cpu=1)) as rig:
        puppet = started(rig, "p")
        registers(puppet)
        interrupts(rig, puppet)


@pytest.mark.parametrize("gic", (2, 3))
def test_focus(gic):
    """Two cells with one INTID, and one with a UART elsewhere: each gets what is its own."""
    place = f"uart-address = <0 {OTHER_UART:#x}>; uart-interrupt = <{OTHER_INTID}>;"
    with puppets(gic, p=cell("p", cpu=1), q=cell("q", cpu=2),
                 r=cell("r", cpu=3, properties=place)) as rig:
        p, q, r = started(rig, "p"), started(rig, "q"), started(rig, "r", OTHER_UART)
        for puppet, base, intid in ((p, UART, INTID), (q, UART, INTID),
                                    (r, OTHER_UART, OTHER_INTID)):
            puppet.irq_setup(intid)
            puppet.write(base + IMSC, RX | RT)
        shown(rig, "q")
        assert typed(rig, q, "to the second") == "to the second"
        assert p.read(UART + FR) == q.read(UART + FR) == FR_IDLE
        rig.mark()
        rig.console.send(KEY + "n")
        rig.line(r"\[bulkhead\] input goes to r\r")
        rig.console.send("x" + KEY + KEY + "y" + KEY + "z")     # all but the key once
        for byte in ("x", KEY, "y", KEY, "z"):
            wait_register(r, FR, lambda value: value & FR_RXFE == 0, OTHER_UART)
            if byte == "x":
                assert r.acknowledge() == OTHER_INTID
                r.do(r.END, OTHER_INTID)
            assert chr(r.read(OTHER_UART + DR)) == byte
        assert p.acknowledge() >= 1020 and q.acknowledge() >= 1020
        assert r.read(UART) is None     # nothing is there
        # Lines of two at once stay whole; a cell that floods the console stops none.
        say(p, "first ")
        say(q, "second ")
        say(p, "of p\n")
        say(q, "of q\n")
        rig.line(r"\[p\] first of p\r")
        rig.line(r"\[q\] second of q\r")
        q.stuck(q.HVC_LOOP, CONSOLE_WRITE, 40, *struct.unpack("<5Q", b"flood " * 6 + b"...\n"))
        rig.line(r"\[q\] flood flood")
        say(p, "not drowned\n")
        rig.line(r"\[p\] not drowned\r")
        rig.mark()
        rig.console.send(KEY + "n")
        rig.line(r"\[bulkhead\] input goes to root\r")
        rig.ok("cell shutdown --force q", timeout=60)
        shown(rig, "p")
        rig.mark()
        rig.console.send(KEY + "n" + KEY + "n")     # r, and round again; q does not run
        rig.line(r"\[bulkhead\] input goes to root\r")
        assert rig.state("r") == "running"


def test_input_dropped():
    """A cell that reads nothing: what has no room is counted, what has is kept."""
    text = "".join(chr(ord("a") + number % 26) for number in range(300))
    with puppets(3, p=cell("p", cpu=1)) as rig:
        puppet = started(rig, "p")
        shown(rig, "p")
        rig.console.send(text)
        rig.console.send(KEY + "n")
        rig.line(r"\[bulkhead\] input goes to root\r")
        assert stat(rig, "p", "input_dropped") == len(text) - INPUT_SIZE
        assert stat(rig, "root", "input_dropped") == 0
        assert typed(rig, puppet, "") == ""
        got = "".join(chr(puppet.read(UART + DR)) for _ in range(INPUT_SIZE))
        assert got == text[:INPUT_SIZE]
        assert puppet.read(UART + FR) == FR_IDLE
        # The stop of a cell in focus gives the input back; a stopped one cannot have it.
        shown(rig, "p")
        puppet.post(puppet.HVC, 0x84000008)
        rig.line(r"\[bulkhead\] cell p switched itself off")
        lines = rig.shell("cell console p")
        assert any("does not run" in line for line in lines), lines
