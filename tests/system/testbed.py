# SPDX-License-Identifier: Apache-2.0
"""What the system tests share: a board that can be asked, and bundles of their own."""

import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import machine          # noqa: E402: found by the line above
import mkbundle         # noqa: E402
from boards import BOARD, DEVICE_INTIDS, FACTS    # noqa: E402
from shell import Shell     # noqa: E402

OUT = ROOT / os.environ.get("BUILD", "build") / BOARD
SOURCES = ROOT / "configs" / BOARD
GUESTS = OUT / "tests" / "guests"

DEMO_CELLS, DEMO_IMAGES = {
    "virt": (("hello", "rtc-demo", "rtc-trapped-demo"), ("hello", "rtc-demo")),
    "zcu102": (("hello", "ttc-demo", "ttc-linked"), ("hello", "ttc-demo")),
}[BOARD]

# Seconds; generous, since nothing waits for them unless something is wrong.
WAIT = 60           # for a line or a prompt
LIFE = 150          # of any emulator
REFUSAL = 30        # until a board that cannot start has powered off


@dataclasses.dataclass
class Irq:
    """Both lines of `cell devices` about an interrupt."""

    intid: int
    trigger: str
    path: str
    reason: str
    state: str
    interrupts: int = 0
    eois: int = 0
    ended_by: str = ""
    queued: int = 0
    expiries: int = 0


@dataclasses.dataclass
class Region:
    """A line of `cell devices` about a region."""

    address: int
    size: int
    rights: str
    mapping: str
    accesses: int


@dataclasses.dataclass
class Device:
    """A device as `cell devices` shows it. docs/inmates.md fixes the lines' form."""

    name: str
    timeout_ms: int
    options: str
    irqs: list
    regions: list
    trapped_times: int = 0
    expiries: int = 0
    idle_eois: int = 0

    @property
    def irq(self):
        """The only interrupt, or the first of as many as the board's device has."""
        assert len(self.irqs) in (1, len(DEVICE_INTIDS))
        return self.irqs[0]

    @property
    def region(self):
        """The only region."""
        assert len(self.regions) == 1
        return self.regions[0]


DEVICE_LINES = {
    "device": r"device (\S+): mmap-timeout-ms (\d+), (dma .*)",
    "irq": r"  irq (\d+): INTID (\d+), (level|edge), (linked|trapped) \((.*)\), "
           r"(inactive|pending|active)",
    "counts": r"  irq (\d+): (\d+) interrupts, (\d+) EOIs by (the guest|access), (\d+) queued, "
              r"(\d+) expiries",
    "region": r"  region (\d+): (0x[0-9a-f]+), size (0x[0-9a-f]+), ([r-][w-]), "
              r"(mapped|trapped|trap-only), (\d+) trapped accesses",
    "times": r"  regions trapped (\d+) times, (\d+) deadline expiries, "
             r"(\d+) EOIs without an active irq",
}


def parse_devices(lines):
    """The devices that the lines of `cell devices` show; any other line is a mistake."""
    devices = []
    for line in lines:
        kind, words = next(
            ((kind, match.groups()) for kind, match in
             ((kind, re.fullmatch(pattern, line)) for kind, pattern in DEVICE_LINES.items())
             if match), (None, ()))
        assert kind, f'"cell devices" shows a line that docs/inmates.md does not know: "{line}"'
        if kind == "device":
            devices.append(Device(words[0], int(words[1]), words[2], [], []))
            continue
        device = devices[-1]
        if kind == "irq":
            assert int(words[0]) == len(device.irqs)
            device.irqs.append(Irq(int(words[1]), *words[2:]))
        elif kind == "counts":
            irq = device.irqs[int(words[0])]
            irq.interrupts, irq.eois = int(words[1]), int(words[2])
            irq.ended_by, irq.queued, irq.expiries = words[3], int(words[4]), int(words[5])
        elif kind == "region":
            assert int(words[0]) == len(device.regions)
            device.regions.append(Region(int(words[1], 0), int(words[2], 0), words[3], words[4],
                                         int(words[5])))
        else:
            device.trapped_times, device.expiries, device.idle_eois = map(int, words)
    return devices


