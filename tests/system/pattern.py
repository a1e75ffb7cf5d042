# SPDX-License-Identifier: Apache-2.0
"""A board with made-up devices, whose lines and accesses a test drives one by one.

The devices' registers are RAM: the memory of a PCI card of the emulator's, placed where
the board's tree has the devices' nodes. Their interrupts are SPIs that nothing else
uses, raised by qtest's set_irq_in. The cell's accesses are ordered through the mailbox of
inmates/tests/irq-pattern.
"""

import contextlib
import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import machine      # noqa: E402: found by the line above
import mkbundle     # noqa: E402
import trace_export     # noqa: E402

OUT = ROOT / os.environ.get("BUILD", "build") / "virt"
LIFE = 300          # seconds, of any emulator
WAIT = 60           # seconds, for an answer
PROMPT = "bulkhead> "

CARD = 0x10100000   # where the card's memory is placed, in the window for PCI
CARD_SLOT = 4
ECAM = 0x4010000000
NOWHERE = 0x0b000000    # an access is answered with an external abort
LEVEL, EDGE = 4, 1
FIRST, SECOND = "first", "second"   # as the cells' configs call them
NODES = {
    FIRST: {
        "host": f"irq-pattern@{CARD:x}",
        "reg": [(CARD, 0x1000), (CARD + 0x1000, 0x1000), (CARD + 0x2080, 0x100),
                (NOWHERE, 0x1000)],
        "spis": [(200, LEVEL), (201, EDGE), (202, LEVEL), (203, LEVEL), (204, EDGE),
                 (205, LEVEL)],
    },
    SECOND: {
        "host": f"irq-pattern@{CARD + 0x4000:x}",
        "reg": [(CARD + 0x4000, 0x1000)],
        "spis": [(206, LEVEL), (207, EDGE), (208, LEVEL)],
    },
}
FAILING_REGION = 3
UNUSED_SPI = 220

NOTHING, READ, WRITE = 0, 1, 2
REQUEST = struct.Struct("<IIIIIIIIQQ")     # mailbox.h, from request to end
FAULT_OFFSET, SPURIOUS_OFFSET, TAKEN_OFFSET, IRQS = 48, 52, 56, 64
RING = int(re.search(r"^CONFIG_TRACE_EVENTS=(\d+)$", (OUT / ".config").read_text(), re.M)[1])
EVENTS_PER_COMMAND = 10     # at most; a deadline now and then is among them


def cell_config(name, devices, number):
    """The source of a cell's config; devices is {name: properties}."""
    nodes = "".join(f'{name} {{ compatible = "bulkhead,vfio-platform"; dma = "none"; '
                    f'host = "{NODES[name]["host"]}"; {properties} }};\n'
                    for name, properties in devices.items())
    return (f'/dts-v1/;\n#include "board.dtsi"\n/ {{ domains {{ {name} {{\n'
            f'compatible = "bulkhead,cell-v1"; id = <{number + 10}>; cpus = <&cpus 0x2 0x1>;\n'
            f'memory = <0x0 0x62000000 0x0 0x00200000>; image = "irq-pattern";\n'
            f'{nodes}}}; }}; }};\n')


