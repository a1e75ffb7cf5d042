# SPDX-License-Identifier: Apache-2.0
"""The virtual GIC as a guest sees it: inmates that test it from within, in cells of one,
three and four CPUs, on both GICs."""

import pytest
import tap
from rig import DEVICE_NODE, Rig, cell

RTC = "pl031@9010000"

# CPUs of the cell: the emulated board's, and which of them are the cell's. They need not be
# its first ones: what the guest sees begins at 0 all the same.
CPUS = {1: (4, 0x4), 3: (4, 0xe), 4: (8, 0x78)}
MACHINES = pytest.mark.parametrize(
    "gic, cpus", [(gic, cpus) for gic in (3, 2) for cpus in CPUS],
    ids=[f"gic{gic}-{cpus}cpu" for gic in (3, 2) for cpus in CPUS])


def config(name, cpus, irqfd=1, image=None):
    """A cell with the RTC and the made-up device."""
    rtc = (f'rtc {{ compatible = "bulkhead,vfio-platform"; host = "{RTC}"; '
           f'x-irqfd = <{irqfd}>; mmap-timeout-ms = <1>; }};')
    return cell(name, cpus=CPUS[cpus][1], image=image or name,
                device=f'host = "{DEVICE_NODE}";').replace("dev {", rtc + " dev {")


def vgic_rig(gic, cpus, **cells):
    return Rig(gic=gic, smp=CPUS[cpus][0], cells=cells, device=True, keep_configs=False)


@MACHINES
def test_registers(gic, cpus):
    """Every offset, every width, read and written, against the specification's table."""
    with vgic_rig(gic, cpus, sweep=config("sweep", cpus, image="gic-sweep")) as rig:
        tap.run(rig, "sweep", seconds=100)


@MACHINES
def test_states(gic, cpus):
    """Pending, active, disabled, evicted, routed: nothing is lost and no line left dead.

    The line of the RTC, once linked and once trapped.
    """
    cells = {name: config(name, cpus, irqfd, image="gic-states")
             for name, irqfd in (("linked", 1), ("trapped", 0))}
    with vgic_rig(gic, cpus, **cells) as rig:
        for name in cells:
            tap.run(rig, name, seconds=100)
            assert not rig.gic_state()["active"]
