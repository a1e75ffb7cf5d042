# SPDX-License-Identifier: Apache-2.0
"""A device reset on request: `cell reset NAME DEVICE`, with nothing else changed."""

import pytest
from rig import DEVICE_BASE, DEVICE_NODE, DEVICE_SPIS, INTID, Puppet, Rig, cell

GICS = pytest.mark.parametrize("gic", [3, 2], ids=["gic3", "gic2"])
RTC = 0x9010000
RTC_INTID = 34
RTC_MR, RTC_LR, RTC_IMSC, RTC_RIS = (RTC + offset for offset in (0x04, 0x08, 0x10, 0x14))
TRAPPED = "x-irqfd = <0>; mmap-timeout-ms = <60000>;"


def started(rig, name="one"):
    rig.mark()
    rig.start(name)
    return Puppet(rig, name)


def refused(rig, command):
    """The one sentence that the shell answers with."""
    lines = [line for line in rig.shell(command) if line.startswith("error: ")]
    assert len(lines) == 1, lines
    return lines[0]


@GICS
@pytest.mark.parametrize("path", ["", TRAPPED], ids=["linked", "trapped"])
def test_reset_of_a_running_cells_device(gic, path):
    """The interrupt source is off; the interrupt that was being served goes on to its end."""
    one = cell("one", 1, device=f'host = "pl031@9010000"; {path}')
    with Rig(gic=gic, cells={"one": one}) as rig:
        puppet = started(rig)
        puppet.map_device(RTC)
        puppet.irq_setup(RTC_INTID)
        puppet.write(RTC_IMSC, 1)
        puppet.write(RTC_LR, 5)
        puppet.write(RTC_MR, 5)                 # the alarm is now
        assert puppet.read(RTC_RIS) == 1
        assert puppet.acknowledge() == RTC_INTID
        rig.ok("cell reset one dev")
        assert puppet.read(RTC_IMSC) == 0 and puppet.read(RTC_RIS) == 0
        puppet.do(Puppet.END, RTC_INTID)
        assert rig.devices("one")[0]["irqs"][0]["state"] == "inactive"
        puppet.write(RTC_IMSC, 1)               # and the next one comes
        puppet.write(RTC_MR, puppet.read(RTC))
        assert puppet.acknowledge() == RTC_INTID


@GICS
def test_reset_touches_no_state(gic):
    """An active interrupt stays active, its line masked, its registers trapped."""
    one = cell("one", 1, device=f'host = "{DEVICE_NODE}"; {TRAPPED} reset-writes = <0x10 4 7>;')
    with Rig(gic=gic, cells={"one": one}, device=True) as rig:
        puppet = started(rig)
        puppet.map_device(DEVICE_BASE)
        puppet.irq_setup(INTID[0])
        rig.set_line(DEVICE_SPIS[0], 1)
        assert puppet.acknowledge() == INTID[0]
        before = rig.ok("cell devices one")
        assert any("active" in line and f"INTID {INTID[0]}" in line and "inactive" not in line
                   for line in before), before
        rig.ok("cell reset one dev")
        assert rig.ok("cell devices one") == before
        rig.set_line(DEVICE_SPIS[0], 0)
        assert puppet.read(DEVICE_BASE + 0x10) == 7         # written; this is the EOI


def test_refusals():
    cells = {"one": cell("one", 1, device='host = "pl031@9010000";'),
             "none": cell("none", 2, device='host = "virtio_mmio@a000000"; reset = "none"; '
                                            'dma = "identity-unprotected";')}
    with Rig(cells=cells) as rig:
        assert "needs the names of a cell and of one" in refused(rig, "cell reset one")
        assert 'there is no cell "two"' in refused(rig, "cell reset two dev")
        assert 'cell one has no device "dev"' in refused(rig, "cell reset one dev")
        rig.ok("cell create one")
        assert 'cell one has no device "uart"' in refused(rig, "cell reset one uart")
        rig.ok("cell reset one dev")
        rig.ok("cell load one")
        rig.ok("cell start one")
        rig.ok("cell shutdown --force one")
        assert "device dev is not the cell's now: load the cell" in \
            refused(rig, "cell reset one dev")
        rig.ok("cell create none")
        assert 'has no reset: its config says reset = "none"' in refused(rig, "cell reset none dev")
