# SPDX-License-Identifier: Apache-2.0
"""The board with cells of a test's own, driven by the shell and watched from outside.

    with Rig(gic=3, cells={"a": cell("a", cpu=1, image="puppet")}) as rig:
        rig.shell("cell create a")
        ...

Three ways lead in: the console with the root cell's shell, QEMU's test socket (interrupt
lines, registers), and the board's memory, which is a file of this process. A cell that
runs inmates/tests/puppet is moved by Puppet.
"""

import json
import mmap
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import machine      # noqa: E402
import mkbundle     # noqa: E402
from boards import BOARD, GICD, GICS, RAM_BASE, RAM_SIZE    # noqa: E402
from migration import Stream    # noqa: E402

PROMPT = "bulkhead> "
PSCI_CPU_ON = 0xc4000003
GICR = 0x080a0000
GICR_STRIDE = 0x20000
GICR_SGI = 0x10000

# The made-up device: RAM behind a PCI BAR, and interrupt lines that nothing else has.
DEVICE_BASE = 0x10100000
DEVICE_SIZE = 0x1000
DEVICE_SPIS = (60, 61, 62, 63)     # the first three level, the last edge
DEVICE_EDGE = 3
DEVICE_NODE = "testdev@10100000"
ECAM = 0x4010000000
INTID = [spi + 32 for spi in DEVICE_SPIS]

# Where the cells of the tests live; no config of the tree uses it.
CELL_MEMORY = {1: 0x68000000, 2: 0x69000000, 3: 0x6a000000}
CELL_SIZE = 0x200000
CPU_MASK = {1: 0x2, 2: 0x4, 3: 0x8}


class RigError(Exception):
    """What did not go as the test needs it, in one sentence."""


def cell(name, cpu=1, image="puppet", device="", properties="", memory=None, cpus=None,
         number=None):
    """The source of a cell's config. device: the body of its device node, or "" for none."""
    base, size = memory or (CELL_MEMORY[cpu], CELL_SIZE)
    node = f'dev {{ compatible = "bulkhead,vfio-platform"; {device} }};' if device else ""
    return f"""/dts-v1/;
#include "board.dtsi"
/ {{ domains {{ {name} {{
    compatible = "bulkhead,cell-v1", "openamp,domain-v1";
    id = <{number or 100 + cpu}>;
    cpus = <&cpus {cpus or CPU_MASK[cpu]:#x} 0x1>;
    memory = <{base >> 32:#x} {base & 0xffffffff:#x} {size >> 32:#x} {size & 0xffffffff:#x}>;
    image = "{image}";
    {properties}
    {node}
}}; }}; }};
"""


def compile_config(source, output):
    """From a config's source to its blob, as the Makefile does it."""
    text = subprocess.run(
        ["cpp", "-nostdinc", "-undef", "-x", "assembler-with-cpp",
         f"-I{ROOT / 'configs' / BOARD}", "-"],
        input=source.encode(), stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(output), "-"],
                   input=text, check=True)


def assemble(source, output):
    """From a position-independent assembler file to raw bytes, for image-address."""
    with tempfile.TemporaryDirectory(prefix="rig") as folder:
        elf = f"{folder}/raw.elf"
        subprocess.run(["aarch64-linux-gnu-gcc", "-nostdlib", "-static", "-Wl,-Ttext=0",
                        "-Wl,--build-id=none", "-o", elf, str(source)], check=True)
        subprocess.run(["aarch64-linux-gnu-objcopy", "-O", "binary", "-j", ".text", elf,
                        str(output)], check=True)


