# SPDX-License-Identifier: Apache-2.0
"""The emulator's own count of the hypervisor's instructions, and whose they are.

The plugin tests/bench/el2_counter.c counts; the debug information of the image says
which function, inlined or not, an instruction belongs to.
"""

import bisect
import collections
import dataclasses
import os
import pathlib
import re
import subprocess

CROSS = os.environ.get("CROSS_COMPILE", "aarch64-linux-gnu-")

# Where QEMU puts an Image that it starts itself, and where the system config moves it.
LOADED_AT = 0x40200000
MOVED_TO = 0x50000000
ROOT_CELL_AT = 0x60000000
PEER_CELL_AT = 0x61000000

# What the boot and restart rows count apart: an instruction is of a class when one of
# these functions is it, has it inlined, or calls it.
CLASSES = {
    "hash": ("mbedtls_sha256_ret",),
    "scrub": ("cell_memory_scrub",),
    "copy": ("boot_move", "memory_write"),
    "parse": ("fdt_", "tree_", "board_", "cell_config_read", "system_config_read"),
}


def tool(name, *arguments, **options):
    """The output of one of the compiler's tools."""
    return subprocess.run([CROSS + name, *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE, universal_newlines=True, **options).stdout


def is_named(name, wanted):
    """Is it one of these functions? "fdt_" stands for all that begin so."""
    return any(name.startswith(one) if one.endswith("_") else name == one for one in wanted)


@dataclasses.dataclass
class Program:
    """An ELF file: its functions by address, and the inlined ones by debug information."""

    path: pathlib.Path

    def __post_init__(self):
        self.symbols = {}
        starts = []
        for line in tool("nm", "-n", self.path).splitlines():
            if len(line.split()) != 3:
                continue
            address, kind, name = line.split(maxsplit=2)
            self.symbols.setdefault(name.split(".")[0], int(address, 16))
            if kind in "tTwW" and not name.startswith("$"):
                starts.append((int(address, 16), name.split(".")[0]))
        self.starts = [address for address, _ in starts]
        self.names = [name for _, name in starts]
        self.text = self.section(".text")
        self.known = {}

    def section(self, wanted):
        """(address, size) of a section."""
        for line in tool("size", "-A", self.path).splitlines():
            words = line.split()
            if words and words[0] == wanted:
                return int(words[2]), int(words[1])
        raise KeyError(f"{self.path} has no section {wanted}")

    def start(self, address):
        """Where the function begins that an address is in."""
        return self.starts[max(bisect.bisect_right(self.starts, address) - 1, 0)]

    def function(self, address):
        """Its name."""
        return self.names[max(bisect.bisect_right(self.starts, address) - 1, 0)]

    def chains(self, addresses):
        """{address: [(function, file:line)...]}, the innermost inlined one first."""
        missing = [address for address in addresses if address not in self.known]
        if missing:
            output = tool("addr2line", "-e", self.path, "-a", "-i", "-f",
                          input="\n".join(map(hex, missing)))
            chain = None
            lines = iter(output.splitlines())
            for line in lines:
                if line.startswith("0x"):
                    chain = self.known[int(line, 16)] = []
                    continue
                place = next(lines).split(" (")[0]
                chain.append((line.split(".")[0], place))
            for address in missing:
                if self.known[address][0][0] == "??":    # assembly has symbols only
                    self.known[address] = [(self.function(address), "??:0")]
        return {address: self.known[address] for address in addresses}

    def class_file(self, path):
        """Write for the plugin which instruction is of which of CLASSES."""
        base, size = self.text
        lines = []
        for address, chain in self.chains(range(base, base + size, 4)).items():
            for number, wanted in enumerate(CLASSES.values(), 1):
                if any(is_named(name, wanted) for name, _ in chain):
                    lines.append(f"{address:x} {number}")
                    break
        path.write_text("\n".join(lines) + "\n")


@dataclasses.dataclass
class Visit:
    """One exit of a guest: the instruction before it, and those at EL2."""

    cpu: int
    origin: int
    offsets: list


@dataclasses.dataclass
class Counts:
    """What the plugin wrote."""

    visits: list
    counts: dict     # (CPU, class, offset): times
    stored: dict     # (CPU, class): bytes
    is_complete: bool

    @staticmethod
    def read(path):
        names = ("",) + tuple(CLASSES)
        result = Counts([], {}, collections.Counter(), False)
        for line in pathlib.Path(path).read_text().splitlines():
            kind, *words = line.split()
            if kind == "visit":
                result.visits.append(Visit(int(words[0]), int(words[1], 16),
                                           [int(word, 16) for word in words[2:]]))
            elif kind == "count":
                key = int(words[0]), names[int(words[1])], int(words[2], 16)
                result.counts[key] = int(words[3])
            elif kind == "stored":
                result.stored[int(words[0]), names[int(words[1])]] = int(words[2])
            else:
                result.is_complete = words == ["reached"]
        return result

    def total(self, of_class, cpu=None):
        """Instructions of a class ("": of none), on one CPU or on all."""
        return sum(times for (at, name, _), times in self.counts.items()
                   if name == of_class and cpu in (None, at))

    def bytes_stored(self, of_class):
        return sum(size for (_, name), size in self.stored.items() if name == of_class)


def plugin_words(plugin, image, out, **arguments):
    """The emulator's words for the plugin; arguments by name, addresses as numbers."""
    size = image.stat().st_size & ~3
    words = [str(plugin), f"el2={MOVED_TO:x}:{size:x}", f"el2={LOADED_AT:x}:{size:x}"]
    for name, value in arguments.items():
        if isinstance(value, tuple):
            value = ":".join(f"{number:x}" for number in value)
        elif isinstance(value, int):
            value = f"{value:x}"
        words.append(f"{name}={value}")
    return ("-plugin", ",".join(words + [f"out={out}"]))