class Board(Shell):
    """A running board. options are those of machine.Machine."""

    def __init__(self, life=LIFE, **options):
        options.setdefault("boot", "direct")
        self.machine = machine.Machine(board=BOARD, out=OUT, **options)
        super().__init__(self.machine.spawn(limit=life), timeout=WAIT)

    def do(self, *commands):
        """Commands of `cell` that must succeed: "create NAME" and so on."""
        done = {"create": "created", "load": "loaded", "start": "started",
                "shutdown": "shut down", "destroy": "destroyed", "restart": "restarted"}
        for command in commands:
            op, *_, name = command.split()
            assert self.run(f"cell {command}") == [f"cell {name}: {done[op]}"]

    def start(self, name):
        self.do(f"create {name}", f"load {name}", f"start {name}")

    def refusal(self, command):
        """The sentence with which a command of `cell` is refused."""
        lines = self.run(f"cell {command}")
        assert len(lines) == 1 and lines[0].startswith("error: "), lines
        return assert_sentence(lines[0][len("error: "):])

    def cells(self):
        """{name: row of `cell list` as a dict}"""
        head, *rows = self.run("cell list")
        assert head.split() == ["name", "state", "CPUs", "memory/KiB", "devices", "last", "stop"]
        cells = {}
        for row in rows:
            match = re.fullmatch(r"(\S+) +(absent|created|loaded|running|shut down|failed) +"
                                 r"(-|[\d,]+) +(\d+) +(\d+)  (\S.*)", row)
            assert match, row
            name, state, cpus, memory, devices, stop = match.groups()
            cells[name] = {"state": state, "cpus": cpus, "memory": int(memory),
                           "devices": int(devices), "stop": stop}
        return cells

    def state(self, name):
        return self.cells()[name]["state"]

    def devices(self, name):
        return parse_devices(self.run(f"cell devices {name}"))

    def device(self, name):
        """The only device of a cell."""
        devices = self.devices(name)
        assert len(devices) == 1
        return devices[0]

    def wait_device(self, name, is_so):
        """Ask for the only device of a cell until is_so(device). Returns it."""
        deadline = time.monotonic() + WAIT
        while True:
            device = self.device(name)
            if is_so(device):
                return device
            assert time.monotonic() < deadline, device

    def stats(self, name):
        """{counter: value}, the sum of the cell's CPUs"""
        counters = {}
        for line in self.run(f"cell stats {name}"):
            match = re.fullmatch(r"  (\w+) +(\d+)  \S.*", line)
            if match:
                counters[match.group(1)] = counters.get(match.group(1), 0) + int(match.group(2))
        assert counters
        return counters

    def burst(self, name):
        """Wait for the count of guests/*-burst.c in a cell: asked for, interrupts, spurious."""
        match = self.wait_line(rf"^\[{name}\] {FACTS['guests']}-burst: asked for (\d+), (\d+) interrupts, "
                               r"(\d+) spurious", unless="FAIL", what=f"the count of {name}")
        return tuple(map(int, match.groups()))

    def demo(self, name):
        """Wait for the end of the board's demo in a cell: its device is as good as new."""
        line = self.wait_line(rf"^\[{name}\] .*: (PASS|FAIL)$", what=f"the end of {name}")
        assert line.group(0) == f"[{name}] {FACTS['demo_end']}"
        for irq in self.device(name).irqs:
            assert (irq.interrupts, irq.eois, irq.state) == (
                FACTS["demo_interrupts"], FACTS["demo_interrupts"], "inactive")

    def summary(self, name):
        """Wait for the summary of rtc-demo in a cell: alarms, interrupts, spurious, wrong."""
        match = self.wait_line(rf"^\[{name}\] rtc-demo: (\d+) alarms, (\d+) interrupts, "
                               r"(\d+) spurious, (\d+) wrong: (PASS|FAIL)",
                               what=f"the summary of {name}")
        return tuple(map(int, match.groups()[:4]))


def assert_sentence(text):
    """Words for a person, and not more of them than a message holds. Returns them."""
    assert 20 < len(text) < 256, text
    assert len(text.split()) >= 4, text
    assert not re.search(r"panic|ESR|errno|%[a-z]|\(null\)", text), text
    return text


def power_off_sentence(**options):
    """Start a board that cannot: the sentence that it says before it powers off, soon."""
    options.setdefault("boot", "direct")
    board = machine.Machine(board=BOARD, out=OUT, **options)
    output, status = board.run(limit=REFUSAL)
    assert status == 0, f"exit status {status} instead of a power-off; it said:\n{output}"
    lines = output.replace("\r", "").rstrip("\n").split("\n")
    assert lines[-1].startswith("[bulkhead] "), output
    assert "starting cell" not in lines[-1], output
    return assert_sentence(lines[-1][len("[bulkhead] "):])


