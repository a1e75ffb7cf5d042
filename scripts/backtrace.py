#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Say where a panic of the hypervisor was, from what the console showed.

    backtrace.py [--elf FILE] [LOG]

LOG is the console's output, saved by whatever means; without it, standard input. Each
line of it is printed, and after each address of the image the function and the line of
the source. The ELF file is that of the build that panicked: build/BOARD/hypervisor/
bulkhead.elf, where BOARD is virt unless the environment says otherwise.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACE = re.compile(r"panic: (at|LR|from) image\+0x([0-9a-f]+)")


def default_elf():
    build = ROOT / os.environ.get("BUILD", "build")
    return build / os.environ.get("BOARD", "virt") / "hypervisor" / "bulkhead.elf"


def find_address(line):
    """The address that a line of a panic is about, or None.

    A return address is that of the instruction after the call: one before it is in the
    caller, and in the right line.
    """
    match = PLACE.search(line)
    if not match:
        return None
    return int(match.group(2), 16) - (0 if match.group(1) == "at" else 4)


def symbols(elf, addresses):
    """{address: ["function at file:line", ...]}, what is inlined there first."""
    if not addresses:
        return {}
    tool = os.environ.get("CROSS_COMPILE", "aarch64-linux-gnu-") + "addr2line"
    output = subprocess.run([tool, "-e", elf, "-a", "-f", "-i", "-p"],
                            input="".join(f"{address:#x}\n" for address in addresses),
                            stdout=subprocess.PIPE, universal_newlines=True, check=True).stdout
    found, places = {}, None
    for line in output.splitlines():
        match = re.match(r"0x([0-9a-f]+): (.*)", line)
        if match:
            places = found.setdefault(int(match.group(1), 16), [])
            line = match.group(2)
        places.append(line.replace(" (inlined by) ", "").strip())
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elf", type=pathlib.Path, default=default_elf(),
                        help="the hypervisor's ELF file")
    parser.add_argument("log", nargs="?", help="the console's output")
    args = parser.parse_args(arguments)
    if not args.elf.exists():
        sys.exit(f"backtrace: {args.elf} does not exist; name the file by --elf, or run `make`")
    if args.log:
        text = pathlib.Path(args.log).read_text(encoding="utf-8", errors="replace")
    else:
        text = sys.stdin.buffer.read().decode(errors="replace")
    lines = text.replace("\r", "").splitlines()
    addresses = [find_address(line) for line in lines]
    found = symbols(args.elf, sorted({a for a in addresses if a is not None}))
    for line, address in zip(lines, addresses):
        print(line)
        for place in found.get(address, []):
            print(f"        {place}")
    if not found:
        print("backtrace: there is no panic in it", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
