#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Does an exit cost more when there are more devices, interrupts and cells? It may not.

    bench_growth.py

The bench is run with 1, 8 and 64 devices in the cell, with 1 and 64 interrupts in one of
them, and with 0, 1 and 7 running cells beside it. The devices that nobody touches are
stand-ins: nodes added to the board's tree, with registers where the board has none and
interrupts that it does not use. Exits 1 when a row's figures are more than 2 instructions
apart.
"""

import dataclasses
import subprocess
import sys

import bench
import bench_counter
import mkbundle

TOLERANCE = 2    # instructions
CPUS = 8
STAND_IN_BASE = 0x0c000000    # the emulator's bus for devices that are plugged in
SPARE_SPIS = (*range(80, 222),)
ROWS = ("spi_linked", "spi_trapped", "access_trapped", "gicd_typer_read",
        "gicd_isenabler_write_one_bit", "gicd_isenabler_write_zero", "gicd_ipriorityr_write")

BOARD_NODE = """
	stand-in@{base:x} {{
		compatible = "bench,stand-in";
		reg = <0x0 {base:#x} 0x0 0x1000>;
		interrupts = <{interrupts}>;
	}};
"""
CELL = """/dts-v1/;
/ {{
	#address-cells = <2>;
	#size-cells = <2>;
	cpus: cpus-cluster {{ compatible = "cpus,cluster"; }};
	domains {{ {name} {{
		compatible = "bulkhead,cell-v1", "openamp,domain-v1";
		id = <{id}>;
		cpus = <&cpus {cpus:#x} 0x1>;
		memory = <0x0 {memory:#x} 0x0 0x400000>;
		{properties}
	}}; }};
}};
"""
DEVICE = """
		{name} {{
			compatible = "bulkhead,vfio-platform";
			host = "{host}";
			{properties}
		}};
"""


@dataclasses.dataclass(frozen=True)
class Load:
    """What there is beside what is measured."""

    devices: int       # of the measured cell, the RTC included
    interrupts: int    # of one stand-in; the others have one
    cells: int

    def __str__(self):
        return f"{self.devices} devices, {self.interrupts} irqs, {self.cells} cells"


LOADS = (Load(2, 1, 0), Load(8, 1, 0), Load(64, 1, 0), Load(2 + 1, 64, 0), Load(2, 1, 1),
         Load(2, 1, 7), Load(64, 64, 7))


def stand_ins(load):
    """[(address, SPIs)...]: what is left when RTC and virtio are taken off."""
    spare = list(SPARE_SPIS)
    result = []
    for number in range(load.devices - 2):
        count = load.interrupts if number == 0 else 1
        result.append((STAND_IN_BASE + number * 0x1000, spare[:count]))
        del spare[:count]
    return result


def compile_tree(text, path):
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(path), "-"],
                   input=text.encode(), check=True)


def board_tree(build, gic, load):
    """The board's tree with the stand-ins."""
    path = build.scratch / "growth-board.dtb"
    build.machine(gic, CPUS).dump_dtb(path)
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", str(path)], check=True,
                          stdout=subprocess.PIPE, universal_newlines=True).stdout
    nodes = "".join(
        BOARD_NODE.format(base=base, interrupts=" ".join(f"0 {spi} 4" for spi in spis))
        for base, spis in stand_ins(load))
    compile_tree(text.rstrip().removesuffix("};") + nodes + "};\n", path)
    return path


def cell_configs(build, load, kind):
    """The cells' configs, compiled into a folder of their own."""
    folder = build.scratch / "growth-configs"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.dtb"):
        old.unlink()
    # The device that is measured comes last: what grows stands before it.
    devices = [DEVICE.format(name=f"stand-in{number}", host=f"stand-in@{base:x}",
                             properties='dma = "none"; reset = "none";')
               for number, (base, _) in enumerate(stand_ins(load))]
    devices.append(DEVICE.format(name="virtio", host="virtio_mmio@a000000",
                                 properties='dma = "none";'))
    trapped = "x-irqfd = <0>; mmap-timeout-ms = <20>;"
    devices.append(DEVICE.format(name="rtc", host="pl031@9010000",
                                 properties=trapped if kind == "trapped" else ""))
    compile_tree(CELL.format(
        name="root", id=1, cpus=1, memory=bench_counter.ROOT_CELL_AT,
        properties=f'image = "bench"; bootargs = "{kind}"; pmu; management;'
                   + "".join(devices)), folder / "root.dtb")
    for number in range(1, load.cells + 1):
        compile_tree(CELL.format(
            name=f"peer{number}", id=number + 1, cpus=1 << number,
            memory=bench_counter.PEER_CELL_AT + (number - 1) * 0x400000,
            properties='image = "bench-peer"; autostart;'), folder / f"peer{number}.dtb")
    return folder


def run(build, gic, load, kind):
    """The inmate's figures under a load."""
    itb, uimg = build.scratch / "growth.itb", build.scratch / "growth.uimg"
    mkbundle.main([str(word) for word in (
        "--configs", cell_configs(build, load, kind), "--inmates", build.inmates,
        "--itb", itb, "--uimg", uimg, "--add",
        f"system={build.out / 'configs' / 'bench' / 'system.dtb'}")])
    board = build.machine(gic, CPUS, bundle=str(uimg),
                          extra=("-dtb", str(board_tree(build, gic, load))))
    return bench.run(board, f"GICv{gic}, {load}, {kind}")


def main():
    build = bench.Build()
    is_flat = True
    for gic in bench.GICS:
        figures = {}
        for load in LOADS:
            figures[load] = {**run(build, gic, load, "linked"),
                             **run(build, gic, load, "trapped")}
        print(f"\nGICv{gic}: instructions in a cell, with" +
              "".join(f"\n  {chr(ord('a') + number)}: {load}"
                      for number, load in enumerate(LOADS)))
        print(f"{'':32}" + "".join(f"{chr(ord('a') + number):>7}" for number in
                                   range(len(LOADS))))
        for row in ROWS:
            values = [figures[load][row] for load in LOADS]
            apart = max(values) - min(values)
            is_flat = is_flat and apart <= TOLERANCE
            print(f"{row:32}" + "".join(f"{value:>7}" for value in values) +
                  ("  flat" if apart <= TOLERANCE else f"  {apart} APART"))
    if not is_flat:
        print("\nbench-growth: a figure grows with what has nothing to do with it")
    return 0 if is_flat else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (bench.BenchError, mkbundle.BundleError) as error:
        sys.exit(f"bench-growth: {error}")
