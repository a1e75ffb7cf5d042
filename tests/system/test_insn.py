# SPDX-License-Identifier: Apache-2.0
"""Accesses that the CPU gives no syndrome for work on a trapped register, each as one EOI.

inmates/tests/insn runs every form on a device that always traps and on memory, and compares.
Here its accesses are counted, and the interrupt is raised that it ends by a pair.
"""

import re

import pytest
import tap
from rig import DEVICE_EDGE, DEVICE_NODE, DEVICE_SPIS, Rig, cell

DEVICE = f'host = "{DEVICE_NODE}"; x-no-mmap; x-irqfd = <0>; reset = "none"; dma = "none";'


@pytest.mark.parametrize("gic", [3, 2])
def test_insn(gic):
    cells = {"insn": cell("insn", 1, image="insn", device=DEVICE, cpus=0x6)}
    with Rig(gic=gic, cells=cells, device=0x2000, keep_configs=False, limit=300) as rig:
        rig.mark()
        rig.start("insn")
        rig.line("waiting for an edge", timeout=120)
        rig.pulse(DEVICE_SPIS[DEVICE_EDGE])
        lines = tap.collect(rig, "insn", 60)
        names = tap.check(lines)
        assert len(names) == 8
        rig.line(r"accesses to the device")
        count = int(re.search(r"# (\d+) accesses to the device", rig.log)[1])
        assert count > 10000
        while rig.state("insn") != "shut down":
            rig.drain(0.05)
        report = "\n".join(rig.ok("cell devices insn"))
        # The interrupt's EOI is the only access that had something to end.
        assert f"{count} trapped accesses" in report, (count, report)
        assert f"{count - 1} EOIs without an active irq" in report, (count, report)
        assert f"irq {DEVICE_EDGE}: 1 interrupts, 1 EOIs by access" in report, report
        rig.ok("cell destroy insn")
