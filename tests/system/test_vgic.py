# SPDX-License-Identifier: Apache-2.0
"""The virtual GIC as a guest sees it: inmates that test it from within, in cells of one,
three and four CPUs, on both GICs."""

import re

import pytest
import tap
from rig import DEVICE_NODE, Rig, cell

RTC = "pl031@9010000"

# CPUs of the cell: the emulated board's, and which of them are the cell's. They need not be
# its first ones: what the guest sees begins at 0 all the same.
CPUS = {1: (4, 0x4), 3: (4, 0xe), 4: (8, 0x78)}
PATHS = {"linked": 1, "trapped": 0}     # x-irqfd of the RTC
IMAGES = ("gic-states", "irq-disable-while-active")


def config(name, cpus, image, irqfd=1):
    """A cell with the RTC and the made-up device."""
    rtc = (f'rtc {{ compatible = "bulkhead,vfio-platform"; host = "{RTC}"; '
           f'x-irqfd = <{irqfd}>; mmap-timeout-ms = <1>; }};')
    return cell(name, cpus=CPUS[cpus][1], image=image,
                device=f'host = "{DEVICE_NODE}";').replace("dev {", rtc + " dev {")


@pytest.fixture(scope="module", name="rig",
                params=[(gic, cpus) for gic in (3, 2) for cpus in CPUS],
                ids=[f"gic{gic}-{cpus}cpu" for gic in (3, 2) for cpus in CPUS])
def make_rig(request):
    """The board and all these cells, one of which runs at a time.

    Its CPUs run by turns in one thread: an SGI or an order from one thread of the host to
    another would take its scheduler's time, a hundred thousand of them minutes.
    """
    gic, cpus = request.param
    cells = {"sweep": config("sweep", cpus, "gic-sweep"),
             "held": config("held", cpus, "gic-held")}
    for image in IMAGES:
        for path, irqfd in PATHS.items():
            name = f"{image[:5]}{path}"
            cells[name] = config(name, cpus, image, irqfd)
    if cpus >= 3:
        cells["storm"] = config("storm", cpus, "smp-sgi-storm")
    with Rig(gic=gic, smp=CPUS[cpus][0], cells=cells, device=True, keep_configs=False,
             accelerator="tcg,thread=single", limit=600) as rig:
        rig.cpus = cpus
        yield rig


def test_registers(rig):
    """Every offset, every width, read and written, against the specification's table."""
    tap.run(rig, "sweep", seconds=100)


@pytest.mark.parametrize("path", PATHS)
def test_states(rig, path):
    """Pending, active, disabled, evicted, routed: nothing is lost and no line left dead."""
    tap.run(rig, f"gic-s{path}", seconds=100)
    assert not rig.gic_state()["active"]


@pytest.mark.parametrize("path", PATHS)
def test_irq_disable_while_active(rig, path):
    """Disabled between acknowledge and end, enabled again: five times, five interrupts."""
    tap.run(rig, f"irq-d{path}")
    assert not rig.gic_state()["active"]


def test_smp_sgi_storm(rig):
    """100 000 SGIs between three CPUs, and none is lost."""
    if rig.cpus >= 3:
        lines = tap.run(rig, "storm", seconds=100)
        assert any(re.fullmatch(r"# 10\d{4} SGIs", line) for line in lines), lines


def pokes(rig, name):
    """`cell stats`: emulator_pokes, of all the cell's CPUs."""
    found = [re.match(r" *emulator_pokes +(\d+) ", line) for line in rig.ok(f"cell stats {name}")]
    return sum(int(match[1]) for match in found if match)


def test_held_over_eoi(rig):
    """A level that is still up at the guest's EOI comes again, on the emulator's GICv2 by
    EL2's pokes: some, and at most one per millisecond; on GICv3 by none."""
    rig.mark()
    rig.start("held")
    try:
        lines = tap.collect(rig, "held", 60)
        tap.check(lines)
        count = pokes(rig, "held")
    finally:
        rig.shell("cell destroy held")
    again, took_ms = (int(match[1]) for match in (re.fullmatch(r"# (\d+) (?:times|ms)", line)
                                                  for line in lines) if match)
    if rig.gic == 2:
        assert again <= count <= took_ms + 5, (again, count, took_ms)
    else:
        assert count == 0
