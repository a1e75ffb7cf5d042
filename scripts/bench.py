#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Count the instructions that the hypervisor costs, and compare them with the budgets.

    bench.py [--json FILE]

The emulator executes one instruction per virtual nanosecond, so the figures are exact
and the same in every run. inmates/bench measures itself by the CPU's own counter, once
bare at EL1 and once in a cell; boot, restart and the sizes come from the emulator's
plugin and from the image. Exits 1 when a budget is broken. docs/performance.md has the
method.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import bench_counter
import bench_sizes
import machine
import mkbundle

GICS = (3, 2)
LIMIT = 60    # seconds of an emulator's life

# Extra instructions at EL2, for GICv3 and GICv2; None: told, not limited.
BUDGETS = {
    "spi_linked": (95, 100),
    "spi_linked_exits": (1, 1),
    "spi_linked_wfi": (100, 105),
    "spi_trapped": (250, 260),
    "access_trapped_eoi": (320, 340),
    "access_trapped": (180, 180),
    "access_mapped": (0, 0),
    "vtimer_ppi": (95, 100),
    "sgi_self": (220, 230),
    "sgi_other": (450, 470),
    "gicd_typer_read": (140, 140),
    "gicd_isenabler_write_one_bit": (230, 230),
    "gicd_isenabler_write_zero": (160, 160),
    "gicd_ipriorityr_write": (200, 200),
    "hypercall_null": (60, 60),
    "psci_version": (65, 65),
    "boot_to_first_guest_instruction": (300000, 300000),
    "cell_restart": (60000, 60000),
    "scrub_per_mib": (None, None),
    "copy_per_kib": (None, None),
    "hash_per_kib": (None, None),
    "fdt_parse": (2000000, 2000000),
}
RAM_BUDGET = 262144
IMAGE_BUDGET = 98304
# One block of SHA-256, and the function that the plugin sees once for each.
HASH_BLOCK = 64
HASH_FUNCTION = "mbedtls_internal_sha256_process"


class BenchError(Exception):
    """Why there are no figures, in one sentence."""


@dataclasses.dataclass
class Build:
    """What is measured, and where the bench leaves its files."""

    board: str = os.environ.get("BOARD", "virt")
    build: pathlib.Path = pathlib.Path(os.environ.get("BUILD", "build"))

    def __post_init__(self):
        self.out = self.build / self.board
        self.inmates = self.out / "inmates" / "bench"
        self.image = self.out / "hypervisor" / "bulkhead.bin"
        self.scratch = self.build / "bench"
        self.plugin = self.scratch / "el2_counter.so"
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.hypervisor = bench_counter.Program(self.image.with_suffix(".elf"))
        self.inmate = bench_counter.Program(self.inmates / "bench.elf")

    def bundle(self, kind, row=None):
        """The bundle of configs/BOARD/bench/KIND; row: measure nothing else."""
        name = kind if row is None else f"{kind}-{row}"
        configs = self.out / "configs" / "bench" / kind
        itb, uimg = self.scratch / f"{name}.itb", self.scratch / f"{name}.uimg"
        words = ["--configs", configs, "--inmates", self.inmates, "--itb", itb, "--uimg", uimg,
                 "--add", f"system={configs.parent / 'system.dtb'}"]
        if row is not None:
            config = self.scratch / f"{name}.dtb"
            config.write_bytes((configs / "root.dtb").read_bytes())
            subprocess.run(["fdtput", "-t", "s", config, "/domains/root", "bootargs",
                            f"{kind} {row}"], check=True)
            words += ["--add", f"cell-root={config}"]
        mkbundle.main([str(word) for word in words])
        return str(uimg)

    def machine(self, gic, smp, **options):
        """The board with one CNTVCT tick per instruction."""
        words = machine.BOARDS[self.board]["words"]
        cpu = words[words.index("-cpu") + 1] + ",cntfrq=1000000000"
        extra = ("-cpu", cpu) + options.pop("extra", ())
        return machine.Machine(board=self.board, boot="direct", gic=gic, smp=smp, icount=True,
                               out=self.out, extra=extra, **options)


def run(board, what):
    """What the inmate printed: {row: most instructions}; it must come to its end."""
    output, _ = board.run(LIMIT)
    lines = re.findall(r"bench: (.*?)\r?$", output, re.MULTILINE)
    if "done" not in lines:
        raise BenchError(f"{what}: the inmate did not finish; it said:\n{output}")
    rows = {}
    for line in lines:
        row = re.match(r"(\w+) (\d+) (\d+)$", line)
        if row:
            rows[row[1]] = int(row[3])
    return rows


def run_bare(build, gic, row=None):
    """The inmate at EL1 without a hypervisor."""
    extra = ("-append", f" {row}") if row else ()
    return run(build.machine(gic, 2, kernel=build.inmates / "bench.bin", bundle="",
                             virtualization=False, extra=extra), f"GICv{gic}, bare")


def run_in_cell(build, gic, kind, row=None, plugin=()):
    """The inmate as the root cell."""
    return run(build.machine(gic, 2, bundle=build.bundle(kind, row), extra=plugin),
               f"GICv{gic}, in a cell ({kind})")