def compile_config(text, output):
    """Compile a config as the Makefile does: cpp, then dtc. Returns the file."""
    include = ("-nostdinc", "-undef", "-x", "assembler-with-cpp", f"-I{SOURCES}")
    source = subprocess.run(["cpp", *include, "-"], input=text.encode(),
                            stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", output, "-"], input=source,
                   check=True)
    return output


def cell_config(name, cell_id=20, cpus=0x8, memory=0x64000000, size=0x200000, image="hello",
                more=""):
    """A cell's config: CPU 3 and memory that no cell of the board has."""
    return f"""/dts-v1/;
#include "board.dtsi"
/ {{
	domains {{
		{name} {{
			compatible = "bulkhead,cell-v1", "openamp,domain-v1";
			id = <{cell_id}>;
			cpus = <&cpus {cpus:#x} 0x1>;
			memory = <{memory >> 32:#x} {memory & 0xffffffff:#x}
				  {size >> 32:#x} {size & 0xffffffff:#x}>;
			image = "{image}";
			{more}
		}};
	}};
}};
"""


def device_config(host, name="device", more=""):
    """A device of a cell's config."""
    return f"""{name} {{
				compatible = "bulkhead,vfio-platform";
				host = "{host}";
				{more}
			}};"""


def root_config(**changes):
    """The root cell's config, with changes."""
    options = {"cell_id": 1, "cpus": 0x1, "memory": 0x60000000, "size": 0x400000,
               "image": "shell", **changes}
    return cell_config("root", more="management;", **options)


def system_config(memory=0x50000000, size=0x1000000, root="root"):
    """The hypervisor's own config."""
    return f"""/dts-v1/;
#include "board.dtsi"
/ {{
	hypervisor {{
		compatible = "bulkhead,hypervisor-v1";
		memory = <{memory >> 32:#x} {memory & 0xffffffff:#x}
			  {size >> 32:#x} {size & 0xffffffff:#x}>;
		root-cell = "{root}";
	}};
}};
"""


class Bundler:
    """Makes bundles in a folder: the root cell and the demo's of the build, and something else.

    Not all of the build's, so that there is room for those that a test adds.
    """

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def __call__(self, configs=None, files=None, images=(), **options):
        """A bundle with further configs ({image: source}), files ({image: path or bytes}) and
        images of the build.

        options are lists of images: omit, no_hash, corrupt_hash, corrupt_data. Returns the
        file with the legacy header; beside it is the same without, *.itb.
        """
        self.count += 1
        words = ["--itb", self.folder / f"bundle{self.count}.itb",
                 "--uimg", self.folder / f"bundle{self.count}.uimg"]
        for image, path in {
                "system": "configs/system.dtb",
                **{f"cell-{name}": f"configs/{name}.dtb" for name in ("root", *DEMO_CELLS)},
                **{name: f"inmates/{name}.bin"
                   for name in ("shell", *DEMO_IMAGES, *images)}}.items():
            words += ["--add", f"{image}={OUT / path}"]
        for image, text in (configs or {}).items():
            words += ["--add", f"{image}={compile_config(text, self._file(image))}"]
        for image, content in (files or {}).items():
            if isinstance(content, bytes):
                path = self._file(image)
                path.write_bytes(content)
                content = path
            words += ["--add", f"{image}={content}"]
        for option, images in options.items():
            for image in images:
                words += ["--" + option.replace("_", "-"), image]
        mkbundle.main([str(word) for word in words])
        return self.folder / f"bundle{self.count}.uimg"

    def _file(self, image):
        return self.folder / f"{image}-{self.count}"


def conformance(folder):
    """make conformance on the traces in a folder; builds the replay program too."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("MAKE", "MFLAGS"))}
    result = subprocess.run(["make", "-s", "-C", ROOT, "conformance", f"TRACES={folder}",
                             "IGNORE_TIMES=1"], env=environment, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, universal_newlines=True, check=False)
    assert result.returncode == 0, result.stdout
    print(result.stdout)


def emulators():
    """Every emulator that runs on this machine: (its parent's id, its command line)."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text(encoding="utf-8")
            command = (folder / "cmdline").read_text(encoding="utf-8").replace("\0", " ")
        except OSError:
            continue            # it has just ended
        state, parent = stat.rpartition(")")[2].split()[:2]
        if "qemu-system" in command.partition(" ")[0] and state != "Z":
            found.append((int(parent), command))
    return found


def guest(name):
    """The image of a guest that only tests run."""
    path = GUESTS / f"{name}.bin"
    assert path.exists(), f"{path} is not built; run `make test-programs`"
    return path

