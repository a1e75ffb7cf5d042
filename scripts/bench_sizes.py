# SPDX-License-Identifier: Apache-2.0
"""How big the hypervisor is: the image, its memory at run time, its deepest stack.

The stack's depth is that of the linked image, with libfdt, SHA-256 and assembly: each
function's frame and calls are read from its instructions. A call through a pointer is
resolved by its line in the source: `ops->line_set(...)` may be any function that some
table or assignment there gives to a member `line_set`. What cannot be resolved, or a
recursion, is an error, not a guess.
"""

import collections
import json
import pathlib
import re
import socket

import bench_counter

PAGE_SIZE = 4096
SOURCES = ("hypervisor", "drivers")
# Functions that are entered on an empty stack; vectors: all exits of a guest.
ENTRIES = ("vectors", "guest_sync_out_of_line", "guest_irq_out_of_line", "guest_serror",
           "cpu_main", "boot_from_loader", "boot_moved")
# Function pointers that are parameters or stand in tables without member names.
PARAMETERS = {"end": ("gic_v2_end", "gic_v3_end"),
              "reset": ("reset_pl011", "reset_pl031", "reset_pl061", "reset_virtio_mmio",
                        "reset_cdns_ttc")}
# libfdt resolves an alias by the same functions once more; the board's tree, which is the
# firmware's, is trusted not to name an alias by an alias.
ONCE_MORE = {"fdt_path_offset", "fdt_path_offset_namelen", "fdt_get_alias_namelen"}
ALIASES = {"irq_handler": "handle"}
# What el2_sync takes of the stack for a device access with a fixup.
FIXUP_FRAME = 32


class SizeError(Exception):
    """Why a size cannot be told, in one sentence."""


def image_text_rodata(program):
    """Bytes of code and constants, libfdt's included."""
    return program.section(".text")[1] + program.section(".rodata")[1]


def image_memory(program):
    """Bytes from the image's start to the end of its .bss."""
    address, size = program.section(".bss")
    return address + size