def count_run(build, gic, kind):
    """The plugin's counts of the run "boot" or "restart"."""
    if kind == "boot":    # from the hypervisor's first instruction to the root cell's
        smp, until = 1, "bench-peer: asleep"
        window = {"end": bench_counter.ROOT_CELL_AT}
    else:    # from the manager's call to the restarted cell's first instruction
        smp, until = 2, "bench: done"
        window = {"begin": bench_counter.ROOT_CELL_AT + build.inmate.symbols["restart_mark"],
                  "end": bench_counter.PEER_CELL_AT}
    out, classes = build.scratch / f"{kind}.counts", build.scratch / "classes"
    build.hypervisor.class_file(classes)
    words = bench_counter.plugin_words(build.plugin, build.image, out, classes=str(classes),
                                       **window)
    board = build.machine(gic, smp, bundle=build.bundle(kind), extra=words)
    console = board.spawn(LIMIT, LIMIT)
    # The guest then sleeps for ever; the plugin writes when the emulator is told to end.
    console.expect(until)
    console.kill(signal.SIGTERM)
    console.wait()
    counts = bench_counter.Counts.read(out)
    if not counts.is_complete:
        raise BenchError(f"GICv{gic}: {kind} was not counted to its end")
    return counts


def count_boot(build, gic):
    """The rows of the way from the loader to the root cell."""
    counts = count_run(build, gic, "boot")
    start = build.hypervisor.symbols[HASH_FUNCTION]
    blocks = sum(times for (_, _, offset), times in counts.counts.items() if offset == start)
    return {
        "boot_to_first_guest_instruction": counts.total(""),
        "scrub_per_mib": round(counts.total("scrub") * 2**20 / counts.bytes_stored("scrub")),
        "copy_per_kib": round(counts.total("copy") * 2**10 / counts.bytes_stored("copy")),
        "hash_per_kib": round(counts.total("hash") * 2**10 / (blocks * HASH_BLOCK)),
        "fdt_parse": counts.total("parse"),
    }


def count_restart(build, gic):
    """All CPUs' instructions at EL2, the manager's call included."""
    return {"cell_restart": count_run(build, gic, "restart").total("")}


def measure_gic(build, gic):
    """{row: {"bare", "cell", "extra", "budget"}} in the order of the budgets."""
    bare = run_bare(build, gic)
    cell = {}
    for rows in (run_in_cell(build, gic, "linked"), run_in_cell(build, gic, "trapped"),
                 count_boot(build, gic), count_restart(build, gic)):
        cell.update(rows)
    missing = set(BUDGETS) ^ set(cell)
    if missing:
        raise BenchError(f"GICv{gic}: not measured, or not known: {', '.join(sorted(missing))}")
    return {name: {"bare": bare.get(name, 0), "cell": cell[name],
                   "extra": cell[name] - bare.get(name, 0),
                   "budget": budgets[GICS.index(gic)]} for name, budgets in BUDGETS.items()}


def measure_ram(build):
    """The image and the pages in use, with 4 CPUs up and two cells."""
    qmp = build.scratch / "qmp"
    most = 0
    for gic in GICS:
        console = build.machine(gic, 4, bundle=build.bundle("restart"),
                                qmp=str(qmp)).spawn(LIMIT, LIMIT)
        try:
            console.expect("bench: done")
            pages = bench_sizes.pages_used(build.hypervisor, qmp)
        finally:
            console.close(force=True)
        most = max(most, pages * bench_sizes.PAGE_SIZE)
    return bench_sizes.image_memory(build.hypervisor) + most


def measure_sizes(build):
    """{name: {"value", "budget"}}"""
    stack, _ = bench_sizes.CallGraph(build.hypervisor).worst()
    return {
        "image_text_rodata": {"value": bench_sizes.image_text_rodata(build.hypervisor),
                              "budget": IMAGE_BUDGET},
        "ram_total": {"value": measure_ram(build), "budget": RAM_BUDGET},
        "stack_worst": {"value": stack, "budget": bench_sizes.stack_size()},
    }


def measure(build):
    """All figures, in the form of bench.json."""
    result = {f"gicv{gic}": measure_gic(build, gic) for gic in GICS}
    result["sizes"] = measure_sizes(build)
    return result


def figure(entry):
    """What a row is judged by."""
    return entry["value"] if "value" in entry else entry["extra"]


def is_over(entry):
    return entry["budget"] is not None and figure(entry) > entry["budget"]


def verdict(entry):
    if entry["budget"] is None:
        return "-"
    return f"OVER by {figure(entry) - entry['budget']}" if is_over(entry) else "ok"


def print_table(result):
    for group, rows in result.items():
        columns = ("value",) if group == "sizes" else ("bare", "cell", "extra")
        names = {"cell": "in a cell", "value": "bytes"}
        heads = [names.get(column, column) for column in columns]
        print(f"\n{group:32}" + "".join(f"{head:>11}" for head in heads + ["budget"]))
        for name, entry in rows.items():
            cells = [entry[column] for column in columns]
            cells.append("-" if entry["budget"] is None else entry["budget"])
            print(f"{name:32}" + "".join(f"{cell:>11}" for cell in cells), verdict(entry),
                  sep="  ")


def broken(result):
    """The rows that are over their budget."""
    return [f"{group} {name}" for group, rows in result.items()
            for name, entry in rows.items() if is_over(entry)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here")
    args = parser.parse_args()
    result = measure(Build())
    print_table(result)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    over = broken(result)
    if over:
        print(f"\nbench: {len(over)} of the budgets are broken")
    return 1 if over else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BenchError, bench_sizes.SizeError, mkbundle.BundleError) as error:
        sys.exit(f"bench: {error}")