def compile_config(source, output):
    """Device-tree source as the build compiles it."""
    text = subprocess.run(["cpp", "-nostdinc", "-undef", "-x", "assembler-with-cpp",
                           f"-I{ROOT / 'configs' / 'virt'}"], input=source.encode(),
                          stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", output], input=text, check=True)


def make_bundle(folder, cells):
    """A bundle with these cells beside the root cell; cells is {name: {device: properties}}."""
    words = ["--itb", str(folder / "bundle.itb"), "--uimg", str(folder / "bundle.uimg")]
    images = {"system": OUT / "configs" / "system.dtb", "cell-root": OUT / "configs" / "root.dtb"}
    for number, (name, devices) in enumerate(cells.items()):
        images[f"cell-{name}"] = folder / f"{name}.dtb"
        compile_config(cell_config(name, devices, number), images[f"cell-{name}"])
    for name in ("shell", "irq-pattern"):
        images[name] = OUT / "inmates" / f"{name}.bin"
    for name, path in images.items():
        words += ["--add", f"{name}={path}"]
    mkbundle.main(words)
    return folder / "bundle.uimg"


def add_nodes(tree):
    """Put the made-up devices into the board's tree."""
    def put(kind, node, name, *values):
        subprocess.run(["fdtput", "-t", kind, tree, f"/{node}", name,
                        *(f"{value:x}" if kind == "x" else value for value in values)],
                       check=True)

    for parts in NODES.values():
        node = parts["host"]
        subprocess.run(["fdtput", "-c", tree, f"/{node}"], check=True)
        put("s", node, "compatible", "bulkhead,irq-pattern")
        put("x", node, "reg", *(cell for base, size in parts["reg"]
                                for cell in (0, base, 0, size)))
        put("x", node, "interrupts", *(cell for spi, trigger in parts["spis"]
                                       for cell in (0, spi, trigger)))


class Board:
    """The board, booted to the shell."""

    def __init__(self, folder, gic, cells):
        """folder: for files; cells: as make_bundle() wants them"""
        self.gic = gic
        self._cells = {name: list(devices) for name, devices in cells.items()}
        self._order = []            # the devices of the started cell
        self.capture = ""           # what `trace` and `cell devices` printed
        self.mailbox = None
        self._closing = contextlib.ExitStack()
        tree = folder / "board.dtb"
        # A socket's path may not be long.
        sockets = pathlib.Path(self._closing.enter_context(tempfile.TemporaryDirectory()))
        qtest, qmp = sockets / "qtest", sockets / "qmp"
        board = machine.Machine(
            gic=gic, boot="direct", out=str(OUT), bundle=str(make_bundle(folder, cells)),
            qtest=str(qtest), qmp=str(qmp),
            extra=("-dtb", str(tree), "-object", "memory-backend-ram,id=registers,size=64K",
                   "-device", f"ivshmem-plain,memdev=registers,addr={CARD_SLOT}"))
        board.dump_dtb(str(tree))
        add_nodes(str(tree))
        self.console = board.spawn(LIFE, timeout=WAIT)
        self._closing.callback(self.console.close, force=True)
        self.console.delaybeforesend = None
        self.console.expect_exact(PROMPT)
        self._qtest = self._connect(qtest)
        self._gic_path = self._find_gic(self._connect(qmp))
        self._place_card()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._closing.close()

    def _connect(self, path):
        deadline = time.monotonic() + WAIT
        connection = self._closing.enter_context(socket.socket(socket.AF_UNIX))
        connection.settimeout(WAIT)
        while True:
            try:
                connection.connect(str(path))
                return self._closing.enter_context(connection.makefile("rw"))
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    @staticmethod
    def _find_gic(monitor):
        """The GIC's path among the emulator's objects."""
        def ask(command, **arguments):
            monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            monitor.flush()
            while True:
                answer = json.loads(monitor.readline())
                if "return" in answer:
                    return answer["return"]

        monitor.readline()      # the greeting
        ask("qmp_capabilities")
        parents = []            # [(indentation, name)]
        for line in ask("human-monitor-command",
                        **{"command-line": "info qom-tree"}).splitlines():
            match = re.match(r"( *)/(.*) \((.*)\)$", line)
            if not match:
                continue
            indentation, name, kind = match.groups()
            parents = [entry for entry in parents if entry[0] < len(indentation)]
            parents.append((len(indentation), name))
            if kind in ("arm_gic", "arm-gicv3"):
                return "/" + "/".join(name for _, name in parents if name)
        raise AssertionError("the emulator shows no GIC")

    def qtest(self, *words):
        """One command of the emulator's test protocol."""
        self._qtest.write(" ".join(map(str, words)) + "\n")
        self._qtest.flush()
        status, *answer = self._qtest.readline().split()
        assert status == "OK", (words, status, answer)
        return answer[0] if answer else None

    def _place_card(self):
        config = ECAM + (CARD_SLOT << 15)
        for register, value in ((0x18, CARD), (0x1c, 0), (4, 2)):
            self.qtest("writel", hex(config + register), hex(value))

    def register(self, address):
        """32 bits of the card's memory."""
        return int(self.qtest("readl", hex(address)), 16)

    def set_register(self, address, value):
        self.qtest("writel", hex(address), hex(value))

    # ---- the shell ----

    def shell(self, command, end=None):
        """What the shell prints, at least up to end, a regular expression."""
        self.console.sendline(command)
        self.console.expect_exact(command)
        text = ""
        if end:
            self.console.expect(end)
            text = self.console.before + self.console.after
        self.console.expect_exact(PROMPT)
        return (text + self.console.before).replace("\r", "")

    def cell(self, verb, name):
        """cell create|load|start|shutdown --force|destroy; the sentence that answers it."""
        return self.shell(f"cell {verb} {name}",
                          rf"cell {name}: (\w+ed|shut down)\r|error: [^\r]*\r")

    def start(self, name):
        """Create, load and start a cell, with the trace on."""
        self.shell("trace clear")
        self.shell("trace on", "trace: on")
        self.capture = ""
        self._order = self._cells[name]
        text = ""
        for verb in ("create", "load", "start"):
            text += self.cell(verb, name)
            assert "error: " not in text, text
        found = re.search(r"mailbox at 0x([0-9a-f]+)", text)
        if found is None:
            self.console.expect(r"mailbox at 0x([0-9a-f]+)\r")
            found = self.console.match
        self.mailbox = int(found[1], 16)

    def drain(self):
        """Take what the trace holds into the capture."""
        self.capture += self.shell("trace", r"trace: \d+ events, \d+ overwritten before they "
                                            "were read")

    def devices(self, name):
        """What `cell devices` shows."""
        return self.shell(f"cell devices {name}")

    # ---- the cell's accesses and its lines ----

    def request(self, op=NOTHING, mark=0, device=None, region=0, value=0, end=0):
        """Have the inmate do something, and wait until it has; True: no abort."""
        index = self._order.index(device) if device else 0
        request, answer = struct.unpack("<II", self._read(self.mailbox, 8))
        assert request == answer
        fields = REQUEST.pack(request, answer, op, mark, index, region, 0, 4, value, end)
        self.qtest("write", hex(self.mailbox), hex(len(fields)), "0x" + fields.hex())
        self.qtest("writel", hex(self.mailbox), hex(request + 1 & 0xffffffff))
        deadline = time.monotonic() + WAIT
        for _ in range(20):
            if int(self.qtest("readl", hex(self.mailbox + 4)), 16) != request:
                break
        while int(self.qtest("readl", hex(self.mailbox + 4)), 16) == request:
            time.sleep(0.0005)
            assert time.monotonic() < deadline, "the inmate does not answer"
        return struct.unpack("<I", self._read(self.mailbox + FAULT_OFFSET, 4)) == (0,)

    def _read(self, address, size):
        return bytes.fromhex(self.qtest("read", hex(address), hex(size))[2:])

    def taken(self, device):
        """Virtual interrupts that the inmate acknowledged, by IRQ."""
        offset = TAKEN_OFFSET + 4 * IRQS * self._order.index(device)
        count = len(NODES[device]["spis"])
        return list(struct.unpack(f"<{count}I", self._read(self.mailbox + offset, 4 * count)))

    def spurious(self):
        """Acknowledged interrupts that are no device's."""
        return struct.unpack("<I", self._read(self.mailbox + SPURIOUS_OFFSET, 4))[0]

    def set_line(self, device, irq, level):
        """Raise or drop a physical line; its effects are over on return."""
        spi = NODES[device]["spis"][irq][0]
        self.qtest("set_irq_in", self._gic_path, "unnamed-gpio-in", spi, level)
        self.request(device=device)

    def poke(self):
        """Have QEMU's GICv2 look at its lines again.

        Its model does not do so when the guest's EOI ends a linked line: one that is
        still high would be delivered with the next event at the distributor only.
        """
        if self.gic == 2:
            for level in (1, 0):
                self.qtest("set_irq_in", self._gic_path, "unnamed-gpio-in", UNUSED_SPI, level)
            self.request()


class Player:
    """Carries out scripts of the conformance format in a started cell."""

    def __init__(self, board, cell, devices, linked):
        """devices: the cell's, in order; linked: {device: set of linked IRQs}"""
        self.board = board
        self.cell = cell
        self.device = devices[0]
        self.linked = {device: linked.get(device, set()) for device in devices}
        self.held = set()       # (device, irq)
        self.commands = []      # carried out, as trace_export wants them
        self.final = None       # what `cell devices` showed in the end
        self._number = 0

    def is_linked(self, irq):
        return int(irq) in self.linked[self.device]

    def _trapped_mask(self):
        return sum(1 << irq for irq in range(len(NODES[self.device]["spis"]))
                   if not self.is_linked(irq))

    def play(self, *commands):
        """Carry out commands: use, irq, level, access, geoi, advance."""
        for command in commands:
            self.commands.append(command)
            words = command.split()
            if words[0] == "use":
                self.device = words[1]
                continue
            self._number += 1
            if words[0] != "access":
                self.board.request(mark=self._number, device=self.device)
            getattr(self, f"_{words[0]}")(*words[1:])
            if self._number % (RING // EVENTS_PER_COMMAND) == 0:
                self.board.drain()

    def _level(self, irq, level):
        self.board.set_line(self.device, int(irq), int(level))
        (self.held.add if int(level) else self.held.discard)((self.device, int(irq)))

    def _irq(self, irq):
        self.board.set_line(self.device, int(irq), 1)
        self.board.set_line(self.device, int(irq), 0)

    def _access(self, region, direction="r", *options):
        for option in options:
            if option.startswith("ack="):
                # It stays masked until the access: dropped a little early, nothing shows.
                self._level(option[4:], 0)
        # A read that fails retires nothing: what is active would come again.
        is_eoi = direction == "w" or "fail" not in options
        done = self.board.request(op=WRITE if direction == "w" else READ, mark=self._number,
                                  device=self.device, region=int(region), value=self._number,
                                  end=self._trapped_mask() if is_eoi else 0)
        assert done == ("fail" not in options)

    def _geoi(self, irq):
        if self.is_linked(irq):
            self.board.request(device=self.device, end=1 << int(irq))
            self.board.poke()

    def _advance(self, ms):
        time.sleep(int(ms) / 1000)
        self.board.request(device=self.device)

    def _expiries(self):
        """Deadlines of the current device that have passed, and whether it is mapped."""
        text = self.board.devices(self.cell)
        block = text[text.index(f"device {self.device}:"):]
        block = block[:block.index("EOIs without an active irq")]
        return int(re.search(r"(\d+) deadline expiries", block)[1]), ", mapped," in block

    def wait_expiry(self):
        """advance, until the current device's deadline has passed, or none is left."""
        before, is_mapped = self._expiries()
        count = before
        deadline = time.monotonic() + WAIT
        self.play("advance 0")
        while count == before and not is_mapped:
            assert time.monotonic() < deadline, "no deadline passes"
            time.sleep(0.02)
            count, is_mapped = self._expiries()
        self.board.request(device=self.device)

    def finish(self):
        """Drop all lines, end the trace. Returns the trace_export.Export."""
        for device, irq in sorted(self.held):
            self.play(f"use {device}", f"level {irq} 0")
        self.final = self.board.devices(self.cell)
        self.board.shell("trace off", "trace: off")
        self.board.drain()
        self.board.capture += "\n" + self.final
        return trace_export.export_trace(self.board.capture, self.commands)