def ask_qemu(path, command):
    """One command of QEMU's human monitor, by its machine protocol's socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        stream = connection.makefile("rw", encoding="utf-8")
        stream.readline()
        answer = None
        for execute, arguments in (("qmp_capabilities", {}),
                                   ("human-monitor-command", {"command-line": command})):
            stream.write(json.dumps({"execute": execute, "arguments": arguments}) + "\n")
            stream.flush()
            answer = {}
            while "return" not in answer:
                answer = json.loads(stream.readline())
                if "error" in answer:
                    raise SizeError(f"QEMU refuses `{command}`: {answer['error']}")
        return answer["return"]


def pages_used(program, qmp):
    """Pages that the hypervisor has taken from its pool, by its own counter."""
    address = bench_counter.MOVED_TO + program.symbols["used_count"]
    return int(ask_qemu(qmp, f"xp /1gx {address:#x}").split()[-1], 16)


def function_members(texts):
    """{member or pointer: functions that the sources give to it}"""
    members = collections.defaultdict(set)
    for text in texts:
        for member, function in re.findall(r"(?:\.|->)(\w+)\s*=\s*&?(\w+)\s*[,;]", text):
            members[member].add(function)
        members["arch_call_on_stack"].update(
            re.findall(r"arch_call_on_stack\([^;]*?(\w+)\);", text))
    for pointer, functions in PARAMETERS.items():
        members[pointer].update(functions)
    for member, other in ALIASES.items():
        members[member] = members[other]
    return members


class CallGraph:
    """Frames and calls of every function of the linked image, by its address."""

    def __init__(self, program):
        self.program = program
        self.texts = {str(path): path.read_text() for folder in SOURCES
                      for path in pathlib.Path(folder).rglob("*.[ch]")}
        self.members = function_members(self.texts.values())
        self.frames = collections.Counter()
        self.calls = collections.defaultdict(set)
        self.indirect = []    # (address, function)
        self.is_table = False
        self.depths = {}
        self._read()
        self._resolve()

    def name(self, function):
        return self.program.function(function)

    def _addresses(self, names):
        """Of the functions of these names that are in the image: not all are, or any more."""
        return {address for address, name in zip(self.program.starts, self.program.names)
                if name in names}

    def _read(self):
        for line in bench_counter.tool("objdump", "-d", "--no-show-raw-insn",
                                       self.program.path).splitlines():
            code = re.match(r"\s*([0-9a-f]+):\s+(\S+)\s*(.*)", line)
            if code:
                self._instruction(int(code[1], 16), code[2], code[3])

    def _grow(self, function, size):
        """All growth of a function counts; of the vectors one is taken at a time."""
        if self.name(function) == "vectors":
            self.frames[function] = max(self.frames[function], size)
        else:
            self.frames[function] += size

    def _instruction(self, address, name, operands):
        function = self.program.start(address)
        down = re.search(r"\[sp, #-(\d+)\]!", operands)
        if down:
            self._grow(function, int(down[1]))
        down = re.match(r"sp, sp, #(0x[0-9a-f]+|\d+)(, lsl #12)?", operands)
        if name == "sub" and down:
            self._grow(function, int(down[1], 0) << (12 if down[2] else 0))
        target = re.search(r"\b([0-9a-f]+) <", operands)
        if target and name.startswith(("b", "cb", "tb")):
            callee = self.program.start(int(target[1], 16))
            if ((callee != function or name == "bl") and
                    self.name(callee) not in ENTRIES):
                self.calls[function].add(callee)
        elif name == "blr" or name == "br" and not self.is_table:
            self.indirect.append((address, function))
        # The address of a switch's case, by a number of that many instructions.
        self.is_table = name == "add" and re.search(r"[su]xt[bhwx] #[0-9]$", operands)

    def _files(self, function, path):
        """The source that a place names; one without a name: those that define the function."""
        if pathlib.Path(path).is_file():
            return [path]
        defines = re.compile(rf"^\w.*\b{function}\(", re.MULTILINE)
        return [path for path, text in self.texts.items() if defines.search(text)]

    def _source(self, function, place):
        """The lines around a place in the source, nearest first."""
        path, _, number = place.rpartition(":")
        number = int(number) if number.isdigit() else 0
        for name in self._files(function, path):
            lines = pathlib.Path(name).read_text().splitlines()
            for distance in (0, -1, 1, -2, 2, -3, 3):
                if 0 < number + distance <= len(lines):
                    yield lines[number + distance - 1]

    def _resolve(self):
        chains = self.program.chains([address for address, _ in self.indirect])
        for address, function in self.indirect:
            inlined, place = chains[address][0]
            if self.name(function) == "arch_call_on_stack":
                continue    # it goes on, on a stack that is empty: an entry of its own
            if re.search(r"gic_v3_lr\.[hS]:|head\.S:", place):
                continue    # into a table of instructions, or to the moved image
            if self.name(function) in ENTRIES:
                callees = self.members["irq_handler"]
            else:
                callees = self._callees(inlined, place, address)
            self.calls[function] |= self._addresses(callees)

    def _callees(self, inlined, place, address):
        for line in self._source(inlined, place):
            for member in re.findall(r"(?:->|\b)(\w+)\(", line):
                if self.members.get(member):
                    return self.members[member]
        raise SizeError(f"the call through a pointer at {address:#x} ({place}) is unknown")

    def depth(self, function, path=(), again=False):
        """(bytes, functions from the outermost) of the deepest stack below a function."""
        if (function, again) in self.depths:
            return self.depths[function, again]
        path += (function,)
        below = [(0, ())]
        for callee in sorted(self.calls[function]):
            if callee not in path:
                below.append(self.depth(callee, path, again))
            elif self.name(callee) not in ONCE_MORE:
                raise SizeError("recursion: " + " > ".join(map(self.name, path + (callee,))))
            elif not again:
                below.append(self.depth(callee, again=True))
        size, deepest = max(below)
        self.depths[function, again] = (self.frames[function] + size, (function,) + deepest)
        return self.depths[function, again]

    def worst(self):
        """(bytes, functions) of the deepest stack of all."""
        entries = self._addresses(set(ENTRIES) | self.members["arch_call_on_stack"])
        size, path = max(self.depth(entry) for entry in entries)
        return size + FIXUP_FRAME, [self.name(function) for function in path]


def stack_size():
    """CPU_STACK_SIZE, in bytes."""
    text = pathlib.Path("hypervisor/arch/arm64/include/arch/cpu_offsets.h").read_text()
    return 1 << int(re.search(r"CPU_STACK_SHIFT (\d+)", text)[1])