class Rig:
    """One emulated board. Everything that it makes is gone when it is closed."""

    def __init__(self, gic=GICS[0], cells=None, images=None, device=False, smp=4, limit=120,
                 extra=(), keep_configs=True, ready=PROMPT, accelerator="tcg"):
        """cells: {name: source}, which may replace the root cell's; images: {name: file},
        further inmates; device: plug in the
        made-up device, True or the size of its registers; keep_configs: have the tree's
        own cells too; ready: what the console says when the test may begin; accelerator:
        as machine.Machine has it."""
        self.gic = gic
        self.smp = smp
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rig"))
        self.log = ""
        self.console = self.qtest = self.qmp_socket = self.memory = self.registers = None
        try:
            self._start(cells or {}, images or {}, device, limit, extra, keep_configs, ready,
                        accelerator)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- starting and stopping ----------------------------------------------------------

    def _bundle(self, out, cells, images, keep_configs):
        found = mkbundle.find_images(out / "configs", out / "inmates")
        for name in list(found):
            if name.startswith("cell-") and name != "cell-root" and not keep_configs:
                del found[name]
        for name, source in cells.items():
            path = self.folder / f"{name}.dtb"
            compile_config(source, path)
            found["cell-" + name] = path
        found.update(images)
        order = {name: found[name] for name in ("system", "cell-root")}
        order.update(sorted(found.items(), key=lambda item: not item[0].startswith("cell-")))
        mkbundle.make_itb(self.folder / "bundle.itb", order)
        mkbundle.make_uimg(self.folder / "bundle.uimg", self.folder / "bundle.itb")

    def _file(self, name, size):
        path = self.folder / name
        with open(path, "wb") as file:
            file.truncate(size)
        with open(path, "r+b") as file:
            return path, mmap.mmap(file.fileno(), size)

    def _board_tree(self, board, size):
        """The emulator's own tree, and the made-up device in it."""
        path = self.folder / "board.dtb"
        board.dump_dtb(path)
        interrupts = []
        for index, spi in enumerate(DEVICE_SPIS):
            interrupts += ["0", str(spi), "1" if index == DEVICE_EDGE else "4"]
        node = "/" + DEVICE_NODE
        for words in (["-c", str(path), node],
                      ["-t", "s", str(path), node, "compatible", "arm,pl061", "test,device"],
                      ["-t", "x", str(path), node, "reg", "0", f"{DEVICE_BASE:x}", "0",
                       f"{size:x}"],
                      ["-t", "i", str(path), node, "interrupts"] + interrupts):
            subprocess.run(["fdtput"] + words, check=True)
        return path

    def _start(self, cells, images, device, limit, extra, keep_configs, ready, accelerator):
        self._ram_path, self.memory = self._file("ram", RAM_SIZE)
        words = ["-object", f"memory-backend-file,id=ram,size={RAM_SIZE},share=on,"
                            f"mem-path={self._ram_path}", "-machine", "memory-backend=ram"]
        board = machine.Machine(board=BOARD, gic=self.gic, boot="direct", smp=self.smp,
                                bundle=self.folder / "bundle.uimg", accelerator=accelerator,
                                qtest=str(self.folder / "qtest"), qmp=str(self.folder / "qmp"))
        self._bundle(board.out, cells, images, keep_configs)
        if device:
            path, self.registers = self._file("registers", 1 << 20)
            words += ["-object", f"memory-backend-file,id=regs,size={1 << 20},share=on,"
                                 f"mem-path={path}",
                      "-device", "ivshmem-plain,memdev=regs,master=on,addr=02.0",
                      "-dtb", str(self._board_tree(board, DEVICE_SIZE if device is True
                                                   else device))]
        board.extra = tuple(words) + tuple(extra)
        self.console = board.spawn(limit, timeout=20)
        self.console.delaybeforesend = None
        self.qtest = self._connect("qtest")
        self.qmp_socket = self._connect("qmp")
        self._qmp_file = self.qmp_socket.makefile("rw", encoding="utf-8")
        self._qtest_file = self.qtest.makefile("rw", encoding="utf-8")
        json.loads(self._qmp_file.readline())
        self.qmp("qmp_capabilities")
        if device:
            self._plug_in()
        self.log += self._expect(ready)
        self._gic_path = self._find_gic()

    def _connect(self, name):
        path, deadline = str(self.folder / name), time.monotonic() + 20
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(path)
                connection.settimeout(60)
                return connection
            except OSError:
                connection.close()
                if time.monotonic() > deadline or not self.console.isalive():
                    raise
                time.sleep(0.01)

    def _plug_in(self):
        """Give the PCI device its address, as no firmware does here."""
        function = ECAM + (2 << 15)
        self.writel(function + 0x18, DEVICE_BASE)      # BAR 2, 64 bits
        self.writel(function + 0x1c, 0)
        self.writel(function + 0x04, 0x2)              # memory

    def close(self):
        if self.console is not None:
            try:
                self.log += self.console.read_nonblocking(1 << 16, 0)
            except Exception:       # pylint: disable=broad-except
                pass
            self.console.close(force=True)
        for thing in (self.qtest, self.qmp_socket, self.memory, self.registers):
            if thing is not None:
                thing.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the console --------------------------------------------------------------------

    def _expect(self, pattern, timeout=-1):
        import pexpect
        try:
            self.console.expect(pattern, timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            self.log += self.console.before if isinstance(self.console.before, str) else ""
            raise RigError(f"{pattern!r} did not come; the console ends with:\n"
                           + self.log[-3000:]) from error
        return self.console.before + self.console.after

    def shell(self, command, timeout=30):
        """Type a command; returns the lines that it made, those of other cells included."""
        self.console.send(command + "\r")
        self.log += self._expect(re.escape(command) + r"\r+\n", timeout)
        text = self._expect(PROMPT, timeout)
        self.log += text
        return text[:-len(PROMPT)].replace("\r", "").splitlines()

    def ok(self, command, timeout=30):
        """The same for a command that must succeed."""
        lines = self.shell(command, timeout)
        bad = [line for line in lines if line.startswith("error")]
        if bad:
            raise RigError(f"{command}: {bad[0]}")
        return lines

    def line(self, pattern, timeout=20):
        """Wait for a line of any cell; returns the match. What was said before counts."""
        import pexpect
        found = re.search(pattern, self.log)
        if found is None:
            try:
                self.console.expect(pattern, timeout=timeout)
            except (pexpect.TIMEOUT, pexpect.EOF) as error:
                raise RigError(f"{pattern!r} did not come; the console ends with:\n"
                               + self.log[-3000:] + str(self.console.before)) from error
            self.log += self.console.before + self.console.after
            found = self.console.match
        return found

    def mark(self):
        """Forget what was said, for line()."""
        self.log = ""

    def _take(self, timeout):
        """What is on the console, after waiting so long for it; "" if that is nothing.

        Not by read_nonblocking(): it knows nothing of what expect() has left over.
        """
        import pexpect
        if self.console.expect([r"(?s).+", pexpect.TIMEOUT], timeout=timeout) == 1:
            return ""
        return self.console.before + self.console.after

    def drain(self, seconds=0.2):
        """Take in what comes on the console for so long; returns it."""
        text, deadline = "", time.monotonic() + seconds
        while time.monotonic() < deadline:
            text += self._take(0.05)
        self.log += text
        return text

    def poll(self):
        """Take in what is there. An emulator whose console nobody reads stands still."""
        self.log += self._take(0)

    def start(self, name):
        for verb in ("create", "load", "start"):
            self.ok(f"cell {verb} {name}")

    def state(self, name):
        """The cell's state as `cell list` names it."""
        for line in self.shell("cell list"):
            if line.split(" ")[0] == name:
                return line[21:32].strip()
        raise RigError(f"cell list does not know {name}")

    def devices(self, name):
        """What `cell devices` says: [{irqs: [{...}], region: word, ...}]."""
        result = []
        for line in self.ok(f"cell devices {name}"):
            line = line.strip()
            if line.startswith("device "):
                result.append({"irqs": [], "regions": []})
            found = re.match(r"irq (\d+): INTID (\d+), (\w+), (\w+) \(.*\), (\w+)$", line)
            if found:
                result[-1]["irqs"].append({"intid": int(found[2]), "trigger": found[3],
                                           "path": found[4], "state": found[5]})
            found = re.match(r"irq (\d+): (\d+) interrupts, (\d+) EOIs", line)
            if found:
                result[-1]["irqs"][int(found[1])].update(count=int(found[2]),
                                                         eois=int(found[3]))
            found = re.match(r"region \d+: .*, (mapped|trapped|trap-only), ", line)
            if found:
                result[-1]["regions"].append(found[1])
        return result

    def pool(self):
        """What `pool` says: {word: number}."""
        return {found[1]: int(found[2]) for found in
                (re.match(r"(.+?): +(\d+)", line) for line in self.ok("pool")) if found}

    # ---- from outside -------------------------------------------------------------------

    def _qtest(self, command):
        self._qtest_file.write(command + "\n")
        self._qtest_file.flush()
        answer = self._qtest_file.readline().split()
        if not answer or answer[0] != "OK":
            raise RigError(f"qtest: {command}: {' '.join(answer) or 'the emulator is gone'}")
        return answer[1:]

    def readl(self, address):
        if self.gic == 2 and GICD <= address < GICD + 0x20000:
            raise RigError("reading a GICv2 so kills this emulator: use gic_state()")
        return int(self._qtest(f"readl {address:#x}")[0], 16)

    def writel(self, address, value):
        self._qtest(f"writel {address:#x} {value:#x}")

    def qmp(self, command, **arguments):
        self._qmp_file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._qmp_file.flush()
        while True:
            answer = json.loads(self._qmp_file.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RigError(f"qmp: {command}: {answer['error']['desc']}")

    def _find_gic(self):
        for folder in ("/machine/unattached", "/machine/soc"):
            for child in self.qmp("qom-list", path=folder):
                if child["type"] in ("child<arm_gic>", "child<arm-gicv3>"):
                    return f"{folder}/{child['name']}"
            if BOARD == "virt":
                break
        raise RigError("the emulator has no GIC")

    def set_line(self, spi, level):
        """The level of an SPI's line; spi counts from 0."""
        self._qtest(f"set_irq_in {self._gic_path} unnamed-gpio-in {spi} {int(level)}")

    def pulse(self, spi):
        self.set_line(spi, 1)
        self.set_line(spi, 0)

    def snapshot(self):
        """The devices' states, from a migration stream; the machine goes on after it."""
        path = self.folder / "stream"
        self.qmp("migrate-set-capabilities",
                 capabilities=[{"capability": "x-ignore-shared", "state": True}])
        self.qmp("migrate-set-parameters", **{"max-bandwidth": 1 << 34})
        self.qmp("migrate", uri=f"exec:cat > {path}")
        deadline = time.monotonic() + 30
        while True:
            status = self.qmp("query-migrate").get("status")
            if status == "completed":
                break
            if status in ("failed", "cancelled") or time.monotonic() > deadline:
                raise RigError(f"the snapshot is {status}")
            time.sleep(0.002)
        self.qmp("cont")
        return Stream(path.read_bytes())

    def gic_state(self, registers=True, stream=None):
        """{"pending": set of INTIDs, "active": ..., "enabled": ...} of all SPIs and, as
        (cpu, INTID), the PPIs; "registers": all that the GIC holds besides, if wanted.
        stream: the snapshot to look at, where one is needed."""
        if self.gic == 3:
            return self._gic_v3_state(registers)
        return self._gic_v2_state(stream or self.snapshot())

    def _gic_v3_state(self, registers):
        result = {"pending": set(), "active": set(), "enabled": set(), "registers": {}}
        kinds = {"enabled": 0x100, "pending": 0x200, "active": 0x300}
        for name, offset in kinds.items():
            for word in range(1, 9):
                bits = self.readl(GICD + offset + 4 * word)
                result[name].update(word * 32 + bit for bit in range(32) if bits >> bit & 1)
            for cpu in range(self.smp):
                bits = self.readl(GICR + cpu * GICR_STRIDE + GICR_SGI + offset)
                result[name].update((cpu, bit) for bit in range(16, 32) if bits >> bit & 1)
        if not registers:
            return result
        for offset, count in ((0x0, 1), (0x80, 9), (0x400, 72), (0xc00, 18)):
            for index in range(count):
                at = GICD + offset + 4 * index
                result["registers"][at] = self.readl(at)
        for intid in range(32, 288):
            at = GICD + 0x6000 + 8 * intid
            result["registers"][at] = self.readl(at)
        for cpu in range(self.smp):
            base = GICR + cpu * GICR_STRIDE
            for at in [base, base + 0x14] + [base + GICR_SGI + offset for offset in
                                             [0x80, 0xc00, 0xc04] + list(range(0x400, 0x420, 4))]:
                result["registers"][at] = self.readl(at)
        return result

    def _gic_v2_state(self, stream):
        gic = stream.device("arm_gic")
        result = {"pending": set(), "active": set(), "enabled": set(), "registers": {}}
        for intid, irq in enumerate(gic["irq_state"]):
            level = irq["level"] if not irq["edge_trigger"] else 0
            for name, bits in (("enabled", irq["enabled"]), ("active", irq["active"]),
                               ("pending", irq["pending"] | level)):
                if intid >= 32 and bits:
                    result[name].add(intid)
                for cpu in range(self.smp):
                    if 16 <= intid < 32 and bits >> cpu & 1:
                        result[name].add((cpu, intid))
            result["registers"][intid] = (irq["edge_trigger"], irq["group"])
        for name in ("irq_target", "priority1", "priority2", "ctlr"):
            result["registers"][name] = gic[name]
        return result

    def timers(self, stream=None):
        """Per CPU, whether an EL2 deadline runs (CNTHP_CTL_EL2.ENABLE)."""
        stream, result = stream or self.snapshot(), []
        key = 0x6030000000130000 | 3 << 14 | 4 << 11 | 14 << 7 | 2 << 3 | 1
        for device in stream.devices:
            if device["name"] == "cpu":
                cpu = stream.device("cpu", device["instance_id"])
                values = dict(zip(cpu["cpreg_vmstate_indexes"], cpu["cpreg_vmstate_values"]))
                result.append(values[key] & 1)
        return result

    def ram(self, address, size):
        return self.memory[address - RAM_BASE:address - RAM_BASE + size]


class Puppet:
    """A cell that runs inmates/tests/puppet; see its puppet.h."""

    (NOTHING, READ, WRITE, HVC, SMC, ACK, END, EXECUTE, JUMP, MAP, STUCK, FILL, SCAN, PAGE,
     SWEEP, HELPER, TOUCH, AWAKE) = range(18)
    SPIN, SLEEP, FAULT_LOOP, HVC_LOOP, SMC_LOOP, READ_LOOP, WRITE_LOOP, BRANCH_LOOP = range(8)

    def __init__(self, rig, name, timeout=20):
        """Wait until the cell that was started says where its mailbox is."""
        self.rig = rig
        found = rig.line(rf'puppet: "{name}" has its mailbox at 0x([0-9a-f]+)\r', timeout)
        self.at = int(found[1], 16) - RAM_BASE
        self.order = 0
        self.esr = self.far = self.elr = 0
        # The line may be that of a former life.
        deadline = time.monotonic() + timeout
        while self._get("<8s", 0) != b"PUPPET01":
            if time.monotonic() > deadline:
                raise RigError(f"the puppet in {name} does not start")
            time.sleep(0.0005)

    def _get(self, form, offset):
        return struct.unpack_from(form, self.rig.memory, self.at + offset)[0]

    def _put(self, form, offset, *values):
        struct.pack_into(form, self.rig.memory, self.at + offset, *values)

    def beats(self):
        return self._get("<Q", 0x70 + 0x00)

    def post(self, verb, *arguments):
        """Give an order without waiting for its end."""
        x = list(arguments) + [0] * (8 - len(arguments))
        self._put("<8Q", 0x18, *[value & (1 << 64) - 1 for value in x])
        self._put("<I", 0x10, verb)
        self.order += 1
        self._put("<I", 0x08, self.order)

    def do(self, verb, *arguments, timeout=20):
        """Give an order; returns its x0, or None if it ended by an exception."""
        self.post(verb, *arguments)
        deadline = time.monotonic() + timeout
        while self._get("<I", 0x0c) != self.order:
            if time.monotonic() > deadline:
                self.rig.drain()
                raise RigError(f"the puppet does not come back from {verb} {arguments}: "
                               + self.rig.log[-2000:])
            if time.monotonic() > deadline - timeout + 0.2:
                self.rig.poll()         # it may wait for someone to read the console
            time.sleep(0.0005)
        if self._get("<I", 0x14) != 0:
            self.esr, self.far, self.elr = (self._get("<Q", 0x58 + 8 * i) for i in range(3))
            return None
        return self._get("<Q", 0x18)

    def is_done(self):
        return self._get("<I", 0x0c) == self.order

    def x(self):
        """x0 to x7 after a call."""
        return [self._get("<Q", 0x18 + 8 * i) for i in range(8)]

    def is_alive(self, seconds=2):
        before, deadline = self.beats(), time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.beats() != before:
                return True
            time.sleep(0.002)
        return False

    # What the tests ask for most.

    def read(self, address, width=4):
        return self.do(self.READ, address, width)

    def write(self, address, value, width=4):
        return self.do(self.WRITE, address, width, value)

    def hvc(self, *arguments):
        return self.do(self.HVC, *arguments)

    def acknowledge(self):
        return self.do(self.ACK) & 0xffffff

    def stuck(self, kind, *arguments):
        """It does that for ever; nothing more is heard of it."""
        self.do(self.STUCK, kind, *arguments)

    def touch(self, first, count, step, width, value=None):
        """Accesses in a row, reads or writes of a value; returns how many were answered."""
        return self.do(self.TOUCH, first, count, step, width, value is not None, value or 0,
                       timeout=60)

    def sweep(self, first, count, step=1, value=0):
        """Try count instructions; returns {index: what x0 holds} of those that did not
        end by an exception. Each is a step apart from the one before."""
        if self.do(self.SWEEP, first, count, step, value, timeout=60) is None:
            raise RigError("the puppet's sweep was not one")
        swept, values = (address - RAM_BASE for address in self.x()[:2])
        result = {}
        for index in range(count):
            if self.rig.memory[swept + index // 8] >> index % 8 & 1:
                result[index] = struct.unpack_from("<Q", self.rig.memory,
                                                   values + 8 * index)[0]
        return result

    def map_device(self, address, size=0x1000):
        self.do(self.MAP, address, size)

    def irq_setup(self, intid, is_edge=False, enable=True, priority=0xa0):
        """What a driver does at its GIC to receive an SPI on this CPU."""
        word, bit = intid // 32 * 4, 1 << intid % 32
        self.write(GICD + 0x400 + intid, priority, 1)
        if self.rig.gic == 3:
            self.write(GICD + 0x80 + word, self.read(GICD + 0x80 + word) | bit)
        config = GICD + 0xc00 + intid // 16 * 4
        value = self.read(config) & ~(2 << intid % 16 * 2)
        self.write(config, value | (2 << intid % 16 * 2 if is_edge else 0))
        if enable:
            self.write(GICD + 0x100 + word, bit)

    def irq_disable(self, intid):
        self.write(GICD + 0x180 + intid // 32 * 4, 1 << intid % 32)


class Helper:
    """The second CPU of a puppet's cell: it makes the same calls over and over."""

    def __init__(self, puppet, cpu=1):
        self.rig = puppet.rig
        puppet.do(Puppet.HELPER)
        entry, block = puppet.x()[:2]
        self.at = block - RAM_BASE
        if puppet.hvc(PSCI_CPU_ON, cpu, entry, block) != 0:
            raise RigError("the second CPU does not start")

    def calls(self, *calls):
        """From now on these: each a tuple of x0 and what follows, or, where that is 0, of
        0 and an address that is read, or written if a value follows. The last ones are
        over."""
        struct.pack_into("<Q", self.rig.memory, self.at, 0)
        idle, deadline = self.idle(), time.monotonic() + 20
        while self.idle() < idle + 2:
            if time.monotonic() > deadline:
                raise RigError("the helper does not come to rest")
        for index, call in enumerate(calls):
            words = list(call) + [0] * (8 - len(call))
            struct.pack_into("<8Q", self.rig.memory, self.at + 32 + 64 * index,
                             *[word & (1 << 64) - 1 for word in words])
        struct.pack_into("<Q", self.rig.memory, self.at, len(calls))

    def idle(self):
        return struct.unpack_from("<Q", self.rig.memory, self.at + 24)[0]

    def turns(self):
        return struct.unpack_from("<Q", self.rig.memory, self.at + 8)[0]

    def off(self):
        struct.pack_into("<Q", self.rig.memory, self.at + 16, 1)


class Victim:
    """A cell that runs inmates/tests/victim.c, and what it has to complain about."""

    WORDS = ("rounds", "interrupts", "complaints", "first", "longest_us")

    def __init__(self, rig, name):
        self.rig = rig
        rig.mark()
        rig.start(name)
        found = rig.line(rf'victim: "{name}" has its record at 0x([0-9a-f]+)\r')
        self.at = int(found[1], 16) - RAM_BASE

    def record(self):
        return dict(zip(self.WORDS, struct.unpack_from("<5Q", self.rig.memory, self.at + 8)))

    def assert_well(self, rounds=20, seconds=20):
        """It goes on for that many rounds, and has nothing to complain about."""
        before, deadline = self.record()["rounds"], time.monotonic() + seconds
        while self.record()["rounds"] < before + rounds:
            self.rig.poll()
            assert self.record()["complaints"] == 0, self.record()
            assert time.monotonic() < deadline, f"the victim stands still: {self.record()}"
            time.sleep(0.005)
        assert self.record()["complaints"] == 0, self.record()
